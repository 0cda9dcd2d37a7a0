"""A simulated city's public transport: what it records, and the true values of KPIs 4.1 to 4.7."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from qala.world import Facts, Truth, World
from qala.world.clock import Days
from qala.world.drawing import NO_DAY, NO_TIME, ids
from qala.world.reckoning import MISSING, marks, pooled

Array = npt.NDArray[Any]
FactsById = Mapping[str, list[Facts]]

_BOARDINGS: Final = {"republican": 10_000_000, "oblast": 2_000_000, "district": 200_000}
_HEADWAY_S: Final = {"republican": 420.0, "oblast": 600.0, "district": 840.0}
_CASHLESS: Final = {"republican": (0.91, 0.25), "oblast": (0.73, 0.40), "district": (0.46, 0.60)}
_ACCIDENTS_PER_MILLION: Final = {"republican": 1.5, "oblast": 3.6, "district": 7.0}
_MODES: Final = ("taxi", "bicycle", "scooter", "suburban_rail", "metro", "car_sharing", "intercity_bus")
_HOURS: Final = np.array(
    [1, 0, 0, 0, 1, 4, 14, 38, 40, 22, 16, 17, 20, 21, 18, 20, 26, 42, 44, 28, 17, 11, 7, 3], dtype=np.float64
)
"""Share of a day's boardings by local hour."""

_SPAN: Final = (6 * 3600, 23 * 3600)
"""The hours of service, in seconds after midnight."""


def record(world: World) -> Iterator[Facts]:
    """All rows of the eight transport datasets."""
    yield from _registries(world)
    boarded = 0
    for facts in _boardings(world):
        boarded += len(facts)
        yield facts
    yield from _visits(world)
    yield _accidents(world, boarded)
    yield _od_trips(world)
    yield _exchanges(world)


def _registries(world: World) -> Iterator[Facts]:
    rng = world.rng("transport.routes")
    routes, count = world.routes, len(world.routes)
    first = np.datetime64(world.first_day, "D")
    yield Facts(
        "transport.routes",
        {
            "route_id": routes.id,
            "number": np.arange(1, count + 1).astype(str),
            "mode": routes.mode,
            "length_m": rng.integers(9_000, 38_000, count),
            "headway_s": routes.headway_s,
            "valid_from": np.full(count, first),
            "valid_to": np.full(count, NO_DAY),
        },
    )
    fleet = np.repeat(np.arange(count), rng.integers(6, 15, count))
    electric = routes.mode[fleet] == "trolleybus"
    vehicles = Facts(
        "transport.vehicles",
        {
            "vehicle_id": ids("B", len(fleet)),
            "mode": routes.mode[fleet],
            "fuel": np.where(electric, "electric", rng.choice(np.array(["diesel", "cng", "electric"]), len(fleet))),
            "built_year": rng.integers(2008, 2025, len(fleet)),
            "low_floor": rng.random(len(fleet)) < 0.7,
            "tracked": rng.random(len(fleet)) < 0.6 + 0.4 * world.quality("transport"),
            "valid_from": np.full(len(fleet), first),
            "valid_to": np.full(len(fleet), NO_DAY),
        },
    )
    yield vehicles
    yield _positions(world, fleet, vehicles.columns["vehicle_id"], vehicles.columns["tracked"])


def _positions(world: World, fleet: Array, vehicle: Array, tracked: Array) -> Facts:
    """Where each vehicle that is tracked was when service ended: the control room hands over its last month."""
    name = "transport.positions"
    rng = world.rng(name)
    days = world.days_for(name)[-31:]
    day = np.repeat(days, int(tracked.sum()))
    at = np.tile(np.flatnonzero(tracked), len(days))
    stop = np.array([stops[-1] for stops in world.routes.stops])[fleet[at]]
    return Facts(
        name,
        {
            "vehicle_id": vehicle[at],
            "recorded_at": world.utc(day, rng.integers(_SPAN[1], _SPAN[1] + 1800, len(at))),
            "route_id": world.routes.id[fleet[at]],
            "lat": world.stops.lat[stop],
            "lon": world.stops.lon[stop],
            "speed": np.zeros(len(at)),
        },
    )


def _boardings(world: World) -> Iterator[Facts]:
    """Month by month: these are the most rows of all, and a month at a time keeps them small."""
    name = "transport.boardings"
    rng = world.rng(name)
    days = world.days_for(name)
    counts = world.volume({k: float(v) for k, v in _BOARDINGS.items()}, days=days, name=name)
    base, slope = _CASHLESS[world.category]
    cash = 1 - np.clip(base + slope * (world.quality_by_day("transport.payment", days) - 0.75), 0.05, 0.995)
    bounds = np.concatenate([[0.0], np.cumsum(_HOURS) / _HOURS.sum()])
    ways = np.array(["cash", "card", "phone", "qr", "pass"])
    lengths = np.array([len(stops) for stops in world.routes.stops])
    table = np.zeros((len(lengths), lengths.max()), dtype=np.int64)
    for i, stops in enumerate(world.routes.stops):
        table[i, : len(stops)] = stops
    number = int(days[0].astype("datetime64[Y]").astype(np.int64) + 1970) * 10_000_000_000
    for chosen in _by_month(days):
        rows = np.repeat(chosen, counts[chosen])
        count = len(rows)
        route = rng.integers(0, len(lengths), count)
        along = (rng.random(count) * lengths[route]).astype(np.int64)
        # One draw decides: below the day's share of cash it is cash, the rest is split over the other ways.
        drawn, share = rng.random(count), cash[rows]
        rest = np.searchsorted([0.62, 0.78, 0.90], (drawn - share) / (1 - share), side="right")
        seconds = np.floor(np.interp(rng.random(count), bounds, np.arange(25) * 3600.0))
        yield Facts(
            name,
            {
                "boarding_id": np.arange(number, number + count),
                "boarded_at": world.utc(days[rows], np.minimum(seconds, 86399)),
                "route_id": world.routes.id[route],
                "stop_id": world.stops.id[table[route, along]],
                "payment": ways[np.where(drawn < share, 0, rest + 1)],
            },
        )
        number += count


def _visits(world: World) -> Iterator[Facts]:
    """Visits of the stops where boardings are counted: about one row for ten boardings."""
    name = "transport.stop_visits"
    rng = world.rng(name)
    days = world.days_for(name)
    quality = world.quality_by_day("transport.timetable", days)
    base = _HEADWAY_S[world.category] * (1.45 - 0.6 * world.quality("transport.timetable"))
    trips = (_SPAN[1] - _SPAN[0]) / base
    pairs = max(2, min(3 * len(world.routes), round(_BOARDINGS[world.category] * world.scale / 30.4 / 10 / trips)))
    route = np.arange(pairs) % len(world.routes)
    stop = np.array([world.routes.stops[r][(7 * i) % len(world.routes.stops[r])] for i, r in enumerate(route)])
    headway = np.rint(base * (0.7 + 0.3 * world.routes.headway_s[route] / 600)).astype(np.int64)
    schedule = [np.arange(_SPAN[0] + 37 * i % 300, _SPAN[1], h) for i, h in enumerate(headway)]
    starts = np.concatenate([[0], np.cumsum([len(s) for s in schedule])])
    planned, pair = np.concatenate(schedule), np.repeat(np.arange(pairs), np.diff(starts))
    labels = np.char.add(
        np.char.add(np.char.add("-", world.routes.id[route])[pair], np.char.add("-", world.stops.id[stop])[pair]),
        np.char.add("-", np.char.zfill((np.arange(len(pair)) - starts[pair]).astype(str), 3)),
    )
    crowd = 60 * (_HOURS / _HOURS.sum())[planned // 3600] * headway[pair] / 420
    for chosen in _by_month(days):
        bad = np.clip(0.75 - quality[chosen], 0, 1)[:, None]
        shape = (len(chosen), len(planned))
        delay = rng.standard_normal(shape) * (62 + 330 * bad) + 75 + 150 * bad
        ran = rng.random(shape) >= 0.006 + 0.1 * bad
        arrived = (planned + np.maximum(delay, -280)).astype(np.int64)
        gap = np.zeros(shape, dtype=np.int64)
        for a, b in zip(starts, starts[1:], strict=False):
            # A vehicle does not pass the one before it; the gap is to the last one that ran.
            arrived[:, a:b] = np.maximum.accumulate(arrived[:, a:b] + np.arange(b - a), axis=1)
            last = np.maximum.accumulate(np.where(ran[:, a:b], arrived[:, a:b], -1), axis=1)
            before = np.concatenate([np.full((len(chosen), 1), -1), last[:, :-1]], axis=1)
            gap[:, a:b] = np.where(ran[:, a:b] & (before >= 0), arrived[:, a:b] - before, 0)
        people = np.where(ran, rng.poisson(crowd, shape), 0)
        day = np.repeat(days[chosen], len(planned))
        when = world.utc(day, arrived.ravel())
        when[~ran.ravel()] = NO_TIME
        stamps = np.char.replace(days[chosen].astype(str), "-", "")
        yield Facts(
            name,
            {
                "visit_id": np.char.add(stamps[:, None], labels[None, :]).ravel(),
                "route_id": np.tile(world.routes.id[route[pair]], len(chosen)),
                "stop_id": np.tile(world.stops.id[stop[pair]], len(chosen)),
                "district": np.tile(world.stops.district[stop[pair]], len(chosen)),
                "scheduled_at": world.utc(day, np.tile(planned, len(chosen))),
                "arrived_at": when,
                "time_point": np.tile(pair % 3 != 2, len(chosen)),
                "headway_s": np.where(gap > 0, gap, np.nan).ravel(),
                "boardings": people.ravel(),
            },
        )


def _accidents(world: World, boarded: int) -> Facts:
    name = "transport.accidents"
    rng = world.rng(name)
    days = world.days_for(name)
    quality = world.quality_by_day("transport.safety", days)
    weight = np.maximum(1 + 3.5 * (0.8 - quality), 0.3)
    per_day = _ACCIDENTS_PER_MILLION[world.category] * boarded / 1e6 / len(days)
    chosen = np.repeat(np.arange(len(days)), rng.poisson(per_day * weight))
    count = len(chosen)
    stop, route = rng.integers(0, len(world.stops), count), rng.integers(0, len(world.routes), count)
    kinds = np.array(["collision", "pedestrian_hit", "passenger_injury", "fire", "door_failure", "brake_failure"])
    kind = kinds[np.searchsorted([0.45, 0.57, 0.82, 0.84, 0.95], rng.random(count), side="right")]
    hurt = np.isin(kind, ["pedestrian_hit", "passenger_injury"]) | (rng.random(count) < 0.2)
    return Facts(
        name,
        {
            "accident_id": ids("TA-", count),
            "happened_at": world.utc(days[chosen], rng.integers(*_SPAN, count)),
            "kind": kind,
            "route_id": world.routes.id[route],
            "injured": np.where(hurt, rng.integers(1, 4, count), 0),
            "killed": np.where(kind == "pedestrian_hit", rng.random(count) < 0.05, False).astype(np.int64),
            "district": world.stops.district[stop],
            "lat": world.stops.lat[stop],
            "lon": world.stops.lon[stop],
        },
    )


def _od_trips(world: World) -> Facts:
    """Door to door on twenty fixed pairs; the year's improvement makes the trips shorter (KPI 1.16)."""
    name = "transport.od_trips"
    rng = world.rng(name)
    days = world.days_for(name)
    per_month = {"republican": 20_000.0, "oblast": 6_000.0, "district": 1_500.0}
    counts = world.volume(per_month, days=days, name=name)
    chosen = np.repeat(np.arange(len(days)), counts)
    count = len(chosen)
    pair = rng.integers(0, 20, count)
    slow = 1 + 0.5 * (0.75 - world.quality_by_day("transport.trips", days)[chosen])
    riding = np.round((14 + 1.1 * pair) * slow * rng.gamma(25, 1 / 25, count), 2)
    other = np.round(rng.gamma(6, 1.8 * slow, count), 2)
    return Facts(
        name,
        {
            "trip_id": ids("OD-", count),
            "pair_id": ids("P", 20)[pair],
            "started_at": world.utc(days[chosen], rng.integers(*_SPAN, count)),
            "minutes": np.round(riding + other, 2),
            "in_vehicle_minutes": riding,
            "district": world.pick_district(rng, 20)[pair],
        },
    )


def _exchanges(world: World) -> Facts:
    name = "transport.mode_exchanges"
    rng = world.rng(name)
    days = world.days_for(name)
    full = {"republican": 6, "oblast": 4, "district": 2}[world.category]
    live = round(full * min(1.0, world.quality("transport.modes") + 0.05))
    modes = np.array(_MODES[: live + 1])  # the last one is only declared
    chosen, mode = (grid.ravel() for grid in np.meshgrid(np.arange(len(days)), np.arange(len(modes)), indexing="ij"))
    stamps = np.char.replace(days.astype(str), "-", "")
    return Facts(
        name,
        {
            "exchange_id": np.char.add(np.char.add(modes, "-")[mode], stamps[chosen]),
            "mode": modes[mode],
            "exchanged_at": world.utc(days[chosen], rng.integers(80_000, 86_000, len(chosen))),
            "messages": np.where(mode < live, rng.integers(200, 9_000, len(chosen)), 0),
        },
    )


def _by_month(days: Days) -> Iterator[npt.NDArray[np.int64]]:
    """Positions of the days of each month."""
    months = days.astype("datetime64[M]")
    for month in np.unique(months):
        yield np.flatnonzero(months == month)


# —— the books ——


def books(world: World, facts: FactsById) -> dict[str, Truth]:
    """True values of 4.1 … 4.7 for the rated year, from the words of annex 4 and the defaults of the open terms."""
    satisfaction = {"4.6": marks(world, facts, "transport")}
    if world.missing_system == "transport":
        return satisfaction | {f"4.{row}": MISSING for row in (1, 2, 3, 4, 5, 7)}
    year = world.rated_year
    boarded, cashless, days = _daily_boardings(world, facts)
    crashes = _daily(world, facts, "transport.accidents", "happened_at", days)
    return satisfaction | {
        "4.1": pooled(*_waits(world, facts), year, 1 / 60),
        "4.2": pooled(*_on_time(world, facts), year, 100.0),
        "4.3": _passengers(boarded, days, year),
        "4.4": _modes(world, facts, year),
        "4.5": pooled(days, cashless, boarded, year, 100.0),
        "4.7": pooled(days, crashes, boarded, year, 1e6) if facts["transport.accidents"] else MISSING,
    }


def _waits(world: World, facts: FactsById) -> tuple[Days, Array, Array]:
    """4.1: for each stop and hour of a day, its day, boardings × E[H²]/2E[H] in seconds, and boardings."""
    parts: list[tuple[Array, Array, Array]] = [(np.zeros(0, dtype="datetime64[D]"), np.zeros(0), np.zeros(0))]
    for piece in facts["transport.stop_visits"]:
        gap = np.asarray(piece.columns["headway_s"], dtype=np.float64)
        known = ~np.isnan(gap)
        gap, people = gap[known], np.asarray(piece.columns["boardings"])[known]
        stop = pa.array(piece.columns["stop_id"]).dictionary_encode().indices.to_numpy()[known]
        local = world.local(piece.columns["scheduled_at"][known]).astype("datetime64[h]").astype(np.int64)
        cell, group = np.unique(local * 100_000 + stop, return_inverse=True)
        h, hh, b = (np.bincount(group, weights=amount) for amount in (gap, gap * gap, people))
        parts.append(((cell // 100_000).astype("datetime64[h]").astype("datetime64[D]"), b * hh / (2 * h), b))
    day, seconds, people = (np.concatenate(column) for column in zip(*parts, strict=True))
    return day, seconds, people


def _on_time(world: World, facts: FactsById) -> tuple[Days, Array, Array]:
    """4.2: at most a minute early and five minutes late, of all visits planned at time points, run or not."""
    parts: list[tuple[Array, Array]] = [(np.zeros(0, dtype="datetime64[D]"), np.zeros(0, dtype=bool))]
    for piece in facts["transport.stop_visits"]:
        point = np.asarray(piece.columns["time_point"])
        planned, came = piece.columns["scheduled_at"][point], piece.columns["arrived_at"][point]
        late = (came - planned).astype("timedelta64[s]").astype(np.float64)
        late[np.isnat(came)] = np.inf
        parts.append((world.local_day(planned), (late >= -60) & (late <= 300)))
    day, good = (np.concatenate(column) for column in zip(*parts, strict=True))
    return day, good, np.ones(len(day))


def _daily_boardings(world: World, facts: FactsById) -> tuple[Array, Array, Days]:
    """Of each day that has any: all boardings, and those that were not paid in cash."""
    days = world.days_for("transport.boardings")
    boarded, cashless = np.zeros(len(days), dtype=np.int64), np.zeros(len(days), dtype=np.int64)
    for piece in facts["transport.boardings"]:
        at = (world.local_day(piece.columns["boarded_at"]) - days[0]).astype(np.int64)
        boarded += np.bincount(at, minlength=len(days))
        cashless += np.bincount(at[np.asarray(piece.columns["payment"]) != "cash"], minlength=len(days))
    some = boarded > 0
    return boarded[some], cashless[some], days[some]


def _daily(world: World, facts: FactsById, dataset: str, column: str, days: Days) -> Array:
    """Rows of a dataset on each of some days."""
    total = np.zeros(len(days), dtype=np.int64)
    for piece in facts[dataset]:
        found, counts = np.unique(world.local_day(piece.columns[column]), return_counts=True)
        known = np.isin(found, days)
        total[np.searchsorted(days, found[known])] += counts[known]
    return total


def _passengers(boarded: Array, days: Days, year: int) -> Truth:
    """4.3: boardings of a month; the year is the mean of the months that have data."""
    inside = days.astype("datetime64[Y]") == np.datetime64(str(year))
    if not inside.any():
        return MISSING
    names, at = np.unique(days[inside].astype("datetime64[M]").astype(str), return_inverse=True)
    months = dict(zip(names.tolist(), np.bincount(at, weights=boarded[inside]).tolist(), strict=True))
    return Truth(sum(months.values()) / len(months), months)


def _modes(world: World, facts: FactsById, year: int) -> Truth:
    """4.4: different modes with which data really passed in the last quarter."""
    found: set[str] = set()
    for piece in facts["transport.mode_exchanges"]:
        days = world.local_day(piece.columns["exchanged_at"])
        last = (days >= np.datetime64(f"{year}-10-01")) & (days <= np.datetime64(f"{year}-12-31"))
        found |= set(np.asarray(piece.columns["mode"])[last & (np.asarray(piece.columns["messages"]) > 0)].tolist())
    return Truth(float(len(found)))
