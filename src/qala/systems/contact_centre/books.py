"""The true values of the seven KPIs of initiative 2, from the order's formulas and nothing else.

Each function counts with numpy over the facts it is given and knows neither `kpis.yaml` nor the engine.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from qala.world import Facts, Truth, World

Array = NDArray[Any]

REPEAT_DAYS = 30  # open terms: the same person or address and topic within 30 days


def books(world: World, facts: Mapping[str, list[Facts]]) -> dict[str, Truth]:
    """Truth for rows 2.1 to 2.7 of the rated year, by row."""
    true = {f"2.{number}": Truth(None, status="missing") for number in range(1, 8)}
    for dataset, count in (("calls", _of_calls), ("appeals", _of_appeals), ("survey_answers", _of_marks)):
        if facts.get(f"contact_centre.{dataset}"):
            true |= count(world, facts)
    return true


def _columns(facts: Mapping[str, list[Facts]], dataset: str, *names: str) -> list[Array]:
    parts = facts[dataset]
    return [np.concatenate([np.asarray(part.columns[name]) for part in parts]) for name in names]


def _pooled(days: Array, top: Array, bottom: Array, year: int, factor: float = 1.0) -> Truth:
    """Σ top / Σ bottom × factor over the year, and for each of its months."""
    months: dict[str, float] = {}
    inside = days.astype("datetime64[Y]") == np.datetime64(str(year))
    if not inside.any():
        return Truth(None, status="missing")
    month_of = days.astype("datetime64[M]")
    for month in np.unique(month_of[inside]):
        here = month_of == month
        if bottom[here].sum():
            months[str(month)] = float(top[here].sum() / bottom[here].sum() * factor)
    below = bottom[inside].sum()
    if not below:
        return Truth(None, status="no_events")
    return Truth(float(top[inside].sum() / below * factor), months)


def _of_calls(world: World, facts: Mapping[str, list[Facts]]) -> dict[str, Truth]:
    """2.1: ∑ waiting time / number answered by an operator."""
    queued, answered, bot = _columns(facts, "contact_centre.calls", "queued_at", "answered_at", "bot")
    counted = ~np.isnat(answered) & ~bot.astype(bool)
    seconds = (answered - queued)[counted].astype("int64")
    days = world.local_day(queued[counted])
    return {"2.1": _pooled(days, seconds, np.ones(seconds.size), world.rated_year, 1e-6)}


def _of_appeals(world: World, facts: Mapping[str, list[Facts]]) -> dict[str, Truth]:
    dataset = "contact_centre.appeals"
    (spam,) = _columns(facts, dataset, "spam")
    real = ~spam.astype(bool)
    names = ("received_at", "closed_at", "status", "contacts", "forwarded", "topic", "citizen", "address")
    received, closed, status, contacts, forwarded, topic, citizen, address = (
        column[real] for column in _columns(facts, dataset, *names)
    )
    year = world.rated_year
    days = world.local_day(received)
    one = np.ones(days.size)
    resolved = status == "resolved"
    repeated = _repeated(received, topic, citizen) | _repeated(received, topic, address)
    months = days.astype("datetime64[M]")
    inside = days.astype("datetime64[Y]") == np.datetime64(str(year))
    which, counts = np.unique(months[inside], return_counts=True)
    volume = {str(m): float(c) for m, c in zip(which, counts, strict=True)}
    hours = (closed - received)[resolved].astype("int64")
    return {
        "2.2": _pooled(days, (contacts == 1) & resolved, one, year, 100),
        "2.4": _mean_of(volume),
        "2.5": _pooled(days, forwarded.astype(bool), one, year, 100),
        "2.6": _pooled(world.local_day(closed[resolved]), hours, np.ones(hours.size), year, 1 / 3.6e9),
        "2.7": _pooled(days, repeated, one, year, 100),
    }


def _mean_of(months: dict[str, float]) -> Truth:
    """2.4 is a monthly volume: the year is the mean over the months with data."""
    if not months:
        return Truth(None, status="missing")
    return Truth(sum(months.values()) / len(months), months)


def _repeated(received: Array, topic: Array, who: Array) -> Array:
    """Rows before which the same person (or address) came with the same topic within the term."""
    again = np.zeros(received.size, dtype=bool)
    known = np.flatnonzero([w is not None for w in who])
    if not known.size:
        return again
    both = np.char.add(np.char.add(who[known].astype(str), "|"), topic[known].astype(str))
    key = np.unique(both, return_inverse=True)[1]
    order = np.lexsort((received[known], key))
    same = key[order][1:] == key[order][:-1]
    gap = np.diff(received[known][order])
    again[known[order][1:]] = same & (gap <= np.timedelta64(REPEAT_DAYS, "D"))
    return again


def _of_marks(world: World, facts: Mapping[str, list[Facts]]) -> dict[str, Truth]:
    """2.3: the mean mark out of 10."""
    answered, topic, mark = _columns(facts, "contact_centre.survey_answers", "answered_at", "topic", "mark")
    ours = topic == "contact_centre"
    days = world.local_day(answered[ours])
    return {"2.3": _pooled(days, mark[ours].astype(float), np.ones(days.size), world.rated_year)}
