"""A simulated city's stops: what stands there and works, and the true values of KPIs 8.1 to 8.7."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from qala.world import Facts, Truth, World
from qala.world.clock import Days
from qala.world.drawing import NO_DAY, during_the_year, share
from qala.world.names import street_name
from qala.world.reckoning import (
    MISSING,
    columns,
    marks,
    months_of,
    pooled,
    stock_share,
    valid_on,
)

Array = npt.NDArray[Any]
FactsById = Mapping[str, list[Facts]]

_EQUIPPED: Final = {
    "republican": {"display": 0.92, "live": 0.90, "video": 0.84, "wifi": 0.55},
    "oblast": {"display": 0.74, "live": 0.68, "video": 0.56, "wifi": 0.34},
    "district": {"display": 0.45, "live": 0.36, "video": 0.27, "wifi": 0.15},
}
"""Share of the stops that have a thing in a city that just meets its norms."""


def record(world: World) -> Iterator[Facts]:
    """All rows of the two stops datasets."""
    rng = world.rng("stops.stops")
    count, quality = len(world.stops), world.quality("stops.equipment")
    rank = (np.arange(count) + 0.5) / count
    ready = {}
    for thing, norm in _EQUIPPED[world.category].items():
        end = float(share(np.array([quality]), 0.2 * norm, norm)[0])
        ready[thing] = during_the_year(world, rng, rank, 0.85 * end, end)
    yield _stops(world, rng, ready)
    yield _device_days(world, rng, ready["display"], quality)


def _stops(world: World, rng: np.random.Generator, ready: Mapping[str, Array]) -> Facts:
    """A stop has a row for each stretch of days in which it has the same things."""
    count = len(world.stops)
    first = np.datetime64(world.first_day, "D")
    dates = np.stack([*ready.values()])
    starts = np.concatenate([np.full((1, count), first), dates])
    starts = np.sort(starts, axis=0)  # empty days come last
    fresh = ~np.isnat(starts)
    fresh[1:] &= starts[1:] != starts[:-1]
    stop, order = np.nonzero(fresh.T)
    since = starts[order, stop]
    # A row holds to the day before the next row of the same stop.
    until = np.full(len(stop), NO_DAY)
    follows = stop[1:] == stop[:-1]
    until[:-1][follows] = since[1:][follows] - np.timedelta64(1, "D")
    there = {thing: (days[stop] <= since) for thing, days in ready.items()}
    used, back = np.unique(world.stops.street, return_inverse=True)
    titles = np.array([street_name(int(position))["ru"] for position in used])[back]
    button, charging, heated = (rng.random(count) < part for part in (0.05, 0.15, 0.1))
    return Facts(
        "stops.stops",
        {
            "stop_id": world.stops.id[stop],
            "title": titles[stop],
            "live_arrivals": there["live"],
            "display": there["display"],
            "wifi": there["wifi"],
            "video": there["video"],
            "emergency_button": button[stop],
            "charging": charging[stop],
            "heated": heated[stop],
            "district": world.stops.district[stop],
            "lat": world.stops.lat[stop],
            "lon": world.stops.lon[stop],
            "valid_from": since,
            "valid_to": until,
        },
    )


def _device_days(world: World, rng: np.random.Generator, ready: Array, quality: float) -> Facts:
    """Minutes of work of each stop with a display; some are dark for a good part of the time."""
    days = world.days_for("stops.stop_device_days")
    shaky = rng.random(len(ready)) < 0.01 + 0.25 * max(0.0, 0.75 - quality)
    stop, day = np.nonzero(~np.isnat(ready)[:, None] & (ready[:, None] <= days[None, :]))
    lost = np.where(shaky[stop], rng.integers(150, 900, len(stop)), rng.integers(0, 50, len(stop)))
    return Facts(
        "stops.stop_device_days",
        {"stop_id": world.stops.id[stop], "day": days[day], "minutes_alive": 1440 - lost},
    )


# —— the books ——


def books(world: World, facts: FactsById) -> dict[str, Truth]:
    """True values of 8.1 … 8.7 for the rated year, from the words of annex 4 and the defaults of the open terms."""
    year = world.rated_year
    end = np.datetime64(f"{year}-12-31")
    display, wifi, video = valid_on(facts, "stops.stops", end, "display", "wifi", "video")
    every = np.ones(len(display))
    silent = world.missing_system == "transport"
    return {
        "8.1": _smart(facts, year),
        "8.2": MISSING if silent else pooled(*_waits(world, facts), year, 1 / 60),
        "8.3": stock_share(display, every),
        "8.4": stock_share(wifi, every),
        "8.5": MISSING if silent else _complaints(world, facts, year),
        "8.6": marks(world, facts, "stops"),
        "8.7": stock_share(video, every),
    }


def _smart(facts: FactsById, year: int) -> Truth:
    """8.1: a display with live arrivals, Wi-Fi or video or an emergency button, alive nine tenths of the last quarter."""
    names = ("stop_id", "display", "live_arrivals", "wifi", "video", "emergency_button")
    stop, display, live, wifi, video, button = valid_on(facts, "stops.stops", np.datetime64(f"{year}-12-31"), *names)
    device, day, alive = columns(facts, "stops.stop_device_days", "stop_id", "day", "minutes_alive")
    if not len(device):
        return MISSING
    last = (day >= np.datetime64(f"{year}-10-01")) & (day <= np.datetime64(f"{year}-12-31"))
    found, at = np.unique(device[last], return_inverse=True)
    worked = found[np.bincount(at, weights=alive[last], minlength=len(found)) >= 0.9 * 92 * 1440]
    smart = display & live & (wifi | video | button) & np.isin(stop, worked)
    return stock_share(smart, np.ones(len(stop)))


def _waits(world: World, facts: FactsById) -> tuple[Days, Array, Array]:
    """8.2: for each stop and hour of a day, its day, boardings × E[H²]/2E[H] in seconds, and boardings."""
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


def _complaints(world: World, facts: FactsById, year: int) -> Truth:
    """8.5: complaints about stops to a thousand boardings, over the months that both sides delivered."""
    received, topic, spam = columns(facts, "contact_centre.appeals", "received_at", "topic", "spam")
    asked = world.local_day(received).astype("datetime64[M]")
    about = asked[(topic == "stops") & ~spam]
    boarded: dict[str, int] = {}
    for piece in facts["transport.boardings"]:
        found, counts = np.unique(
            world.local_day(piece.columns["boarded_at"]).astype("datetime64[M]"), return_counts=True
        )
        for month, count in zip(found.astype(str).tolist(), counts.tolist(), strict=True):
            boarded[month] = boarded.get(month, 0) + count
    top = bottom = 0
    months: dict[str, float] = {}
    for month in months_of(year):
        passengers = boarded.get(str(month), 0)
        if passengers and (asked == month).any():
            complaints = int((about == month).sum())
            months[str(month)] = 1000 * complaints / passengers
            top, bottom = top + complaints, bottom + passengers
    return Truth(1000 * top / bottom, months) if bottom else MISSING
