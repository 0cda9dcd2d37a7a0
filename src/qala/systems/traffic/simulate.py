"""A simulated city's road traffic: what it records, and the true values of KPIs 6.1 to 6.7."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from qala.world import Facts, Truth, World
from qala.world.drawing import (
    NO_DAY,
    NO_TIME,
    at_least,
    before_the_end,
    during_the_year,
    excess,
    ids,
    minutes,
    moments,
    share,
)
from qala.world.reckoning import (
    MINUTE,
    MISSING,
    columns,
    marks,
    microseconds,
    pooled,
    stock_share,
    valid_on,
)
from qala.world.types import Category

Array = npt.NDArray[Any]
FactsById = Mapping[str, list[Facts]]

_CORRIDORS: Final = {"republican": 40.0, "oblast": 16.0, "district": 4.0}
_SIGNALS: Final = {"republican": 620.0, "oblast": 150.0, "district": 20.0}
_TRIPS: Final[dict[Category, float]] = {"republican": 24_000, "oblast": 8_000, "district": 2_000}
_INCIDENTS: Final[dict[Category, float]] = {"republican": 3_200, "oblast": 700, "district": 120}
_PEAK_KMH: Final = {"republican": 32.5, "oblast": 31.0, "district": 29.0}
_TRIP_MIN: Final = {"republican": 25.0, "oblast": 35.0, "district": 45.0}
_ACCIDENTS: Final = {"republican": 5.0, "oblast": 10.0, "district": 20.0}
_AUTOMATED: Final = {"republican": 0.93, "oblast": 0.76, "district": 0.50}
_CLEARANCE_MIN: Final = {"republican": 10.0, "oblast": 20.0, "district": 30.0}
_STEP_S: Final = 900
_FREE: Final = np.array(
    [1.0] * 6 + [0.92, 0, 0, 0, 0.86, 0.84, 0.82, 0.82, 0.82, 0.8, 0.76, 0, 0, 0, 0.86] + [0.95] * 3
)
"""Share of free flow by local hour; nought in the peak, whose speed is the city's."""


def record(world: World) -> Iterator[Facts]:
    """All rows of the six traffic datasets."""
    rng = world.rng("traffic.signals")
    count = world.sized(_SIGNALS, 6)
    quality = world.quality("traffic.signals")
    norm = _AUTOMATED[world.category]
    end = float(share(np.array([quality]), 0.15 * norm, norm)[0])
    ready = during_the_year(world, rng, (np.arange(count) + 0.5) / count, 0.92 * end, end)
    yield _signals(world, rng, ready)
    yield _signal_days(world, rng, ready, quality)
    yield _speeds(world)
    yield _trips(world)
    yield _accidents(world)
    yield _incidents(world)


def _signals(world: World, rng: np.random.Generator, ready: Array) -> Facts:
    """A signal that is made adaptive in mid-year has two rows: one to the day before, one from that day on."""
    count = len(ready)
    first = np.datetime64(world.first_day, "D")
    changed = np.flatnonzero(~np.isnat(ready) & (ready > first))
    signal = np.concatenate([np.arange(count), changed])
    second = np.arange(len(signal)) >= count
    adaptive = second | (ready == first)[signal]
    until = np.full(len(signal), NO_DAY)
    until[changed] = ready[changed] - np.timedelta64(1, "D")
    edge = rng.integers(0, len(world.streets), count)[signal]
    return Facts(
        "traffic.signals",
        {
            "signal_id": ids("TL", count)[signal],
            "networked": adaptive | (signal % 2 == 0),
            "adaptive": adaptive,
            "detects_traffic": adaptive | (signal % 3 == 0),
            "district": world.streets.district[edge],
            "lat": world.streets.end_lat[edge],
            "lon": world.streets.end_lon[edge],
            "valid_from": np.where(second, ready[signal], first),
            "valid_to": until,
        },
    )


def _signal_days(world: World, rng: np.random.Generator, ready: Array, quality: float) -> Facts:
    """Minutes of control of each adaptive signal; some are off line for a good part of the time."""
    days = world.days_for("traffic.signal_days")
    shaky = rng.random(len(ready)) < 0.01 + 0.25 * max(0.0, 0.75 - quality)
    signal, day = np.nonzero(~np.isnat(ready)[:, None] & (ready[:, None] <= days[None, :]))
    lost = np.where(shaky[signal], rng.integers(150, 900, len(signal)), rng.integers(0, 30, len(signal)))
    return Facts(
        "traffic.signal_days",
        {"signal_id": ids("TL", len(ready))[signal], "day": days[day], "minutes_alive": 1440 - lost},
    )


def _speeds(world: World) -> Facts:
    """Every corridor's mean speed each quarter of an hour."""
    name = "traffic.corridor_speeds"
    rng = world.rng(name)
    days = world.days_for(name)
    count = world.sized(_CORRIDORS, 4)
    free = np.round(rng.uniform(46, 56, count), 1)
    peak = _PEAK_KMH[world.category] + 16 * (world.quality_by_day("traffic.speeds", days) - 0.75)
    # People who do not go to work leave the roads freer in the hours of the peak.
    peak = np.where(world.working_days(days), peak, np.maximum(peak + 8, 34))
    shape = (len(days), 86400 // _STEP_S, count)
    day, step, corridor = (grid.ravel() for grid in np.indices(shape))
    usual = _FREE[step * _STEP_S // 3600]
    speed = np.where(usual > 0, usual * free[corridor], peak[day] * free[corridor] / 51)
    noise = rng.standard_normal(len(speed)) * np.where(usual > 0, 2.0, 4.0)
    return Facts(
        name,
        {
            "corridor_id": ids("C", count)[corridor],
            "measured_at": world.utc(days[day], step * _STEP_S),
            "seconds": np.full(len(speed), _STEP_S),
            "speed_kmh": np.round(np.clip(speed + noise, 3, 90), 1),
            "free_flow_kmh": free[corridor],
        },
    )


def _trips(world: World) -> Facts:
    name = "traffic.trips"
    rng = world.rng(name)
    days = world.days_for(name)
    started, day = moments(world, name, rng, at_least(world, _TRIPS, 200))
    pair = rng.integers(0, 20, len(started))
    usual = _TRIP_MIN[world.category] * excess(world.quality_by_day("traffic.trips", days))[day]
    length = usual * (0.6 + 0.8 * pair / 19) * rng.gamma(20, 1 / 20, len(started))
    return Facts(
        name,
        {
            "trip_id": ids("CT-", len(started)),
            "pair_id": ids("P", 20)[pair],
            "started_at": started,
            "finished_at": started + minutes(length),
            "distance_m": 3_000 + 700 * pair,
            "district": world.pick_district(rng, 20)[pair],
        },
    )


def _accidents(world: World) -> Facts:
    name = "traffic.accidents"
    rng = world.rng(name)
    days = world.days_for(name)
    yearly = _ACCIDENTS[world.category] * world.vehicles / 10_000
    day = np.repeat(
        np.arange(len(days)), rng.poisson(yearly / 365 * excess(world.quality_by_day("traffic.safety", days)))
    )
    count = len(day)
    edge = rng.integers(0, len(world.streets), count)
    kinds = np.array(["collision", "rollover", "obstacle", "pedestrian", "cyclist", "parked_vehicle", "other"])
    kind = rng.choice(kinds, count, p=[0.46, 0.04, 0.1, 0.26, 0.03, 0.06, 0.05])
    return Facts(
        name,
        {
            "accident_id": ids("RTA-", count),
            "happened_at": world.utc(days[day], rng.integers(5 * 3600, 86400, count)),
            "kind": kind,
            "injured": rng.poisson(0.9, count) + (kind == "pedestrian"),
            "killed": (rng.random(count) < 0.04).astype(np.int64),
            "vehicles": np.where(np.isin(kind, ["collision", "parked_vehicle"]), 2, 1),
            "district": world.streets.district[edge],
            "lat": world.streets.start_lat[edge],
            "lon": world.streets.start_lon[edge],
        },
    )


def _incidents(world: World) -> Facts:
    name = "traffic.incidents"
    rng = world.rng(name)
    days = world.days_for(name)
    detected, day = moments(world, name, rng, at_least(world, _INCIDENTS, 20))
    count = len(detected)
    usual = _CLEARANCE_MIN[world.category] * excess(world.quality_by_day("traffic.incidents", days))[day]
    cleared = before_the_end(world, detected + minutes(usual * rng.gamma(2.0, 0.5, count)))
    edge = rng.integers(0, len(world.streets), count)
    kinds = np.array(["accident", "breakdown", "obstruction", "signal_failure", "flooding", "ice", "other"])
    means = np.array(["camera", "detector", "patrol", "call", "application"])
    return Facts(
        name,
        {
            "incident_id": ids("TI-", count),
            "kind": rng.choice(kinds, count, p=[0.34, 0.3, 0.14, 0.08, 0.03, 0.05, 0.06]),
            "detected_at": detected,
            "cleared_at": np.where(rng.random(count) < 0.004, NO_TIME, cleared),
            "detected_by": rng.choice(means, count, p=[0.4, 0.2, 0.1, 0.2, 0.1]),
            "district": world.streets.district[edge],
            "lat": world.streets.start_lat[edge],
            "lon": world.streets.start_lon[edge],
        },
    )


# —— the books ——


def books(world: World, facts: FactsById) -> dict[str, Truth]:
    """True values of 6.1 … 6.7 for the rated year, from the words of annex 4 and the defaults of the open terms."""
    year = world.rated_year
    measured, seconds, speed, free = columns(
        facts, "traffic.corridor_speeds", "measured_at", "seconds", "speed_kmh", "free_flow_kmh"
    )
    days = world.local_day(measured)
    # The city files no hours of its own: 7–10 and 17–20 on working days.
    peak = np.isin(world.local_hour(measured), [7, 8, 9, 17, 18, 19]) & world.working_days(days)
    days, seconds = days[peak], seconds[peak]
    # Tenths of km/h are whole numbers, so that a speed of just half the free flow is not taken for less.
    tenths, tenths_free = (np.rint(values[peak] * 10).astype(np.int64) for values in (speed, free))
    started, finished = columns(facts, "traffic.trips", "started_at", "finished_at")
    on_road, trips = microseconds(finished, started, np.ones(len(started), dtype=bool))
    detected, cleared = columns(facts, "traffic.incidents", "detected_at", "cleared_at")
    hindered, incidents = microseconds(cleared, detected, np.ones(len(detected), dtype=bool))
    return {
        "6.1": pooled(days, tenths * seconds, seconds, year, 0.1),
        "6.2": pooled(world.local_day(started), on_road, trips, year, MINUTE),
        "6.3": pooled(days, seconds * (2 * tenths < tenths_free), seconds, year, 100.0),
        "6.4": _accident_rate(world, facts, year),
        "6.5": _automated(facts, year),
        "6.6": marks(world, facts, "traffic"),
        "6.7": _clearance(world, pooled(world.local_day(cleared), hindered, incidents, year, MINUTE)),
    }


def _clearance(world: World, truth: Truth) -> Truth:
    """6.7: a month that was withheld has no value, though what was found just before it was cleared in it."""
    kept = {month: value for month, value in truth.months.items() if int(month[5:]) not in world.bad_months("traffic")}
    return Truth(truth.year, kept, status=truth.status)


def _accident_rate(world: World, facts: FactsById, year: int) -> Truth:
    """6.4: accidents of the year to ten thousand vehicles registered on 1 January."""
    (happened,) = columns(facts, "traffic.accidents", "happened_at")
    (vehicles,) = valid_on(facts, "city.profile", np.datetime64(f"{year}-01-01"), "vehicles")
    if not len(happened) or not len(vehicles):
        return MISSING
    count = int((world.local_day(happened).astype("datetime64[Y]") == np.datetime64(str(year))).sum())
    return Truth(10_000 * count / float(vehicles.sum()))


def _automated(facts: FactsById, year: int) -> Truth:
    """6.5: signals in the network, adaptive, with detectors, and under control nine tenths of the last quarter."""
    signal, networked, adaptive, detects = valid_on(
        facts,
        "traffic.signals",
        np.datetime64(f"{year}-12-31"),
        "signal_id",
        "networked",
        "adaptive",
        "detects_traffic",
    )
    device, day, alive = columns(facts, "traffic.signal_days", "signal_id", "day", "minutes_alive")
    last = (day >= np.datetime64(f"{year}-10-01")) & (day <= np.datetime64(f"{year}-12-31"))
    names, at = np.unique(device[last], return_inverse=True)
    worked = names[np.bincount(at, weights=alive[last], minlength=len(names)) >= 0.9 * 92 * 1440]
    return stock_share(networked & adaptive & detects & np.isin(signal, worked), np.ones(len(signal)))
