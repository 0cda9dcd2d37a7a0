"""Solid waste of a simulated city: container sites and their sensors, emptyings, weighed loads."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from qala.world import Facts, Truth, World
from qala.world import reckoning as books_of
from qala.world.drawing import (
    NO_DAY,
    NO_TIME,
    at_least,
    during_the_year,
    excess,
    ids,
    minutes,
    moments,
    share,
)
from qala.world.types import Category

Array = NDArray[Any]

LOADS: dict[Category, float] = {"republican": 12_500, "oblast": 2_400, "district": 320}
SEPARATE: dict[Category, float] = {"republican": 0.425, "oblast": 0.275, "district": 0.12}
RECYCLED_OF_SEPARATE = 0.76
HOURS_FULL: dict[Category, float] = {"republican": 5.7, "oblast": 11.4, "district": 22.5}
FULL_PERCENT = 80  # open term: from this filling on a container counts as full
ALIVE_PERCENT = 90  # open term: a device is alive that worked for this part of the quarter's minutes


def record(world: World) -> Iterator[Facts]:
    """Sites, device days, emptyings and weighings."""
    fitted = _fitted(world)
    yield _sites(world, fitted)
    yield _device_days(world, fitted)
    yield _emptyings(world)
    yield _weighings(world)


def _fitted(world: World) -> Array:
    """The day on which each site was given its sensors; empty where it has none."""
    rng = world.rng("waste.sensors")
    quality = world.quality("waste.sensors")
    before, after = share(np.array([quality - 0.1, quality + 0.03]), 0.1, 0.78)
    return during_the_year(world, rng, rng.random(len(world.containers)), float(before), float(after))


def _sites(world: World, fitted: Array) -> Facts:
    own = world.containers
    first = np.datetime64(world.first_day, "D")
    watched = ~np.isnat(fitted)
    later = watched & (fitted > first)
    older, newer = np.flatnonzero(~watched | later), np.flatnonzero(watched)
    row = np.concatenate([older, newer])
    ends = np.where(later[older], fitted[older] - np.timedelta64(1, "D"), NO_DAY)
    return Facts(
        "waste.sites",
        {
            "site_id": own.id[row],
            "containers": own.size[row],
            "monitored": np.repeat([False, True], [older.size, newer.size]),
            "valid_from": np.concatenate([np.full(older.size, first), fitted[newer]]),
            "valid_to": np.concatenate([ends, np.full(newer.size, NO_DAY)]),
            "district": own.district[row],
            "lat": np.round(own.lat[row], 6),
            "lon": np.round(own.lon[row], 6),
        },
    )


def _device_days(world: World, fitted: Array) -> Facts:
    """Most devices are on line nearly always, a few are not, and in bad months fewer are."""
    dataset = "waste.site_device_days"
    rng = world.rng(dataset)
    days = world.days_for(dataset)
    n = len(world.containers)
    sound = np.where(rng.random(n) < 0.94, rng.uniform(0.95, 1.0, n), rng.uniform(0.5, 0.89, n))
    day, site = np.nonzero(fitted[None, :] <= days[:, None])
    works = np.minimum(1.0, 0.8 + 0.6 * world.quality_by_day("waste.sensors", days))[day]
    worked = np.rint(1440 * sound[site] * works - rng.integers(0, 20, day.size))
    return Facts(
        dataset,
        {
            "site_id": world.containers.id[site],
            "day": days[day],
            "minutes_alive": np.clip(worked, 0, 1440).astype(np.int64),
        },
    )


def _emptyings(world: World) -> Facts:
    """Each site is emptied every other day, full or not."""
    dataset = "waste.emptyings"
    rng = world.rng(dataset)
    days = world.days_for(dataset)
    own = world.containers
    due = (np.arange(len(own))[None, :] + np.arange(days.size)[:, None]) % 2 == 0
    day, site = np.nonzero(due)
    n = day.size
    quality = world.quality_by_day(dataset, days)[day]
    percent = np.clip(np.rint(rng.normal(86, 16, n) + 10 * (0.75 - quality)), 5, 160).astype(np.int64)
    full = percent >= FULL_PERCENT
    over = percent >= 100
    emptied = world.utc(days[day], rng.integers(5 * 3600, 20 * 3600, n))
    waited = minutes(rng.gamma(2.2, HOURS_FULL[world.category] * 60 * excess(quality) / 2.2))
    since_full = emptied - waited
    return Facts(
        dataset,
        {
            "emptying_id": ids("emptying-", n),
            "site_id": own.id[site],
            "container_id": np.char.add(np.char.add(own.id[site], "-"), (rng.integers(0, 5, n) + 1).astype(str)),
            "full_at": np.where(full, since_full, NO_TIME),
            "overflowed_at": np.where(over, emptied - waited // 2, NO_TIME),
            "emptied_at": emptied,
            "fill": np.round(percent / 100, 2),
            "district": own.district[site],
        },
    )


def _weighings(world: World) -> Facts:
    dataset = "waste.weighings"
    rng = world.rng(dataset)
    weighed, day = moments(world, dataset, rng, at_least(world, LOADS, 40))
    n = weighed.size
    quality = world.quality_by_day(dataset, world.days_for(dataset))[day]
    separate = rng.random(n) < SEPARATE[world.category] * (0.3 + 0.98 * quality)
    mass = rng.integers(1_200, 6_800, n)
    draw = rng.random(n)
    sorted_out = np.where(draw < RECYCLED_OF_SEPARATE, "recycled", np.where(draw < 0.9, "reused", "stored"))
    mixed = np.where(draw < 0.02, "recycled", np.where(draw < 0.06, "reused", "landfill"))
    return Facts(
        dataset,
        {
            "weighing_id": ids("weighing-", n),
            "weighed_at": weighed,
            "mass_kg": mass,
            "volume_mass_kg": np.rint(mass * rng.uniform(0.85, 1.2, n)).astype(np.int64),
            "stream": np.where(separate, "separate", "mixed"),
            "destination": np.where(separate, sorted_out, mixed),
            "district": world.pick_district(rng, n),
        },
    )


def books(world: World, facts: Mapping[str, list[Facts]]) -> dict[str, Truth]:
    """Truth for rows 12.1 to 12.6 of the rated year."""
    names = ("weighed_at", "mass_kg", "stream", "destination")
    weighed, mass, stream, destination = books_of.columns(facts, "waste.weighings", *names)
    on = world.local_day(weighed)
    separate = np.where(stream == "separate", mass, 0) if mass.size else mass
    recycled = np.where(destination == "recycled", mass, 0) if mass.size else mass
    return {
        "12.1": books_of.pooled(on, separate, mass, world.rated_year, 100),
        "12.2": books_of.pooled(on, recycled, mass, world.rated_year, 100),
        "12.3": books_of.complaints(world, facts, "waste"),
        "12.4": _monitored(world, facts),
        "12.5": _emptied(world, facts),
        "12.6": books_of.marks(world, facts, "waste"),
    }


def _monitored(world: World, facts: Mapping[str, list[Facts]]) -> Truth:
    """12.4 in the year's last quarter: monitored sites whose devices were alive, of all sites on its last day."""
    last = np.datetime64(world.last_day, "D")
    first = np.datetime64(f"{world.rated_year}-10-01")
    site, monitored = books_of.valid_on(facts, "waste.sites", last, "site_id", "monitored")
    device, day, alive = books_of.columns(facts, "waste.site_device_days", "site_id", "day", "minutes_alive")
    if not site.size or not device.size:
        return books_of.MISSING
    ours = (day >= first) & (day <= last)
    known, which = np.unique(device[ours], return_inverse=True)
    worked = np.bincount(which, weights=alive[ours], minlength=known.size)
    wanted = ((last - first).astype(int) + 1) * 1440 * ALIVE_PERCENT
    sound = known[worked * 100 >= wanted]
    counted = monitored.astype(bool) & np.isin(site, sound)
    return books_of.stock_share(counted.astype(np.int64), np.ones(site.size, dtype=np.int64))


def _emptied(world: World, facts: Mapping[str, list[Facts]]) -> Truth:
    """12.5: ∑ from full to emptied / emptyings of full containers, hours."""
    full, emptied, fill = books_of.columns(facts, "waste.emptyings", "full_at", "emptied_at", "fill")
    if not full.size:
        return books_of.MISSING
    was_full = np.rint(fill.astype(np.float64) * 100) >= FULL_PERCENT
    spent, counted = books_of.microseconds(emptied, full, was_full)
    return books_of.pooled(world.local_day(emptied), spent, counted, world.rated_year, books_of.HOUR)
