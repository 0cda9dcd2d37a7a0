"""What happens in the city and reaches the situation centre: incidents, emergency calls, crimes."""

from __future__ import annotations

from collections.abc import Iterator
from statistics import NormalDist
from typing import Any

import numpy as np
from numpy.typing import NDArray

from qala.world import Facts, World
from qala.world.drawing import NO_TIME, at_least, before_the_end, excess, ids, minutes, moments, places
from qala.world.types import Category

Array = NDArray[Any]
Volumes = dict[Category, float]

# Rows a month of a whole city (scale 1).
INCIDENTS: Volumes = {"republican": 6_000, "oblast": 1_800, "district": 400}
EMERGENCIES: Volumes = {"republican": 45_000, "oblast": 9_000, "district": 1_000}
CRIMES: Volumes = {"republican": 2_600, "oblast": 700, "district": 110}
# Bearable amounts and shares.
ARRIVAL_MIN: Volumes = {"republican": 6.0, "oblast": 10.0, "district": 15.0}
LATE_ARRIVALS: Volumes = {"republican": 0.1, "oblast": 0.15, "district": 0.3}
YEARLY_FALL: Volumes = {"republican": 0.055, "oblast": 0.035, "district": 0.015}


def record(world: World) -> Iterator[Facts]:
    """Incidents, calls to the emergency services, crimes."""
    yield _incidents(world)
    yield _emergency_calls(world)
    yield _crimes(world)


def _excess(world: World, side: str, days: Array) -> Array:
    return excess(world.quality_by_day(f"situation_centre.{side}", days))


def _falling(world: World, side: str, moment_days: Array) -> Array:
    """What the yearly number of bad things is multiplied by on each day: it falls in the rated year where a city is good."""
    drop = YEARLY_FALL[world.category] + (world.quality(f"situation_centre.{side}") - 0.75) * 0.3
    year = moment_days.astype("datetime64[Y]").astype(int) + 1970 - world.first_day.year
    return np.asarray((1.0 - drop) ** year)


def _incidents(world: World) -> Facts:
    dataset = "situation_centre.incidents"
    rng = world.rng(dataset)
    days = world.days_for(dataset)
    created, day = moments(world, dataset, rng, at_least(world, INCIDENTS, 30))
    n = created.size
    many = _excess(world, "incidents", days)[day]
    draw = rng.random(n)
    major = 0.08 * _falling(world, "incidents", days)[day]
    kinds = ["fire", "road_accident", "utility_accident", "public_order", "outage", "sensor", "flood", "other"]
    by_hand = rng.random(n) < np.minimum(0.9, 0.09 * many)
    reopened = rng.random(n) < np.minimum(0.3, 0.008 * many)
    closed = before_the_end(world, created + minutes(rng.gamma(1.5, 40.0, n) * (1 + by_hand) * np.minimum(many, 6)))
    return Facts(
        dataset,
        {
            "incident_id": ids("incident-", n),
            "incident_kind": rng.choice(kinds, n, p=[0.12, 0.2, 0.12, 0.18, 0.12, 0.14, 0.02, 0.1]),
            "severity": np.select(
                [draw < major * 0.15, draw < major, draw < 0.35], ["critical", "major", "moderate"], "minor"
            ),
            "created_at": created,
            "closed_at": closed,
            "human_acts": np.where(by_hand, rng.integers(1, 5, n), 0),
            "notified_automatically": ~by_hand | (rng.random(n) < 0.5),
            "reopened": reopened,
            **places(world, rng, n),
        },
    )


def _emergency_calls(world: World) -> Facts:
    dataset = "situation_centre.emergency_calls"
    rng = world.rng(dataset)
    days = world.days_for(dataset)
    received, day = moments(world, dataset, rng, at_least(world, EMERGENCIES, 120))
    n = received.size
    # Lengths of driving are lognormal; their middle is put where the wanted share arrives in time.
    late = np.clip(LATE_ARRIVALS[world.category] * _excess(world, "emergency_calls", days), 0.01, 0.95)
    middle = ARRIVAL_MIN[world.category] * np.exp(-0.4 * np.array([NormalDist().inv_cdf(1 - x) for x in late.tolist()]))
    whole = middle[day] * np.exp(0.4 * rng.standard_normal(n))
    service_no = rng.choice(4, n, p=[0.05, 0.72, 0.2, 0.03])
    urgent = rng.random(n) < 0.18
    classes = np.where(
        service_no == 1,
        np.where(urgent, "urgency_1", rng.choice(["urgency_2", "urgency_3", "urgency_4"], n)),
        np.array(["fire", "", "other", "rescue"])[service_no],
    )
    cancelled = rng.random(n) < 0.03
    nobody = cancelled | (rng.random(n) < 0.004)
    return Facts(
        dataset,
        {
            "call_id": ids("112-", n),
            "line": np.array(["101", "103", "102", "112"])[service_no],
            "service": np.array(["fire", "ambulance", "police", "rescue"])[service_no],
            "urgency_class": classes,
            "received_at": received,
            "dispatched_at": np.where(nobody, NO_TIME, received + minutes(whole * 0.2)),
            "arrived_at": np.where(nobody, NO_TIME, received + minutes(whole)),
            "cancelled": cancelled,
            **places(world, rng, n),
        },
    )


def _crimes(world: World) -> Facts:
    dataset = "situation_centre.crimes"
    rng = world.rng(dataset)
    days = world.days_for(dataset)
    recorded, day = moments(world, dataset, rng, at_least(world, CRIMES, 40))
    n = recorded.size
    grave = 0.14 * _falling(world, "crimes", days)[day]
    draw = rng.random(n)
    return Facts(
        dataset,
        {
            "crime_id": ids("case-", n),
            "recorded_at": recorded,
            "committed_on": days[day] - rng.geometric(0.3, n).astype("timedelta64[D]"),
            "gravity": np.select(
                [draw < grave * 0.2, draw < grave, draw < 0.55], ["especially_grave", "grave", "medium"], "minor"
            ),
            "district": world.pick_district(rng, n),
        },
    )
