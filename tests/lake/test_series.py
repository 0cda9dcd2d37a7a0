"""What one object measured: by hour and day on the city's own clock, exact, whatever the clocks did."""

from __future__ import annotations

import contextlib
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pyarrow as pa
import pytest

from qala.datasets import load_catalogue
from qala.lake import CategoryPeriod, City, IngestRequest, Lake
from qala.lake.series import Question, Readings, clocks_put_back, number_columns, object_columns, objects, readings
from qala.standard.problems import Problem

NOISE, AIR = "situation_centre.noise_readings", "situation_centre.air_readings"
PUT_BACK = datetime(2024, 2, 29, 18, tzinfo=UTC)  # Almaty went from UTC+6 to UTC+5 as 1 March began


@pytest.fixture(scope="module")
def lake(tmp_path_factory: pytest.TempPathFactory) -> Lake:
    """Two stations, a reading each quarter of an hour over the night in which Almaty's clocks were put back."""
    made = Lake(tmp_path_factory.mktemp("series") / "lake", load_catalogue())
    since = CategoryPeriod.model_validate({"from": date(2020, 1, 1), "category": "district", "reason": "a test"})
    made.cities.add(
        City(code="ONE", names={"en": "One", "ru": "Один", "kk": "Бір"}, zone="Asia/Almaty", categories=(since,))
    )
    at = [PUT_BACK + timedelta(minutes=15 * n) for n in range(-12, 16)]
    rows = {
        "station": ["S1"] * len(at) + ["S2"] * len(at),
        "measured_at": [one.isoformat() for one in at] * 2,
        "level_db": [f"{40 + n}.5" for n in range(len(at))] + ["90"] * len(at),
    }
    made.ingest(IngestRequest(city="ONE", dataset=NOISE, source=pa.table(rows)))
    return made


def ask(lake: Lake, of: dict[str, str], every: str = "hour", value: str | None = "level_db", days: int = 1) -> Readings:
    first = date(2024, 2, 29)
    asked = Question(of, value, every, first, first + timedelta(days))  # type: ignore[arg-type]
    with contextlib.closing(lake.connection()) as con:
        return readings(con, lake.table(NOISE).snapshot(), "ONE", "Asia/Almaty", asked)


def test_an_hour_that_came_twice_is_there_twice(lake: Lake) -> None:
    found = ask(lake, {"station": "S1"})
    assert found.at == [
        "2024-02-29T21:00:00+06:00",
        "2024-02-29T22:00:00+06:00",
        "2024-02-29T23:00:00+06:00",
        "2024-02-29T23:00:00+05:00",
        "2024-03-01T00:00:00+05:00",
        "2024-03-01T01:00:00+05:00",
        "2024-03-01T02:00:00+05:00",
    ]
    assert found.count == [4] * 7
    assert found.min == [40.5 + 4 * n for n in range(7)]
    assert found.mean == [42 + 4 * n for n in range(7)]
    assert found.max == [43.5 + 4 * n for n in range(7)]
    assert found.sum == [168 + 16 * n for n in range(7)]


def test_days_are_the_citys_own_and_rows_are_counted_without_a_number(lake: Lake) -> None:
    assert ask(lake, {"station": "S1"}, "day").count == [16, 12]
    counted = ask(lake, {"station": "S2"}, "day", None)
    assert (counted.at, counted.count, counted.mean) == (["2024-02-29", "2024-03-01"], [16, 12], [])
    assert ask(lake, {"station": "S3"}).at == []
    assert ask(lake, {"station": "S1"}, days=0).count == [4] * 4


def test_a_correction_replaces_what_was_added_up(lake: Lake, tmp_path: Path) -> None:
    later = {
        "station": ["S2"], "measured_at": [PUT_BACK.isoformat()], "level_db": ["30"],
        "changed_at": ["2024-03-02T00:00:00Z"],
    }  # fmt: skip
    lake.ingest(IngestRequest(city="ONE", dataset=NOISE, source=pa.table(later)))
    found = ask(lake, {"station": "S2"})
    assert (found.count[3], found.min[3], found.sum[3], found.max[3]) == (4, 30, 300, 90)


def test_objects_are_those_of_the_last_day(lake: Lake) -> None:
    with contextlib.closing(lake.connection()) as con:
        found = objects(con, lake.table(NOISE).snapshot(), "ONE")
    assert found == [("S1",), ("S2",)]


def test_which_contracts_have_an_object() -> None:
    contracts = load_catalogue().contracts
    assert object_columns(contracts[AIR]) == ("station", "pollutant")
    assert number_columns(contracts[AIR]) == ("concentration",)
    for contract in contracts.values():
        assert all(contract.columns[name].type == "text" for name in object_columns(contract)), contract.id
    assert object_columns(contracts["city.buildings"]) == object_columns(contracts["traffic.trips"]) == ()


def test_what_cannot_be_answered_says_what_would_do(lake: Lake) -> None:
    for of, every, value, where, says in (
        ({}, "hour", "level_db", "of", "of=station"),
        ({"district": "1"}, "hour", "level_db", "of", "of=station"),
        ({"station": "S1"}, "hour", "lat", "value", "level_db"),
    ):
        with pytest.raises(Problem) as refused:
            ask(lake, of, every, value)
        assert refused.value.where == where
        assert says in (refused.value.hint or "")
    with pytest.raises(Problem, match="800 days"):
        ask(lake, {"station": "S1"}, days=800)
    with pytest.raises(Problem, match="after"):
        ask(lake, {"station": "S1"}, days=-1)


def test_only_clocks_put_back_repeat_an_hour() -> None:
    assert clocks_put_back("Asia/Almaty", date(2024, 2, 20), date(2024, 3, 9)) == {
        date(2024, 2, 29): PUT_BACK.replace(tzinfo=None)
    }
    assert clocks_put_back("Asia/Almaty", date(2025, 1, 1), date(2026, 12, 31)) == {}
    berlin = clocks_put_back("Europe/Berlin", date(2024, 1, 1), date(2024, 12, 31))
    assert berlin == {date(2024, 10, 27): datetime(2024, 10, 27, 1)}
