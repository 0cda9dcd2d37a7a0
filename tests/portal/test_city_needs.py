"""Needs out of the lake's rows, what comes first, functions without a system, the digital profile."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date, timedelta
from fractions import Fraction
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from django.test import Client

from qala import facts
from qala.facts import desk
from qala.groundwork.needs import SOURCES, Need, needs, shares
from qala.groundwork.priorities import gaps, priorities
from qala.groundwork.topics import systems_of
from qala.inventory.models import DigitalObject
from qala.inventory.queries import asked_functions
from qala.lake import CategoryPeriod, City, IngestRequest
from qala.people.models import Membership, User

pytestmark = pytest.mark.django_db
CITY = "SMALL"
LAST = date(2026, 12, 31)


@pytest.fixture
def small_city(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[City]:
    """A city of 2,000 residents and two districts, with two years of appeals about water and heat, and one fire."""
    monkeypatch.setenv("QALA_LAKE", str(tmp_path / "lake"))
    monkeypatch.setenv("QALA_EDITION", "order_469")
    desk._own.__dict__.clear()
    lake = facts.lake()
    period = CategoryPeriod.model_validate({"from": date(2020, 1, 1), "category": "district", "reason": "a test"})
    names = dict.fromkeys(("kk", "ru", "en"), "Small town")
    city = City(code=CITY, names=names, zone="Asia/Almaty", categories=(period,))
    lake.cities.add(city)
    appeals = [
        *((f"w{n}", "water", "D1", date(2026, 3, 1), "false", "") for n in range(12)),
        *((f"o{n}", "water", "D1", date(2025, 3, 1), "false", "") for n in range(8)),
        *((f"h{n}", "heat", "D1" if n < 6 else "D2", date(2026, 2, 1), "false", "") for n in range(8)),
        ("old", "heat", "D1", date(2024, 12, 31), "false", ""),
        ("spam", "water", "D1", date(2026, 3, 1), "true", ""),
        ("twice", "water", "D1", date(2026, 3, 1), "false", "w1"),
        ("late", "water", "D1", date(2027, 1, 1), "false", ""),
    ]
    _send(
        "contact_centre.appeals",
        [
            {
                "appeal_id": id_, "received_at": f"{day}T06:00:00Z", "topic": topic, "status": "open", "district": district,
                "spam": spam, "duplicate_of": twice,
            }
            for id_, topic, district, day, spam, twice in appeals
        ],
    )  # fmt: skip
    _send("city.profile", [{"valid_from": "2025-01-01", "population": "2000", "area_m2": "1000000"}])
    _send(
        "city.districts",
        [
            {"district_id": code, "valid_from": "2025-01-01", "name_ru": code, "name_kk": code, "population": "1000"}
            for code in ("D1", "D2")
        ],
    )
    yield city
    desk._own.__dict__.clear()


def _send(dataset: str, rows: list[dict[str, Any]]) -> None:
    table = pa.table({name: [row[name] or None for row in rows] for name in rows[0]})
    receipt = facts.lake().ingest(IngestRequest(city=CITY, dataset=dataset, source=table))
    assert receipt.quarantined == 0


def test_a_year_is_counted_against_the_year_before(small_city: City) -> None:
    water, heat = needs(CITY, LAST)
    assert (water.topic, water.now, water.before, water.trend) == ("water", 12, 8, Fraction(50))
    assert water.per_1000 == Fraction(6)
    assert (heat.now, heat.before, heat.trend) == (8, 0, None)  # nothing to be measured against
    assert heat.districts == {"D1": 6, "D2": None}  # two rows of a district are not told


def test_without_two_years_there_is_no_trend(small_city: City) -> None:
    assert all(one.before is None for one in needs(CITY, LAST - timedelta(days=2)))


def test_a_need_speaks_for_its_systems_in_equal_parts() -> None:
    def need(source: str, topic: str, rows: int) -> Need:
        return Need(source, topic, rows, None, None, {})

    found = shares([need("appeals", "water", 6), need("incidents", "outage", 4), need("appeals", "documents", 100)])
    assert found == {
        "water": Fraction(7, 10), "heat": Fraction(1, 10), "gas": Fraction(1, 10), "power": Fraction(1, 10)
    }  # fmt: skip
    assert shares([]) == {}


def test_topics_are_of_the_contracts_and_systems_of_the_order() -> None:
    systems = {one.system for one in facts.edition(LAST).initiatives.values()}
    for source, (dataset, column, _counts) in SOURCES.items():
        allowed = facts.catalogue().contract(dataset).columns[column].one_of
        assert set(systems_of()[source]) <= set(allowed or ())
        assert {one for some in systems_of()[source].values() for one in some} <= systems


@pytest.mark.django_db
def test_what_is_needed_and_has_no_system_comes_first(small_city: City) -> None:
    law = facts.edition()
    asked = asked_functions(law, "district")
    day = date(2031, 1, 1)  # every stage has begun
    first = priorities(small_city, day, needs(CITY, LAST))
    assert first[0].initiative.system == "water"
    assert first[0].need == 1
    assert {one.gap for one in first} == {None}  # never rated: KPIs are not in it
    number = first[0].initiative.no
    own = [key for key in asked if key.split(".")[0] == str(number)]
    DigitalObject.objects.create(city=CITY, name="Су", owner="x", purpose="x", used_since=2020, functions=own)
    again = {one.initiative.no: one for one in priorities(small_city, day, needs(CITY, LAST))}
    assert (again[number].lacking, again[number].live) == (0, len(own))
    assert again[number].priority == Fraction(1, 2)  # the mean of need 1 and lacking 0
    early = priorities(small_city, date(2026, 6, 1), [])
    assert [one.begun for one in early] == sorted((one.begun for one in early), reverse=True)


@pytest.mark.django_db
def test_the_gap_list_is_what_is_asked_and_not_live(small_city: City) -> None:
    asked = asked_functions(facts.edition(), "district")
    keys = list(asked)
    more: dict[str, Any] = {"owner": "x", "purpose": "x"}
    DigitalObject.objects.create(city=CITY, name="A", used_since=2020, functions=keys[:3], **more)
    DigitalObject.objects.create(city=CITY, name="B", state="building", functions=keys[3:4], **more)
    DigitalObject.objects.create(city=CITY, name="C", state="retired", used_since=2010, functions=keys[4:5], **more)
    DigitalObject.objects.create(city="FAR", name="D", used_since=2020, functions=keys[3:6], **more)
    found = gaps(small_city, LAST, None)
    assert [one.key for one in found] == keys[3:]
    assert [(one.coming, one.elsewhere) for one in found[:3]] == [(["B"], 1), ([], 1), ([], 1)]


@pytest.fixture
def person(db: None, settings: Any) -> Callable[[str, str], Client]:
    """A browser of somebody with a role in a city."""
    settings.MIDDLEWARE = [one for one in settings.MIDDLEWARE if "SecondFactorFirst" not in one]

    def of(role: str, city: str) -> Client:
        user = User.objects.create_user(email=f"{role}@example.org", password=None)
        Membership.objects.create(user=user, role=role, scope="city", code=city)
        client = Client()
        client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
        return client

    return of


@pytest.mark.parametrize("language", ["kk", "ru", "en"])
def test_the_pages_open(small_city: City, person: Callable[[str, str], Client], language: str) -> None:
    analyst, foreign = person("analyst", CITY), person("city_lead", "FAR")
    for page in ("needs", "gaps", "profile"):
        assert analyst.get(f"/{language}/groundwork/city/{CITY}/{page}/").status_code == 200
    for page in ("needs", "gaps"):
        assert foreign.get(f"/{language}/groundwork/city/{CITY}/{page}/").status_code == 403
        assert Client().get(f"/{language}/groundwork/city/{CITY}/{page}/").status_code == 302
        assert analyst.get(f"/{language}/groundwork/city/{CITY}/{page}/?format=csv").status_code == 200


def test_the_profile_is_everybodys_but_systems_are_not_named_to_all(
    small_city: City, person: Callable[[str, str], Client]
) -> None:
    more: dict[str, Any] = {"owner": "x", "purpose": "x"}
    DigitalObject.objects.create(city=CITY, name="Құпия жүйе", used_since=2020, **more)
    page = f"/en/groundwork/city/{CITY}/profile/"
    assert "Құпия жүйе" not in Client().get(page).content.decode()
    assert Client().get(page).context["extent"].in_use == 1
    assert "Құпия жүйе" in person("analyst", CITY).get(page).content.decode()
