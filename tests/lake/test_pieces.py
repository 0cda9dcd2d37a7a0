"""Small parts of the lake by themselves: zones, pseudonyms, row numbers, files of lines, pieces, templates."""

from __future__ import annotations

import csv
import time
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import duckdb
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from trial_lake import CITY, TAPS, VISITS, Take, trial_catalogue

from qala.lake import Lake, Receipt
from qala.lake.border.zones import to_local, to_utc
from qala.lake.durable import append_line, held, whole_lines
from qala.lake.pseudonyms import Pseudonyms
from qala.lake.row_numbers import ROWS_IN_A_BLOCK, take_row_numbers
from qala.lake.what_to_send import LANGUAGES, checklist, dictionary, write_templates
from qala.lake.writing import pieces
from qala.standard.problems import Problem

ZONES = [
    "Asia/Almaty",
    "Asia/Aqtobe",
    "America/New_York",
    "Europe/Berlin",
    "Australia/Lord_Howe",
    "Asia/Kathmandu",
    "UTC",
]
moments = st.datetimes(datetime(1990, 1, 8), datetime(2060, 1, 1)).map(lambda moment: moment.replace(microsecond=0))


@pytest.fixture(scope="module")
def connection() -> duckdb.DuckDBPyConnection:
    return duckdb.connect()


def same_as_zoneinfo(connection: duckdb.DuckDBPyConnection, moment: datetime, zone: str) -> None:
    info = ZoneInfo(zone)
    query = f"SELECT {to_local('t', zone)}, {to_utc('t', zone)} FROM (SELECT ?::TIMESTAMP AS t)"
    local, utc = connection.execute(query, [moment]).fetchone() or ()
    assert local == moment.replace(tzinfo=UTC).astimezone(info).replace(tzinfo=None)
    assert utc == moment.replace(tzinfo=info, fold=0).astimezone(UTC).replace(tzinfo=None)


@settings(deadline=None)
@given(moment=moments, zone=st.sampled_from(ZONES))
def test_local_times_in_sql_are_those_of_zoneinfo(
    connection: duckdb.DuckDBPyConnection, moment: datetime, zone: str
) -> None:
    same_as_zoneinfo(connection, moment, zone)


@pytest.mark.parametrize(
    ("zone", "change"), [("Asia/Almaty", datetime(2024, 2, 29, 19)), ("America/New_York", datetime(2025, 11, 2, 6))]
)
def test_around_a_change_of_the_clock(connection: duckdb.DuckDBPyConnection, zone: str, change: datetime) -> None:
    for minutes in range(-150, 151, 30):
        moment = change + timedelta(minutes=minutes)
        same_as_zoneinfo(connection, moment, zone)
        same_as_zoneinfo(connection, moment.replace(tzinfo=UTC).astimezone(ZoneInfo(zone)).replace(tzinfo=None), zone)


def test_a_zone_that_is_none() -> None:
    with pytest.raises(Problem, match="not an IANA time zone"):
        to_local("t", "Asia/Atlantis")


def test_pseudonyms_in_sql_and_python_agree_and_lakes_differ(tmp_path: Path) -> None:
    one, other = Pseudonyms(tmp_path / "a"), Pseudonyms(tmp_path / "b")
    connection = duckdb.connect()
    one.prepare(connection)
    for text in ("990101300123", "Әлия", "x" * 200):
        assert connection.execute(f"SELECT {one.sql('$t::VARCHAR')}", {"t": text}).fetchone() == (one.of(text),)
        assert one.of(text) != other.of(text)
    assert connection.execute(f"SELECT {one.sql('NULL::VARCHAR')}").fetchone() == (None,)
    assert Pseudonyms(tmp_path / "a").of("x") == one.of("x")


def test_row_numbers_never_come_twice_even_with_an_old_counter(tmp_path: Path) -> None:
    first = take_row_numbers(tmp_path, 10)
    second = take_row_numbers(tmp_path, 3 * ROWS_IN_A_BLOCK)
    third = take_row_numbers(tmp_path, 1)
    assert first + 10 <= second and second + 3 * ROWS_IN_A_BLOCK <= third < 2**63
    (tmp_path / "next_row_block").unlink()
    time.sleep(0.2)  # the clock of blocks ticks 16 times a second
    assert take_row_numbers(tmp_path, 1) > first


def test_a_torn_line_is_cut_off_by_the_next(tmp_path: Path) -> None:
    file = tmp_path / "lines"
    append_line(file, "one")
    with file.open("a") as stream:
        stream.write("torn")
    assert whole_lines(file) == (["one"], 4)
    append_line(file, "two")
    assert file.read_text() == "one\ntwo\n" and whole_lines(file, 4) == (["two"], 8)


def test_a_lock_is_told_apart_from_its_removed_file(tmp_path: Path) -> None:
    lock = tmp_path / "x.lock"
    with held(lock) as ours:
        assert ours
        with held(lock, wait=False) as theirs:
            assert not theirs
    with held(lock, wait=False) as ours:
        assert ours


def test_files_end_with_the_year_and_where_they_are_full() -> None:
    days = [(date(2025, 12, 30), 5), (date(2025, 12, 31), 6), (date(2026, 1, 1), 1), (date(2026, 1, 2), 50)]
    found = pieces(list(reversed(days)), rows_in_a_file=11)
    assert [(p.year, p.first_day.day, p.last_day.day, p.rows) for p in found] == [
        (2025, 30, 31, 11),
        (2026, 1, 1, 1),
        (2026, 2, 2, 50),
    ]


def test_templates_can_be_filled_and_taken_in(lake: Lake, take: Take, tmp_path: Path) -> None:
    due = checklist(trial_catalogue(), {VISITS: ["2.1", "2.2"], TAPS: []})
    assert [item.line("ru")["name"] for item in due] == ["Визиты"]
    written = write_templates(tmp_path / "out", due)
    assert {path.name for path in written} >= {
        f"{VISITS}.csv",
        f"{VISITS}.xlsx",
        "dictionary.kk.md",
        "checklist.ru.csv",
    }
    template = tmp_path / "out" / f"{VISITS}.csv"
    with template.open("a", encoding="utf-8", newline="") as stream:
        csv.writer(stream).writerow(["1", "2025-01-01 10:00", "", "short", "1"] + [""] * 7)
    assert take(template).stored == 1
    assert take(tmp_path / "out" / f"{VISITS}.xlsx").read == 0
    for language in LANGUAGES:
        said = dictionary(due, language)
        assert all(f"`{name}`" in said for name in trial_catalogue().contract(VISITS).all_columns)
    assert "персональное" in dictionary(due, "ru") and CITY in [city.code for city in lake.cities.all()]


def test_a_receipt_says_its_time_with_a_zone_whoever_wrote_it() -> None:
    said = {"id": "r", "city": CITY, "dataset": VISITS, "source": "s", "way": "file", "simulated": False}
    naive, aware = (
        Receipt.model_validate({**said, "received_at": at}) for at in ("2026-03-01T04:00:00", "2026-03-01T04:00:00Z")
    )
    assert naive.received_at == aware.received_at
