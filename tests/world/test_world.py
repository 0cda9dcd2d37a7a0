"""A simulated city is whole, plausible, and the same to the last byte for the same seed."""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
from dataclasses import fields
from datetime import date

import numpy as np
import pytest

from qala.standard.problems import Problem
from qala.world import World, make_world
from qala.world.character import CHARACTERS, SYSTEMS
from qala.world.making import CATEGORIES, character_of
from qala.world.names import city_name
from qala.world.types import Category

WORLDS = [make_world(7, index, category, 0.05) for index, category in enumerate(CATEGORIES)]


def digest(world: World) -> str:
    """A hash of everything that a world holds."""
    found = hashlib.sha256()
    for registry in (world.streets, world.stops, world.routes, world.buildings, world.containers, world.parks):
        for field in fields(registry):
            value = getattr(registry, field.name)
            for part in value if isinstance(value, tuple) else [value]:
                found.update(np.ascontiguousarray(part).tobytes())
    found.update(world.temperatures.tobytes())
    found.update(repr([(d.code, d.population, d.ring) for d in world.districts]).encode())
    found.update(repr([world.quality(f"{s}.x") for s in SYSTEMS]).encode())
    found.update(world.volume(5000, name="a").tobytes() + world.pick_building(world.rng("b"), 50).tobytes())
    return found.hexdigest()


def test_the_same_seed_gives_the_same_bytes_in_another_process() -> None:
    script = (
        "import sys; sys.path.insert(0, 'tests/world');"
        "from test_world import WORLDS, digest; print(*map(digest, WORLDS))"
    )
    own = " ".join(map(digest, WORLDS))
    for hash_seed in ("0", "1"):
        environment = {**os.environ, "PYTHONHASHSEED": hash_seed}
        other = subprocess.run(
            [sys.executable, "-c", script], capture_output=True, text=True, env=environment, check=True
        )
        assert other.stdout.split() == own.split()


def test_another_seed_gives_another_city() -> None:
    assert digest(WORLDS[0]) != digest(make_world(8, 0, "republican", 0.05))


@pytest.mark.parametrize("world", WORLDS, ids=lambda world: world.code)
def test_districts_tile_the_city(world: World) -> None:
    shapely = pytest.importorskip("shapely")
    shapes = [shapely.Polygon(district.ring) for district in world.districts]
    whole = shapely.Polygon(world.plan.ring(world.plan.outline))
    assert all(shape.is_valid for shape in shapes)
    # Rounding to a centimetre leaves slivers of no width.
    assert shapely.union_all(shapes).symmetric_difference(whole).area < whole.area * 1e-5
    for i, one in enumerate(shapes):
        for other in shapes[i + 1 :]:
            assert one.intersection(other).area < whole.area * 1e-6
    assert sum(district.area_m2 for district in world.districts) == world.area_m2
    assert sum(district.population for district in world.districts) == world.population


@pytest.mark.parametrize("world", WORLDS, ids=lambda world: world.code)
def test_what_stands_in_a_district_lies_in_its_shape(world: World) -> None:
    shapely = pytest.importorskip("shapely")
    shapes = {district.code: shapely.Polygon(district.ring).buffer(2e-3) for district in world.districts}
    for registry in (world.stops, world.containers, world.buildings):
        for code, shape in shapes.items():
            here = registry.district == code
            assert shapely.contains_xy(shape, registry.lon[here], registry.lat[here]).all()
    assert world.buildings.residents.sum() == world.population


def test_the_size_follows_the_category_and_the_scale() -> None:
    whole = make_world(7, 0, "republican", 1.0)
    assert 1_400_000 <= whole.population <= 1_700_000
    assert abs(make_world(7, 0, "republican", 0.1).population / whole.population - 0.1) < 0.001
    assert 200_000 <= make_world(7, 0, "oblast", 1.0).population <= 300_000
    assert 26_000 <= make_world(7, 0, "district", 1.0).population <= 34_000


@pytest.mark.parametrize("category", CATEGORIES)
@pytest.mark.parametrize("scale", [1.0, 0.01])
def test_no_month_falls_below_the_volume_asked_for(category: Category, scale: float) -> None:
    world = make_world(3, 4, category, scale)
    asked = {"republican": 100_000.0, "oblast": 30_000.0, "district": 5_000.0}
    days = world.day_array(2026)
    months = days.astype("datetime64[M]").astype(int) - (2026 - 1970) * 12
    for flat in (False, True):
        monthly = np.bincount(months, weights=world.volume(asked, days=days, flat=flat))
        assert monthly.min() >= asked[category] * scale
        assert monthly.max() < asked[category] * scale * 1.5 + 5
    counts = world.volume(asked, days=days)
    assert scale < 1 or counts[days == np.datetime64("2026-03-23")] < counts[days == np.datetime64("2026-03-16")]


def test_six_cities_show_all_characters_and_differ_in_quality() -> None:
    assert {character_of(index) for index in range(6)} == set(CHARACTERS)
    assert character_of(0) != character_of(6)
    good, _, poor, unconnected, withholding, _ = (
        make_world(7, index, CATEGORIES[index % 3], 0.01) for index in range(6)
    )
    assert min(good.quality(system) for system in SYSTEMS) > 0.75
    assert max(poor.quality(system) for system in SYSTEMS) <= 0.5
    assert len({good.quality(system) for system in SYSTEMS}) == len(SYSTEMS)
    assert unconnected.missing_system in SYSTEMS and good.missing_system is None
    assert withholding.bad_months("contact_centre") and not good.bad_months("contact_centre")


def test_quality_improves_through_the_year_and_drops_in_bad_months() -> None:
    world = make_world(7, 4, "oblast", 0.01, character="withholding")
    days = world.day_array(2026)
    quality = world.quality_by_day("contact_centre", days)
    months = days.astype("datetime64[M]").astype(int) % 12 + 1
    bad = np.isin(months, list(world.bad_months("contact_centre")))
    assert quality[bad].max() < quality[~bad].min()
    assert (np.diff(quality[~bad]) >= 0).all()


def test_winters_are_cold_and_summers_warm() -> None:
    for world in WORLDS:
        months = world.day_array().astype("datetime64[M]").astype(int) % 12 + 1
        assert world.temperatures[months == 1].mean() < -5
        assert world.temperatures[months == 7].mean() > 15


def test_holidays_are_those_of_kazakhstan_with_their_moved_days() -> None:
    world = WORLDS[0]
    assert date(2026, 12, 16) in world.holidays
    assert date(2026, 3, 24) in world.holidays  # moved from Saturday, 21 March
    assert not world.is_working_day(date(2026, 3, 24)) and world.is_working_day(date(2026, 3, 26))
    days = world.day_array(2026)
    assert list(world.working_days(days)) == [world.is_working_day(day) for day in world.days(2026)]


def test_local_time_knows_the_change_of_the_zone() -> None:
    world = make_world(7, 0, "republican", 0.01, (2025,))
    days = np.array(["2024-02-29", "2024-03-01", "2025-06-01"], dtype="datetime64[D]")
    times = world.utc(days, [0, 0, 1.5])
    assert [str(time) for time in times.astype("datetime64[ms]")] == [
        "2024-02-28T18:00:00.000", "2024-02-29T19:00:00.000", "2025-05-31T19:00:01.500",
    ]  # fmt: skip
    assert (world.local_day(times) == days).all()
    assert list(world.local_hour(times)) == [0, 0, 0]
    assert np.isnat(world.local_day(np.array(["NaT"], dtype="datetime64[us]")))[0]


def test_names_are_distinct_within_a_simulation() -> None:
    names = [city_name(index, start=217) for index in range(216)]
    for language in ("ru", "kk", "en"):
        assert len({name[language] for name in names}) == len(names)


def test_a_city_of_the_republic_is_its_own_region_and_the_others_share_invented_ones() -> None:
    cities = [make_world(7, index, category, 0.001) for index, category in enumerate(CATEGORIES * 4)]
    assert all(one.region == one.code for one in cities if one.category == "republican")
    watched = {one.region: one.region_name for one in cities if one.category != "republican"}
    assert set(watched) == {"SIM-1", "SIM-2"}
    assert len({name["kk"] for name in watched.values()}) == 2
    assert all("облысы" in name["kk"] and "Region" in name["en"] for name in watched.values())


def test_a_scale_that_is_not_positive_is_refused() -> None:
    with pytest.raises(Problem, match="scale"):
        make_world(7, 0, "oblast", 0.0)
