"""The 109 centre of a simulated city: calls, appeals on every topic of the city, and marks for every service.

Rates follow `world.quality_by_day`: at 0.75 a service just meets its norm, above it does better, below worse.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from qala.world import Facts, Truth, World
from qala.world.drawing import NO_TIME, at_buildings, before_the_end, excess, ids, minutes, moments, or_none
from qala.world.reckoning import HOUR, MISSING, columns, marks, microseconds, monthly, pooled
from qala.world.types import Category

Array = NDArray[Any]

# Rows a month of a whole city (scale 1), by category.
CALLS: dict[Category, float] = {"republican": 125_000, "oblast": 38_000, "district": 6_400}
APPEALS: dict[Category, float] = {"republican": 108_000, "oblast": 32_500, "district": 5_400}
CLOSING_MARKS: dict[Category, float] = {"republican": 6_000, "oblast": 2_400, "district": 700}
SERVICE_MARKS: dict[Category, float] = {"republican": 1_200, "oblast": 700, "district": 400}

# Complaints to a thousand residents a month when a service is just good enough.
COMPLAINTS = {"republican": 1.6, "oblast": 4.0, "district": 8.0}
# Topic -> the system whose quality drives it, and its share of that system's complaints.
TOPICS = {
    "roads": ("roads", 0.6),
    "potholes": ("roads", 0.4),
    "waste": ("waste", 1.0),
    "greenery": ("greenery", 0.7),
    "power": ("power", 1.0),
    "water": ("water", 1.0),
    "heat": ("heat", 1.0),
    "gas": ("gas", 1.0),
    "lighting": ("situation_centre", 0.5),
    "sanitation": ("situation_centre", 0.4),
    "parking": ("parking", 0.15),
    "stops": ("stops", 0.2),
    "transport": ("transport", 0.4),
    "billing": ("settlement_centre", 0.3),
}
# Hours allowed by topic; what is not here has no norm.
NORM_HOURS = {
    "roads": 240, "potholes": 120, "waste": 24, "greenery": 120, "power": 24, "water": 24, "heat": 24,
    "gas": 24, "lighting": 72, "sanitation": 72, "parking": 120, "stops": 120, "transport": 120,
    "billing": 120,
}  # fmt: skip
NORMS_OF_MARKS = {"republican": 9.0, "oblast": 8.0, "district": 7.0}
NORMS_OF_CLOSING = {"republican": 4.0, "oblast": 3.5, "district": 3.0}
SERVICES = (
    "contact_centre", "settlement", "transport", "parking", "traffic", "roads", "stops", "fire_safety",
    "greenery", "waste", "power", "water", "heat", "gas",
)  # fmt: skip
BAD_WAIT_S = {"republican": 9.0, "oblast": 18.0, "district": 27.0}
BAD_LATE = {"republican": 0.2, "oblast": 0.25, "district": 0.4}
BAD_REPEATS = {"republican": 0.008, "oblast": 0.025, "district": 0.05}
BAD_SECOND_CONTACTS = {"republican": 0.075, "oblast": 0.12, "district": 0.16}
BAD_FORWARDED = {"republican": 0.1, "oblast": 0.15, "district": 0.2}
NETWORKS = ("power", "water", "heat", "gas")
# All else that people turn to the centre about.
OTHER_TOPICS = (
    "housing", "construction", "social", "health", "education", "documents", "animals", "noise", "air",
    "other",
)  # fmt: skip
CHANNELS = ("call", "app", "messenger", "web", "social", "chat", "office", "device")
CHANNEL_SHARES = (0.55, 0.18, 0.1, 0.07, 0.04, 0.03, 0.02, 0.01)


def record(world: World) -> Iterator[Facts]:
    """Everything that the 109 centre records in all days of the world."""
    yield _calls(world)
    yield _appeals(world)
    yield _survey_answers(world)


def _odds(bearable: float, many: Array) -> Array:
    """A share that is `bearable` times `many` while it is small, and never reaches 1."""
    return np.asarray(bearable * many / (1.0 + bearable * (np.maximum(many, 1.0) - 1.0)))


def _seconds(amount: Array) -> Array:
    return minutes(amount / 60)


def _sorted_moments(world: World, dataset: str, rng: np.random.Generator, per_month: float) -> tuple[Array, Array]:
    """As `moments`, in the order of time; days do not mix, so each one's day stays in its place."""
    at, day = moments(world, dataset, rng, per_month)
    return np.sort(at), day


def _calls(world: World) -> Facts:
    dataset = "contact_centre.calls"
    rng = world.rng(dataset)
    queued, day = _sorted_moments(world, dataset, rng, CALLS[world.category])
    n = queued.size
    many = excess(world.quality_by_day("contact_centre.calls", world.days_for(dataset)))[day]
    wait = rng.exponential(BAD_WAIT_S[world.category], n) * many
    patience = rng.exponential(BAD_WAIT_S[world.category] * 30, n) + 1
    bot = rng.random(n) < 0.12
    wait = np.where(bot, 0.4, wait)
    gave_up = (patience < wait) & ~bot
    return Facts(
        dataset,
        {
            "call_id": ids("call-", n),
            "queued_at": queued,
            "answered_at": np.where(gave_up, NO_TIME, queued + _seconds(wait)),
            "abandoned_at": np.where(gave_up, queued + _seconds(patience), NO_TIME),
            "ended_at": np.where(gave_up, NO_TIME, queued + _seconds(wait + rng.gamma(2.0, 75.0, n))),
            "bot": bot,
            "citizen": world.pick_citizen(rng, n),
            "district": world.pick_district(rng, n),
        },
    )


def _topics(world: World, days: Array) -> tuple[list[str], Array, Array]:
    """Topics, and for each day and topic its share of the day's appeals and the share that is late."""
    monthly = APPEALS[world.category] * world.scale
    names = [name for name in TOPICS if name not in NETWORKS or name in world.networks]
    rest = len(OTHER_TOPICS)
    shares = np.empty((days.size, len(names)))
    late = np.zeros((days.size, len(names) + rest))
    for i, name in enumerate(names):
        system, part = TOPICS[name]
        many = excess(world.quality_by_day(f"{system}.appeals", days))
        shares[:, i] = COMPLAINTS[world.category] * part * many * world.population / 1000 / monthly
        late[:, i] = _odds(BAD_LATE[world.category], many)
    shares *= np.minimum(1.0, 0.85 / shares.sum(axis=1, keepdims=True))
    others = np.repeat((1 - shares.sum(axis=1, keepdims=True)) / rest, rest, axis=1)
    return [*names, *OTHER_TOPICS], np.hstack([shares, others]), late


def _appeals(world: World) -> Facts:
    dataset = "contact_centre.appeals"
    rng = world.rng(dataset)
    days = world.days_for(dataset)
    received, day = _sorted_moments(world, dataset, rng, APPEALS[world.category])
    n = received.size
    many = excess(world.quality_by_day("contact_centre.appeals", days))[day]
    names, shares, lateness = _topics(world, days)
    draw = rng.random(n)
    topic_no = (np.cumsum(shares, axis=1)[:, :-1][day] < draw[:, None]).sum(axis=1)
    home = world.pick_building(rng, n)
    flat = 1 + (rng.random(n) * world.buildings.flats[home]).astype("int64")
    person = world.pick_citizen(rng, n)
    # Some come back about the same thing: they take person, place and topic of a row of the days before.
    again = np.flatnonzero(rng.random(n) < _odds(BAD_REPEATS[world.category], many))
    again = again[again > 0]
    behind = again - rng.integers(1, np.minimum(again, max(n // 40, 1)) + 1)
    for column in (topic_no, home, flat, person):
        column[again] = column[behind]
    spam = rng.random(n) < 0.015
    norm = np.array([NORM_HOURS.get(name, 0) for name in names], float)[topic_no] * 3600
    placed = (norm > 0) & ~spam
    topic = np.array(names)[topic_no]
    other_kinds = rng.choice(["question", "request", "idea"], n, p=[0.7, 0.25, 0.05])

    late = rng.random(n) < lateness[day, topic_no]
    working = np.where(late, norm * (1.02 + rng.exponential(0.5, n)), norm * rng.beta(1.3, 4.0, n))
    quick = rng.gamma(1.5, 400.0, n) * (1 + many)
    closed = received + _seconds(np.where(norm > 0, working, quick))
    still_open = np.isnat(before_the_end(world, closed)) | (rng.random(n) < 0.002)
    second = rng.random(n) < _odds(BAD_SECOND_CONTACTS[world.category], many)
    contacts = np.where(second, 1 + rng.geometric(0.7, n), 1)
    forwarded = rng.random(n) < _odds(BAD_FORWARDED[world.category], many)
    ended = np.where((rng.random(n) < 0.012) | spam, "rejected", "resolved")
    address = np.char.add(np.char.add(world.addresses(home), "-"), flat.astype(str))
    numbers = ids("appeal-", n)
    duplicate = (rng.random(n) < 0.02) & (np.arange(n) > 0)
    duplicate_of = np.full(n, None, dtype=object)
    duplicate_of[duplicate] = numbers[np.flatnonzero(duplicate) - 1]
    return Facts(
        dataset,
        {
            "appeal_id": numbers,
            "received_at": received,
            "channel": rng.choice(CHANNELS, n, p=CHANNEL_SHARES),
            "kind": np.where(placed, "complaint", other_kinds),
            "topic": topic,
            "status": np.where(still_open, np.where(forwarded, "forwarded", "open"), ended),
            "contacts": contacts.astype("int64"),
            "forwarded": forwarded,
            "spam": spam,
            "duplicate_of": duplicate_of,
            "deadline_at": np.where(norm > 0, received + _seconds(norm), NO_TIME),
            "closed_at": np.where(still_open, NO_TIME, closed),
            "citizen": or_none(person, ~spam),
            "address": or_none(address, placed),
            "service": or_none(topic, forwarded & placed),
            **at_buildings(world, home),
        },
    )


def _survey_answers(world: World) -> Facts:
    dataset = "contact_centre.survey_answers"
    rng = world.rng(dataset)
    days = world.days_for(dataset)
    topics: list[Array] = []
    times: list[Array] = []
    marks: list[Array] = []
    for topic in ("appeal_closing", *SERVICES):
        if topic in NETWORKS and topic not in world.networks:
            continue
        after_contact = topic in ("appeal_closing", "contact_centre")
        answered, day = moments(
            world, dataset, rng, (CLOSING_MARKS if after_contact else SERVICE_MARKS)[world.category]
        )
        highest = 5 if topic == "appeal_closing" else 10
        norm = (NORMS_OF_CLOSING if highest == 5 else NORMS_OF_MARKS)[world.category]
        system = {"appeal_closing": "contact_centre", "settlement": "settlement_centre"}.get(topic, topic)
        quality = world.quality_by_day(f"{system}.marks", days)[day]
        wanted = np.minimum(highest - 0.1, norm * (0.86 + 0.2 * quality))
        times.append(answered)
        topics.append(np.full(answered.size, topic))
        marks.append(1.0 + rng.binomial(highest - 1, (wanted - 1) / (highest - 1)))
    answered = np.concatenate(times)
    n = answered.size
    return Facts(
        dataset,
        {
            "answer_id": ids("answer-", n),
            "topic": np.concatenate(topics),
            "asked_at": answered - minutes(rng.exponential(120, n)),
            "answered_at": answered,
            "mark": np.concatenate(marks),
            "channel": rng.choice(["sms", "app", "messenger", "call"], n),
            "citizen": world.pick_citizen(rng, n),
            "district": world.pick_district(rng, n),
        },
    )


def books(world: World, facts: Mapping[str, list[Facts]]) -> dict[str, Truth]:
    """Truth for rows 2.1 to 2.7 of the rated year, from the order's formulas and the defaults of the open terms."""
    return {"2.1": _mean_wait(world, facts), **_of_appeals(world, facts), "2.3": marks(world, facts, "contact_centre")}


def _mean_wait(world: World, facts: Mapping[str, list[Facts]]) -> Truth:
    """«∑Время ожидания / Кол-во обращений»: calls that an operator answered, seconds."""
    queued, answered, bot = columns(facts, "contact_centre.calls", "queued_at", "answered_at", "bot")
    if not queued.size:
        return MISSING
    waited, known = microseconds(answered, queued, ~bot.astype(bool))
    return pooled(world.local_day(queued), waited, known, world.rated_year, 1e-6)


def _of_appeals(world: World, facts: Mapping[str, list[Facts]]) -> dict[str, Truth]:
    year = world.rated_year
    names = ("received_at", "closed_at", "status", "contacts", "forwarded", "spam", "topic", "citizen", "address")
    received, closed, status, contacts, forwarded, spam, topic, citizen, address = columns(
        facts, "contact_centre.appeals", *names
    )
    if not received.size:
        return dict.fromkeys(("2.2", "2.4", "2.5", "2.6", "2.7"), MISSING)
    real = ~spam.astype(bool)
    day = world.local_day(received)
    resolved = real & (status == "resolved")
    taken, known = microseconds(closed, received, resolved)
    again = np.zeros(received.size, dtype=bool)
    for who in (citizen, address):
        again |= _repeated(received, topic, who, real)
    return {
        "2.2": pooled(day, resolved & (contacts == 1), real, year, 100),
        "2.4": monthly(day, real, year, facts),
        "2.5": pooled(day, real & forwarded.astype(bool), real, year, 100),
        "2.6": _in_delivered_months(pooled(world.local_day(closed), taken, known, year, HOUR), day),
        "2.7": pooled(day, again, real, year, 100),
    }


def _in_delivered_months(truth: Truth, days: Array) -> Truth:
    """A month in which nothing came is missing, even if appeals of other months were closed in it."""
    came = {str(month) for month in np.unique(days.astype("datetime64[M]"))}
    return replace(truth, months={month: value for month, value in truth.months.items() if month in came})


def _repeated(received: Array, topic: Array, who: Array, real: Array) -> Array:
    """Rows before which the same person (or address) came with the same topic within 30 days."""
    again = np.zeros(received.size, dtype=bool)
    named = np.flatnonzero(real & np.array([name is not None for name in who]))
    if not named.size:
        return again
    both = np.char.add(np.char.add(who[named].astype(str), "|"), topic[named].astype(str))
    key = np.unique(both, return_inverse=True)[1]
    order = np.lexsort((received[named], key))
    same = key[order][1:] == key[order][:-1]
    soon = np.diff(received[named][order]) <= np.timedelta64(30, "D")
    again[named[order][1:]] = same & soon
    return again
