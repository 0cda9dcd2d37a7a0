"""Cameras of a simulated city: zones on roads, violations and fines, alarms and how they are answered."""

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
from qala.world.types import Category

Array = NDArray[Any]

VIOLATIONS_PER_VEHICLE: dict[Category, float] = {"republican": 0.058, "oblast": 0.036, "district": 0.014}
NOTICE_MINUTES: dict[Category, float] = {"republican": 9.4, "oblast": 18.5, "district": 28.0}
RESPONSE_MINUTES: dict[Category, float] = {"republican": 9.2, "oblast": 18.2, "district": 27.5}
INCIDENTS: dict[Category, float] = {"republican": 1_300, "oblast": 420, "district": 76}
FALSE_ALARMS: dict[Category, float] = {"republican": 0.0095, "oblast": 0.019, "district": 0.045}
TERM_DAYS = 30
DAYS_BEFORE = 40  # fines whose term ends in the first month were issued in the month before it
KINDS = (
    "fight", "crowd", "left_object", "fire_or_smoke", "intrusion", "vandalism", "wanted_person", "wanted_vehicle",
    "road_accident", "person_down",
)  # fmt: skip


def record(world: World) -> Iterator[Facts]:
    """Cameras, control zones, camera days, violations, fines and incidents."""
    cameras = _cameras(world)
    yield cameras
    yield _zones(world, cameras)
    yield _camera_days(world, cameras)
    violations = _violations(world, cameras)
    yield violations
    yield _fines(world, violations)
    yield _incidents(world, cameras)


def _cameras(world: World) -> Facts:
    rng = world.rng("video.cameras")
    n = max(6, round(world.population / 420))
    quality = world.quality("video.analytics")
    analytics = share(np.array([quality]), 0.15, 0.945)[0]
    return Facts(
        "video.cameras",
        {
            "camera_id": ids("cam-", n),
            "kind": np.where(np.arange(n) % 3 == 0, "photo_video", "surveillance"),
            "analytics": rng.permutation(n) < round(analytics * n),
            "valid_from": np.full(n, np.datetime64(world.first_day, "D")),
            "valid_to": np.full(n, NO_DAY),
            **places(world, rng, n),
        },
    )


def _zones(world: World, cameras: Facts) -> Facts:
    """Whole street edges come under control until the wanted share of the length is reached; some in the rated year."""
    rng = world.rng("video.camera_zones")
    streets = world.streets
    order = rng.permutation(len(streets))
    rank = np.empty(len(streets))
    rank[order] = (np.cumsum(streets.length_m[order]) - 1) / streets.length_m.sum()
    quality = world.quality("video.zones")
    before, after = share(np.array([quality - 0.1, quality + 0.03]), 0.06, 0.82)
    start = during_the_year(world, rng, rank, float(before), float(after))
    zone = np.flatnonzero(~np.isnat(start))
    photo = np.flatnonzero(np.asarray(cameras.columns["kind"]) == "photo_video")
    return Facts(
        "video.camera_zones",
        {
            "zone_id": np.char.add("zone-", streets.id[zone]),
            "camera_id": np.asarray(cameras.columns["camera_id"])[photo[np.arange(zone.size) % photo.size]],
            "segment_id": streets.id[zone],
            "covered_m": streets.length_m[zone],
            "district": streets.district[zone],
            "valid_from": start[zone],
            "valid_to": np.full(zone.size, NO_DAY),
        },
    )


def _camera_days(world: World, cameras: Facts) -> Facts:
    dataset = "video.camera_days"
    rng = world.rng(dataset)
    days = world.days_for(dataset)
    n = len(cameras)
    camera = np.tile(np.arange(n), days.size)
    day = np.repeat(np.arange(days.size), n)
    broken = rng.random(camera.size) < 0.01
    recorded = np.where(broken, rng.integers(0, 1200, camera.size), 1440 - rng.geometric(0.2, camera.size) + 1)
    recorded = np.maximum(recorded, 0)
    # In a bad month the analysing servers stand still for part of the day.
    works = np.minimum(1.0, 0.55 + 0.6 * world.quality_by_day("video.analytics", days))[day]
    analysed = np.where(np.asarray(cameras.columns["analytics"])[camera], np.floor(recorded * works), 0)
    return Facts(
        dataset,
        {
            "camera_id": np.asarray(cameras.columns["camera_id"])[camera],
            "day": days[day],
            "recorded_minutes": recorded,
            "analysed_minutes": analysed.astype(np.int64),
            "district": np.asarray(cameras.columns["district"])[camera],
        },
    )


def _violations(world: World, cameras: Facts) -> Facts:
    dataset = "video.violations"
    rng = world.rng(dataset)
    quality = world.quality_by_day("video.violations", world.days_for(dataset))
    seen = VIOLATIONS_PER_VEHICLE[world.category] * (0.55 + 0.65 * world.quality("video.violations"))
    per_month = max(seen * world.vehicles, 4) / world.scale
    detected, day = moments(world, dataset, rng, per_month)
    n = detected.size
    wait = rng.gamma(1.6, NOTICE_MINUTES[world.category] * excess(quality[day]) / 1.6)
    notified = before_the_end(world, detected + minutes(wait))
    photo = np.flatnonzero(np.asarray(cameras.columns["kind"]) == "photo_video")
    camera = photo[rng.integers(0, photo.size, n)]
    kinds = ["speeding", "red_light", "lane", "parking", "seat_belt", "phone", "other"]
    return Facts(
        dataset,
        {
            "violation_id": ids("violation-", n),
            "camera_id": np.asarray(cameras.columns["camera_id"])[camera],
            "kind": rng.choice(kinds, n, p=[0.55, 0.1, 0.09, 0.08, 0.09, 0.05, 0.04]),
            "detected_at": detected,
            "notified_at": np.where(rng.random(n) < 0.006, NO_TIME, notified),
            "automatic": rng.random(n) < share(quality[day], 0.2, 0.93),
            "vehicle": or_none(_plates(world, rng, n), rng.random(n) > 0.003),
            "district": np.asarray(cameras.columns["district"])[camera],
            "lat": np.asarray(cameras.columns["lat"])[camera],
            "lon": np.asarray(cameras.columns["lon"])[camera],
        },
    )


def _plates(world: World, rng: np.random.Generator, count: int) -> Array:
    return np.asarray(np.char.add("V", rng.integers(0, world.vehicles, count).astype(str)))


def _fines(world: World, violations: Facts) -> Facts:
    """Most violations end in a fine some days later; fines of the weeks before the rated year are drawn apart."""
    rng = world.rng("video.fines")
    chosen = np.flatnonzero(rng.random(len(violations)) < 0.85)
    on = world.local_day(np.asarray(violations.columns["detected_at"])[chosen])
    issued = on + rng.integers(1, 6, chosen.size)
    kept = issued <= np.datetime64(world.last_day)
    chosen, issued = chosen[kept], issued[kept]
    opening = np.datetime64(world.days_for("video.fines")[0], "D")
    earlier = max(2, round(chosen.size * DAYS_BEFORE / world.days_for("video.fines").size))
    issued = np.concatenate([opening - rng.integers(1, DAYS_BEFORE + 1, earlier), issued])
    n = issued.size
    ends = issued + np.timedelta64(TERM_DAYS, "D")
    rate = share(world.quality_by_day("video.fines", ends), 0.3, 0.93)
    soon = rng.random(n) < 0.7
    paid = issued + np.where(soon, rng.integers(0, 8, n), rng.integers(8, 60, n))
    pays = (rng.random(n) < rate) & (paid <= np.datetime64(world.last_day))
    own = np.asarray(violations.columns["violation_id"])[chosen].astype(object)
    where = np.asarray(violations.columns["district"])[chosen]
    return Facts(
        "video.fines",
        {
            "fine_id": ids("fine-", n),
            "violation_id": np.concatenate([np.full(earlier, None, dtype=object), own]),
            "issued_on": issued,
            "term_ends_on": ends,
            "paid_on": np.where(pays, paid, NO_DAY),
            "amount": rng.choice(np.array([19660.0, 39320.0, 58980.0, 78640.0]), n),
            "district": np.concatenate([world.pick_district(rng, earlier), where]),
        },
    )


def _incidents(world: World, cameras: Facts) -> Facts:
    """Alarms of video monitoring, and of enforcement those that an operator has looked at."""
    dataset = "video.incidents"
    rng = world.rng(dataset)
    level = 0.45 + 0.75 * world.quality("video.incidents")
    detected, day = moments(world, dataset, rng, at_least(world, INCIDENTS, 6) * level * 1.5, flat=True)
    n = detected.size
    quality = world.quality_by_day("video.incidents", world.days_for(dataset))[day]
    video = rng.random(n) < 0.68
    false = rng.random(n) < np.minimum(0.6, FALSE_ALARMS[world.category] * excess(quality))
    judged = rng.random(n) < 0.93
    wait = rng.gamma(2.0, RESPONSE_MINUTES[world.category] * excess(quality) / 2.0)
    answered = ~false | (rng.random(n) < 0.2)
    camera = rng.integers(0, len(cameras), n)
    verdict = np.where(false, "false_alarm", "true_alarm")
    return Facts(
        dataset,
        {
            "incident_id": ids("incident-", n),
            "system": np.where(video, "video", "photo_video"),
            "camera_id": np.asarray(cameras.columns["camera_id"])[camera],
            "kind": np.where(video, rng.choice(KINDS, n), "traffic_violation"),
            "detected_at": detected,
            "responded_at": np.where(answered, before_the_end(world, detected + minutes(wait)), NO_TIME),
            "verdict": or_none(verdict, judged),
            "automatic": rng.random(n) < share(quality, 0.4, 0.93),
            **at_buildings(world, world.pick_building(rng, n)),
        },
    )


def books(world: World, facts: Mapping[str, list[Facts]]) -> dict[str, Truth]:
    """Truth for rows 9.1 to 9.9 of the rated year."""
    year = world.rated_year
    detected, notified, automatic = books_of.columns(
        facts, "video.violations", "detected_at", "notified_at", "automatic"
    )
    on = world.local_day(detected)
    one = np.ones(on.size, dtype=np.int64)
    spent, sent = books_of.microseconds(notified, detected, one.astype(bool)) if on.size else (one, one)
    ends, paid, issued = books_of.columns(facts, "video.fines", "term_ends_on", "paid_on", "issued_on")
    day, recorded, analysed = books_of.columns(
        facts, "video.camera_days", "day", "recorded_minutes", "analysed_minutes"
    )
    return {
        "9.1": _covered(world, facts),
        "9.2": books_of.monthly(on, one, year, facts, "vehicles", 1000),
        "9.3": books_of.pooled(on, automatic, one, year, 100),
        "9.4": books_of.pooled(on, spent, sent, year, books_of.MINUTE),
        "9.5": books_of.only_delivered(books_of.pooled(ends, ~np.isnat(paid), np.ones(ends.size), year, 100), issued),
        "9.7": books_of.pooled(day, analysed, recorded, year, 100),
        **_of_incidents(world, facts),
    }


def _covered(world: World, facts: Mapping[str, list[Facts]]) -> Truth:
    """9.1: metres of road under control / metres of road, on the year's last day."""
    last = np.datetime64(world.last_day, "D")
    (covered,) = books_of.valid_on(facts, "video.camera_zones", last, "covered_m")
    (length,) = books_of.valid_on(facts, "roads.segments", last, "length_m")
    return books_of.stock_share(covered, length) if covered.size else books_of.MISSING


def _of_incidents(world: World, facts: Mapping[str, list[Facts]]) -> dict[str, Truth]:
    """9.6: true incidents that the system found in a month; 9.8: ∑ time to response / number; 9.9: false / judged."""
    names = ("detected_at", "responded_at", "system", "verdict", "automatic")
    detected, responded, system, verdict, automatic = books_of.columns(facts, "video.incidents", *names)
    if not detected.size:
        return {"9.6": books_of.MISSING, "9.8": books_of.MISSING, "9.9": books_of.MISSING}
    year = world.rated_year
    on = world.local_day(detected)
    false = verdict == "false_alarm"
    real = (system == "video") & ~false
    spent, answered = books_of.microseconds(responded, detected, real)
    judged = false | (verdict == "true_alarm")
    return {
        "9.6": books_of.monthly(on, real & automatic.astype(bool), year, facts),
        "9.8": books_of.pooled(on, spent, answered, year, books_of.MINUTE),
        "9.9": books_of.pooled(on, false, judged, year, 100),
    }
