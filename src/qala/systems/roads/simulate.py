"""A simulated city's roads: what is recorded about them, and the true values of KPIs 7.1 to 7.7."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from qala.world import Facts, Truth, World
from qala.world.drawing import (
    NO_DAY,
    NO_TIME,
    before_the_end,
    during_the_year,
    excess,
    ids,
    minutes,
    or_none,
    share,
)
from qala.world.names import street_name
from qala.world.reckoning import (
    MISSING,
    columns,
    last_day_of,
    marks,
    microseconds,
    monthly,
    months_of,
    pooled,
    stock_share,
    valid_on,
)

Array = npt.NDArray[Any]
FactsById = Mapping[str, list[Facts]]

_GOOD: Final = {"republican": 0.91, "oblast": 0.82, "district": 0.63}
_MONITORED: Final = {"republican": 0.84, "oblast": 0.55, "district": 0.25}
_DEFECTS_PER_100_KM: Final = {"republican": 3.0, "oblast": 5.0, "district": 10.0}
_REPAIR_DAYS: Final = {"republican": 3.0, "oblast": 5.0, "district": 10.0}
_PLAN_DONE: Final = {"republican": 0.91, "oblast": 0.82, "district": 0.63}
_DAY: Final = 1 / 86_400_000_000


def record(world: World) -> Iterator[Facts]:
    """All rows of the four roads datasets; a segment is an edge of the street graph."""
    rng = world.rng("roads.segments")
    count = len(world.streets)
    quality = world.quality("roads.segments")
    rank = rng.permutation(count) / count
    norm = _MONITORED[world.category]
    end = float(share(np.array([quality]), 0.1 * norm, norm)[0])
    ready = during_the_year(world, rng, rank, 0.9 * end, end)
    yield _segments(world, rng, ready, quality)
    yield _device_days(world, rng, ready, quality)
    yield _defects(world)
    yield _repair_plan(world)


def _segments(world: World, rng: np.random.Generator, ready: Array, quality: float) -> Facts:
    """Segments that get sensors in mid-year have two rows: one to the day before, one from that day on."""
    streets, count = world.streets, len(ready)
    first = np.datetime64(world.first_day, "D")
    changed = np.flatnonzero(~np.isnat(ready) & (ready > first))
    segment = np.concatenate([np.arange(count), changed])
    second = np.arange(len(segment)) >= count
    watched = second | (ready == first)[segment]
    until = np.full(len(segment), NO_DAY)
    until[changed] = ready[changed] - np.timedelta64(1, "D")
    norm = _GOOD[world.category]
    good = float(share(np.array([quality]), 0.5 * norm, norm)[0])
    drawn = rng.random(count)
    at = np.searchsorted([good, good + (1 - good) * 0.6], drawn, side="right")
    condition = np.array(["good", "satisfactory", "poor"])[at]
    roughness = np.round(np.array([1.6, 3.2, 6.0])[at] + rng.uniform(-0.5, 1.0, count), 2)
    by_iri = rng.random(count) < 0.7
    used, back = np.unique(streets.street, return_inverse=True)
    names = np.array([street_name(int(position))["ru"] for position in used])[back]
    return Facts(
        "roads.segments",
        {
            "segment_id": ids("RS", count)[segment],
            "street": names[segment],
            "length_m": streets.length_m[segment],
            "condition": condition[segment],
            "assessed_by": np.where(by_iri, "iri", "visual")[segment],
            "iri_m_per_km": np.where(by_iri, roughness, np.nan)[segment],
            "has_sensors": watched | (segment % 10 == 0),
            "sends_data": watched,
            "district": streets.district[segment],
            "lat": np.round((streets.start_lat + streets.end_lat)[segment] / 2, 7),
            "lon": np.round((streets.start_lon + streets.end_lon)[segment] / 2, 7),
            "valid_from": np.where(second, ready[segment], first),
            "valid_to": until,
        },
    )


def _device_days(world: World, rng: np.random.Generator, ready: Array, quality: float) -> Facts:
    """Minutes of work of each segment's sensors; some are out of order for a good part of the time."""
    days = world.days_for("roads.segment_device_days")
    shaky = rng.random(len(ready)) < 0.01 + 0.25 * max(0.0, 0.75 - quality)
    segment, day = np.nonzero(~np.isnat(ready)[:, None] & (ready[:, None] <= days[None, :]))
    lost = np.where(shaky[segment], rng.integers(150, 900, len(segment)), rng.integers(0, 45, len(segment)))
    return Facts(
        "roads.segment_device_days",
        {"segment_id": ids("RS", len(ready))[segment], "day": days[day], "minutes_alive": 1440 - lost},
    )


def _defects(world: World) -> Facts:
    """Defects found by day, more of them as the frost goes; one in eight is reported twice."""
    name = "roads.defects"
    rng = world.rng(name)
    days = world.days_for(name)
    thaw = 1 + 0.5 * np.cos(2 * np.pi * ((days - days[0]).astype(np.int64) - 95) / 365)
    per_day = _DEFECTS_PER_100_KM[world.category] * world.road_length_m / 100_000 / 30.4
    quality = world.quality_by_day("roads.defects", days)
    day = np.repeat(np.arange(len(days)), rng.poisson(per_day * thaw * excess(quality)))
    first = len(day)
    again = np.flatnonzero(rng.random(first) < 0.12)
    found = world.utc(days[day], rng.integers(6 * 3600, 22 * 3600, first))
    repair = rng.gamma(2.0, 0.5, first) * _REPAIR_DAYS[world.category] * excess(quality)[day]
    fixed = before_the_end(world, found + minutes(repair * 1440))
    fixed = np.where(rng.random(first) < 0.01, NO_TIME, fixed)
    edge = rng.integers(0, len(world.streets), first)
    row = np.concatenate([np.arange(first), again])
    repeated = np.arange(len(row)) >= first
    kinds = np.array(["pothole", "crack", "rut", "subsidence", "edge", "manhole", "marking"])
    means = np.array(["survey_vehicle", "camera", "sensor", "inspection", "appeal"])
    means_of = rng.choice(means, first, p=[0.3, 0.2, 0.1, 0.15, 0.25])[row]
    return Facts(
        name,
        {
            "defect_id": ids("RD-", len(row)),
            "kind": rng.choice(kinds, first, p=[0.42, 0.2, 0.08, 0.08, 0.07, 0.1, 0.05])[row],
            "segment_id": ids("RS", len(world.streets))[edge[row]],
            "found_at": found[row] + repeated * np.timedelta64(90, "s"),
            "fixed_at": np.where(repeated, NO_TIME, fixed[row]),
            "found_by": np.where(repeated, "appeal", means_of),
            "duplicate_of": or_none(ids("RD-", len(row))[row], repeated),
            "district": world.streets.district[edge[row]],
            "lat": world.streets.start_lat[edge[row]],
            "lon": world.streets.start_lon[edge[row]],
        },
    )


def _repair_plan(world: World) -> Facts:
    """A seventh of the roads each year, due between May and October; some is done in part, some not at all."""
    name = "roads.repair_plan"
    rng = world.rng(name)
    parts: list[dict[str, Array]] = []
    norm = _PLAN_DONE[world.category]
    done = float(share(np.array([world.quality("roads.repairs")]), 0.4 * norm, norm)[0])
    for year in world.years:
        segment = rng.permutation(len(world.streets))[: max(12, len(world.streets) // 7)]
        planned = world.streets.length_m[segment % len(world.streets)]
        count = len(planned)
        # All of a line, a part of it, more than planned, or nothing, so that the year comes out at the share wanted.
        fate = np.where(np.arange(count) + 0.5 < count * done, rng.choice(np.array([1.0, 1.15]), count), 0.0)
        fate[-1] = 0.5
        due = np.datetime64(f"{year}-05-15") + rng.integers(0, 150, count)
        finished = due + rng.integers(-30, 25, count)
        parts.append(
            {
                "plan_id": ids(f"RP-{year}-", count),
                "segment_id": ids("RS", len(world.streets))[segment],
                "work": rng.choice(np.array(["current", "medium", "capital", "reconstruction"]), count),
                "planned_m": planned,
                "done_m": np.floor(planned * fate).astype(np.int64),
                "due_on": due,
                "finished_on": np.where(fate >= 1, finished, NO_DAY),
                "district": world.streets.district[segment],
            }
        )
    return Facts(name, {column: np.concatenate([part[column] for part in parts]) for column in parts[0]})


# —— the books ——


def books(world: World, facts: FactsById) -> dict[str, Truth]:
    """True values of 7.1 … 7.7 for the rated year, from the words of annex 4 and the defaults of the open terms."""
    year = world.rated_year
    length, condition = valid_on(facts, "roads.segments", np.datetime64(f"{year}-12-31"), "length_m", "condition")
    found, fixed, repeated = columns(facts, "roads.defects", "found_at", "fixed_at", "duplicate_of")
    own = np.array([first is None for first in repeated], dtype=bool)
    between, repaired = microseconds(fixed, found, own)
    received, topic, spam = columns(facts, "contact_centre.appeals", "received_at", "topic", "spam")
    about = np.isin(topic, ["roads", "potholes"]) & ~spam
    due, planned, done = columns(facts, "roads.repair_plan", "due_on", "planned_m", "done_m")
    return {
        "7.1": stock_share(length * (condition == "good"), length),
        "7.2": _defect_rate(world, facts, world.local_day(found[own]), year) if len(found) else MISSING,
        "7.3": _repair_time(world, pooled(world.local_day(fixed), between, repaired, year, _DAY)),
        "7.4": _monitored(facts, year),
        "7.5": monthly(world.local_day(received), about, year, facts, "population", 1000.0),
        "7.6": marks(world, facts, "roads"),
        "7.7": _without_months(pooled(due, np.minimum(planned, done), planned, year, 100.0)),
    }


def _repair_time(world: World, truth: Truth) -> Truth:
    """7.3: a month that was withheld has no value, though some of what was found before it was repaired in it."""
    kept = {month: value for month, value in truth.months.items() if int(month[5:]) not in world.bad_months("roads")}
    return Truth(truth.year, kept, status=truth.status)


def _without_months(truth: Truth) -> Truth:
    """A figure that has no meaning for a month."""
    return Truth(truth.year, status=truth.status)


def _defect_rate(world: World, facts: FactsById, found: Array, year: int) -> Truth:
    """7.2: defects of a month to 100 km of road at its end; the year is the mean of the months delivered."""
    of_month = found.astype("datetime64[M]")
    months: dict[str, float] = {}
    for number, month in enumerate(months_of(year), start=1):
        if number not in world.bad_months("roads"):
            (length,) = valid_on(facts, "roads.segments", last_day_of(month), "length_m")
            months[str(month)] = 100_000 * float((of_month == month).sum()) / float(length.sum())
    return Truth(sum(months.values()) / len(months), months)


def _monitored(facts: FactsById, year: int) -> Truth:
    """7.4: metres of road whose sensors send data and worked nine tenths of the last quarter."""
    segment, length, sensors, sends = valid_on(
        facts, "roads.segments", np.datetime64(f"{year}-12-31"), "segment_id", "length_m", "has_sensors", "sends_data"
    )
    device, day, alive = columns(facts, "roads.segment_device_days", "segment_id", "day", "minutes_alive")
    if not len(device):
        return MISSING
    last = (day >= np.datetime64(f"{year}-10-01")) & (day <= np.datetime64(f"{year}-12-31"))
    names, at = np.unique(device[last], return_inverse=True)
    worked = names[np.bincount(at, weights=alive[last], minlength=len(names)) >= 0.9 * 92 * 1440]
    return stock_share(length * (sensors & sends & np.isin(segment, worked)), length)
