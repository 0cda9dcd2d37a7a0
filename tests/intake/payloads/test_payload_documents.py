"""JSON, JSON lines, CSV and XML as rows."""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as some

from qala.intake.payloads import KINDS, USUAL, Limits, Undecodable, decode
from qala.intake.payloads.limits import Row

RECEIVED = datetime(2026, 3, 2, 4, 5, 6, tzinfo=UTC)


def read(kind: str, body: str | bytes, rows_at: str = "", limits: Limits = USUAL) -> list[Row]:
    content = body.encode() if isinstance(body, str) else body
    return decode(kind, content, rows_at=rows_at, received=RECEIVED, limits=limits)


def test_numbers_keep_the_digits_that_were_written() -> None:
    body = '{"a": 1.50, "b": 0.1000000000000000055511151231257827, "c": 12345678901234567890, "d": -0, "e": 1E5}'
    digits = {
        "a": "1.50",
        "b": "0.1000000000000000055511151231257827",
        "c": "12345678901234567890",
        "d": "-0",
        "e": "1E5",
    }
    assert read("json", body) == [digits]


@given(some.dictionaries(some.text(some.characters(codec="utf-8", exclude_characters="."), min_size=1, max_size=5),
                         some.integers() | some.text(some.characters(codec="utf-8")) | some.booleans() | some.none()
                         | some.decimals(allow_nan=False, allow_infinity=False)))  # fmt: skip
def test_what_a_flat_object_holds_is_what_the_row_holds(values: dict[str, Any]) -> None:
    written = {key: value for key, value in values.items() if not isinstance(value, Decimal)}
    pairs = [json.dumps(key) + ":" + json.dumps(value) for key, value in written.items()]
    pairs += [json.dumps(key) + ":" + f"{value:f}" for key, value in values.items() if key not in written]
    (row,) = read("json", "{" + ",".join(pairs) + "}")

    def cell(value: Any) -> str | None:
        if value is None or isinstance(value, bool):
            return None if value is None else str(value).lower()
        return f"{value:f}" if isinstance(value, Decimal) else str(value)

    assert row == {key: cell(value) for key, value in values.items()}


def test_nested_objects_have_dotted_headers_and_short_arrays_numbered_ones() -> None:
    body = '{"object": {"temperature": 21.5, "ok": true, "none": null, "empty": {}}, "p": [76.9, 43.2], "no": []}'
    assert read("json", body) == [
        {"object.temperature": "21.5", "object.ok": "true", "object.none": None, "object.empty": None, "p.0": "76.9",
         "p.1": "43.2", "no": None}
    ]  # fmt: skip


def test_a_long_array_stays_json_text_with_its_digits() -> None:
    numbers = "[" + ",".join(["1.50"] * 17) + "]"
    assert read("json", '{"samples": ' + numbers + "}") == [{"samples": numbers}]


def test_a_shape_stays_geojson_and_a_point_becomes_its_coordinates() -> None:
    line = '{"type":"LineString","coordinates":[[76.90,43.2],[77,43]]}'
    (row,) = read("json", '{"at": {"type": "Point", "coordinates": [76.90, 43.2]}, "line": ' + line + "}")
    assert row == {"at.type": "Point", "at.coordinates.0": "76.90", "at.coordinates.1": "43.2", "line": line}


def test_rows_at_a_path_repeat_the_fields_around_them() -> None:
    body = """{"city": "almaty", "stations": [
        {"id": "A", "meta": {"zone": 1}, "readings": [{"t": 1, "v": 2.50}, {"t": 2, "v": null}]},
        {"id": "B", "meta": {"zone": 2}, "readings": []},
        {"id": "C", "meta": {"zone": 3}, "readings": [{"t": 3, "v": 4}]}]}"""
    assert read("json", body, "stations.readings") == [
        {"city": "almaty", "stations.id": "A", "stations.meta.zone": "1", "t": "1", "v": "2.50"},
        {"city": "almaty", "stations.id": "A", "stations.meta.zone": "1", "t": "2", "v": None},
        {"city": "almaty", "stations.id": "C", "stations.meta.zone": "3", "t": "3", "v": "4"},
    ]


def test_a_field_around_never_hides_a_field_of_the_row() -> None:
    assert read("json", '{"id": "station", "rows": [{"id": "row"}]}', "rows") == [{"around.id": "station", "id": "row"}]


def test_rows_may_be_plain_values_or_arrays() -> None:
    assert read("json", '{"day": "2026-03-02", "v": [1, 2]}', "v") == [
        {"day": "2026-03-02", "v": "1"},
        {"day": "2026-03-02", "v": "2"},
    ]
    assert read("json", "[[1, true], [2, null]]") == [{"0": "1", "1": "true"}, {"0": "2", "1": None}]
    assert read("json", "[]") == []
    assert read("json", '{"rows": null}', "rows") == []
    assert read("json", '{"rows": {"a": 1}}', "rows") == [{"a": "1"}]


@pytest.mark.parametrize(
    ("body", "rows_at", "message", "where"),
    [
        (b'{"a": 1,}', "", "not JSON", "line 1, column 8"),
        (b'{"a": 1', "", "not JSON", "line 1"),
        (b'{"a": 1, "a": 2}', "", "key a is written twice", ""),
        (b'{"a.b": 1, "a": {"b": 2}}', "", "two values for the header a.b", ""),
        ('{"a": "é"}'.encode("latin-1"), "", "not text in UTF-8", ""),
        (b'{"a": "\\ud800"}', "", "lone surrogate", ""),
        (b'{"data": {"rows": []}}', "data.items", "nothing at data.items", "rows at data.items"),
        (b"", "", "empty", ""),
    ],
)
def test_what_cannot_be_read_is_told(body: bytes, rows_at: str, message: str, where: str) -> None:
    with pytest.raises(Undecodable, match=message) as refusal:
        read("json", body, rows_at)
    assert refusal.value.where.startswith(where)


def test_a_wrong_path_is_told_with_the_fields_that_are_there() -> None:
    with pytest.raises(Undecodable) as refusal:
        read("json", '{"data": {"rows": [], "next": null}}', "data.items")
    assert refusal.value.hint == "the fields at data are: rows, next"


def test_nan_is_left_to_the_border() -> None:
    assert read("json", '{"a": NaN, "b": -Infinity}') == [{"a": "NaN", "b": "-Infinity"}]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-32"])
def test_json_may_come_in_any_unicode_encoding(encoding: str) -> None:
    assert read("json", '{"name": "Қала"}'.encode(encoding)) == [{"name": "Қала"}]


def test_lines_are_documents_and_a_broken_one_is_named() -> None:
    assert read("jsonl", '{"a": 1}\r\n\n[{"a": 2}, {"a": 3}]') == [{"a": "1"}, {"a": "2"}, {"a": "3"}]
    with pytest.raises(Undecodable) as refusal:
        read("jsonl", '{"a": 1}\n\n{"a": ')
    assert refusal.value.where.startswith("line 3")


def test_csv_finds_its_delimiter_and_encoding() -> None:
    table = 'id;значение;примечание\r\n1;2,50;"a;\nб"\r\n2;;x\r\n'
    rows: list[Row] = [
        {"id": "1", "значение": "2,50", "примечание": "a;\nб"},
        {"id": "2", "значение": None, "примечание": "x"},
    ]
    for encoding in ("utf-8", "utf-8-sig", "utf-16", "cp1251"):
        assert read("csv", table.encode(encoding)) == rows
    assert read("csv", "a\tb\n1\t2\n") == [{"a": "1", "b": "2"}]
    assert read("csv", "a,\n1,2\n") == [{"a": "1", "column 2": "2"}]


@pytest.mark.parametrize(
    ("table", "where"),
    [("a,b\n1,2\n1,2,3\n", "line 3"), ("a,b\n1\n", "line 2"), ("a,a\n1,2\n", "line 1"), ('a\n"b', "line 2")],
)
def test_a_line_of_another_length_is_never_guessed(table: str, where: str) -> None:
    with pytest.raises(Undecodable) as refusal:
        read("csv", table)
    assert refusal.value.where == where


def test_xml_has_attributes_children_and_texts() -> None:
    body = """<?xml version="1.0" encoding="windows-1251"?>
      <s:report xmlns:s="urn:x"><row id="1"><value unit="°C">21.50</value><id>inner</id></row>
      <row id="2"><value/></row></s:report>"""
    assert read("xml", body.encode("cp1251")) == [
        {"@id": "1", "value.unit": "°C", "value.#text": "21.50", "id": "inner"},
        {"id": "2", "value": None},
    ]


def test_xml_rows_are_alike_or_at_a_path_or_the_whole() -> None:
    one = "<rows><row><a>1</a></row></rows>"
    assert read("xml", one) == [{"a": "1"}]
    assert read("xml", one, "row") == [{"a": "1"}]
    both = "<r><city>almaty</city><items><i><a>1</a></i><i><a>2</a></i></items></r>"
    assert read("xml", both, "items.i") == [{"city": "almaty", "a": "1"}, {"city": "almaty", "a": "2"}]
    assert read("xml", "<r><city>almaty</city><n>1</n></r>") == [{"city": "almaty", "n": "1"}]


@pytest.mark.parametrize("body", ["<a><b></a>", "<a>&nbsp;</a>", "no xml", '<?xml version="1.0" encoding="big5"?><a/>'])
def test_broken_xml_is_refused(body: str) -> None:
    with pytest.raises(Undecodable):
        read("xml", body)


def test_bounds_are_told() -> None:
    with pytest.raises(Undecodable, match="more than 2 rows"):
        read("json", "[1, 2, 3]", limits=Limits(rows=2))
    with pytest.raises(Undecodable, match="nested too deep"):
        read("json", '{"a": {"b": {"c": 1}}}', limits=Limits(depth=1))


def test_an_unknown_kind_is_told_with_the_known_ones() -> None:
    with pytest.raises(Undecodable) as refusal:
        read("yaml", "a: 1")
    assert all(kind in refusal.value.hint for kind in KINDS)


def test_the_page_on_payloads_names_every_kind_and_the_bounds() -> None:
    page = (Path(__file__).parents[3] / "docs" / "reference" / "payloads.md").read_text(encoding="utf-8")
    assert set(re.findall(r"(?m)^\| `(\w+)` \|", page)) == set(KINDS)
    for bound in (
        f"{USUAL.size >> 20} MiB",
        f"{USUAL.rows:,}",
        f"{USUAL.cells:,}",
        f"{USUAL.columns:,}",
        f"| {USUAL.depth} |",
    ):
        assert bound in page
    assert f"up to {USUAL.listed} elements" in page
