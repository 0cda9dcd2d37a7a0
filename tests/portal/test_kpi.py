"""A KPI from its number on the rating down to the rows, as each role sees it. On the lake of three tiny towns."""

from __future__ import annotations

import csv
import io
import re
import shutil
from collections.abc import Callable, Iterator
from datetime import date
from fractions import Fraction
from html import unescape
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from hypothesis import given
from hypothesis import strategies as st

from qala import facts
from qala.facts import desk
from qala.lake import Lake
from qala.measures.values import Values
from qala.people.models import AuditEntry, Membership, User
from qala.portal.kpi import maps
from qala.ratings import services
from qala.runs import build_run
from qala.runs.rated import rated_city
from qala.scoring import Profile
from qala.standard import editions
from qala.standard.period import Period

CITIES = ("PART", "SILENT", "WHOLE")
AS_OF = date(2026, 6, 30)


@pytest.fixture(scope="module")
def rated(lake_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str, str]:
    """A lake of its own with a run of June and one of March."""
    folder = tmp_path_factory.mktemp("kpi") / "lake"
    shutil.copytree(lake_folder, folder)
    lake = Lake(folder, facts.catalogue())
    edition = editions()["order_469"]
    values = Values(lake, edition, lake.catalogue)
    for code in CITIES:
        values.computer.compute(code)
    cities = [rated_city(lake, values, code, 2026) for code in CITIES]
    march, june = (
        build_run(folder, edition, 2026, day, cities, Profile(), values)[0].id for day in (date(2026, 3, 31), AS_OF)
    )
    return folder, june, march


@pytest.fixture
def site(rated: tuple[Path, str, str], monkeypatch: pytest.MonkeyPatch, db: None) -> Iterator[tuple[str, str]]:
    """The site on the last day of June with nothing published, and its two runs."""
    monkeypatch.setenv("QALA_LAKE", str(rated[0]))
    monkeypatch.setenv("QALA_EDITION", "order_469")
    monkeypatch.setattr(facts, "today", lambda _="": AS_OF)
    desk._own.__dict__.clear()
    yield rated[1], rated[2]
    desk._own.__dict__.clear()


@pytest.fixture
def run(site: tuple[str, str]) -> str:
    """The run of June, published."""
    services.publish(None, site[0], "district", "")
    return site[0]


@pytest.fixture
def signed_in(run: str, settings: Any) -> Callable[..., Client]:
    """A client of somebody with a role in the town WHOLE."""
    settings.MIDDLEWARE = [one for one in settings.MIDDLEWARE if "SecondFactorFirst" not in one]

    def as_role(role: str, city: str = "WHOLE") -> Client:
        user = User.objects.create_user(email=f"{role}@example.org", password=None)
        Membership.objects.create(user=user, role=role, scope="city", code=city)
        client = Client()
        client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
        return client

    return as_role


def text(client: Client, address: str) -> str:
    """A page's words, marks taken out."""
    answer = client.get(address)
    assert answer.status_code == 200, (address, answer.status_code)
    return unescape(re.sub(r"\s+", " ", re.sub(r"<[^>]*>", " ", answer.content.decode())))


@pytest.mark.parametrize("row", ["2.1", "2.2", "2.4", "2.7", "1.8", "1.12"])
@pytest.mark.parametrize("language", ["kk", "ru", "en"])
def test_the_page_stands_in_each_language(run: str, client: Client, row: str, language: str) -> None:
    said = text(client, f"/{language}/city/WHOLE/kpi/{row}/")
    assert editions()["order_469"].kpi(row).law.formula in said
    assert run in said


def test_numbers_are_those_of_the_engine(run: str, client: Client) -> None:
    answer = client.get("/en/city/PART/kpi/2.2/?format=csv&grain=month")
    lines = list(csv.DictReader(io.StringIO(answer.getvalue().decode("utf-8-sig"))))
    values = facts.values()
    assert [line["Period"] for line in lines] == [f"2026-{n:02d}" for n in range(1, 7)]
    for line in lines:
        value = values.value("PART", values.kpi("2.2"), Period.parse(line["Period"]), AS_OF)
        assert (line["Status"], int(line["Numerator"]), int(line["Denominator"])) == (
            value.status,
            value.numerator,
            value.denominator,
        )
        assert float(line["Value"]) == pytest.approx(float(value.value or 0))


@pytest.mark.parametrize("grain", ["day", "week", "month", "quarter", "year"])
def test_every_grain_has_its_periods(run: str, client: Client, signed_in: Callable[..., Client], grain: str) -> None:
    address = f"/en/city/WHOLE/kpi/2.2/?grain={grain}&from=2026&to=2026&format=csv"
    lines = signed_in("analyst").get(address).getvalue().decode("utf-8-sig").splitlines()[1:]
    told = client.get(address).getvalue().decode("utf-8-sig").splitlines()[1:]
    assert len(told) == (0 if grain == "day" else len(lines) if grain != "week" else len(told))  # one appeal a day
    # those that have begun by the last day; a week that lies in two years is of the one in which it begins or ends
    assert len(lines) == {"day": 181, "week": 27, "month": 6, "quarter": 2, "year": 1}[grain]


@pytest.mark.parametrize(
    "query", ["grain=fortnight", "from=2026-12&to=2026-01", "district=nowhere", "period=spring", "year=x", "run=none"]
)
def test_what_the_address_asks_in_vain_is_told(run: str, client: Client, query: str) -> None:
    assert client.get(f"/en/city/WHOLE/kpi/2.2/?{query}").status_code in (400, 404)
    assert client.get("/en/city/WHOLE/kpi/99.9/").status_code == 404
    assert client.get("/en/city/NONE/kpi/2.2/").status_code == 404


def test_peers_are_those_of_the_run_with_their_earlier_runs(site: tuple[str, str], client: Client) -> None:
    services.publish(None, site[1], "district", "")
    said = text(client, "/en/city/PART/kpi/2.2/")
    assert all(name in said for name in ("Halftown", "Wholetown", "Silenttown"))
    assert "Runs so far" not in said
    services.publish(None, site[0], "district", "the half-year is over")
    said = text(client, "/en/city/PART/kpi/2.2/?grain=quarter")
    assert "Runs so far" in said
    assert "up to 30.06.2026" in said


def links(client: Client, address: str) -> list[str]:
    """Addresses that a page leads to."""
    return [unescape(one) for one in re.findall(r'href="([^"#]+)', client.get(address).content.decode())]


def test_from_the_rating_to_the_rows_in_three_clicks(signed_in: Callable[..., Client]) -> None:
    """And one more to the delivery. The city's page shows the KPIs where most can be won; all stand one page aside."""
    client = signed_in("analyst", "PART")
    city = next(one for one in links(client, "/en/rating/") if one.startswith("/en/city/PART/"))
    kpi = next(one for one in links(client, city) if one.startswith("/en/city/PART/kpi/2.2"))
    rows = next(one for one in links(client, kpi) if "/kpi/2.2/rows/" in one)
    assert "rows stand behind this number" in text(client, rows)
    receipt = next(one for one in links(client, rows) if "/data/ledger/2" in one)
    assert "the balance holds" in text(client, receipt)


@pytest.mark.parametrize(("side", "count"), [("numerator", 21), ("denominator", 31)])
def test_as_many_rows_as_the_number_says(signed_in: Callable[..., Client], side: str, count: int) -> None:
    client = signed_in("analyst", "PART")
    said = text(client, f"/en/city/PART/kpi/2.2/rows/?period=2026-03&side={side}")
    assert f"{count} rows stand behind this number. The number is how many they are: {count}." in said


def test_the_sum_of_a_mean_is_added_up_again(signed_in: Callable[..., Client]) -> None:
    said = text(signed_in("analyst"), "/en/city/WHOLE/kpi/2.1/rows/?period=2026-03")
    assert "Added up again, just now, they give" in said


def test_who_may_not_see_rows_is_led_to_sign_in_or_refused(run: str, signed_in: Callable[..., Client]) -> None:
    address = "/en/city/WHOLE/kpi/2.2/rows/"
    assert Client().get(address).status_code == 302
    assert signed_in("data_source").get(address).status_code == 403
    assert signed_in("analyst", "PART").get(address).status_code == 403


def test_personal_columns_are_masked_and_their_reading_is_logged(signed_in: Callable[..., Client]) -> None:
    address = "/en/city/WHOLE/kpi/2.2/rows/?period=2026-03"
    analyst, auditor = signed_in("analyst"), signed_in("auditor")
    kept = facts.lake().pseudonyms.of("p70")
    for client in (analyst, auditor):
        assert kept not in client.get(address).content.decode()
    assert kept not in analyst.get(f"{address}&personal=1").content.decode()
    assert not AuditEntry.objects.filter(verb="read_personal").exists()
    assert kept in auditor.get(f"{address}&personal=1").content.decode()
    entry = AuditEntry.objects.get(verb="read_personal")
    assert (entry.object_id, entry.city, entry.after["rows"]) == ("contact_centre.appeals", "WHOLE", 31)


def test_rows_are_told_in_the_readers_words_and_masked_columns_by_their_name(signed_in: Callable[..., Client]) -> None:
    page = signed_in("analyst").get("/ru/city/WHOLE/kpi/2.2/rows/?period=2026-03").content.decode()
    assert '<span title="resolved">решено</span>' in page
    assert "Скрыты, так как говорят о людях: Заявитель" in page and "citizen," not in page


def test_the_rows_of_a_named_run_are_those_of_its_versions_and_days(
    site: tuple[str, str], signed_in: Callable[..., Client]
) -> None:
    """The run of March does not count what came after, though the page is read in June."""
    client, march = signed_in("analyst"), site[1]
    published = next(one for one in links(client, f"/en/city/WHOLE/kpi/2.2/?run={march}") if "/kpi/2.2/rows/" in one)
    assert f"run={march}" in published and "period=2026&" in published
    said = text(client, published)
    assert "90 rows stand behind this number" in said
    assert "The number is how many they are: 90." in said
    assert "181 rows" in text(client, "/en/city/WHOLE/kpi/2.2/rows/?period=2026&side=denominator")


def test_links_keep_the_run_that_the_address_names(site: tuple[str, str], signed_in: Callable[..., Client]) -> None:
    client, march = signed_in("analyst"), site[1]
    for page in ("kpi/2.2/", "section/governance/", "initiative/2/"):
        inside = [
            one
            for one in links(client, f"/en/city/WHOLE/{page}?run={march}")
            if "/kpi/" in one and "/order/" not in one
        ]
        assert inside and all(f"run={march}" in one for one in inside if not one.startswith("/api/"))


def test_rows_as_a_file_are_all_of_them_and_masked(signed_in: Callable[..., Client]) -> None:
    answer = signed_in("analyst").get("/en/city/WHOLE/kpi/2.2/rows/?period=2026&side=denominator&format=csv")
    lines = list(csv.DictReader(io.StringIO(answer.getvalue().decode("utf-8-sig"))))
    assert len(lines) == 181
    assert {line["citizen"] for line in lines} == {"•••"}
    assert all(line["receipt"] for line in lines)
    assert signed_in("operator").get("/en/city/WHOLE/kpi/2.2/rows/?format=csv").status_code == 403


def test_a_card_may_stand_on_other_sites_and_a_page_may_not(run: str, client: Client) -> None:
    card = client.get("/embed/ru/city/WHOLE/kpi/2.2/")
    assert card.status_code == 200
    assert "X-Frame-Options" not in card
    assert "frame-ancestors *" in card["Content-Security-Policy"]
    assert "script" not in card.content.decode().lower()
    page = client.get("/ru/city/WHOLE/kpi/2.2/")
    assert page["X-Frame-Options"] == "DENY"
    assert "frame-ancestors 'none'" in page["Content-Security-Policy"]


def test_nothing_is_framed_before_it_is_published(site: tuple[str, str], client: Client) -> None:
    assert client.get("/embed/ru/city/WHOLE/kpi/2.2/").status_code == 404
    assert client.get("/en/city/WHOLE/kpi/2.2/").status_code == 200


@pytest.mark.parametrize("language", ["kk", "ru", "en"])
def test_section_and_initiative_list_their_kpis(run: str, client: Client, language: str) -> None:
    law = editions()["order_469"]
    section = law.kpi("2.2").section
    said = text(client, f"/{language}/city/WHOLE/section/{section}/")
    assert all(f" {kpi.row} " in said for kpi in law.kpis.values() if kpi.section == section)
    said = text(client, f"/{language}/city/WHOLE/initiative/2/")
    assert all(f" {kpi.row} " in said for kpi in law.kpis.values() if kpi.initiative == 2)
    assert all(f"{one.no}. " in said for one in law.initiatives[2].functions)
    assert client.get(f"/{language}/city/WHOLE/section/none/").status_code == 404
    assert client.get(f"/{language}/city/WHOLE/initiative/99/").status_code == 404


INDICATOR = """
roads_share:
  name: {ru: Доля обращений о дорогах, kk: Жолдар туралы өтініштер үлесі, en: Share of appeals about roads}
  owner: {ru: Управление дорог, kk: Жолдар басқармасы, en: Roads department}
  sphere: transport
  cities: [WHOLE]
  unit: percent
  every: month
  target: {at_most: 20}
  measure: {of: contact_centre.appeals, share: "topic = 'roads'", where: not spam}
"""


def test_an_own_indicator_has_its_page_and_no_score(run: str, client: Client) -> None:
    file = facts.lake().folder / "indicators" / "roads.yaml"
    file.parent.mkdir(exist_ok=True)
    file.write_text(INDICATOR, encoding="utf-8")
    try:
        desk._own.__dict__.clear()
        facts.values().computer.compute("WHOLE", kpis=["own.roads_share"])
        said = text(client, "/en/city/WHOLE/kpi/own.roads_share/")
        assert "an own indicator: shown, never scored" in said
        assert "Roads department" in said
        assert "Adds to the index" not in said
        assert client.get("/en/city/PART/kpi/own.roads_share/").status_code == 404
        assert client.get("/embed/en/city/WHOLE/kpi/own.roads_share/").status_code == 404
    finally:
        file.unlink()
        desk._own.__dict__.clear()


@given(st.lists(st.fractions(0, 100, max_denominator=50), min_size=1, max_size=60))
def test_every_amount_on_the_map_lies_in_one_class_of_the_legend_and_no_class_is_empty(found: list[Fraction]) -> None:
    amounts = sorted(set(found))
    steps = maps._steps(amounts)
    classes = maps._classes(amounts, steps)
    assert len(classes) == len(steps) + 1 == min(5, len(amounts))
    for amount in amounts:
        at = sum(amount > limit for limit in steps)
        assert classes[at][0] <= amount <= classes[at][1]
    tones = [maps._tone(step, len(steps)) for step in range(len(steps) + 1)]
    assert tones == sorted(set(tones)) and set(tones) <= {1, 2, 3, 4, 5}


def test_where_a_number_comes_from_is_asked_by_district_or_cell(run: str, client: Client) -> None:
    assert client.get("/en/city/WHOLE/kpi/2.2/places/").status_code == 200
    assert client.get("/en/city/WHOLE/kpi/2.2/places/?by=street").status_code == 400
