"""SenML packs: the examples of RFC 8428, and what the RFC says in words."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from payload_samples import SENML

from qala.intake.payloads import Undecodable, decode
from qala.intake.payloads.limits import Row

RECEIVED = datetime(2026, 3, 2, 4, 5, 6, 500_000, tzinfo=UTC)


def read(body: str) -> list[Row]:
    return decode("senml", body.encode(), received=RECEIVED)


def cells(rows: list[Row], *names: str) -> list[tuple[str | None, ...]]:
    return [tuple(row[name] for name in names) for row in rows]


def test_a_single_reading() -> None:  # 5.1.1
    assert read('[{"n":"urn:dev:ow:10e2073a01080063","u":"Cel","v":23.1}]') == [
        {"name": "urn:dev:ow:10e2073a01080063", "unit": "Cel", "value": "23.1", "value_type": "number", "sum": None,
         "time": "2026-03-02T04:05:06.5Z", "update_time": None}
    ]  # fmt: skip


def test_times_are_relative_to_the_base_or_to_now() -> None:  # 5.1.2
    rows = read("""[{"bn":"urn:dev:ow:10e2073a0108006:","bt":1.276020076001e+09,"bu":"A","bver":10,
        "n":"voltage","u":"V","v":120.1}, {"n":"current","t":-5,"v":1.2}, {"n":"current","t":-4,"v":1.3}]""")
    assert cells(rows, "name", "unit", "value", "time") == [
        ("urn:dev:ow:10e2073a0108006:voltage", "V", "120.1", "2010-06-08T18:01:16.001Z"),
        ("urn:dev:ow:10e2073a0108006:current", "A", "1.2", "2010-06-08T18:01:11.001Z"),
        ("urn:dev:ow:10e2073a0108006:current", "A", "1.3", "2010-06-08T18:01:12.001Z"),
    ]
    assert read('[{"n":"a","t":-3.5,"v":1}]')[0]["time"] == "2026-03-02T04:05:03Z"


def test_a_pack_of_a_moving_sensor() -> None:  # 5.1.4
    rows = read(SENML)
    assert len(rows) == 13
    assert {row["name"] for row in rows} == {"urn:dev:ow:10e2073a01080063"}
    assert cells(rows, "unit", "value", "time")[0] == ("%RH", "20", "2011-10-31T13:24:24Z")
    assert cells(rows, "unit", "value", "time")[-1] == ("lat", "60.07967", "2011-10-31T13:27:24Z")


def test_values_are_of_four_types() -> None:  # 5.1.5, 5.1.6
    rows = read("""[{"bn":"urn:dev:ow:10e2073a01080063:","n":"temp","u":"Cel","v":23.10},
        {"n":"label","vs":"Machine Room"}, {"n":"open","vb":false}, {"n":"nfc-reader","vd":"aGkgCg"}]""")
    assert cells(rows, "value", "value_type") == [
        ("23.10", "number"), ("Machine Room", "string"), ("false", "boolean"), ("aGkgCg", "data")
    ]  # fmt: skip


def test_base_value_and_sum_are_added_exactly() -> None:  # 4.1
    rows = read('[{"bn":"m","bv":0.1,"bs":100,"v":0.2,"s":0.05}, {"v":1}, {"s":7}]')
    assert cells(rows, "value", "sum") == [("0.3", "100.05"), ("1.1", "100"), (None, "107")]


@pytest.mark.parametrize(
    ("body", "message"),
    [
        ('{"n":"a","v":1}', "array of records"),
        ('[{"n":"a","v":1,"x_":2}]', "must be understood"),
        ('[{"bver":11,"n":"a","v":1}]', "version 11"),
        ('[{"v":1}]', "without a name"),
        ('[{"n":"a"}]', "without a value"),
        ('[{"n":"a","v":1,"vs":"b"}]', "one value"),
        ('[{"n":"a","v":"1"}]', "v is a number"),
        ('[{"n":"a","vb":1}]', "true or false"),
        ('[{"n":5,"v":1}]', "n is a text"),
        ('[{"n":"a","bv":1e400,"v":1}]', "beyond all bounds"),
    ],
)
def test_what_breaks_the_standard_is_told(body: str, message: str) -> None:
    with pytest.raises(Undecodable, match=message):
        read(body)


def test_the_record_that_is_wrong_is_named() -> None:
    with pytest.raises(Undecodable) as refusal:
        read('[{"n":"a","v":1},{"n":"a","v":[]}]')
    assert refusal.value.where == "record 2"
