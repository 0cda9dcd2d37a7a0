"""Fire safety of protected objects in a simulated city: the register's counts, calls and alerts."""

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
    at_buildings,
    at_least,
    excess,
    ids,
    minutes,
    moments,
    or_none,
    share,
)
from qala.world.types import Category

Array = NDArray[Any]

CALLS: dict[Category, float] = {"republican": 260, "oblast": 84, "district": 16}
ALERTS: dict[Category, float] = {"republican": 1_100, "oblast": 340, "district": 60}
OBJECTS: dict[str, float] = {"republican": 5_600, "oblast": 1_300, "district": 170}
DEPARTURE_MINUTES: dict[Category, float] = {"republican": 2.4, "oblast": 3.6, "district": 5.2}
NORM_MINUTES: dict[Category, float] = {"republican": 6.0, "oblast": 8.5, "district": 12.0}
FALSE_ALARMS: dict[Category, float] = {"republican": 0.0095, "oblast": 0.019, "district": 0.045}
REPEATS: dict[Category, float] = {"republican": 0.012, "oblast": 0.035, "district": 0.075}
KINDS = ("education", "health", "trade", "culture", "sport", "transport", "administration", "industry", "other")
OBJECTS_PER_CALL = 300  # so many objects that chance alone hardly ever brings two calls of one in a month
REPEAT_DAYS = 30  # open term: a repeat call is one about the same object within thirty days


def record(world: World) -> Iterator[Facts]:
    """The register's counts, calls and alerts."""
    yield _objects(world)
    calls = _calls(world)
    yield calls
    yield _alerts(world, calls)


def _objects(world: World) -> Facts:
    """Counts by kind and district, told anew at the beginning of each quarter of the rated year."""
    rng = world.rng("fire_safety.objects")
    groups = len(world.districts) * len(KINDS)
    objects = np.maximum(1, rng.poisson(world.sized(OBJECTS, groups) / groups, groups))
    starts = [np.datetime64(world.first_day, "D")]
    starts += [np.datetime64(f"{world.rated_year}-{month:02}-10") for month in (1, 4, 7, 10)]
    columns: dict[str, list[Array]] = {}
    for turn, start in enumerate(starts):
        last = turn == len(starts) - 1
        level = share(np.array([world.quality("fire_safety.sensors") - 0.02 * (4 - turn)]), 0.1, 0.93)[0]
        rows = {
            "group_id": ids("group-", groups),
            "kind": np.array(KINDS)[np.arange(groups) % len(KINDS)],
            "objects": objects + turn,
            "equipped": rng.binomial(objects + turn, level),
            "district": np.array([d.code for d in world.districts])[np.arange(groups) // len(KINDS)],
            "valid_from": np.full(groups, start),
            "valid_to": np.full(groups, NO_DAY if last else starts[turn + 1] - np.timedelta64(1, "D")),
        }
        for name, values in rows.items():
            columns.setdefault(name, []).append(values)
    return Facts("fire_safety.objects", {name: np.concatenate(parts) for name, parts in columns.items()})


def _calls(world: World) -> Facts:
    dataset = "fire_safety.calls"
    rng = world.rng(dataset)
    per_month = at_least(world, CALLS, 5)
    received, day = moments(world, dataset, rng, per_month)
    n = received.size
    quality = world.quality_by_day(dataset, world.days_for(dataset))[day]
    pool = max(400, round(per_month * world.scale * OBJECTS_PER_CALL))
    called = rng.integers(0, pool, n)
    # Where causes are not mended, an object calls again within days.
    order = np.argsort(received, kind="stable")
    again = np.flatnonzero(rng.random(n) < REPEATS[world.category] * excess(quality[order]))
    again = again[again > 0]
    called[order[again]] = called[order[again - 1]]
    mean = DEPARTURE_MINUTES[world.category] * (1 + 1.6 * (0.75 - quality))
    left = received + minutes(rng.gamma(4.0, mean / 4.0))
    arrived = left + minutes(rng.gamma(3.0, 1.5, n))
    false = rng.random(n) < np.minimum(0.5, FALSE_ALARMS[world.category] * excess(quality))
    judged = rng.random(n) < 0.97
    called_back = rng.random(n) < 0.004
    nothing = np.full(n, NO_TIME)
    return Facts(
        dataset,
        {
            "call_id": ids("call-", n),
            "object_id": np.char.add("object-", called.astype(str)),
            "source": np.where(rng.random(n) < 0.2 + 0.6 * quality, "sensor", rng.choice(["phone", "video"], n)),
            "received_at": received,
            "due_at": received + minutes(np.full(n, NORM_MINUTES[world.category])),
            "departed_at": np.where(called_back, nothing, left),
            "arrived_at": np.where(called_back | false, nothing, arrived),
            "false_alarm": or_none(false, judged),
            **at_buildings(world, called % len(world.buildings)),
        },
    )


def _alerts(world: World, calls: Facts) -> Facts:
    dataset = "fire_safety.alerts"
    rng = world.rng(dataset)
    sent, day = moments(world, dataset, rng, at_least(world, ALERTS, 8))
    n = sent.size
    quality = world.quality_by_day(dataset, world.days_for(dataset))[day]
    call = rng.integers(0, len(calls), n)
    return Facts(
        dataset,
        {
            "alert_id": ids("alert-", n),
            "call_id": or_none(np.asarray(calls.columns["call_id"])[call], rng.random(n) < 0.6),
            "sent_at": sent,
            "channel": rng.choice(["siren", "voice", "sms", "app", "display"], n),
            "automatic": rng.random(n) < share(quality, 0.15, 0.84),
            "district": np.asarray(calls.columns["district"])[call],
        },
    )


def books(world: World, facts: Mapping[str, list[Facts]]) -> dict[str, Truth]:
    """Truth for rows 10.1 to 10.7 of the rated year."""
    sent, automatic = books_of.columns(facts, "fire_safety.alerts", "sent_at", "automatic")
    alerted = books_of.pooled(world.local_day(sent), automatic, np.ones(sent.size), world.rated_year, 100)
    last = np.datetime64(world.last_day, "D")
    objects, equipped = books_of.valid_on(facts, "fire_safety.objects", last, "objects", "equipped")
    return {
        **_of_calls(world, facts),
        "10.4": alerted,
        "10.6": books_of.stock_share(equipped, objects),
        "10.7": books_of.marks(world, facts, "fire_safety"),
    }


def _of_calls(world: World, facts: Mapping[str, list[Facts]]) -> dict[str, Truth]:
    """10.1: ∑ from receipt to departure / calls; 10.2: within the norm / calls whose norm ran out; 10.3, 10.5."""
    names = ("received_at", "departed_at", "due_at", "false_alarm", "object_id")
    received, departed, due, false, called = books_of.columns(facts, "fire_safety.calls", *names)
    if not received.size:
        return dict.fromkeys(("10.1", "10.2", "10.3", "10.5"), books_of.MISSING)
    year = world.rated_year
    on = world.local_day(received)
    every = np.ones(received.size, dtype=np.int64)
    spent, left = books_of.microseconds(departed, received, every.astype(bool))
    in_time = ~np.isnat(departed) & (departed <= due)
    judged = np.array([value is not None for value in false])
    untrue = np.array([value is not None and bool(value) for value in false])
    return {
        "10.1": books_of.pooled(on, spent, left, year, books_of.MINUTE),
        "10.2": books_of.pooled(world.local_day(due), in_time, every, year, 100),
        "10.3": books_of.pooled(on, untrue, judged, year, 100),
        "10.5": books_of.pooled(on, _called_again(received, called), every, year, 100),
    }


def _called_again(received: Array, called: Array) -> Array:
    """Calls before which the same object called within the term."""
    key = np.unique(called, return_inverse=True)[1]
    order = np.lexsort((received, key))
    near = np.diff(received[order]) <= np.timedelta64(REPEAT_DAYS, "D")
    again = np.zeros(received.size, dtype=bool)
    again[order[1:]] = near & (np.diff(key[order]) == 0)
    return again
