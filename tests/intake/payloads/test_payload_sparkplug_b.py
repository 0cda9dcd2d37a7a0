"""Sparkplug B, with messages that protobuf itself has written."""

from __future__ import annotations

import gzip
import struct
import zlib
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as some
from payload_samples import NOW_MS, sparkplug

from qala.intake.payloads import Gap, NotBornError, SparkplugDecoder, Undecodable, decode, rebirth
from qala.intake.payloads import sparkplug_schema as schema
from qala.intake.payloads.floats import float32
from qala.intake.payloads.limits import Row

RECEIVED = datetime(2026, 3, 2, 4, 5, 6, tzinfo=UTC)
NODE = ("heat", "boiler-7")
BORN = (
    {"name": "bdSeq", "datatype": 8, "long_value": 3},
    {"name": "Node Control/Rebirth", "datatype": 11, "boolean_value": False},
)


def topic(kind: str, device: str = "") -> str:
    return f"spBv1.0/{NODE[0]}/{kind}/{NODE[1]}" + (f"/{device}" if device else "")


def read(*metrics: dict[str, Any], kind: str = "NDATA") -> list[Row]:
    return decode("sparkplug_b", sparkplug(*metrics, seq=7), topic=topic(kind), received=RECEIVED)


def test_the_described_schema_writes_the_bytes_of_the_specification() -> None:
    """Field by field against the encoding rules, so that the description cannot agree with itself only."""
    metric = {"name": "a", "alias": 1, "timestamp": 2, "datatype": 9, "is_historical": True, "float_value": 1.5}
    expected = b"\x0a\x01a\x10\x01\x18\x02\x20\x09\x28\x01\x65" + struct.pack("<f", 1.5)
    assert sparkplug(metric, seq=5, timestamp=9) == b"\x08\x09\x12" + bytes([len(expected)]) + expected + b"\x18\x05"
    for value, key in ({"int_value": 1}, b"\x50"), ({"long_value": 1}, b"\x58"), ({"boolean_value": True}, b"\x70"):
        assert schema.Metric(**value).SerializeToString() == key + b"\x01"
    assert schema.Metric(string_value="x").SerializeToString() == b"\x7a\x01x"
    assert schema.Metric(bytes_value=b"x").SerializeToString() == b"\x82\x01\x01x"


def test_a_metric_is_a_row_with_its_own_time() -> None:
    (row,) = read({"name": "T1", "datatype": 9, "float_value": 71.3, "timestamp": NOW_MS - 250})
    assert row == {
        "group_id": "heat", "edge_node_id": "boiler-7", "device_id": None, "message_type": "NDATA", "seq": "7",
        "metric": "T1", "datatype": "Float", "value": "71.3", "timestamp": "2026-03-02T04:05:06Z",
        "is_historical": "false", "is_transient": "false",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("metric", "value"),
    [
        ({"datatype": 1, "int_value": 0xFF}, "-1"),
        ({"datatype": 1, "int_value": 0xFFFFFFFF}, "-1"),
        ({"datatype": 2, "int_value": 0x8000}, "-32768"),
        ({"datatype": 3, "int_value": 2**32 - 5}, "-5"),
        ({"datatype": 4, "long_value": 2**64 - 5}, "-5"),
        ({"datatype": 7, "int_value": 2**32 - 5}, "4294967291"),
        ({"datatype": 8, "long_value": 2**64 - 1}, "18446744073709551615"),
        ({"datatype": 10, "double_value": 1e-7}, "0.0000001"),
        ({"datatype": 10, "double_value": float("nan")}, "NaN"),
        ({"datatype": 9, "float_value": 43.238949}, "43.23895"),
        ({"datatype": 11, "boolean_value": True}, "true"),
        ({"datatype": 12, "string_value": "жоғары"}, "жоғары"),
        ({"datatype": 13, "long_value": NOW_MS}, "2026-03-02T04:05:06.25Z"),
        ({"datatype": 17, "bytes_value": b"\0\1"}, "AAE="),
        ({"datatype": 23, "bytes_value": struct.pack("<2h", -2, 3)}, "[-2,3]"),
        ({"datatype": 32, "bytes_value": bytes([12, 0, 0, 0, 0x34, 0xD0])},
         "[false,false,true,true,false,true,false,false,true,true,false,true]"),
        ({"datatype": 33, "bytes_value": b"ABC\0hello\0"}, '["ABC", "hello"]'),
        ({"datatype": 34, "bytes_value": struct.pack("<Q", NOW_MS)}, '["2026-03-02T04:05:06.25Z"]'),
        ({"datatype": 9, "is_null": True}, None),
    ],
)  # fmt: skip
def test_every_type_is_read(metric: dict[str, Any], value: str | None) -> None:
    assert [row["value"] for row in read({"name": "m", **metric})] == [value]


@given(some.floats(width=32, allow_nan=False, allow_infinity=False))
def test_a_float_has_the_fewest_digits_that_give_it_back(number: float) -> None:
    text = float32(number)
    assert struct.pack("<f", float(text)) == struct.pack("<f", number) and "e" not in text


def test_the_birth_gives_names_and_types_to_what_comes_after() -> None:
    decoder = SparkplugDecoder()
    birth = sparkplug(*BORN, {"name": "P", "alias": 5, "datatype": 3, "int_value": 1}, seq=0)
    born = decoder.decode(topic("NBIRTH"), birth, RECEIVED)
    assert [(row["metric"], row["value"]) for row in born.rows] == [("P", "1")]
    device = sparkplug({"name": "T", "alias": 6, "datatype": 9, "float_value": 70.5}, seq=1)
    decoder.decode(topic("DBIRTH", "pump"), device, RECEIVED)
    (row,) = decoder.decode(topic("NDATA"), sparkplug({"alias": 5, "int_value": 2**32 - 5}, seq=2), RECEIVED).rows
    assert (row["metric"], row["datatype"], row["value"]) == ("P", "Int32", "-5")
    (row,) = decoder.decode(topic("DDATA", "pump"), sparkplug({"alias": 6, "float_value": 71.5}, seq=3), RECEIVED).rows
    assert (row["device_id"], row["metric"], row["value"]) == ("pump", "T", "71.5")


def test_an_alias_without_a_birth_is_refused_with_the_way_to_mend_it() -> None:
    with pytest.raises(NotBornError) as refusal:
        SparkplugDecoder().decode(topic("NDATA"), sparkplug({"alias": 5, "int_value": 1}), RECEIVED)
    assert refusal.value.node == NODE
    command, body = rebirth(NODE, RECEIVED)
    assert command == "spBv1.0/heat/NCMD/boiler-7" and command in refusal.value.hint
    asked = schema.Payload.FromString(body).metrics[0]
    assert (asked.name, asked.boolean_value) == ("Node Control/Rebirth", True)


def test_a_number_whose_sign_is_not_known_is_never_guessed() -> None:
    assert [row["value"] for row in read({"name": "m", "int_value": 5})] == ["5"]
    with pytest.raises(NotBornError, match="sign"):
        read({"name": "m", "int_value": 2**32 - 5})


def test_a_new_birth_forgets_the_old_aliases() -> None:
    decoder = SparkplugDecoder()
    decoder.decode(topic("NBIRTH"), sparkplug({"name": "P", "alias": 5, "datatype": 3, "int_value": 1}), RECEIVED)
    decoder.decode(topic("NBIRTH"), sparkplug({"name": "P", "alias": 6, "datatype": 3, "int_value": 1}), RECEIVED)
    with pytest.raises(NotBornError):
        decoder.decode(topic("NDATA"), sparkplug({"alias": 5, "int_value": 1}, seq=1), RECEIVED)


@given(start=some.integers(0, 255), lost=some.integers(0, 254), again=some.booleans())
def test_lost_messages_are_told_and_repeated_ones_are_not(start: int, lost: int, again: bool) -> None:
    decoder = SparkplugDecoder()
    metric = {"name": "P", "datatype": 3, "int_value": 1}
    decoder.decode(topic("NBIRTH"), sparkplug(metric, seq=start), RECEIVED)
    if again:
        assert decoder.decode(topic("NBIRTH"), sparkplug(metric, seq=start), RECEIVED).gap is None
    seq = (start + 1 + lost) % 256
    gap = decoder.decode(topic("DDATA", "pump"), sparkplug(metric, seq=seq), RECEIVED).gap
    if lost == 0:
        assert gap is None
    else:
        assert gap == Gap(NODE, (start + 1) % 256, seq) and gap.missing == lost
    assert decoder.decode(topic("NDATA"), sparkplug(metric, seq=(seq + 1) % 256), RECEIVED).gap is None


def test_deaths_commands_and_states_are_no_rows() -> None:
    for kind in ("NDEATH", "NCMD"):
        assert read({"name": "bdSeq", "datatype": 8, "long_value": 3}, kind=kind) == []
    assert decode("sparkplug_b", b'{"online": true}', topic="spBv1.0/STATE/qala", received=RECEIVED) == []


def test_a_data_set_is_a_row_for_each_of_its_rows() -> None:
    payload = schema.Payload(timestamp=NOW_MS)
    table = payload.metrics.add(name="log", datatype=16).dataset_value
    table.num_of_columns, table.columns[:], table.types[:] = 2, ["id", "delta"], [12, 1]
    for name, delta in (("a", 255), ("b", 3)):
        row = table.rows.add()
        row.elements.add(string_value=name)
        row.elements.add(int_value=delta)
    found = decode("sparkplug_b", payload.SerializeToString(), topic=topic("NDATA"), received=RECEIVED)
    assert [(one["metric"], one["value.id"], one["value.delta"]) for one in found] == [
        ("log", "a", "-1"),
        ("log", "b", "3"),
    ]
    table.rows[0].elements.add(int_value=1)
    with pytest.raises(Undecodable, match="3 cells, not 2"):
        decode("sparkplug_b", payload.SerializeToString(), topic=topic("NDATA"), received=RECEIVED)


def test_a_template_is_a_row_for_each_of_its_metrics_and_properties_follow() -> None:
    payload = schema.Payload(timestamp=NOW_MS)
    template = payload.metrics.add(name="pump 1", datatype=19).template_value
    template.template_ref = "pump"
    template.parameters.add(name="serial", type=12, string_value="X-5")
    inner = template.metrics.add(name="rpm", datatype=3, int_value=1450)
    inner.properties.keys.append("engUnit")
    inner.properties.values.add(type=12, string_value="rpm")
    (row,) = decode("sparkplug_b", payload.SerializeToString(), topic=topic("NDATA"), received=RECEIVED)
    assert (row["metric"], row["value"], row["template_ref"]) == ("pump 1/rpm", "1450", "pump")
    assert (row["parameters.serial"], row["properties.engUnit"]) == ("X-5", "rpm")


@pytest.mark.parametrize("pack", [gzip.compress, zlib.compress])
def test_a_compressed_payload_is_unpacked(pack: Any) -> None:
    inner = sparkplug({"name": "T1", "datatype": 9, "float_value": 71.3}, seq=7)
    outer = schema.Payload(uuid="SPBV1.0_COMPRESSED", body=pack(inner)).SerializeToString()
    assert decode("sparkplug_b", outer, topic=topic("NDATA"), received=RECEIVED)[0]["value"] == "71.3"
    twice = schema.Payload(uuid="SPBV1.0_COMPRESSED", body=pack(outer)).SerializeToString()
    with pytest.raises(Undecodable, match="twice"):
        decode("sparkplug_b", twice, topic=topic("NDATA"), received=RECEIVED)


@pytest.mark.parametrize("other", ["spBv1.0/heat/NDATA", "spBv1.0/heat/XDATA/n", "a/b/c/d"])
def test_another_topic_is_refused(other: str) -> None:
    with pytest.raises(Undecodable, match="topic"):
        decode("sparkplug_b", sparkplug({"name": "m", "int_value": 1}), topic=other, received=RECEIVED)


def test_json_on_a_sparkplug_topic_is_refused() -> None:
    with pytest.raises(Undecodable, match="protobuf"):
        decode("sparkplug_b", b'{"metrics": []}', topic=topic("NDATA"), received=RECEIVED)
