"""What comes in, in whatever it is written, means the same."""

from __future__ import annotations

import gzip
import json
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import xlsxwriter
from trial_lake import CITY, VISITS, Take, current, refused

from qala.lake import IngestRequest, Lake
from qala.standard.problems import Problem, Problems

HEADER = "visit_id;came_at;left_at;kind;persons;paid;planned_on;alone;citizen;district"
RUSSIAN = (
    HEADER + '\n"А-1";01.03.2024 09:05;01.03.2024 10:05:30;short;1 234;"1 250,75";02.03.2024;да;990101300123;Медеу\n'
)
MEANT = {
    "visit_id": "А-1", "came_at": datetime(2024, 3, 1, 4, 5), "left_at": datetime(2024, 3, 1, 5, 5, 30), "kind": "short",
    "persons": 1234, "paid": Decimal("1250.75"), "planned_on": date(2024, 3, 2), "alone": True, "district": "Медеу",
    "day": date(2024, 3, 1), "hour": 9, "left_at_day": date(2024, 3, 1), "city": CITY, "year": 2024, "way": "file",
}  # fmt: skip


@pytest.mark.parametrize(
    "written",
    [
        RUSSIAN.encode("utf-8"),
        RUSSIAN.encode("utf-8-sig"),
        RUSSIAN.encode("cp1251"),
        RUSSIAN.encode("utf-16"),
        RUSSIAN.replace("\n", "\r\n").encode("cp1251"),
        RUSSIAN.replace(";", "\t").encode(),
        gzip.compress(RUSSIAN.encode("cp1251")),
        gzip.compress(RUSSIAN.encode()),
    ],
    ids=["utf-8", "with a mark", "windows-1251", "utf-16", "crlf", "tabs", "packed windows-1251", "packed"],
)
def test_encodings_delimiters_russian_dates_and_decimal_commas(lake: Lake, take: Take, written: bytes) -> None:
    receipt = take(written, name="выгрузка.csv.gz" if written[:2] == b"\x1f\x8b" else "выгрузка.csv")
    assert (receipt.read, receipt.stored) == (1, 1), refused(lake, receipt)
    [row] = current(lake, VISITS)
    assert {name: row[name] for name in MEANT} == MEANT


def test_a_file_larger_than_the_first_look_in_another_encoding(lake: Lake, take: Take) -> None:
    rows = "".join(f"ключ-{at};2025-01-01 00:00:00;;short;1;;;;;Әуезов\n".replace("Ә", "А") for at in range(20_000))
    assert take((HEADER + "\n" + rows).encode("cp1251")).stored == 20_000
    assert {row["district"] for row in current(lake, VISITS, "district")} == {"Ауезов"}


def test_times_with_an_offset_are_not_the_citys(lake: Lake, take: Take) -> None:
    said = {
        "a": "2024-06-01T10:00:00+03:00", "b": "2024-06-01T07:00:00Z", "c": "2024-06-01 10:00+03", "d": "2024-06-01T12:00:00",
        "e": "2024-06-01T10:00:00.250+0300", "f": "01.06.2024 12:00",
    }  # fmt: skip
    take("visit_id,came_at,kind,persons\n" + "".join(f"{key},{time},short,1\n" for key, time in said.items()))
    found = {row["visit_id"]: row["came_at"] for row in current(lake, VISITS, "visit_id", "came_at")}
    assert {key: time.replace(microsecond=0) for key, time in found.items()} == dict.fromkeys(
        said, datetime(2024, 6, 1, 7)
    )
    assert found["e"].microsecond == 250_000


def test_the_clock_of_almaty_went_back_on_the_first_of_march_2024(lake: Lake, take: Take) -> None:
    said = ["2024-02-29 22:30:00", "2024-02-29 23:30:00", "2024-03-01 00:00:00", "2024-03-01 00:30:00"]
    take("visit_id,came_at,kind,persons\n" + "".join(f"{at},{time},short,1\n" for at, time in enumerate(said)))
    found = {row["visit_id"]: (row["came_at"], row["day"], row["hour"]) for row in current(lake, VISITS)}
    assert found["0"] == (datetime(2024, 2, 29, 16, 30), date(2024, 2, 29), 22)
    assert found["1"] == (datetime(2024, 2, 29, 17, 30), date(2024, 2, 29), 23)  # the first of two passes
    assert found["2"] == (datetime(2024, 2, 29, 19), date(2024, 3, 1), 0)
    assert found["3"] == (datetime(2024, 2, 29, 19, 30), date(2024, 3, 1), 0)
    take([{"visit_id": "second pass", "came_at": datetime(2024, 2, 29, 18, 30), "kind": "short", "persons": 1}])
    [again] = [row for row in current(lake, VISITS) if row["visit_id"] == "second pass"]
    assert (again["day"], again["hour"]) == (date(2024, 2, 29), 23)


def test_tables_in_memory_have_utc_times_and_parquet_files_the_citys(lake: Lake, take: Take, tmp_path: Path) -> None:
    table = pa.table(
        {
            "visit_id": ["a"],
            "came_at": pa.array([datetime(2025, 1, 1, 20)], pa.timestamp("us")),
            "kind": ["long"],
            "persons": [2.0],
        }
    )
    take(table)
    pq.write_table(table.set_column(0, "visit_id", pa.array(["b"])), tmp_path / "x.parquet")
    take(tmp_path / "x.parquet")
    zoned = pa.array([datetime(2025, 1, 1, 20)], pa.timestamp("us", tz="UTC"))
    pq.write_table(
        table.set_column(0, "visit_id", pa.array(["c"])).set_column(1, "came_at", zoned), tmp_path / "y.parquet"
    )
    take(tmp_path / "y.parquet")
    found = {row["visit_id"]: (row["came_at"], row["day"]) for row in current(lake, VISITS)}
    assert found["a"] == found["c"] == (datetime(2025, 1, 1, 20), date(2025, 1, 2))
    assert found["b"] == (datetime(2025, 1, 1, 15), date(2025, 1, 1))


def test_workbooks_and_json_lines(lake: Lake, take: Take, tmp_path: Path) -> None:
    book = xlsxwriter.Workbook(str(tmp_path / "отчёт.xlsx"))
    sheet = book.add_worksheet("Лист1")
    sheet.write(0, 0, "Отчёт за март")
    labels = ["Номер визита", "Когда пришёл", "Вид", "Сколько человек", "Сколько заплачено", "Один ли"]
    sheet.write_row(2, 0, labels)
    sheet.write_row(3, 0, [17, None, "long", 3, 10.5, True])
    sheet.write_datetime(3, 1, datetime(2025, 3, 4, 5, 6), book.add_format({"num_format": "dd.mm.yyyy hh:mm"}))
    book.close()
    take(tmp_path / "отчёт.xlsx")
    lines = [
        {"visit_id": "j1", "came_at": "2025-03-04T05:06:00", "kind": "long", "persons": 3, "paid": 10.5, "alone": True},
        {
            "visit_id": "j2",
            "came_at": "2025-03-04 05:06",
            "kind": "long",
            "persons": "3",
            "paid": "10,5",
            "alone": "нет",
        },
    ]
    take("\n".join(json.dumps(line, ensure_ascii=False) for line in lines), name="rows.jsonl")
    found = {row["visit_id"]: row for row in current(lake, VISITS)}
    assert set(found) == {"17", "j1", "j2"}
    for row in found.values():
        assert (row["came_at"], row["persons"], row["paid"]) == (datetime(2025, 3, 4, 0, 6), 3, Decimal("10.50"))
    assert [found[key]["alone"] for key in ("17", "j1", "j2")] == [True, True, False]


def test_headers_may_be_labels_in_three_languages_and_must_fit(lake: Lake, take: Take) -> None:
    take("НОМЕР  ВИЗИТА,When they came,Түрі,persons\n1,2025-01-01 10:00,short,1\n")
    assert len(current(lake, VISITS)) == 1
    with pytest.raises(Problems) as caught:
        take("visit_id,came_at,knid,person\n1,2025-01-01 10:00,short,1\n")
    said = str(caught.value)
    assert "no column kind" in said and "nearest: knid" in said and "'person' belongs to no column" in said
    with pytest.raises(Problem, match="both mean visit_id"):
        take("visit_id,Номер визита,came_at,kind,persons\n1,1,2025-01-01 10:00,short,1\n")
    request = "visit_id,came_at,kind,persons,colour\n2,2025-01-01 10:00,short,1,red\n"
    with pytest.raises(Problem, match="'colour' belongs to no column"):
        take(request)
    assert take(request, ignore_unknown=True).stored == 1


def test_a_mapping_renames_exchanges_derives_and_leaves_out(lake: Lake, take: Take, tmp_path: Path) -> None:
    mapping = tmp_path / "m.yaml"
    mapping.write_text(
        """
dataset: trial.visits
zone: Europe/Berlin
format: {time: ["%d/%m/%y %H:%M"], decimal: ","}
columns:
  visit_id: No
  came_at: Start
  kind: {from: Typ, map: {K: short, L: long}, default_for_empty: long}
  persons: {sql: "cast(Adults as int) + cast(Kids as int)"}
  paid: Preis
  citizen: {sql: "upper(Name)"}
ignore: [Memo]
where: Typ <> 'X' or Typ is null
""",
        encoding="utf-8",
    )
    rows = (
        'No,Start,Typ,Adults,Kids,Preis,Name,Memo\n1,24/12/24 18:00,K,2,1,"1.200,50",Mia,m\n2,24/12/24 18:00,X,2,1,,,\n'
    )
    rows += "3,24/12/24 18:00,,1,1,,,\n4,24/12/24 18:00,Z,1,1,,Tom,\n"
    receipt = take(rows, mapping=mapping)
    assert (receipt.read, receipt.stored, receipt.quarantined, receipt.skipped) == (3, 2, 1, 1)
    found = {row["visit_id"]: row for row in current(lake, VISITS)}
    first = found["1"]
    assert (first["came_at"], first["persons"], first["paid"], first["kind"]) == (
        datetime(2024, 12, 24, 17), 3, Decimal("1200.50"), "short",
    )  # fmt: skip
    assert found["3"]["kind"] == "long"
    assert first["citizen"] == lake.pseudonyms.of("MIA")
    [bad] = refused(lake, receipt)
    assert bad["row"] == 4  # as the file has it: what the mapping leaves out is counted
    assert "'Z' is not one of short, long" in bad["reason"]
    assert "Tom" not in bad["original"] and lake.pseudonyms.of("Tom") in bad["original"]


@pytest.mark.parametrize(
    ("text", "message", "path"),
    [
        ("columns: {visit: No}", "has no column visit", "columns.visit"),
        ("columns: {visit_id: Nr}", "no header 'Nr'", "columns.visit_id"),
        ("columns: {visit_id: {sql: 'read_text(No)'}}", "may only compute", "columns.visit_id"),
        ("columns: {visit_id: {sql: '(select 1)'}}", "may only compute", "columns.visit_id"),
        ("columns: {visit_id: {sql: 'Nope || 1'}}", "no header 'Nope'", "columns.visit_id"),
        ("colums: {}", "'colums' is not known", "colums"),
    ],
)
def test_mistakes_in_a_mapping_are_shown_where_they_are(
    take: Take, tmp_path: Path, text: str, message: str, path: str
) -> None:
    mapping = tmp_path / "m.yaml"
    mapping.write_text(f"dataset: trial.visits\n{text}\n")
    with pytest.raises(Problem) as caught:
        take("No,came_at,kind,persons\n1,2025-01-01 10:00,short,1\n", mapping=mapping)
    assert message in str(caught.value)
    assert f"{mapping}:2: {path}" in str(caught.value)


def _arrow_file(column: str) -> bytes:
    sink = pa.BufferOutputStream()
    table = pa.table({column: ["1"]})
    with pa.ipc.new_file(sink, table.schema) as file:
        file.write_table(table)
    return bytes(sink.getvalue())


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("a.csv", b"", "is empty"),
        ("a.pdf", b"x", "are not read"),
        ("a.xlsx", b"x", "cannot be read"),
        ("a.parquet", b"x", "cannot be read"),
        ("a.arrow", b"x", "cannot be read"),
        ("a.arrow", _arrow_file("visit_id").replace(b"visit_id", b"visit_i\xe3"), "is no text in UTF-8"),
    ],
)
def test_files_that_cannot_be_read(take: Take, name: str, content: bytes, message: str) -> None:
    with pytest.raises(Problem, match=message):
        take(content, name=name)


def test_a_file_that_is_not_there(lake: Lake) -> None:
    with pytest.raises(Problem, match="no such file"):
        lake.ingest(IngestRequest(CITY, VISITS, Path("nowhere.csv")))
    with pytest.raises(Problem, match="not in the registry"):
        lake.ingest(IngestRequest("000", VISITS, Path("nowhere.csv")))


@pytest.mark.parametrize("where", ["", "where: kind <> 'none'"])
def test_refused_lines_of_a_large_file_have_the_numbers_that_the_file_has(
    lake: Lake, tmp_path: Path, where: str
) -> None:
    """Of more than 64 MB, which the engine reads by several threads in any order."""
    rows, bad, out = 80, {7, 31, 66, 79}, {5, 6, 40}
    file, mapping, note = tmp_path / "visits.jsonl", tmp_path / "m.yaml", "x" * 1_000_000
    with file.open("w") as stream:
        for n in range(1, rows + 1):
            persons, kind = "many" if n in bad else "2", "none" if n in out and where else "short"
            said = {"visit_id": f"v{n}", "came_at": "2026-03-01 09:05", "kind": kind, "persons": persons, "note": note}
            stream.write(json.dumps(said) + "\n")
    mapping.write_text(f"dataset: {VISITS}\nignore: [note]\n{where}\n")
    receipt = lake.ingest(IngestRequest(CITY, VISITS, file, mapping=mapping))
    assert receipt.skipped == (len(out) if where else 0)
    found = refused(lake, receipt)
    assert [(one["row"], json.loads(one["original"])["visit_id"]) for one in found] == [
        (n, f"v{n}") for n in sorted(bad)
    ]


def test_rows_that_a_mapping_leaves_out_and_lines_that_are_no_rows_are_counted(lake: Lake, tmp_path: Path) -> None:
    file, mapping = tmp_path / "visits.csv", tmp_path / "m.yaml"
    file.write_text(
        "visit_id,came_at,kind,persons\n1,2026-03-01 09:05,none,2\n2,2026-03-01 09:05,short,many\nbroken,1,2,3,4,5,6,7\n"
        "4,2026-03-01 09:05,none,2\n5,2026-03-01 09:05,short,none\n6,2026-03-01 09:05,short,3\n"
    )
    mapping.write_text(f"dataset: {VISITS}\nwhere: kind <> 'none'\n")
    receipt = lake.ingest(IngestRequest(CITY, VISITS, file, mapping=mapping))
    assert (receipt.stored, receipt.quarantined, receipt.skipped) == (1, 3, 2)
    assert [one["row"] for one in refused(lake, receipt)] == [2, 3, 5]
