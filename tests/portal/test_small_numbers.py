"""Somebody without rights tries to find out how many turned to the city from a quarter on a day: by every filter there is."""

from __future__ import annotations

import csv
import io
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from itertools import combinations
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from django.test import Client

from qala import facts
from qala.datasets import load_catalogue
from qala.facts import desk
from qala.lake import CategoryPeriod, City, IngestRequest, Lake
from qala.lake.cities import CityDistrict
from qala.measures.values import Values
from qala.people.models import Membership, User
from qala.standard import editions

APPEALS, TOWN = "contact_centre.appeals", "TOWN"
A_MONTH = {"north": (40, 35, 42), "south": (12, 9, 30), "east": (6, 3, 8), "west": (11, 13, 12)}
"""Appeals of January, February and March; one small number, of the east in February."""
PLACES = {"north": (50.30, 57.10), "south": (50.25, 57.16), "east": (50.28, 57.25), "west": (50.28, 57.00)}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    catalogue = load_catalogue()
    lake = Lake(tmp_path_factory.mktemp("small") / "lake", catalogue)
    names = dict.fromkeys(("kk", "ru", "en"), "Town")
    period = CategoryPeriod.model_validate({"from": date(2020, 1, 1), "category": "district", "reason": "a test"})
    districts = tuple(CityDistrict(code=code, names=names) for code in A_MONTH)
    lake.cities.add(City(code=TOWN, names=names, zone="Asia/Almaty", categories=(period,), districts=districts))
    rows = []
    for district, numbers in A_MONTH.items():
        for month, number in enumerate(numbers, 1):
            for n in range(number):
                at = datetime(2026, month, 1 + n % 28, 6, tzinfo=UTC)
                lat, lon = PLACES[district]
                rows.append(
                    {
                        "appeal_id": f"{district}-{month}-{n}",
                        "received_at": at,
                        "closed_at": at + timedelta(hours=30),
                        "topic": "roads",
                        "status": "resolved",
                        "contacts": 1,
                        "spam": False,
                        "citizen": f"{district}{n}",
                        "district": district,
                        "lat": lat + n / 100_000,
                        "lon": lon,
                    }
                )
    assert lake.ingest(IngestRequest(TOWN, APPEALS, pa.Table.from_pylist(rows))).stored == len(rows)
    Values(lake, editions()["order_469"], catalogue).computer.compute(TOWN)
    return lake.folder


@pytest.fixture(autouse=True)
def site(folder: Path, monkeypatch: pytest.MonkeyPatch, db: None) -> Iterator[None]:
    """The site on the last day of April 2026."""
    monkeypatch.setenv("QALA_LAKE", str(folder))
    monkeypatch.setattr(facts, "today", lambda _="": date(2026, 4, 30))
    desk._own.__dict__.clear()
    yield
    desk._own.__dict__.clear()


@pytest.fixture
def analyst(settings: Any) -> Client:
    settings.MIDDLEWARE = [one for one in settings.MIDDLEWARE if "SecondFactorFirst" not in one]
    user = User.objects.create_user(email="analyst@example.org", password=None)
    Membership.objects.create(user=user, role="analyst", scope="city", code=TOWN)
    client = Client()
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    return client


def counts(client: Client, by: str, first: date | str, last: date | str) -> dict[str, int | None]:
    answer = client.get(f"/en/data/dataset/{APPEALS}/counts/?city={TOWN}&by={by}&from={first}&to={last}&format=csv")
    lines = csv.DictReader(io.StringIO(answer.getvalue().decode("utf-8-sig")))
    return {line["Counted by"]: int(line["Rows"]) if line["Rows"] else None for line in lines}


def test_two_stretches_that_overlap_differ_by_nothing_small(client: Client) -> None:
    days = [date(2026, 1, 1) + timedelta(days=n) for n in (0, 1, 31, 45, 58, 60, 89)]
    told = {stretch: counts(client, "district", *stretch) for stretch in combinations(days, 2)}
    for (first, last), inner in told.items():
        for (before, after), outer in told.items():
            if before <= first and last <= after:
                for district, number in inner.items():
                    assert abs((outer.get(district) or 0) - (number or 0)) not in range(1, 5)
    seen = {district: {numbers.get(district) for numbers in told.values()} - {None, 0} for district in A_MONTH}
    assert seen["north"] == {40, 35, 42, 75, 77, 117}
    assert not seen["east"], "one of its months is small"
    assert not seen["west"], "or the east would be the city less the others"


def test_districts_are_told_by_whole_months_whatever_is_asked(client: Client, analyst: Client) -> None:
    assert counts(client, "district", "2026-02-03", "2026-04-02") == counts(client, "district", "2026-03", "2026-03")
    assert counts(client, "district", "2026-03", "2026-03") == {"north": 42, "south": 30, "east": None, "west": None}
    assert counts(analyst, "district", "2026-02-03", "2026-02-03") == {"north": 2, "south": 1, "east": 1, "west": 1}


def test_days_are_hidden_alike_in_whatever_stretch_they_are_asked(client: Client) -> None:
    every = counts(client, "day", "2026-01-01", "2026-03-31")
    for first, last in (("2026-01-10", "2026-01-10"), ("2026-01-10", "2026-01-11"), ("2026-01-28", "2026-02-03")):
        for day, number in counts(client, "day", first, last).items():
            assert number == every[day]


def test_cells_are_those_of_one_month(client: Client) -> None:
    a, b = counts(client, "cell", "2026-01-01", "2026-03-31"), counts(client, "cell", "2026-03-02", "2026-03-31")
    assert a == b
    assert sorted(n for n in a.values() if n) == [8, 12, 30, 42]
    february = counts(client, "cell", "2026-02", "2026-02")
    assert all(n is None or n >= 5 for n in february.values())


@pytest.mark.parametrize("grain", ["day", "week", "month", "quarter", "year"])
def test_the_api_tells_no_more(client: Client, analyst: Client, grain: str) -> None:
    address = f"/api/v1/cities/{TOWN}/kpis/2.2/values?from=2026-01-01&to=2026-12-31&grain={grain}"
    for district in (None, "north", "east"):
        asked = address + (f"&district={district}" if district else "")
        told = client.get(asked).json()["values"]
        everything = analyst.get(asked).json()["values"]
        assert all(one["status"] != "hidden" for one in everything)
        for one, whole in zip(told, everything, strict=True):
            if one["status"] == "hidden":
                assert one["numerator"] is one["denominator"] is one["value"] is one["rows"] is None
            else:
                assert one == whole
                assert one["rows"] == 0 or one["rows"] >= 5
        found = Counter(one["status"] == "hidden" for one in told)
        if district is not None and grain in ("day", "week"):
            assert not found[False]
        if district == "north" and grain == "month":
            assert [one["rows"] for one in told[:3]] == [40, 35, 42]
        if district == "east" and grain == "month":
            assert not found[False]


@pytest.mark.parametrize(
    "query", ["district=east&period=2026-02", "district=north&period=2026-03-05", "period=2026-01-10&grain=day"]
)
def test_the_page_of_a_kpi_tells_no_more(client: Client, analyst: Client, query: str) -> None:
    address = f"/en/city/{TOWN}/kpi/2.2/?{query}"
    assert "would point at them" in client.get(address).content.decode()
    assert "would point at them" not in analyst.get(address).content.decode()


def test_neither_does_the_map(client: Client, settings: Any, tmp_path: Path) -> None:
    settings.HOME = tmp_path
    for day in ("2026-02-10", "2026-03-10"):
        for metric in ("kpi:2.2", "count:appeals"):
            said = client.get(f"/en/map/{TOWN}/values.json?metric={metric}&by=cell&on={day}").json()
            values = [one["properties"]["value"] for one in said["geojson"]["features"]]
            assert all(value >= 5 for value in values)


@pytest.mark.parametrize("dataset", ["situation_centre.emergency_calls", "video.incidents"])
def test_what_the_map_tells_by_cell_only_shows_no_rows_to_everybody(dataset: str) -> None:
    from qala.portal.data.guard import hides_persons, personal_columns

    contract = facts.catalogue().contract(dataset)
    assert hides_persons(contract)
    assert {"lat", "lon"} <= personal_columns(contract)
