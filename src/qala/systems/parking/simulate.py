"""A simulated city's parking: what it records, and the true values of KPIs 5.1 to 5.7."""

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
    or_none,
    share,
)
from qala.world.reckoning import (
    MINUTE,
    MISSING,
    columns,
    last_day_of,
    marks,
    microseconds,
    months_of,
    pooled,
    stock_share,
    valid_on,
)
from qala.world.types import Category

Array = npt.NDArray[Any]
FactsById = Mapping[str, list[Facts]]

_LOTS: Final = {"republican": 420.0, "oblast": 120.0, "district": 30.0}
_SESSIONS: Final[dict[Category, float]] = {"republican": 400_000.0, "oblast": 60_000.0, "district": 9_000.0}
_AUTOMATED: Final = {"republican": 0.93, "oblast": 0.76, "district": 0.48}
_FILLED: Final = {"republican": 0.85, "oblast": 0.78, "district": 0.70}
_SEARCH_MIN: Final = {"republican": 5.0, "oblast": 7.0, "district": 10.0}
_ONLINE: Final = {"republican": 0.81, "oblast": 0.62, "district": 0.34}
_VIOLATIONS_PER_1000: Final = {"republican": 10.0, "oblast": 20.0, "district": 40.0}
_PAID_HOURS: Final = (8, 20)


def record(world: World) -> Iterator[Facts]:
    """All rows of the five parking datasets."""
    rng = world.rng("parking.lots")
    count = world.sized(_LOTS, 8)
    quality = world.quality("parking.lots")
    norm = _AUTOMATED[world.category]
    end = float(share(np.array([quality]), 0.2 * norm, norm)[0])
    # A lot is worth the more of its equipment the lower its rank; some get theirs in the course of the year.
    ready = during_the_year(world, rng, (np.arange(count) + 0.5) / count, 0.9 * end, end)
    spaces = rng.integers(18, 260, count)
    yield _lots(world, rng, ready, spaces)
    yield _device_days(world, rng, ready, quality)
    yield _occupancy(world, spaces)
    yield _sessions(world, count)
    yield _violations(world, int(spaces.sum()), count)


def _lots(world: World, rng: np.random.Generator, ready: Array, spaces: Array) -> Facts:
    """A lot that is equipped in mid-year has two rows: one to the day before, one from that day on."""
    count = len(ready)
    first = np.datetime64(world.first_day, "D")
    changed = np.flatnonzero(~np.isnat(ready) & (ready > first))
    lot = np.concatenate([np.arange(count), changed])
    second = np.arange(len(lot)) >= count
    equipped = second | (ready == first)[lot]
    until = np.full(len(lot), NO_DAY)
    until[changed] = ready[changed] - np.timedelta64(1, "D")
    edge = rng.integers(0, len(world.streets), count)[lot]
    cheap = (np.arange(count) % 3 == 0)[lot]  # these had a counter or online payment before, not both
    return Facts(
        "parking.lots",
        {
            "lot_id": ids("L", count)[lot],
            "kind": rng.choice(np.array(["on_street", "surface", "garage", "park_and_ride"]), count)[lot],
            "spaces": spaces[lot],
            "counts_spaces": equipped | cheap,
            "takes_online_payment": equipped | ~cheap,
            "reads_plates": (np.arange(count) % 2 == 0)[lot] & equipped,
            "district": world.streets.district[edge],
            "lat": world.streets.start_lat[edge],
            "lon": world.streets.start_lon[edge],
            "valid_from": np.where(second, ready[lot], first),
            "valid_to": until,
        },
    )


def _device_days(world: World, rng: np.random.Generator, ready: Array, quality: float) -> Facts:
    """Minutes of work of each equipped lot; some lots are out of order for a good part of the time."""
    days = world.days_for("parking.device_days")
    shaky = rng.random(len(ready)) < 0.01 + 0.25 * max(0.0, 0.75 - quality)
    lot, day = np.nonzero(~np.isnat(ready)[:, None] & (ready[:, None] <= days[None, :]))
    lost = np.where(shaky[lot], rng.integers(150, 900, len(lot)), rng.integers(0, 40, len(lot)))
    return Facts(
        "parking.device_days",
        {"lot_id": ids("L", len(ready))[lot], "day": days[day], "minutes_alive": 1440 - lost},
    )


def _occupancy(world: World, spaces: Array) -> Facts:
    """A count of every lot every second hour."""
    name = "parking.occupancy"
    rng = world.rng(name)
    days = world.days_for(name)
    lacking = np.clip(0.75 - world.quality_by_day("parking.occupancy", days), 0, 1)
    hours = np.arange(0, 24, 2)
    paid = (hours >= _PAID_HOURS[0]) & (hours < _PAID_HOURS[1])
    middle = np.where(paid, _FILLED[world.category], 0.32)[None, :, None] - 0.5 * lacking[:, None, None]
    shape = (len(days), len(hours), len(spaces))
    filled = np.clip(middle + 0.07 * rng.standard_normal(shape), 0.02, 1)
    day, hour, lot = (grid.ravel() for grid in np.indices(shape))
    return Facts(
        name,
        {
            "lot_id": ids("L", len(spaces))[lot],
            "counted_at": world.utc(days[day], hours[hour] * 3600),
            "occupied": np.rint(filled.ravel() * spaces[lot]).astype(np.int64),
            "spaces": spaces[lot],
            "paid_hours": paid[hour],
        },
    )


def _sessions(world: World, lots: int) -> Facts:
    name = "parking.sessions"
    rng = world.rng(name)
    days = world.days_for(name)
    parked, day = moments(world, name, rng, at_least(world, _SESSIONS, 400))
    count = len(parked)
    search = _SEARCH_MIN[world.category] * excess(world.quality_by_day("parking.search", days))[day]
    known = rng.random(count) < 0.5 + 0.45 * world.quality("parking.search")
    entered = parked - minutes(search * rng.gamma(2.5, 1 / 2.5, count))
    online = share(world.quality_by_day("parking.payment", days), 0.05, _ONLINE[world.category])[day]
    by_phone = rng.choice(np.array(["app", "web", "sms", "qr", "autopay"]), count, p=[0.55, 0.08, 0.12, 0.15, 0.1])
    at_lot = np.where(rng.random(count) < 0.6, "terminal", "cash")
    free = rng.random(count)
    paid_by = np.where(rng.random(count) < online, by_phone, at_lot)
    vehicles = max(50, round(world.vehicles * 0.6))
    return Facts(
        name,
        {
            "session_id": ids("PS-", count),
            "lot_id": ids("L", lots)[rng.integers(0, lots, count)],
            "vehicle": ids("V", vehicles)[rng.integers(0, vehicles, count)],
            "entered_zone_at": np.where(known, entered, NO_TIME),
            "parked_at": parked,
            "left_at": before_the_end(world, parked + minutes(rng.gamma(1.6, 45, count))),
            "paid_by": np.where(free < 0.06, "permit", np.where(free < 0.09, "unpaid", paid_by)),
        },
    )


def _violations(world: World, spaces: int, lots: int) -> Facts:
    name = "parking.violations"
    rng = world.rng(name)
    days = world.days_for(name)
    monthly = _VIOLATIONS_PER_1000[world.category] * spaces / 1000
    per_day = monthly / 30.4 * excess(world.quality_by_day("parking.violations", days))
    day = np.repeat(np.arange(len(days)), rng.poisson(per_day))
    count = len(day)
    kinds = np.array(["unpaid", "overstay", "forbidden_place", "disabled_bay", "double_parking"])
    return Facts(
        name,
        {
            "violation_id": ids("PV-", count),
            "detected_at": world.utc(days[day], rng.integers(7 * 3600, 22 * 3600, count)),
            "kind": rng.choice(kinds, count, p=[0.4, 0.2, 0.22, 0.06, 0.12]),
            "lot_id": or_none(ids("L", lots)[rng.integers(0, lots, count)], rng.random(count) < 0.8),
            "automatic": rng.random(count) < 0.3 + 0.6 * world.quality("parking"),
            "district": world.pick_district(rng, count),
        },
    )


# —— the books ——


def books(world: World, facts: FactsById) -> dict[str, Truth]:
    """True values of 5.1 … 5.7 for the rated year, from the words of annex 4 and the defaults of the open terms."""
    year = world.rated_year
    satisfaction = {"5.6": marks(world, facts, "parking")}
    if world.missing_system == "parking":
        return satisfaction | {f"5.{row}": MISSING for row in (1, 2, 3, 4, 5, 7)}
    counted, occupied, spaces, paid = columns(
        facts, "parking.occupancy", "counted_at", "occupied", "spaces", "paid_hours"
    )
    entered, parked, paid_by = columns(facts, "parking.sessions", "entered_zone_at", "parked_at", "paid_by")
    between, known = microseconds(parked, entered, np.ones(len(parked), dtype=bool))
    payment = ~np.isin(paid_by, ["permit", "unpaid"])
    online = payment & ~np.isin(paid_by, ["terminal", "cash"])
    days = world.local_day(parked)
    return satisfaction | {
        "5.1": _automated(facts, year),
        "5.2": pooled(world.local_day(counted), occupied * paid, spaces * paid, year, 100.0),
        "5.3": pooled(days, between, known, year, MINUTE),
        "5.4": pooled(days, online, payment, year, 100.0),
        "5.5": _complaints(world, facts, days, year),
        "5.7": _violation_rate(world, facts, year),
    }


def _automated(facts: FactsById, year: int) -> Truth:
    """5.1: lots with a counter and online payment whose devices worked nine tenths of the last quarter."""
    lot, counts, pays = valid_on(
        facts, "parking.lots", np.datetime64(f"{year}-12-31"), "lot_id", "counts_spaces", "takes_online_payment"
    )
    device, day, alive = columns(facts, "parking.device_days", "lot_id", "day", "minutes_alive")
    last = (day >= np.datetime64(f"{year}-10-01")) & (day <= np.datetime64(f"{year}-12-31"))
    names, at = np.unique(device[last], return_inverse=True)
    worked = names[np.bincount(at, weights=alive[last], minlength=len(names)) >= 0.9 * 92 * 1440]
    return stock_share(counts & pays & np.isin(lot, worked), np.ones(len(lot)))


def _complaints(world: World, facts: FactsById, days: Array, year: int) -> Truth:
    """5.5: complaints about parking to a hundred different vehicles of the month, over the months that both delivered."""
    (vehicle,) = columns(facts, "parking.sessions", "vehicle")
    received, topic, spam = columns(facts, "contact_centre.appeals", "received_at", "topic", "spam")
    if not len(received) or not len(vehicle):
        return MISSING
    about = world.local_day(received[(topic == "parking") & ~spam]).astype("datetime64[M]")
    asked, parked = world.local_day(received).astype("datetime64[M]"), days.astype("datetime64[M]")
    top = bottom = 0
    months: dict[str, float] = {}
    for month in months_of(year):
        users = len(np.unique(vehicle[parked == month]))
        if users and (asked == month).any():
            complaints = int((about == month).sum())
            months[str(month)] = 100 * complaints / users
            top, bottom = top + complaints, bottom + users
    return Truth(100 * top / bottom, months) if bottom else MISSING


def _violation_rate(world: World, facts: FactsById, year: int) -> Truth:
    """5.7: violations of a month to a thousand spaces at its end; the year is the mean of the months delivered."""
    (detected,) = columns(facts, "parking.violations", "detected_at")
    if not len(detected):
        return MISSING
    of_month = world.local_day(detected).astype("datetime64[M]")
    months: dict[str, float] = {}
    for number, month in enumerate(months_of(year), start=1):
        if number not in world.bad_months("parking"):
            (spaces,) = valid_on(facts, "parking.lots", last_day_of(month), "spaces")
            months[str(month)] = 1000 * float((of_month == month).sum()) / float(spaces.sum())
    return Truth(sum(months.values()) / len(months), months)
