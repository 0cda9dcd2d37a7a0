"""How systems draw believable rows: times of events, ids, and what quality does to a share or a length of time."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from qala.world.types import Category, World

Array = NDArray[Any]

NO_TIME = np.datetime64("NaT", "us")
NO_DAY = np.datetime64("NaT", "D")
_HOURS = np.array([2, 1, 1, 1, 1, 2, 4, 7, 9, 9, 9, 8, 8, 8, 8, 8, 9, 9, 9, 8, 7, 6, 5, 3], dtype=np.float64)


def share(quality: Array, poorest: float, at_norm: float) -> Array:
    """A good thing's share by quality: `poorest` at 0, `at_norm` at 0.75 and straight on, never above 0.985."""
    return np.asarray(np.clip(poorest + (at_norm - poorest) * quality / 0.75, 0.0, 0.985))


def excess(quality: Array) -> Array:
    """What a bad thing's bearable amount is multiplied by: 0.88 at quality 0.75, doubled a third below."""
    return np.asarray(0.88 * 2.0 ** ((0.75 - quality) * 3.0))


def at_least(world: World, per_month: dict[Category, float], rows: float) -> float:
    """Rows a month at scale 1, raised so that even the smallest world has `rows` of them in every month."""
    return max(per_month[world.category], rows / world.scale)


def moments(
    world: World, dataset: str, rng: np.random.Generator, per_month: float, *, flat: bool = False
) -> tuple[Array, Array]:
    """UTC times of a dataset's events and the position of each one's day in `world.days_for(dataset)`."""
    days = world.days_for(dataset)
    which = np.repeat(np.arange(days.size), world.volume(per_month, days=days, name=dataset, flat=flat))
    weights = np.ones(24) if flat else _HOURS
    seconds = rng.choice(24, which.size, p=weights / weights.sum()) * 3600 + rng.integers(0, 3600, which.size)
    after = rng.integers(0, 1000, which.size) * np.timedelta64(1, "ms")
    return np.asarray(world.utc(days[which], seconds) + after), which


def minutes(amount: Array) -> Array:
    """Minutes as a length of time, whole milliseconds."""
    return np.asarray(np.rint(amount * 60_000).astype(np.int64).astype("timedelta64[ms]").astype("timedelta64[us]"))


def before_the_end(world: World, times: Array) -> Array:
    """The times, empty where the world has ended before them."""
    last: Array = np.array([world.last_day], dtype="datetime64[D]")
    after = world.utc(np.asarray(last + np.timedelta64(1, "D")), 0)[0]
    return np.asarray(np.where(times < after, times, NO_TIME))


def ids(prefix: str, count: int) -> Array:
    """`prefix1`, `prefix2`, …"""
    return np.asarray(np.char.add(prefix, np.arange(1, count + 1).astype(str)))


def or_none(texts: Array, keep: Array) -> Array:
    """The texts, None where they are not kept."""
    out = texts.astype(object)
    out[~keep] = None
    return out


def places(world: World, rng: np.random.Generator, count: int) -> dict[str, Array]:
    """Columns `district`, `lat`, `lon` of that many places where people live."""
    return at_buildings(world, world.pick_building(rng, count))


def at_buildings(world: World, chosen: Array) -> dict[str, Array]:
    """Columns `district`, `lat`, `lon` of positions in `world.buildings`."""
    own = world.buildings
    return {
        "district": own.district[chosen],
        "lat": np.round(own.lat[chosen], 6),
        "lon": np.round(own.lon[chosen], 6),
    }


def during_the_year(world: World, rng: np.random.Generator, rank: Array, start: float, end: float) -> Array:
    """The day on which each thing gets a property that a share `start` has before the rated year and `end` after it.

    Args:
        rank: a number in [0, 1) for each thing; the lowest come first.

    Returns:
        Days: the world's first for those that have it already, empty for those that never get it.
    """
    opening = np.datetime64(f"{world.rated_year}-01-01")
    length = (np.datetime64(world.last_day, "D") - opening).astype(int)
    some_day = opening + rng.integers(20, max(21, length - 100), rank.size)
    later = np.where(rank < end, some_day, NO_DAY)
    return np.asarray(np.where(rank < start, np.datetime64(world.first_day, "D"), later))
