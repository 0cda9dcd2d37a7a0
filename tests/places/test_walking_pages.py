"""The page of walking access, as a guest's browser asks for it."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path

import pytest
from django.conf import settings
from django.test import Client
from walking_town import CITY, PEOPLE, deliver, facility, new_lake, new_town, people

from qala.lake import Lake

pytestmark = pytest.mark.django_db
DAY = "on=2026-12-31"


@pytest.fixture(autouse=True)
def _site(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("QALA_LAKE", str(tmp_path / "lake"))
    monkeypatch.setattr(settings, "HOME", tmp_path)


@pytest.fixture
def lake(tmp_path: Path) -> Lake:
    return new_lake(tmp_path / "lake")


@pytest.fixture
def town(tmp_path: Path) -> Lake:
    return new_town(tmp_path / "lake")


def page(query: str = "", language: str = "en", status: int = 200) -> str:
    answer = Client().get(f"/{language}/access/{CITY}/?{DAY}&{query}")
    assert answer.status_code == status
    return answer.content.decode()


@pytest.mark.parametrize("language", ["kk", "ru", "en"])
def test_the_numbers_stand_in_the_page_itself(town: Lake, language: str) -> None:
    text = page("kind=school&minutes=10&speed=4.8", language)
    assert "70" in text and "School 1" in text  # 140 of 200 people
    assert " style=" not in text


def test_the_default_minutes_are_the_norm_of_the_kind(town: Lake) -> None:
    deliver(town, "stops.stops", [stop("S1", 0)])
    assert 'value="6.25"' in page("kind=stop")
    assert 'value="15"' in page("kind=school")


def stop(name: str, at: float) -> dict[str, str]:
    row = facility("stop", name, at)
    yes = dict.fromkeys(("live_arrivals", "display", "wifi", "video", "emergency_button", "charging", "heated"), "true")
    return {"stop_id": name, "valid_from": row["valid_from"], "lat": row["lat"], "lon": row["lon"], **yes}


def test_a_kind_of_which_nothing_was_sent_is_not_shown_as_nought(town: Lake) -> None:
    assert "No data: the city has sent none of these" in page("kind=clinic")


def test_what_cannot_be_used_is_said_and_the_default_is_taken(town: Lake) -> None:
    text = page("kind=castle&minutes=soon&speed=900")
    assert "“castle”" in text and "“soon”" in text and "“900”" in text
    assert 'value="15"' in text and 'value="4.8"' in text


def test_a_city_without_streets_is_told_what_to_send(lake: Lake) -> None:
    text = page()
    assert "city.streets" in text and "city.population_grid" in text


def test_a_city_that_is_not_registered_is_not_found(lake: Lake) -> None:
    assert Client().get("/en/access/nowhere/").status_code == 404


def test_the_underserved_cells_can_be_taken_as_files(town: Lake) -> None:
    query = "kind=school&minutes=10"
    rows = list(csv.DictReader(io.StringIO(body(f"{query}&format=csv").decode("utf-8-sig"))))
    assert [(row["district"], row["residents"], row["nearest"]) for row in rows] == [("east", "60", "School 1")]
    assert body(f"{query}&format=xlsx")[:2] == b"PK"
    (feature,) = json.loads(body(f"{query}&format=geojson"))["features"]
    assert feature["geometry"]["type"] == "Polygon" and feature["properties"]["residents"] == 60


def test_the_map_has_every_cell_and_every_facility(town: Lake) -> None:
    cells = json.loads(body("kind=school&format=geojson&what=cells"))["features"]
    assert sorted(one["properties"]["class"] for one in cells) == [0, 0, 2]
    assert len(cells) == len(PEOPLE)
    (school,) = json.loads(body("kind=school&format=geojson&what=facilities"))["features"]
    assert school["properties"]["place"] == "School 1"


def test_cells_of_so_few_that_they_are_persons_are_not_listed(town: Lake) -> None:
    deliver(town, "city.population_grid", [people(700, 3)])
    text = page("kind=school&minutes=5")
    assert "fewer than 5 people" in text
    rows = list(csv.DictReader(io.StringIO(body("kind=school&minutes=5&format=csv").decode("utf-8-sig"))))
    assert [row["residents"] for row in rows] == ["60"]
    cells = json.loads(body("kind=school&format=geojson&what=cells"))["features"]
    assert sum("residents" not in one["properties"] for one in cells) == 1


def test_the_list_of_cities_leads_to_them(town: Lake) -> None:
    assert f"/en/access/{CITY}/" in Client().get("/en/access/").content.decode()


def body(query: str) -> bytes:
    answer = Client().get(f"/en/access/{CITY}/?{DAY}&{query}")
    assert answer.status_code == 200
    return answer.getvalue()
