"""The registry of cities, the classifier, outlines."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path

import pytest
from pydantic import ValidationError
from trial_lake import CITY, trial_lake

from qala.lake import CategoryPeriod, City, Lake, Region, regions, shipped
from qala.lake.kato import read_classifier
from qala.lake.outlines import country, read_country, read_districts
from qala.standard.problems import Problem

KATO = Path(__file__).resolve().parents[3] / "shared/data/kz_kato/kato_nk_rk_11-2025.csv"


def test_what_ships_is_20_regions_three_cities_of_the_republic_and_39_of_oblasts() -> None:
    of_regions, cities = shipped()
    assert len(of_regions) == len({region.iso for region in of_regions}) == 20
    on = date(2026, 12, 31)
    assert [sum(city.category_on(on) == kind for city in cities) for kind in ("republican", "oblast")] == [3, 39]
    assert {city.region for city in cities} == {region.code for region in regions()}
    for city in cities:
        assert set(city.names) == {"kk", "ru", "en"} and city.lat is not None and 40 < city.lat < 56
        assert city.lon is not None and 46 < city.lon < 88
    assert {len(city.districts) for city in cities if city.category_on(on) == "republican"} == {5, 6, 8}


def test_a_category_has_a_history_with_reasons_and_acts(lake: Lake) -> None:
    lake.cities.set_category(CITY, "oblast", date(2025, 1, 1), "by size")
    lake.cities.set_category(CITY, "republican", date(2027, 1, 1), "new status", "Decree 1")
    assert lake.cities.category_on(CITY, date(2026, 12, 31)) == "oblast"
    assert lake.cities.category_on(CITY, date(2027, 1, 1)) == "republican"
    again = trial_lake(lake.folder).cities  # registers the same city as it was first, without categories
    assert again.get(CITY).categories == ()
    with pytest.raises(Problem, match="has no category on 2024-12-31"):
        lake.cities.category_on(CITY, date(2024, 12, 31))


def test_the_registry_only_grows_and_says_what_is_not_in_it(lake: Lake) -> None:
    file = lake.folder / "cities" / "cities.jsonl"
    before = file.read_text()
    lake.cities.add(lake.cities.get(CITY))
    assert file.read_text() == before  # nothing new, nothing written
    lake.cities.add(lake.cities.get(CITY).model_copy(update={"lat": 43.25}))
    assert file.read_text().startswith(before) and lake.cities.get(CITY).lat == 43.25
    assert CITY in lake.cities and "x" not in lake.cities
    with pytest.raises(Problem, match="'x' is not in the registry"):
        lake.cities.get("x")


def test_a_region_is_added_beside_those_that_ship_and_a_later_line_renames_it(lake: Lake) -> None:
    registry = lake.cities
    assert len(registry.regions()) == 20
    names = {"kk": "Сынақ облысы", "ru": "Пробная область", "en": "Trial Region"}
    registry.add_region(Region(code="trial", names=names))
    file = lake.folder / "cities" / "regions.jsonl"
    once = file.read_text()
    registry.add_region(Region(code="trial", names=names))
    assert file.read_text() == once
    registry.add_region(Region(code="trial", names=names, simulated=True))
    assert registry.regions()["trial"].simulated and len(registry.regions()) == 21
    registry.add(registry.get(CITY).model_copy(update={"region": CITY}))
    assert registry.regions()[CITY].names == registry.get(CITY).names  # a city that is its own region has its own name
    registry.add(registry.get(CITY).model_copy(update={"region": "elsewhere"}))
    assert registry.regions()["elsewhere"].names["en"] == "elsewhere"


def test_outlines_of_the_country_are_kept_coarse_and_keep_their_common_border(tmp_path: Path) -> None:
    bend = [[70 + 0.01 * (step % 2), 48 + step / 50] for step in range(51)]
    west = [[68, 48], *bend, [68, 49], [68, 48]]
    east = [[72, 48], [72, 49], *bend[::-1], [72, 48]]
    features = [
        {"type": "Feature", "properties": {"name": "x"}, "geometry": {"type": "Polygon", "coordinates": [ring]}}
        for ring in (west, east)
    ]
    file = tmp_path / "regions.geojson"
    file.write_text(json.dumps({"type": "FeatureCollection", "features": features}))
    assert country(tmp_path) is None
    assert read_country(file, tmp_path) == 2
    found = country(tmp_path)
    assert found is not None
    rings = [one["geometry"]["coordinates"][0] for one in found["features"]]
    assert all(len(ring) < 10 for ring in rings)
    assert {tuple(p) for p in rings[0] if p[0] > 69} == {tuple(p) for p in rings[1] if p[0] < 71}
    features[0]["geometry"] = {"type": "Point", "coordinates": [70, 48]}
    file.write_text(json.dumps({"type": "FeatureCollection", "features": features}))
    with pytest.raises(Problem, match="not Point") as said:
        read_country(file, tmp_path)
    assert "features[0]" in str(said.value.where)


@pytest.mark.parametrize(
    "wrong",
    [{"zone": "Mars/Base"}, {"code": "a/b"}, {"code": "../x"}, {"lat": 91}],
    ids=["zone", "slash", "dots", "latitude"],
)
def test_impossible_cities(wrong: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        City.model_validate({"code": "x", "names": {"en": "X"}, "zone": "Asia/Almaty", **wrong})


def test_two_categories_at_once_are_refused() -> None:
    first = CategoryPeriod(since=date(2025, 1, 1), category="oblast", reason="r")
    with pytest.raises(ValidationError, match="two categories"):
        City(
            code="x",
            names={},
            zone="Asia/Almaty",
            categories=(first, first.model_copy(update={"since": date(2026, 1, 1)})),
        )


@pytest.mark.skipif(not KATO.exists(), reason=f"{KATO} is not there: the classifier is not shipped")
def test_the_whole_classifier_gives_168_district_centres_and_says_which_districts_have_none() -> None:
    found = read_classifier(KATO, date(2026, 1, 1))
    kinds = [city.settlement for city in found.cities if city.category_on(date(2026, 6, 1)) == "district"]
    assert (len(kinds), kinds.count("city"), kinds.count("settlement"), kinds.count("village")) == (168, 41, 17, 110)
    assert len(found.notes) == 2 and len({city.code for city in found.cities}) == len(found.cities) == 210
    by_code = {city.code: city for city in found.cities}
    assert by_code["103620100"].names == {"ru": "Аягоз", "kk": "Аягөз", "en": "Ayagoz"}
    shipped_as = {city.code: city for city in shipped()[1]}
    assert all(by_code[code] == city for code, city in shipped_as.items())


def test_the_shipped_facts_are_the_classifiers() -> None:
    if not KATO.exists():
        pytest.skip(f"{KATO} is not there: the classifier is not shipped")
    rows = {line.split(",")[0]: line for line in KATO.read_text("utf-8").splitlines()}
    for city in shipped()[1]:
        assert city.names["ru"] in rows[city.code] and city.names["kk"] in rows[city.code]
        assert all(part.names["ru"] in rows[part.code] for part in city.districts)


def test_a_classifier_that_is_none(tmp_path: Path) -> None:
    (tmp_path / "x.csv").write_text("code,name\n1,2\n")
    with pytest.raises(Problem, match="lacks the columns kato"):
        read_classifier(tmp_path / "x.csv", date(2026, 1, 1))


def test_districts_come_from_the_citys_own_geojson(tmp_path: Path) -> None:
    feature = {"type": "Feature", "properties": {"kato": "751110000", "name": "Алмалы"}, "geometry": None}
    source = tmp_path / "d.geojson"
    source.write_text(json.dumps({"type": "FeatureCollection", "features": [feature]}))
    [district], outline = read_districts(source, tmp_path / "cities", "750000000")
    assert (district.code, district.names["ru"], outline) == ("751110000", "Алмалы", "750000000.geojson")
    assert json.loads((tmp_path / "cities" / outline).read_text())["features"][0] == feature
    source.write_text(json.dumps({"features": [{"properties": {"name": "x"}}]}))
    with pytest.raises(Problem, match="needs a code and a name") as caught:
        read_districts(source, tmp_path / "cities", "750000000")
    assert "features[0].properties" in str(caught.value)
