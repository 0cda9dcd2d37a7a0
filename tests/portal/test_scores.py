"""The front page, the rating, a city, a region and the comparison, as a reader sees them."""

from __future__ import annotations

import csv
import io
import json
import re
import shutil
from collections.abc import Iterator
from datetime import UTC, date, datetime
from html import unescape
from pathlib import Path

import pytest
from django.test import Client

from qala import facts
from qala.facts import desk
from qala.lake import Lake
from qala.lake.outlines import read_country
from qala.measures.values import Values
from qala.people.models import Membership, User
from qala.portal.scores import freshness
from qala.portal.scores.freshness import Came, late
from qala.portal.scores.obligations import obligations
from qala.ratings import services
from qala.ratings.lines import words_of
from qala.ratings.rated_run import rated_run
from qala.runs import build_run
from qala.runs.rated import rated_city
from qala.scoring import Profile, explain
from qala.standard import editions
from qala.standard.period import Period

CITIES = ("PART", "SILENT", "WHOLE")
REGION = "150000000"
STAMP = datetime(2026, 7, 1, tzinfo=UTC)


@pytest.fixture(scope="module")
def made(lake_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, tuple[str, str]]:
    """A lake with runs of March and June; two of its three towns lie in a region."""
    folder = tmp_path_factory.mktemp("scores") / "lake"
    shutil.copytree(lake_folder, folder)
    lake, edition = Lake(folder, facts.catalogue()), editions()["order_469"]
    for code in ("WHOLE", "PART"):
        lake.cities.add(lake.cities.get(code).model_copy(update={"region": REGION, "lat": 50.0, "lon": 57.0}))
    values = Values(lake, edition, lake.catalogue)
    cities = [rated_city(lake, values, code, 2026) for code in CITIES]
    march, june = (
        build_run(folder, edition, 2026, day, cities, Profile(), values)[0].id
        for day in (date(2026, 3, 31), date(2026, 6, 30))
    )
    return folder, (march, june)


@pytest.fixture
def june(made: tuple[Path, tuple[str, str]], monkeypatch: pytest.MonkeyPatch, db: None) -> Iterator[str]:
    """Both runs published; gives the later one."""
    folder, (march, june) = made
    monkeypatch.setenv("QALA_LAKE", str(folder))
    monkeypatch.setenv("QALA_EDITION", "order_469")
    desk._own.__dict__.clear()
    services.publish(None, march, "district", "")
    services.publish(None, june, "district", "six months")
    yield june
    desk._own.__dict__.clear()


def text(client: Client, address: str) -> str:
    """The words of a page."""
    answer = client.get(address)
    assert answer.status_code == 200, address
    body = re.sub(r"<(script|style).*?</\1>", " ", answer.content.decode(), flags=re.S)
    return re.sub(r"\s+", " ", unescape(re.sub(r"<[^>]+>", " ", body)).replace("\u00a0", " ")).replace("\u202f", " ")


def table(client: Client, address: str) -> list[dict[str, str]]:
    """A CSV file of a page in English."""
    body = b"".join(client.get(address)).decode("utf-8-sig")  # type: ignore[arg-type]
    return list(csv.DictReader(io.StringIO(body)))


@pytest.mark.parametrize("language", ["kk", "ru", "en"])
@pytest.mark.parametrize(
    "page",
    [
        "",
        "rating/?category=district",
        "rating/?category=oblast",
        "city/WHOLE/",
        "city/SILENT/",
        "city/WHOLE/?all=1",
        f"region/{REGION}/",
        "compare/",
        "compare/?cities=WHOLE,PART&cities=SILENT",
        "runs/",
    ],
)
def test_every_page_stands_in_every_language(client: Client, june: str, language: str, page: str) -> None:
    answer = client.get(f"/{language}/{page}")
    assert answer.status_code == 200
    assert f'<html lang="{language}"' in answer.content.decode()
    assert b'style="' not in answer.content
    assert not answer.cookies


def test_the_front_page_shows_the_newest_ratings_and_finds_a_city(client: Client, june: str) -> None:
    front = text(client, "/en/")
    assert "30 Jun 2026" in front
    assert "Simulated data" in front
    assert client.get("/en/?q=halft")["Location"].endswith("/en/city/PART/")
    assert "No city has such a name" in text(client, "/en/?q=atlantis")


def test_the_rating_says_place_bounds_coverage_band_and_who_is_left_out(client: Client, june: str) -> None:
    run = rated_run(june)
    words = words_of(run.edition)
    page = text(client, "/en/rating/?category=district")
    for place in run.places["district"]:
        name = facts.lake().cities.get(place.score.city).names["en"]
        assert name in page
    assert words.say("standing.not_ranked") in page or "not ranked" in page
    rows = table(client, "/en/rating/?category=district&format=csv")
    assert [row["Code"] for row in rows] == ["WHOLE", "PART", "SILENT"]
    whole = run.score("WHOLE")
    assert float(rows[0]["Index"]) == pytest.approx(float(whole.final or 0))
    assert rows[0]["Change of place"] == "0"
    assert rows[2]["Place"] == ""
    assert rows[2]["Simulated"] == "false"


def test_the_rating_is_sorted_and_filtered_by_its_address(client: Client, june: str) -> None:
    by_name = table(client, "/en/rating/?category=district&sort=city&format=csv")
    assert [row["City"] for row in by_name] == ["Halftown", "Silenttown", "Wholetown"]
    here = table(client, f"/en/rating/?category=district&region={REGION}&format=csv")
    assert {row["Code"] for row in here} == {"WHOLE", "PART"}
    assert client.get("/en/rating/?category=district&sort=beauty").status_code == 404
    assert client.get("/en/rating/?category=district&format=pdf").headers["Content-Disposition"].endswith('.pdf"')


def test_a_city_shows_all_kpis_with_the_numbers_of_the_run(client: Client, june: str) -> None:
    run = rated_run(june)
    page = text(client, "/en/city/PART/?all=1")
    for kpi in run.edition.kpis.values():
        assert f"{kpi.row} {kpi.name.en}" in page
    rows = {row["Row"]: row for row in table(client, "/en/city/PART/?format=csv")}
    assert len(rows) == 118
    for line in explain(run.score("PART")):
        assert float(rows[line.kpi.row]["Adds to the index"]) == pytest.approx(float(line.contribution), abs=1e-9)
    assert sum(float(row["Adds to the index"]) for row in rows.values()) == pytest.approx(
        float(run.score("PART").index or 0)
    )


def test_a_city_leads_to_its_kpis_and_says_what_moved(client: Client, june: str) -> None:
    page = client.get("/en/city/PART/").content.decode()
    assert "/en/city/PART/kpi/2.3/" in page
    assert "What moved" in page
    assert "31 Mar 2026" in page
    march = client.get(f"/en/city/PART/?run={rated_run(june).head.id}").content.decode()
    assert "/en/city/PART/kpi/2.3/" in march


def test_an_earlier_run_is_kept_through_the_links(
    client: Client, june: str, made: tuple[Path, tuple[str, str]]
) -> None:
    march = made[1][0]
    page = client.get(f"/en/city/PART/?run={march}").content.decode()
    assert f"/en/city/PART/kpi/2.3/?run={march}" in page
    assert "A later publication holds" in page


def test_the_score_sheet_is_the_runs_own(client: Client, june: str, settings: object, tmp_path: Path) -> None:
    settings.HOME = tmp_path  # type: ignore[attr-defined]
    answer = client.get("/ru/city/WHOLE/sheet/html/")
    body = b"".join(answer).decode()  # type: ignore[arg-type]
    assert june in body
    assert words_of(rated_run(june).edition).index(rated_run(june).score("WHOLE").final).replace(".", ",") in body
    assert (tmp_path / "sheets" / june / "score-sheet_WHOLE_2026_ru.html").exists()
    assert client.get("/ru/city/WHOLE/sheet/docx/").status_code == 404


def test_a_region_sets_its_cities_side_by_side(client: Client, june: str) -> None:
    rows = table(client, f"/en/region/{REGION}/?format=csv")
    assert {row["Code"] for row in rows} == {"WHOLE", "PART"}
    assert client.get("/en/region/999/").status_code == 404


def test_a_region_says_what_moved_who_is_behind_and_what_the_order_asks(
    client: Client, june: str, made: tuple[Path, tuple[str, str]]
) -> None:
    page = text(client, f"/en/region/{REGION}/")
    assert "against the rating up to 31 Mar 2026" in page
    assert "Below the middle of their category: Halftown" in page
    assert "What the order asks, and by when" in page
    rows = {row["Code"]: row for row in table(client, f"/en/region/{REGION}/?format=csv")}
    run = rated_run(june)
    scores = {one.id: one.score for one in run.score("WHOLE").sections}
    assert float(rows["WHOLE"]["City governance"]) == pytest.approx(float((scores["governance"] or 0) * 100))
    moved = (run.score("WHOLE").final or 0) - (rated_run(made[1][0]).score("WHOLE").final or 0)
    assert float(rows["WHOLE"]["Change of the index"]) == pytest.approx(float(moved))
    page = client.get(f"/en/region/{REGION}/").content.decode()
    assert "/en/city/WHOLE/section/governance/" in page  # a section's number leads on to its KPIs


def test_the_front_page_leads_people_to_their_own_places(client: Client, june: str) -> None:
    assert "Yours" not in text(client, "/en/")
    user = User.objects.create_user("lead@example.org", "x")
    Membership.objects.create(user=user, role="analyst", scope="region", code=REGION)
    Membership.objects.create(user=user, role="analyst", scope="city", code="PART")
    client.force_login(user)
    page = client.get("/en/").content.decode()
    assert f'href="/en/region/{REGION}/"' in page
    assert 'href="/en/city/PART/?all=1"' in page


def test_the_search_finds_cities_regions_and_datasets_too(client: Client, june: str) -> None:
    found = client.get("/ru/order/search/?q=wholet").content.decode()
    assert 'href="/ru/city/WHOLE/"' in found and "Nothing" not in found
    assert f'href="/kk/region/{REGION}/"' in client.get(f"/kk/order/search/?q={REGION}").content.decode()
    assert "/data/dataset/contact_centre.appeals/" in client.get("/en/order/search/?q=appeals").content.decode()
    assert client.get("/en/order/search/?q=2.3").content.decode().count("/city/") == 0


def test_the_country_map_lies_on_imported_outlines_or_on_a_grid(client: Client, june: str) -> None:
    page = client.get("/en/rating/?category=district").content.decode()
    assert '"grid":{"type":"geojson"' in page
    assert '"url":"/en/city/WHOLE/"' in page
    assert client.get("/en/rating/outlines.geojson").status_code == 404
    folder = facts.lake().folder / "cities"
    ring = [[50, 45], [80, 45], [80, 55], [50, 45]]
    shape = {"type": "Feature", "properties": {}, "geometry": {"type": "Polygon", "coordinates": [ring]}}
    (folder / "in.geojson").write_text(json.dumps({"type": "FeatureCollection", "features": [shape]}))
    read_country(folder / "in.geojson", folder)
    try:
        page = client.get("/en/rating/?category=district&sort=city").content.decode()
        assert "/en/rating/outlines.geojson" in page and '"grid"' not in page
        assert client.get("/en/rating/outlines.geojson").json()["features"][0]["geometry"]["type"] == "Polygon"
    finally:
        (folder / "outlines.geojson").unlink()
    assert client.get("/en/city/NOWHERE/").status_code == 404


def test_the_comparison_restores_itself_from_its_address(client: Client, june: str) -> None:
    page = client.get("/en/compare/?cities=WHOLE,PART&kpis=2.3&kpis=2.1").content.decode()
    assert re.search(r'value="WHOLE" checked', page)
    assert not re.search(r'value="SILENT" checked', page)
    rows = table(client, "/en/compare/?cities=WHOLE,PART&kpis=2.3&kpis=2.1&format=csv")
    assert [row["Row"] for row in rows] == ["2.1", "2.3"]
    run = rated_run(june)
    assert float(rows[0]["Wholetown: value"]) == float(run.score("WHOLE").kpi("2.1").observation.value or 0)
    assert client.get("/en/compare/?year=never").status_code == 404


def test_the_comparison_shows_each_kpi_month_by_month_and_each_initiative(client: Client, june: str) -> None:
    page = client.get("/en/compare/?cities=WHOLE,PART&kpis=2.1&kpis=2.2").content.decode()
    data = json.loads(re.search(r'id="months-2-2".*?class="figure-data">(.*?)</script>', page, re.S)[1])  # type: ignore[index]
    assert [one["name"] for one in data["series"]] == ["Wholetown", "Halftown"]
    assert len(data["categories"]) == 6  # the months of the run, and no later one
    march = facts.values().of("WHOLE").value(facts.values().kpi("2.2"), Period.parse("2026-03"), date(2026, 6, 30))
    assert data["series"][0]["values"][2] == pytest.approx(float(march.value or 0))
    assert 'href="/en/city/PART/initiative/2/"' in page


def test_the_kpis_of_a_city_are_chosen_by_how_they_stand(client: Client, june: str) -> None:
    page = client.get("/en/city/WHOLE/?all=1&status=not_due").content.decode()
    assert "/kpi/2.2/" not in page and "/kpi/7.1/" in page
    reached = client.get("/en/city/WHOLE/?all=1&status=reached").content.decode()
    assert "/kpi/7.1/" not in reached
    assert "No KPI stands so." in text(client, "/en/city/WHOLE/?all=1&status=no_such")


def test_every_published_rating_can_be_chosen(client: Client, june: str, made: tuple[Path, tuple[str, str]]) -> None:
    march = made[1][0]
    for page in ("/en/rating/?category=district", "/en/city/WHOLE/"):
        said = client.get(page).content.decode()
        assert re.search(r'<option value="" selected>2026, up to 30 Jun 2026', said)
        assert f'<option value="{march}">2026, up to 31 Mar 2026' in said
    earlier = client.get(f"/en/city/WHOLE/?run={march}").content.decode()
    assert f'<option value="{march}" selected>' in earlier
    assert f"/en/city/WHOLE/section/governance/?run={march}" in earlier


def test_a_source_is_late_when_the_period_that_is_over_brought_nothing() -> None:
    contract = facts.catalogue().contract("contact_centre.calls")
    now = date(2026, 7, 3)
    assert not late(contract, Came(date(2026, 6, 1), STAMP), "month", now)
    assert late(contract, Came(date(2026, 5, 31), STAMP), "month", now)
    assert late(contract, None, "year", now)
    assert not late(contract, Came(date(2026, 6, 22), STAMP), "day", now)
    assert late(contract, Came(date(2026, 6, 21), STAMP), "day", now)


def test_sources_are_read_from_the_ledger(june: str) -> None:
    by_name = {one.dataset: one for one in freshness.sources(rated_run(june), "SILENT")}
    assert by_name["contact_centre.calls"].day == date(2026, 6, 30)
    assert by_name["contact_centre.appeals"].received_at is None
    assert by_name["contact_centre.appeals"].late


def test_obligations_come_with_their_next_day() -> None:
    edition = editions()["order_469"]
    found = {one.step.id: one for one in obligations(edition, date(2026, 11, 22))}
    assert (found["rating"].day, found["rating"].reported) == (date(2027, 1, 31), 2026)
    assert found["submission"].when == "passed"
    assert found["review"].after is not None
    same_day = {one.step.id: one for one in obligations(edition, date(2027, 1, 31))}
    assert same_day["rating"].day == date(2027, 1, 31)
