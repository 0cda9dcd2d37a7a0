"""Supply of electricity, water, heat and gas in a simulated city: the four systems differ in words and sizes only.

Initiatives 13 to 16 ask the same five KPIs of four networks. Systems may not import one another, so what is alike in
their simulation stands here, and each `simulate.py` describes its own supply.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from qala.world import reckoning as books_of
from qala.world.clock import weekday_of
from qala.world.drawing import (
    NO_DAY,
    NO_TIME,
    at_buildings,
    at_least,
    before_the_end,
    during_the_year,
    excess,
    ids,
    minutes,
    moments,
    or_none,
    places,
    share,
)
from qala.world.reckoning import FactsById
from qala.world.types import Category, Facts, Truth, World

Array = NDArray[Any]

_KINDS = {"flats": "apartments", "house": "house", "shop": "business", "office": "business"}
_OUTAGES: dict[Category, float] = {"republican": 140, "oblast": 48, "district": 10}
_OUTAGE_MINUTES: dict[Category, float] = {"republican": 27, "oblast": 54, "district": 108}
_DAYS_OF_BILLING = 6  # private houses are read in the last days of a month


@dataclass(frozen=True)
class Supply:
    """One network.

    Attributes:
        system: power, water, heat or gas; also the network's name in `World.networks` and the topic of appeals.
        initiative: its number in the order.
        obis: OBIS code of the register that is read.
        connected: sort of building -> share of its buildings that the network reaches; a sort left out has none.
        per_flat: use of a flat in a month, in the unit of `volume`.
        winter: how many times the summer's use that of the coldest days is.
        first_sign: how an outage makes itself known to the meters.
    """

    system: Literal["power", "water", "heat", "gas"]
    initiative: int
    obis: str
    connected: dict[str, float]
    per_flat: float
    winter: float
    first_sign: Literal["last_gasp", "pressure_loss"]


@dataclass(frozen=True)
class _Connected:
    """Buildings on a network: positions in `world.buildings`, days of the smart meter and of its last report."""

    position: Array
    smart_from: Array
    silent_from: Array
    measured: Array
    flats: Array
    smart_flats: Array


def record_supply(world: World, supply: Supply) -> Iterator[Facts]:
    """Buildings, readings, outages and billed consumption of one network; nothing where the city lacks it."""
    if supply.system not in world.networks:
        return
    connected = _connected(world, supply)
    yield _buildings(world, supply, connected)
    yield _readings(world, supply, connected)
    yield _outages(world, supply)
    yield from _consumption(world, supply, connected)


def books_of_supply(world: World, facts: FactsById, supply: Supply) -> dict[str, Truth]:
    """The five KPIs of one network for the rated year, by row."""
    rows = [f"{supply.initiative}.{i}" for i in range(1, 6)]
    if supply.system not in world.networks:
        return {row: Truth(None, status="not_applicable") for row in rows}
    found = (
        _smart_share(world, facts, supply.system),
        _restoration(world, facts, supply.system),
        _automatic_volume(world, facts, supply.system),
        books_of.complaints(world, facts, supply.system),
        books_of.marks(world, facts, supply.system),
    )
    return dict(zip(rows, found, strict=True))


# —— what is recorded ——


def _meter(position: Array) -> Array:
    return np.asarray(np.char.add("M", (position + 1).astype(str)))


def _connected(world: World, supply: Supply) -> _Connected:
    rng = world.rng(f"{supply.system}.buildings")
    own = world.buildings
    reached = np.zeros(len(own))
    for sort in np.unique(own.kind):
        reached[own.kind == sort] = supply.connected.get(str(sort), supply.connected.get("other", 0.0))
    position = np.flatnonzero(rng.random(len(own)) < reached)
    n = position.size
    quality = world.quality(f"{supply.system}.meters")
    before, after = share(np.array([quality - 0.08, quality + 0.06]), 0.12, 0.95)
    smart_from = during_the_year(world, rng, rng.random(n), float(before), float(after))
    # A few smart meters fall silent for good and stop counting.
    fails = rng.random(n) < 0.03 * (1.2 - quality)
    opening = np.datetime64(f"{world.rated_year}-01-01")
    silent = np.where(fails, opening + rng.integers(30, 360, n), NO_DAY)
    flats = np.maximum(own.flats[position], 1)
    with_meter = np.where(np.isnat(smart_from), 0.1 + 0.2 * quality, 0.9 + 0.09 * quality)
    return _Connected(
        position, smart_from, silent, rng.random(n) < 0.8, flats, np.rint(flats * with_meter).astype(np.int64)
    )


def _buildings(world: World, supply: Supply, own: _Connected) -> Facts:
    """Two rows for a building that was given its smart meter while the world was running."""
    first = np.datetime64(world.first_day, "D")
    fitted = ~np.isnat(own.smart_from)
    later = fitted & (own.smart_from > first)
    older = np.flatnonzero(~fitted | later)
    newer = np.flatnonzero(fitted)
    row = np.concatenate([older, newer])
    smart = np.repeat([False, True], [older.size, newer.size])
    measured = smart | own.measured[row]
    ends = np.where(later[older], own.smart_from[older] - np.timedelta64(1, "D"), NO_DAY)
    place = own.position[row]
    sort = world.buildings.kind[place]
    kind = np.array([_KINDS.get(str(s), "public") for s in np.unique(sort)])[np.unique(sort, return_inverse=True)[1]]
    return Facts(
        f"{supply.system}.buildings",
        {
            "building_id": world.buildings.id[place],
            "kind": kind,
            "house_meter": np.where(smart, "smart", np.where(measured, "ordinary", "none")),
            "meter_id": or_none(_meter(place), measured),
            "flats": own.flats[row],
            "smart_flats": np.where(smart, own.smart_flats[row], own.smart_flats[row] // 8),
            "valid_from": np.concatenate([np.full(older.size, first), own.smart_from[newer]]),
            "valid_to": np.concatenate([ends, np.full(newer.size, NO_DAY)]),
            **at_buildings(world, place),
        },
    )


def _load(world: World, supply: Supply, days: Array) -> Array:
    """Use on each day against an average day: more the colder it is."""
    offset = (days - np.datetime64(world.first_day, "D")).astype(int)
    cold = np.clip((15 - world.temperatures[offset]) / 35, 0, 1)
    shape = 1 + (supply.winter - 1) * cold
    return np.asarray(shape / shape.mean())


def _readings(world: World, supply: Supply, own: _Connected) -> Facts:
    """A smart meter of a large building reports once a week, a private house's in the last days of the month.

    Ordinary meters of large buildings are read by a person once a month.
    """
    dataset = f"{supply.system}.readings"
    rng = world.rng(dataset)
    days = world.days_for(dataset)
    n = own.position.size
    house = world.buildings.kind[own.position] == "house"
    turn = np.arange(n)
    ends = (days.astype("datetime64[M]") + np.timedelta64(1, "M")).astype("datetime64[D]") - days
    to_end = ends.astype(int) - 1
    weekly = weekday_of(days)[:, None] == (turn % 7)[None, :]
    monthly = to_end[:, None] == (turn % _DAYS_OF_BILLING)[None, :]
    due = np.where(house[None, :], monthly, weekly)
    fitted = ~np.isnat(own.smart_from)[None, :] & (own.smart_from[None, :] <= days[:, None])
    by_hand = monthly & ~fitted & (own.measured & ~house)[None, :]
    heard = np.isnat(own.silent_from)[None, :] | (days[:, None] < own.silent_from[None, :])
    day, meter = np.nonzero((due & fitted & heard) | by_hand)
    automatic = fitted[day, meter]
    lost = automatic & (rng.random(day.size) > 0.975 + 0.02 * world.quality(f"{supply.system}.meters"))
    day, meter, automatic = day[~lost], meter[~lost], automatic[~lost]
    used = np.cumsum(_load(world, supply, days))[day] * (supply.per_flat / 30) * own.flats[meter]
    before = rng.integers(100, 90_000, n).astype(np.float64)
    second = rng.integers(0, 6 * 3600, day.size) + np.where(automatic, 0, 10 * 3600)
    return Facts(
        dataset,
        {
            "building_id": world.buildings.id[own.position[meter]],
            "meter_id": _meter(own.position[meter]),
            "read_at": world.utc(days[day], second),
            "obis": np.full(day.size, supply.obis),
            "value": np.round(before[meter] + used, 3),
            "automatic": automatic,
        },
    )


def _outages(world: World, supply: Supply) -> Facts:
    dataset = f"{supply.system}.outages"
    rng = world.rng(dataset)
    started, day = moments(world, dataset, rng, at_least(world, _OUTAGES, 3))
    n = started.size
    quality = world.quality_by_day(dataset, world.days_for(dataset))[day]
    planned = rng.random(n) < 0.2
    mean = _OUTAGE_MINUTES[world.category] * excess(quality)
    length = np.where(planned, rng.uniform(90, 420, n), rng.gamma(2.5, mean / 2.5))
    restored = before_the_end(world, started + minutes(length))
    known = np.where(rng.random(n) < 0.25 + 0.7 * quality, supply.first_sign, "report")
    return Facts(
        dataset,
        {
            "outage_id": ids("outage-", n),
            "started_at": started,
            "known_by": np.where(planned, "plan", known),
            "restored_at": np.where(rng.random(n) < 0.002, NO_TIME, restored),
            "planned": planned,
            "cause": np.where(
                planned, "maintenance", rng.choice(["equipment", "weather", "third_party", "overload", "unknown"], n)
            ),
            "buildings_off": rng.geometric(0.12, n),
            **places(world, rng, n),
        },
    )


def _consumption(world: World, supply: Supply, own: _Connected) -> Iterator[Facts]:
    """Up to two rows a building and month: what was billed on automatic readings, and the rest."""
    dataset = f"{supply.system}.consumption"
    rng = world.rng(dataset)
    days = world.days_for(dataset)
    load = _load(world, supply, days)
    # In a bad month readings do not arrive and bills are made by the norm.
    arrives = share(world.quality_by_day(dataset, days), 0.5, 0.985)
    for month in np.unique(days.astype("datetime64[M]")):
        inside = days.astype("datetime64[M]") == month
        smart = ~np.isnat(own.smart_from) & (own.smart_from.astype("datetime64[M]") <= month)
        meters = np.where(smart, own.smart_flats, own.smart_flats // 8)
        meters = np.where(rng.random(meters.size) < arrives[inside].mean(), meters, 0)
        season = float(load[inside].sum()) / 30
        each = supply.per_flat * season * rng.uniform(0.7, 1.3, meters.size)
        for basis, count in (("automatic", meters), ("manual", own.flats - meters)):
            here = np.flatnonzero(count > 0)
            other = np.where(rng.random(here.size) < 0.3, "norm", "manual")
            yield Facts(
                dataset,
                {
                    "building_id": world.buildings.id[own.position[here]],
                    "month": np.full(here.size, np.datetime64(month, "D")),
                    "basis": np.full(here.size, basis) if basis == "automatic" else other,
                    "volume": np.round(each[here] * count[here], 3),
                    "meters": count[here],
                    "district": world.buildings.district[own.position[here]],
                },
            )


# —— what is true ——

_LATELY_DAYS = 7  # open term: the house meter has reported in the last seven days


def _smart_share(world: World, facts: FactsById, system: str) -> Truth:
    """Row .1 on the year's last day: buildings whose smart house meter reported of late, of all connected buildings."""
    last = np.datetime64(world.last_day, "D")
    building, meter = books_of.valid_on(facts, f"{system}.buildings", last, "building_id", "house_meter")
    where, read, by_itself = books_of.columns(facts, f"{system}.readings", "building_id", "read_at", "automatic")
    if not building.size or not read.size:
        return books_of.MISSING
    day = world.local_day(read)
    lately = by_itself.astype(bool) & (day > last - np.timedelta64(_LATELY_DAYS, "D")) & (day <= last)
    counted = (meter == "smart") & np.isin(building, np.unique(where[lately]))
    return books_of.stock_share(counted.astype(np.int64), np.ones(building.size, dtype=np.int64))


def _restoration(world: World, facts: FactsById, system: str) -> Truth:
    """Row .2: ∑ from failure to restoration over unplanned outages restored in the period / their number, minutes."""
    start, end, planned = books_of.columns(facts, f"{system}.outages", "started_at", "restored_at", "planned")
    if not start.size:
        return books_of.MISSING
    top, bottom = books_of.microseconds(end, start, ~planned.astype(bool))
    return books_of.pooled(world.local_day(end), top, bottom, world.rated_year, books_of.MINUTE)


def _automatic_volume(world: World, facts: FactsById, system: str) -> Truth:
    """Row .3: volume billed on automatic readings / all volume billed."""
    month, basis, volume = books_of.columns(facts, f"{system}.consumption", "month", "basis", "volume")
    if not month.size:
        return books_of.MISSING
    thousandths = np.rint(volume.astype(np.float64) * 1000).astype(np.int64)
    automatic = np.where(basis == "automatic", thousandths, 0)
    return books_of.pooled(month, automatic, thousandths, world.rated_year, 100)
