"""Making a simulated city from a seed."""

from __future__ import annotations

from datetime import date
from typing import Final

import numpy as np

from qala.standard.problems import Problem
from qala.world.character import CHARACTERS, Character, fraction
from qala.world.names import city_name, district_name, region_name
from qala.world.plan import make_plan, polygon_area
from qala.world.types import Category, District, World

CATEGORIES: Final[tuple[Category, ...]] = ("republican", "oblast", "district")

_LETTER: Final = {"republican": "R", "oblast": "O", "district": "D"}
_POPULATION: Final = {
    "republican": (1_400_000, 1_700_000),
    "oblast": (200_000, 300_000),
    "district": (26_000, 34_000),
}
_AREA_KM2: Final = {"republican": (600, 760), "oblast": (240, 340), "district": (45, 75)}
_DISTRICTS: Final = {"republican": (6, 8), "oblast": (3, 5), "district": (2, 3)}
_REGIONS: Final = 2
_VEHICLES: Final = {"republican": 0.32, "oblast": 0.27, "district": 0.22}


def _within(bounds: tuple[int, int], *key: object) -> int:
    return bounds[0] + int(fraction(*key) * (bounds[1] - bounds[0] + 1))


def _networks(category: Category, number: int) -> frozenset[str]:
    """Large cities have all four; some of the others have no gas, some of the smallest no central heat
    either.
    """
    lacking: set[str] = set()
    if category == "oblast" and number % 6 == 5:
        lacking = {"gas"}
    if category == "district":
        lacking = {"gas", "heat"} if number % 6 == 3 else {"gas"} if number % 12 == 6 else set()
    return frozenset({"power", "water", "heat", "gas"} - lacking)


def character_of(index: int) -> Character:
    """The character of the `index`-th city (from 0): six cities show all six, and no category has always the
    same.
    """
    return CHARACTERS[(index + index // len(CHARACTERS)) % len(CHARACTERS)]


def make_world(
    seed: int,
    index: int,
    category: Category,
    scale: float = 1.0,
    years: tuple[int, ...] = (2026,),
    *,
    character: Character | None = None,
) -> World:
    """A city of a category, the same to the last byte for the same arguments.

    Args:
        seed: any whole number of at least 0.
        index: position of the city in its simulation, from 0; gives the number in its code, its name and its
            character.
        scale: size against what the order implies for the category; population, area and volumes follow it.
        years: the rated years, rising without a gap. The world also covers the year before them.
        character: instead of the one that `index` gives.

    Raises:
        Problem: a scale that is not positive, no years, or years with a gap.
    """
    if not 0 < scale <= 10:
        raise Problem(f"scale {scale} is not usable", where="--scale", hint="give a number above 0, at most 10")
    if not years or list(years) != list(range(years[0], years[0] + len(years))):
        raise Problem("the rated years must follow one another", where="--year", hint="give one year, as 2026")
    code = f"SIM-{_LETTER[category]}{index + 1:02d}"
    population = max(400, round(_within(_POPULATION[category], seed, code, "population") * scale))
    area = max(1_000_000, round(_within(_AREA_KM2[category], seed, code, "area") * 1_000_000 * scale))
    count = _within(_DISTRICTS[category], seed, code, "districts")
    rng = np.random.default_rng([int(fraction(seed, code, "plan") * 2**53), seed])
    plan = make_plan(rng, area, count)
    tiles = plan.tiles()
    areas = _shares(area, [polygon_area(tile) for tile in tiles])
    people = _shares(population, [part * float(rng.uniform(0.7, 1.3)) for part in areas])
    districts = tuple(
        District(f"{code}-{i + 1}", district_name(i), people[i], areas[i], plan.ring(tile))
        for i, tile in enumerate(tiles)
    )
    name = city_name(index, start=31 * seed)
    region, named = (code, name) if category == "republican" else _region(index)
    return World(
        code=code,
        name=name,
        region=region,
        region_name=named,
        category=category,
        seed=seed,
        scale=scale,
        years=tuple(years),
        first_day=date(years[0] - 1, 1, 1),
        last_day=date(years[-1], 12, 31),
        zone="Asia/Almaty",
        population=population,
        area_m2=area,
        vehicles=max(50, round(population * _VEHICLES[category])),
        networks=_networks(category, index + 1),
        districts=districts,
        lat=round(plan.lat, 6),
        lon=round(plan.lon, 6),
        character=character or character_of(index),
        plan=plan,
    )


def _region(index: int) -> tuple[str, dict[str, str]]:
    """Code and name of the invented region that watches the `index`-th city: two of them, neighbours share one."""
    number = index // len(CATEGORIES) % _REGIONS
    return f"SIM-{number + 1}", region_name(number)


def _shares(total: int, weights: list[float]) -> list[int]:
    """Whole numbers in proportion to weights that sum to the total."""
    running = np.rint(np.cumsum(weights) * (total / sum(weights))).astype(np.int64)
    return [int(part) for part in np.diff(running, prepend=0)]
