"""Layers of a small simulated city become tiles, cards and counts; what names persons does not."""

from __future__ import annotations

import gzip
import json
import subprocess
import sysconfig
from datetime import date
from pathlib import Path

import pytest
from small_city import CITY, make

from qala.lake import Lake
from qala.places import counts, objects
from qala.places.disclosure import SMALLEST
from qala.places.layers import layers
from qala.places.overview import overview
from qala.places.tiles import TileFile
from qala.places.tilesets import build, tileset, write_features

MARCH = (date(2026, 3, 1), date(2026, 3, 31))


@pytest.fixture(scope="module")
def lake(tmp_path_factory: pytest.TempPathFactory) -> Lake:
    return make(tmp_path_factory.mktemp("lake"))


def features(lake: Lake, name: str, where: Path, *, cells: bool = False) -> list[dict]:
    file = where / f"{name}.geojsonl"
    write_features(lake, layers()[name], CITY, file, cells=cells)
    return [json.loads(line) for line in file.read_text().splitlines()]


def test_every_row_with_a_place_is_a_feature(lake: Lake, tmp_path: Path) -> None:
    trees = features(lake, "trees", tmp_path)
    assert len(trees) == 300
    assert {one["geometry"]["type"] for one in trees} == {"Point"}
    assert set(trees[0]["properties"]) >= {"id", "f", "condition"}
    assert trees[0]["properties"]["f"] == (date(2025, 1, 1) - date(1970, 1, 1)).days


def test_buildings_and_cells_become_areas(lake: Lake, tmp_path: Path) -> None:
    for name in ("buildings", "population", "green_areas", "districts"):
        assert {one["geometry"]["type"] for one in features(lake, name, tmp_path)} == {"Polygon"}, name


def test_the_public_is_told_cells_of_enough_rows_and_nothing_of_one_appeal(lake: Lake, tmp_path: Path) -> None:
    cells = features(lake, "appeals", tmp_path, cells=True)
    assert cells
    assert all(one["properties"]["n"] >= SMALLEST for one in cells)
    assert all(set(one["properties"]) == {"id", "n", "f", "t"} for one in cells)
    assert all(one["properties"]["id"].startswith("88") for one in cells)


def test_tiles_are_read_as_tippecanoe_wrote_them(lake: Lake, tmp_path: Path) -> None:
    made = build(lake, tmp_path, layers()["stops"], CITY)
    file = TileFile(made.path)
    decoder = Path(sysconfig.get_path("scripts")) / "tippecanoe-decode"
    told = json.loads(subprocess.run([decoder, made.path], capture_output=True, check=True).stdout)
    tiles = {
        (tile["properties"]["zoom"], tile["properties"]["x"], tile["properties"]["y"]) for tile in told["features"]
    }
    assert tiles
    for at in tiles:
        assert file.plain(*at) == gzip.decompress(file.tile(*at) or b"")
    assert file.tile(14, 0, 0) is None
    assert file.tile(3, 9, 0) is None
    assert file.bounds is not None


def test_tiles_are_made_anew_only_when_rows_change(lake: Lake, tmp_path: Path) -> None:
    layer = layers()["stops"]
    before = tileset(lake, tmp_path, layer, CITY)
    assert not before.ready
    assert build(lake, tmp_path, layer, CITY).ready
    assert tileset(lake, tmp_path, layer, CITY).path == before.path
    other = tileset(lake, tmp_path, layer.model_copy(update={"show": ("title",)}), CITY)
    assert not other.ready
    assert other.older == before.path


def test_a_layer_without_rows_has_no_tiles_and_says_so(lake: Lake, tmp_path: Path) -> None:
    made = build(lake, tmp_path, layers()["cameras"], CITY)
    assert made.ready
    assert TileFile(made.path).tile(10, 700, 350) is None
    assert TileFile(made.path).bounds is None


def test_the_overview_is_small_and_holds_every_district(lake: Lake, tmp_path: Path) -> None:
    _, path = overview(lake, tmp_path, CITY)
    told = json.loads(path.read_text())["features"]
    assert len([one for one in told if one["properties"]["kind"] == "district"]) == 6
    assert any(one["properties"]["kind"] == "street" for one in told)
    assert len(gzip.compress(path.read_bytes())) < 60_000


def test_an_object_is_found_by_number_and_by_part_of_its_name(lake: Lake) -> None:
    stop = layers()["stops"]
    assert objects.search(lake, CITY, [stop], "s00001")[0].object == "S00001"
    card = objects.card(lake, stop, CITY, "S00001")
    assert card is not None
    name = card.title["ru"]
    assert "S00001" in {one.object for one in objects.search(lake, CITY, [stop], name[1:].upper())}
    assert objects.search(lake, CITY, [stop], "100%_") == []
    assert objects.card(lake, stop, CITY, "nobody's") is None


def test_a_card_tells_all_states_of_an_object_the_newest_first(lake: Lake) -> None:
    area = layers()["green_areas"]
    versions = [objects.card(lake, area, CITY, f"area-{i}") for i in range(1, 31)]
    assert all(card is not None and card.simulated for card in versions)
    two = [card for card in versions if card and len(card.states) == 2]
    assert two
    assert two[0].states[0].first_day > two[0].states[1].first_day
    assert two[0].states[0].last_day is None


def test_counts_by_district_add_up_and_small_ones_of_persons_are_not_told(lake: Lake) -> None:
    assert sum(count or 0 for count in counts.by_district(lake, layers()["trees"], CITY, *MARCH).values()) == 300
    one_day = counts.by_district(lake, layers()["appeals"], CITY, MARCH[0], MARCH[0])
    assert one_day
    assert all(count is None or count >= SMALLEST for count in one_day.values())
    cells = counts.by_cell(lake, layers()["appeals"], CITY, *MARCH, resolution=10)
    assert cells
    assert all(cell.startswith("88") and (count or 0) >= SMALLEST for cell, count in cells.items())
    assert all(cell.startswith("89") for cell in counts.by_cell(lake, layers()["trees"], CITY, *MARCH, resolution=9))
