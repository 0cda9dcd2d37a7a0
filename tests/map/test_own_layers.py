"""Layers of departments: from a file to the map, changed object by object, and back through their versions."""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from small_city import CITY

from qala.people.models import AuditEntry, Organisation
from qala.places.geofiles import read_layer
from qala.portal.map.models import Layer
from qala.portal.map.own_queries import features_at

Sign = Callable[..., Client]
TABLE = "name;kind;lon;lat\nФонтан;big;72,38;46,21\nСкамейка;small;72,39;46,22\n"


def file(text: str = TABLE, name: str = "benches.csv") -> SimpleUploadedFile:
    return SimpleUploadedFile(name, text.encode())


def add(client: Client, **more: object) -> Layer:
    said = {"title_kk": "Орындықтар", "title_ru": "Скамейки", "shown_to": "public", "file": file(), **more}
    answer = client.post(f"/en/map/layers/new/?city={CITY}", said)
    assert answer.status_code == 302, answer.content.decode()
    return Layer.objects.latest("pk")


@pytest.fixture
def analyst(signed_in: Sign) -> Client:
    return signed_in("analyst", city=CITY)


@pytest.fixture
def layer(analyst: Client) -> Layer:
    made = add(analyst)
    analyst.post(f"/en/map/layers/{made.pk}/state/")
    made.refresh_from_db()
    return made


def test_a_file_becomes_a_draft_that_only_its_editors_see(analyst: Client, client: Client) -> None:
    made = add(analyst)
    assert (made.state, made.version, features_at(made).count()) == ("draft", 1, 2)
    assert client.get(f"/en/map/layers/{made.pk}/").status_code == 404
    assert analyst.get(f"/en/map/layers/{made.pk}/").status_code == 200
    analyst.post(f"/en/map/layers/{made.pk}/state/")
    assert client.get(f"/en/map/layers/{made.pk}/").status_code == 200
    assert [one.verb for one in AuditEntry.objects.order_by("pk")] == ["create_layer", "change_layer", "publish_layer"]


@pytest.mark.parametrize(
    ("language", "told"),
    [("en", "row 2, column lon"), ("ru", "строка 2, столбец lon"), ("kk", "2-жол, lon бағаны")],
)
def test_a_wrong_file_is_told_by_row_and_column_and_nothing_is_kept(analyst: Client, language: str, told: str) -> None:
    said = {"title_kk": "A", "title_ru": "A", "shown_to": "public", "file": file("name;lon;lat\nB;far;46\n")}
    answer = analyst.post(f"/{language}/map/layers/new/?city={CITY}", said)
    assert answer.status_code == 422
    assert told in answer.content.decode()
    assert not Layer.objects.exists()


@pytest.mark.parametrize(
    ("role", "may"),
    [
        (None, False),
        ("", False),
        ("operator", False),
        ("auditor", False),
        ("analyst", True),
        ("digital_department", True),
    ],
)
def test_who_may_edit(client: Client, signed_in: Sign, layer: Layer, role: str | None, may: bool) -> None:
    browser = client if role is None else signed_in(role, city=CITY)
    for address in (
        "new/?city=" + CITY,
        f"{layer.pk}/style/",
        f"{layer.pk}/upload/",
        f"{layer.pk}/objects/1/edit/",
        f"{layer.pk}/about/",
    ):
        assert (browser.get(f"/en/map/layers/{address}").status_code == 200) == may, address
    assert (
        browser.post(f"/en/map/layers/{layer.pk}/objects/1/delete/", {"seen": 1}).status_code == 302
        and features_at(layer).count() == 1
    ) == may


def test_another_city_s_analyst_may_not_edit_and_the_layer_stays(signed_in: Sign, layer: Layer) -> None:
    other = signed_in("analyst", city="SIM-O02")
    assert other.get(f"/en/map/layers/{layer.pk}/style/").status_code == 403
    assert other.post(f"/en/map/layers/{layer.pk}/history/1/").status_code == 403


def test_a_layer_for_its_organisation_is_not_shown_to_others(analyst: Client, client: Client, signed_in: Sign) -> None:
    owner = Organisation.objects.create(name_kk="Су", name_ru="Водоканал", kind="utility", city=CITY)
    made = add(analyst, shown_to="organisation", owner=owner.pk)
    analyst.post(f"/en/map/layers/{made.pk}/state/")
    assert client.get(f"/en/map/layers/{made.pk}/").status_code in (302, 403)
    assert client.get(f"/tiles/own/{made.pk}/1.geojson").status_code in (302, 403)
    assert "Скамейки" not in client.get(f"/ru/map/?city={CITY}").content.decode()
    assert signed_in("analyst", organisation=owner).get(f"/en/map/layers/{made.pk}/").status_code == 200


def test_an_object_is_changed_and_its_history_told(analyst: Client, client: Client, layer: Layer) -> None:
    said = {"p0": "Фонтан у реки", "p1": "big", "geometry": "72.381, 46.211", "seen": 1}
    assert analyst.post(f"/en/map/layers/{layer.pk}/objects/1/edit/", said).status_code == 302
    layer.refresh_from_db()
    assert layer.version == 2
    now = features_at(layer).get(key=1)
    assert now.properties["name"] == "Фонтан у реки"
    assert now.geometry["coordinates"] == [72.381, 46.211]
    told = client.get(f"/en/map/layers/{layer.pk}/objects/1/").content.decode()
    assert told.index("Фонтан у реки") < told.rindex("Фонтан")
    assert features_at(layer, 1).get(key=1).properties["name"] == "Фонтан"


def test_a_change_that_did_not_see_another_s_is_refused(analyst: Client, layer: Layer) -> None:
    first = {"p0": "One", "p1": "", "geometry": "72.38, 46.21", "seen": 1}
    analyst.post(f"/en/map/layers/{layer.pk}/objects/1/edit/", first)
    late = analyst.post(f"/en/map/layers/{layer.pk}/objects/1/edit/", {**first, "p0": "Two"})
    assert late.status_code == 200
    assert features_at(layer).get(key=1).properties["name"] == "One"


def test_objects_are_added_deleted_and_brought_back(analyst: Client, layer: Layer) -> None:
    area = json.dumps({"type": "Polygon", "coordinates": [[[72, 46], [72.1, 46], [72.1, 46.1], [72, 46]]]})
    analyst.post(f"/en/map/layers/{layer.pk}/objects/new/", {"p0": "Площадь", "p1": "", "geometry": area, "seen": 1})
    analyst.post(f"/en/map/layers/{layer.pk}/objects/1/delete/", {"seen": 2})
    layer.refresh_from_db()
    assert (layer.version, set(features_at(layer).values_list("key", flat=True))) == (3, {2, 3})
    analyst.post(f"/en/map/layers/{layer.pk}/history/1/")
    layer.refresh_from_db()
    assert layer.version == 4
    assert {one.key: one.properties["name"] for one in features_at(layer)} == {1: "Фонтан", 2: "Скамейка"}
    assert [one.number for one in layer.versions.all()] == [4, 3, 2, 1]
    assert set(features_at(layer, 3).values_list("key", flat=True)) == {2, 3}


@pytest.mark.parametrize("kind", ["geojson", "gpkg", "csv"])
def test_what_is_downloaded_can_be_brought_again(client: Client, layer: Layer, kind: str) -> None:
    answer = client.get(f"/en/map/layers/{layer.pk}/?format={kind}")
    back = read_layer(f"a.{kind}", answer.content)
    assert {one.properties["name"] for one in back} == {"Фонтан", "Скамейка"}


def test_a_style_by_a_column_has_a_legend_and_reaches_the_map(analyst: Client, client: Client, layer: Layer) -> None:
    said = {"colour": "teal", "by": "kind", "size": 2, "label": "name"}
    assert analyst.post(f"/en/map/layers/{layer.pk}/style/", said).status_code == 302
    page = client.get(f"/en/map/?city={CITY}").content.decode()
    assert f'"id":"own-{layer.pk}"' in page
    assert '"by":"kind"' in page
    drawn = client.get(f"/tiles/own/{layer.pk}/1.geojson").json()
    assert {one["properties"]["id"] for one in drawn["features"]} == {1, 2}


def test_a_large_layer_comes_as_tiles(client: Client, layer: Layer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("qala.portal.map.own_queries.AS_GEOJSON", 1)
    assert '"tilejson":"/tiles/own/' in client.get(f"/en/map/?city={CITY}").content.decode()
    told = client.get(f"/tiles/own/{layer.pk}.json").json()
    assert told["tiles"]
    assert told["maxzoom"] == 14


@pytest.mark.parametrize("language", ["kk", "ru", "en"])
def test_the_catalogue_names_owner_date_and_state(client: Client, layer: Layer, language: str) -> None:
    said = client.get(f"/{language}/map/layers/?city={CITY}").content.decode()
    assert f"/map/layers/{layer.pk}/" in said
    for address in (f"{layer.pk}/", f"{layer.pk}/history/", f"{layer.pk}/objects/2/"):
        assert client.get(f"/{language}/map/layers/{address}").status_code == 200
