"""What the situation centre's own platform records: updates, probes of the public dashboard, map, layers, boards."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

from qala.world import Facts, World
from qala.world.drawing import NO_DAY, NO_TIME, at_buildings, during_the_year, excess, ids, minutes, moments
from qala.world.types import Category

Array = NDArray[Any]
Volumes = dict[Category, float]

# Bearable amounts and shares.
DELAY_MIN: Volumes = {"republican": 15.0, "oblast": 30.0, "district": 45.0}
# Datasets whose updates are journalled, by category, with the hours that may lie between two of them.
JOURNAL = {
    "safety": (
        1.0,
        ("situation_centre.incidents", "situation_centre.emergency_calls", "situation_centre.crimes",
         "video.incidents", "fire_safety.calls"),
    ),
    "housing": (
        24.0,
        ("contact_centre.appeals", "power.outages", "water.outages", "heat.outages", "gas.outages"),
    ),
    "ecology": (
        1.0,
        ("situation_centre.air_readings", "situation_centre.water_quality_readings",
         "situation_centre.noise_readings"),
    ),
    "education": (24.0, ("situation_centre.school_feeds",)),
}  # fmt: skip
FEEDS = ("transport.boardings", "contact_centre.appeals", "settlement_centre.payments", "waste.weighings")
VISUAL_TYPES = (
    "chart", "map", "table", "mnemonic_scheme", "gauge", "heatmap", "timeline", "model_3d", "video_wall", "infographic",
)  # fmt: skip
LAYERS = (
    "streets", "buildings", "schools", "clinics", "transit", "parking", "water", "power", "heat", "gas", "waste", "trees",
    "air", "incidents", "cameras",
)  # fmt: skip


def record(world: World) -> Iterator[Facts]:
    """Updates, probes, the journal of updates, and the registries of the map and the boards."""
    yield _updates(world)
    yield _probes(world)
    yield _dataset_updates(world)
    yield from _map_and_boards(world)


def _excess(world: World, side: str, days: Array) -> Array:
    return excess(world.quality_by_day(f"situation_centre.{side}", days))


def _updates(world: World) -> Facts:
    dataset = "situation_centre.updates"
    rng = world.rng(dataset)
    days = world.days_for(dataset)
    visible, day = moments(world, dataset, rng, 720 * len(FEEDS) / world.scale, flat=True)
    n = visible.size
    delay = DELAY_MIN[world.category] * _excess(world, "updates", days)[day] * rng.gamma(3.0, 1 / 3.0, n)
    registered = visible - minutes(delay)
    return Facts(
        dataset,
        {
            "update_id": ids("update-", n),
            "dataset_id": np.array(FEEDS)[rng.integers(0, len(FEEDS), n)],
            "visible_at": visible,
            "registered_at": registered,
            "event_at": registered - minutes(rng.gamma(2.0, 4.0, n)),
            "row_count": rng.integers(1, 400, n),
        },
    )


def _probes(world: World) -> Facts:
    dataset = "situation_centre.probes"
    rng = world.rng(dataset)
    days = world.days_for(dataset)
    every = 60 if world.scale >= 0.1 else 300  # seconds; a small city is probed less often
    a_day = 86_400 // every
    n = days.size * a_day
    # Outages of half an hour on average, a fifth of them planned work at night; now and then one lost answer.
    starts = np.flatnonzero(rng.random(n) < np.repeat(_excess(world, "probes", days), a_day) * 0.0048 * every / 1800)
    length = 1 + rng.exponential(1800 / every, starts.size).astype(np.int64)
    turns = np.zeros(n + 1, dtype=np.int64)
    planned_turns = np.zeros(n + 1, dtype=np.int64)
    ends = np.minimum(starts + length, n)
    is_planned = rng.random(starts.size) < 0.2
    for turn, chosen in ((turns, slice(None)), (planned_turns, is_planned)):
        np.add.at(turn, starts[chosen], 1)
        np.add.at(turn, ends[chosen], -1)
    answered = (np.cumsum(turns)[:-1] == 0) & (rng.random(n) >= 0.0003)
    last_good = np.maximum.accumulate(np.where(answered, np.arange(n), -1))
    return Facts(
        dataset,
        {
            "probed_at": world.utc(np.repeat(days, a_day), np.tile(np.arange(a_day) * every, days.size)),
            "vantage": np.full(n, "outside-1"),
            "answered": answered,
            "failures_in_row": np.arange(n) - last_good,
            "planned": np.cumsum(planned_turns)[:-1] > 0,
        },
    )


def _dataset_updates(world: World) -> Facts:
    dataset = "situation_centre.dataset_updates"
    rng = world.rng(dataset)
    days = world.days_for(dataset)
    parts: dict[str, list[Array]] = {"dataset_id": [], "category": [], "updated_at": [], "previous_at": []}
    for category, (hours, names) in JOURNAL.items():
        # Updates a day; their running number is turned into time, so that a bad month has longer gaps.
        rate = 24.0 / (hours * _excess(world, f"journal_{category}", days))
        total = np.concatenate([[0.0], np.cumsum(rate)])
        for name in names:
            if (
                name.partition(".")[0] in ("power", "water", "heat", "gas")
                and name.partition(".")[0] not in world.networks
            ):
                continue
            steps = np.cumsum(rng.gamma(4.0, 0.25, int(total[-1] * 1.1) + 20))
            at = np.interp(steps[steps < total[-1]], total, np.arange(days.size + 1))
            seconds = np.unique((at * 86_400).astype(np.int64))
            updated = world.utc(days[seconds // 86_400], seconds % 86_400)
            parts["dataset_id"].append(np.full(updated.size, name))
            parts["category"].append(np.full(updated.size, category))
            parts["updated_at"].append(updated)
            parts["previous_at"].append(np.concatenate([[NO_TIME], updated[:-1]]))
    joined = {name: np.concatenate(columns) for name, columns in parts.items()}
    n = joined["updated_at"].size
    return Facts(dataset, {"update_id": ids("commit-", n), **joined, "new_rows": 1 + rng.poisson(20, n)})


def _map_and_boards(world: World) -> Iterator[Facts]:
    quality = world.quality("situation_centre.platform")
    rng = world.rng("situation_centre.map_objects")
    start = np.datetime64(world.first_day, "D")

    own = world.buildings
    kinds = {"school": "school", "clinic": "health", "hospital": "health", "fire_station": "fire_station"}
    chosen = np.flatnonzero(np.isin(own.kind, list(kinds)))
    extra = rng.integers(0, len(own), world.sized({"republican": 420, "oblast": 120, "district": 40}, 12))
    others = np.array(["heat", "water", "power", "bridge", "vulnerable_site", "other"])
    object_kind = np.concatenate(
        [
            np.array([kinds[kind] for kind in own.kind[chosen].tolist()]),
            others[rng.integers(0, others.size, extra.size)],
        ]
    )
    where = at_buildings(world, np.concatenate([chosen, extra]))
    n = object_kind.size
    objects = ids("K", n)
    since = np.full(n, start)
    yield Facts(
        "situation_centre.critical_objects",
        {
            "object_id": objects,
            "object_kind": object_kind,
            "act": np.full(n, "№ 1"),
            **where,
            "valid_from": since,
            "valid_to": np.full(n, NO_DAY),
        },
    )
    # Live data come to more and more objects through the year: a row until then, another from then on.
    missing = min(0.9, 0.05 * float(excess(np.array(quality))))
    day = during_the_year(world, rng, rng.random(n), 1 - 1.8 * missing, 1 - missing)
    later = np.flatnonzero(~np.isnat(day) & (day > start))
    live = ~np.isnat(day) & (day <= start)
    row = np.concatenate([np.arange(n), later])
    first = np.arange(row.size) < n
    yield Facts(
        "situation_centre.map_objects",
        {
            "object_id": objects[row],
            "layer_id": object_kind[row],
            "has_geometry": np.where(first, live[row] | (rng.random(row.size) < 0.7), True),
            "has_live_data": np.where(first, live[row], True),
            "lat": where["lat"][row],
            "lon": where["lon"][row],
            "valid_from": np.where(first, since[row], day[row]),
            "valid_to": np.where(first & np.isin(row, later), day[row] - np.timedelta64(1, "D"), NO_DAY),
        },
    )
    good = min(len(LAYERS), max(2, round(4 + 8.6 * quality)))
    count = min(len(LAYERS), good + 2)
    fresh = np.arange(count) < good
    yield Facts(
        "situation_centre.layers",
        {
            "layer_id": np.array(LAYERS)[:count],
            "title": np.array(LAYERS)[:count],
            "features": np.where(fresh | (np.arange(count) % 2 == 0), rng.integers(5, 900, count), 0),
            "cadence_hours": np.full(count, 24),
            "within_cadence": fresh,
            "published": np.arange(count) < good + 1,
            "valid_from": np.full(count, start),
            "valid_to": np.full(count, NO_DAY),
        },
    )
    kinds_shown = min(len(VISUAL_TYPES), max(1, round(2.4 + 4 * quality)))
    types = np.tile(np.arange(min(len(VISUAL_TYPES), kinds_shown + 1)), 3)
    shown = types < kinds_shown
    yield Facts(
        "situation_centre.visualisations",
        {
            "visualisation_id": ids("view-", types.size),
            "visual_type": np.array(VISUAL_TYPES)[types],
            "board": np.where(shown, "city", "draft"),
            "published": np.ones(types.size, dtype=bool),
            "on_published_board": shown,
            "valid_from": np.full(types.size, start),
            "valid_to": np.full(types.size, NO_DAY),
        },
    )
