"""Greenery of a simulated city: areas and their watering, plantings and what became of them, the inventory of trees."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from qala.world import Facts, Truth, World
from qala.world import reckoning as books_of
from qala.world.clock import month_of, year_of
from qala.world.drawing import NO_DAY, at_buildings, during_the_year, ids, places, share

Array = NDArray[Any]

TREES_A_YEAR: dict[str, float] = {"republican": 12_500, "oblast": 2_600, "district": 270}
INVENTORY: dict[str, float] = {"republican": 60_000, "oblast": 14_000, "district": 1_800}
SPECIES = ("Ulmus pumila", "Acer negundo", "Betula pendula", "Populus alba", "Tilia cordata", "Pinus sylvestris")
PLANTING_MONTHS = (4, 5, 9, 10)
WATERING_MONTHS = (5, 6, 7, 8, 9)
KINDS = ("park", "square", "boulevard", "street", "yard", "protective", "other")


def record(world: World) -> Iterator[Facts]:
    """Green areas, plantings, survival checks, waterings and trees."""
    areas = _areas(world)
    yield areas
    plantings = _plantings(world, areas)
    yield plantings
    yield _survival_checks(world, plantings)
    yield _irrigation(world, areas)
    yield _trees(world, areas)


def _areas(world: World) -> Facts:
    """Areas grow in number from year to year; some are given automatic watering in the rated year (two rows)."""
    rng = world.rng("greenery.areas")
    n = max(30, round(world.population / 700))
    quality = world.quality("greenery.areas")
    wanted = share(np.array([quality]), 0.12, 0.315)[0] * world.area_m2
    weight = rng.lognormal(0.0, 0.8, n)
    size = np.maximum(50, np.rint(weight * wanted / weight.sum())).astype(np.int64)
    first = np.datetime64(world.first_day, "D")
    # A twelfth of the areas was laid out while the world was running, more of it where things go well.
    length = (np.datetime64(world.last_day, "D") - first).astype(int)
    laid = np.where(rng.random(n) < 0.02 + 0.08 * quality, first + rng.integers(30, length - 120, n), first)
    watering = world.quality("greenery.irrigation")
    before, after = share(np.array([watering - 0.06, watering + 0.04]), 0.1, 0.73)
    automatic = during_the_year(world, rng, rng.random(n), float(before), float(after))
    fitted = ~np.isnat(automatic)
    later = fitted & (automatic > laid)
    older, newer = np.flatnonzero(~fitted | later), np.flatnonzero(fitted)
    row = np.concatenate([older, newer])
    ends = np.where(later[older], automatic[older] - np.timedelta64(1, "D"), NO_DAY)
    by_hand = np.where(rng.random(n) < 0.6, "manual", "none")
    where = places(world, rng, n)
    return Facts(
        "greenery.areas",
        {
            "area_id": ids("area-", n)[row],
            "kind": rng.choice(KINDS, n)[row],
            "area_m2": size[row],
            "irrigation": np.concatenate([by_hand[older], np.full(newer.size, "automatic")]),
            "valid_from": np.concatenate([laid[older], np.where(later, automatic, laid)[newer]]),
            "valid_to": np.concatenate([ends, np.full(newer.size, NO_DAY)]),
            **{name: values[row] for name, values in where.items()},
        },
    )


def _plantings(world: World, areas: Facts) -> Facts:
    rng = world.rng("greenery.plantings")
    days = world.days_for("greenery.plantings")
    season = days[np.isin(month_of(days), PLANTING_MONTHS)]
    years = np.unique(year_of(season))
    level = 0.4 + 0.85 * world.quality("greenery.plantings")
    trees = max(12, round(world.sized(TREES_A_YEAR) * level))
    each = min(60, max(4, trees // 40))
    on: list[Array] = []
    for year in years:
        ours = season[year_of(season) == year]
        on.append(ours[rng.integers(0, ours.size, max(6, trees // each))])
    planted_on = np.sort(np.concatenate(on))
    n = planted_on.size
    area = rng.integers(0, len(areas), n)
    return Facts(
        "greenery.plantings",
        {
            "planting_id": ids("planting-", n),
            "area_id": np.asarray(areas.columns["area_id"])[area],
            "planted_on": planted_on,
            "trees": np.maximum(1, rng.poisson(each, n)),
            "species": rng.choice(SPECIES, n),
            "district": np.asarray(areas.columns["district"])[area],
        },
    )


def _survival_checks(world: World, plantings: Facts) -> Facts:
    """On 1 October of each rated year: what was planted in the years before, one row a planting."""
    rng = world.rng("greenery.survival_checks")
    planted_on = np.asarray(plantings.columns["planted_on"])
    trees = np.asarray(plantings.columns["trees"])
    row: list[Array] = []
    checked: list[Array] = []
    for year in world.years:
        ours = np.flatnonzero(year_of(planted_on) < year)
        row.append(ours)
        checked.append(np.full(ours.size, np.datetime64(f"{year}-10-01", "D")))
    which, day = np.concatenate(row), np.concatenate(checked)
    since = year_of(day) - year_of(planted_on[which])
    lives = share(np.array([world.quality("greenery.survival")]), 0.45, 0.915)[0]
    return Facts(
        "greenery.survival_checks",
        {
            "planting_id": np.asarray(plantings.columns["planting_id"])[which],
            "planted_on": planted_on[which],
            "checked_for": day,
            "years_since": since,
            "planted": trees[which],
            "alive": rng.binomial(trees[which], lives**since),
            "district": np.asarray(plantings.columns["district"])[which],
        },
    )


def _irrigation(world: World, areas: Facts) -> Facts:
    """In the warm months an area with automatic watering is watered every third day."""
    rng = world.rng("greenery.irrigation")
    days = world.days_for("greenery.irrigation")
    dry = np.isin(month_of(days), WATERING_MONTHS)
    columns = areas.columns
    automatic = np.asarray(columns["irrigation"]) == "automatic"
    turn = np.arange(len(areas))[None, :] % 3 == np.arange(days.size)[:, None] % 3
    ready = (np.asarray(columns["valid_from"])[None, :] <= days[:, None]) & automatic[None, :]
    day, area = np.nonzero(turn & ready & dry[:, None])
    n = day.size
    begun = rng.integers(3 * 3600, 6 * 3600, n)
    return Facts(
        "greenery.irrigation",
        {
            "watering_id": ids("watering-", n),
            "area_id": np.asarray(columns["area_id"])[area],
            "started_at": world.utc(days[day], begun),
            "ended_at": world.utc(days[day], begun + rng.integers(600, 5400, n)),
            "litres": np.asarray(columns["area_m2"])[area] * rng.integers(3, 8, n),
            "automatic": rng.random(n) < 0.97,
            "district": np.asarray(columns["district"])[area],
        },
    )


def _trees(world: World, areas: Facts) -> Facts:
    rng = world.rng("greenery.trees")
    n = world.sized(INVENTORY, 30)
    weak = 0.05 + 0.2 * (1 - world.quality("greenery.trees"))
    draw = rng.random(n)
    return Facts(
        "greenery.trees",
        {
            "tree_id": ids("tree-", n),
            "area_id": np.asarray(areas.columns["area_id"])[rng.integers(0, len(areas), n)],
            "species": rng.choice(SPECIES, n),
            "condition": np.where(draw < weak / 8, "dead", np.where(draw < weak, "weak", "good")),
            "valid_from": np.full(n, np.datetime64(world.first_day, "D")),
            "valid_to": np.full(n, NO_DAY),
            **at_buildings(world, rng.integers(0, len(world.buildings), n)),
        },
    )


def books(world: World, facts: Mapping[str, list[Facts]]) -> dict[str, Truth]:
    """Truth for rows 11.1 to 11.6 of the rated year."""
    return {
        **_of_areas(world, facts),
        "11.2": _planted(world, facts),
        "11.3": _survived(world, facts),
        "11.5": books_of.complaints(world, facts, "greenery"),
        "11.6": books_of.marks(world, facts, "greenery"),
    }


def _of_areas(world: World, facts: Mapping[str, list[Facts]]) -> dict[str, Truth]:
    """11.1: green area / area of the city; 11.4: automatically watered / all green area; on the year's last day."""
    last = np.datetime64(world.last_day, "D")
    green, watering = books_of.valid_on(facts, "greenery.areas", last, "area_m2", "irrigation")
    (whole,) = books_of.valid_on(facts, "city.profile", last, "area_m2")
    watered = np.where(watering == "automatic", green, 0)
    return {
        "11.1": books_of.stock_share(green, whole) if green.size else books_of.MISSING,
        "11.4": books_of.stock_share(watered, green),
    }


def _planted(world: World, facts: Mapping[str, list[Facts]]) -> Truth:
    """11.2: trees planted in the year."""
    on, trees = books_of.columns(facts, "greenery.plantings", "planted_on", "trees")
    ours = on.astype("datetime64[Y]") == np.datetime64(str(world.rated_year))
    if not ours.any():
        return books_of.MISSING
    return Truth(float(trees[ours].sum()))


def _survived(world: World, facts: Mapping[str, list[Facts]]) -> Truth:
    """11.3: of the trees planted in the year before, those alive on 1 October."""
    names = ("planted_on", "checked_for", "planted", "alive")
    on, checked, planted, alive = books_of.columns(facts, "greenery.survival_checks", *names)
    if not on.size:
        return books_of.MISSING
    ours = year_of(on.astype("datetime64[D]")) == world.rated_year - 1
    top, bottom = (np.where(ours, column, 0) for column in (alive, planted))
    yearly = books_of.pooled(checked, top, bottom, world.rated_year, 100)
    return Truth(yearly.year, status=yearly.status)
