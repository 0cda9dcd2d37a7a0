"""The map's pages say their numbers without a script, and tiles are given to whom they may be given."""

from __future__ import annotations

import gzip
import json
import re
from collections.abc import Callable
from pathlib import Path

import pytest
from django.test import Client
from shapely.geometry import shape
from small_city import CITY

from qala.datasets import load_catalogue
from qala.lake import Lake
from qala.people.models import AuditEntry
from qala.places import counts
from qala.places.layers import layers

LANGUAGES = ("kk", "ru", "en")
Sign = Callable[..., Client]


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_city_s_map_says_its_numbers_without_a_script(client: Client, language: str) -> None:
    said = client.get(f"/{language}/map/?city={CITY}&layers=trees,stops&on=2026-03-05").content.decode()
    assert "map-outlines" in said
    data = json.loads(re.search(r'class="map-data">(.*?)</script>', said)[1])
    assert data["chosen"] == ["trees", "stops"]
    assert data["on"] == "2026-03-05"
    assert len(data["layers"]) >= 16
    table = said[said.index('class="table dense"') :]
    assert table.count("<tr>") == 7


def test_the_numbers_come_as_a_file_too(client: Client) -> None:
    answer = client.get(f"/en/map/?city={CITY}&layers=trees&on=2026-03-05&format=csv")
    lines = b"".join(answer.streaming_content).decode().splitlines()
    assert len(lines) == 7
    assert sum(int(line.rpartition(",")[2].rpartition(";")[2]) for line in lines[1:]) == 300


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_country_lists_its_cities(client: Client, language: str) -> None:
    said = client.get(f"/{language}/map/").content.decode()
    assert f"?city={CITY}" in said


def test_a_city_that_is_not_there_is_not_found(client: Client) -> None:
    assert client.get("/en/map/?city=NOWHERE").status_code == 404
    assert client.get("/tiles/NOWHERE/stops.json").status_code == 404
    assert client.get(f"/tiles/{CITY}/nothing.json").status_code == 404


def test_tiles_come_compressed_dated_and_cached(client: Client) -> None:
    told = client.get(f"/tiles/{CITY}/stops.json").json()
    assert told["tilejson"] == "3.0.0"
    assert told["newest"]
    west, south, _east, _north = told["bounds"]
    assert 56 < west < 81
    assert 44 < south < 53
    address = told["tiles"][0].replace("http://testserver", "")
    z, x, y = 10, *_tile_of(west, south, 10)
    path = address.replace("{z}", str(z)).replace("{x}", str(x)).replace("{y}", str(y))
    answer = client.get(path, headers={"accept-encoding": "gzip"})
    assert answer.status_code == 200
    assert answer["Content-Encoding"] == "gzip"
    assert "immutable" in answer["Cache-Control"]
    assert gzip.decompress(answer.content) == client.get(path).content
    again = client.get(path, headers={"if-none-match": answer["ETag"]})
    assert again.status_code == 304
    assert client.get(path.replace(f"/{x}/", "/1/")).status_code == 204
    assert client.get(path.split("?")[0] + "?v=000000000000").status_code == 404


def _tile_of(lon: float, lat: float, zoom: int) -> tuple[int, int]:
    import math

    count = 1 << zoom
    x = int((lon + 180) / 360 * count)
    y = int((1 - math.asinh(math.tan(math.radians(lat))) / math.pi) / 2 * count)
    return x, y


@pytest.mark.parametrize(
    ("role", "exact"),
    [
        (None, False),
        ("", False),
        ("analyst", False),
        ("city_lead", False),
        ("operator", True),
        ("auditor", True),
        ("digital_department", True),
    ],
)
def test_who_may_see_rows_that_name_persons_is_told_them_and_that_is_written_down(
    client: Client, signed_in: Sign, role: str | None, exact: bool
) -> None:
    browser = client if role is None else signed_in(role, city=CITY)
    told = browser.get(f"/tiles/{CITY}/appeals.json")
    assert (told.status_code == 200) == exact
    assert AuditEntry.objects.filter(verb="read_personal").count() == int(exact)
    assert browser.get(f"/tiles/{CITY}/appeals-cells.json").status_code == 200
    page = browser.get(f"/ru/map/?city={CITY}&layers=appeals").content.decode()
    data = json.loads(re.search(r'class="map-data">(.*?)</script>', page)[1])
    appeals = next(one for one in data["layers"] if one["id"] == "appeals")
    assert appeals["cells"] is not exact
    found = browser.get(f"/ru/map/{CITY}/search.json?q=appeal").json()["found"]
    assert any(one["layer"] == "appeals" for one in found) == (exact and bool(found))


def test_who_may_see_persons_elsewhere_may_not_here(signed_in: Sign) -> None:
    assert signed_in("operator", city="SIM-O02").get(f"/tiles/{CITY}/appeals.json").status_code == 403


def test_an_object_has_a_page_and_a_card(client: Client) -> None:
    page = client.get(f"/en/map/{CITY}/stops/S00001/")
    assert page.status_code == 200
    assert "<html" in page.content.decode()
    card = client.get(f"/en/map/{CITY}/stops/S00001/?part=1").content.decode()
    assert "<html" not in card
    assert "S00001" in card
    assert client.get(f"/en/map/{CITY}/stops/none/").status_code == 404
    assert client.get(f"/en/map/{CITY}/appeals/appeal-1/").status_code in (302, 403)


def test_things_are_found(client: Client) -> None:
    found = client.get(f"/en/map/{CITY}/search.json?q=S00001").json()["found"]
    assert found[0]["object"] == "S00001"
    assert client.get(found[0]["url"]).status_code == 200
    assert client.get(f"/en/map/?city={CITY}&q=S00001").content.decode().count(found[0]["url"]) == 1


def test_values_by_place_have_their_places(client: Client) -> None:
    by_district = client.get(f"/en/map/{CITY}/values.json?metric=count:trees&by=district&on=2026-03-05").json()
    assert sum(one["properties"]["value"] for one in by_district["geojson"]["features"]) == 300
    by_cell = client.get(f"/en/map/{CITY}/values.json?metric=count:appeals&by=cell&on=2026-03-05").json()
    assert by_cell["note"]
    assert all(one["properties"]["value"] >= 5 for one in by_cell["geojson"]["features"])
    assert client.get(f"/en/map/{CITY}/values.json?metric=count:nothing").status_code == 400


def test_an_outside_server_is_asked_only_where_it_is_set(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    assert "tiles.example" not in client.get(f"/en/map/?city={CITY}")["Content-Security-Policy"]
    monkeypatch.setenv("QALA_BASEMAP", "https://tiles.example/{z}/{x}/{y}.png")
    answer = client.get(f"/en/map/?city={CITY}")
    assert "https://tiles.example" in answer["Content-Security-Policy"]
    assert "https://tiles.example/{z}/{x}/{y}.png" in answer.content.decode()


def test_a_layer_of_some_rows_counts_only_them_and_once(lake_folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    lake = Lake(lake_folder, load_catalogue())
    stops = layers()["stops"]
    some = stops.model_copy(update={"where": "stop_id <= 'S00003'"})
    assert counts.in_all(lake, some, CITY) == 3 < counts.in_all(lake, stops, CITY)
    asked: list[object] = []
    monkeypatch.setattr(counts, "_count", lambda *about, **_: asked.append(about) or {("", ""): 3})
    assert counts.in_all(lake, some, CITY) == 3
    assert not asked  # the rows are as they were
    monkeypatch.setattr(counts, "version", lambda *_: "another")
    assert counts.in_all(lake, some, CITY) == 3
    assert len(asked) == 1


def test_each_district_is_named_once_and_within_itself(client: Client) -> None:
    features = client.get(f"/tiles/{CITY}/overview.json").json()["features"]
    areas = {
        one["properties"]["id"]: shape(one["geometry"]) for one in features if one["properties"]["kind"] == "district"
    }
    named = [one for one in features if one["properties"]["kind"] == "name"]
    assert sorted(one["properties"]["id"] for one in named) == sorted(areas)
    assert all(areas[one["properties"]["id"]].contains(shape(one["geometry"])) for one in named)


def test_a_card_names_the_district_and_not_its_code(client: Client, lake_folder: Path) -> None:
    city = Lake(lake_folder, load_catalogue()).cities.get(CITY)
    said = client.get(f"/ru/map/{CITY}/stops/S00001/?part=1").content.decode()
    assert any(f"<dd>{one.names['ru']}</dd>" in said for one in city.districts)
    assert not any(f"<dd>{one.code}</dd>" in said for one in city.districts)
