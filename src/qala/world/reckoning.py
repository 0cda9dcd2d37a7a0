"""Counting for the books: sums over a city's facts in plain numpy, apart from the engine and from `kpis.yaml`.

Whether a figure is `missing` or has `no_events` follows reading N2: a dataset without a single row in the year is silent,
one that has rows, but none that the formula counts, reported that nothing happened.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from qala.world.types import Facts, Truth, World

Array = NDArray[Any]
FactsById = Mapping[str, list[Facts]]

MISSING = Truth(None, status="missing")


def columns(facts: FactsById, dataset: str, *names: str) -> list[Array]:
    """Whole columns of a dataset; empty time columns if nothing was delivered."""
    parts = [part for part in facts.get(dataset, []) if len(part)]
    if not parts:
        return [np.array([], dtype="datetime64[us]") for _ in names]
    return [np.concatenate([np.asarray(part.columns[name]) for part in parts]) for name in names]


def pooled(days: Array, top: Array, bottom: Array, year: int, factor: float = 1.0) -> Truth:
    """Σ top / Σ bottom × factor over the year and over each of its months; rows are dated by `days` (empty = in none)."""
    inside = days.astype("datetime64[Y]") == np.datetime64(str(year))
    if not inside.any():
        return MISSING
    months: dict[str, float] = {}
    of_month = days.astype("datetime64[M]")
    for month in np.unique(of_month[inside]):
        here = of_month == month
        if bottom[here].sum():
            months[str(month)] = float(top[here].sum()) / float(bottom[here].sum()) * factor
    below = bottom[inside].sum()
    if not below:
        return Truth(None, status="no_events")
    return Truth(float(top[inside].sum()) / float(below) * factor, months)


def only_delivered(truth: Truth, days: Array) -> Truth:
    """The truth without the months in which nothing arrived: a KPI dated by a later day has no value in them (N1)."""
    came = set(np.unique(days.astype("datetime64[M]")).astype(str))
    return replace(truth, months={month: value for month, value in truth.months.items() if month in came})


def valid_on(facts: FactsById, dataset: str, day: np.datetime64, *names: str) -> list[Array]:
    """Columns of the rows of a registry that hold on a day."""
    parts = [part for part in facts.get(dataset, []) if len(part)]
    found: list[list[Array]] = [[] for _ in names]
    for part in parts:
        start = np.asarray(part.columns["valid_from"], dtype="datetime64[D]")
        end = np.asarray(part.columns.get("valid_to", np.full(start.size, "NaT")), dtype="datetime64[D]")
        holds = (start <= day) & (np.isnat(end) | (end >= day))
        for place, name in enumerate(names):
            found[place].append(np.asarray(part.columns[name])[holds])
    return [np.concatenate(column) if column else np.array([]) for column in found]


def stock_share(top: Array, bottom: Array, factor: float = 100.0) -> Truth:
    """Σ top / Σ bottom × factor of one day's stock."""
    if not bottom.size:
        return MISSING
    below = float(bottom.sum())
    return Truth(float(top.sum()) / below * factor) if below else Truth(None, status="no_events")


def months_of(year: int) -> list[np.datetime64]:
    """The twelve months of a year."""
    return list(np.arange(f"{year}-01", f"{year + 1}-01", dtype="datetime64[M]"))


def last_day_of(month: np.datetime64) -> np.datetime64:
    """The last day of a month."""
    return np.datetime64(month + np.timedelta64(1, "M"), "D") - np.timedelta64(1, "D")


def monthly(days: Array, counted: Array, year: int, facts: FactsById, stock: str = "", factor: float = 1.0) -> Truth:
    """Rows counted in a month (divided by a column of city.profile at its end, if named); a year is the mean of months.

    A month in which the dataset has no rows at all was not delivered and has no value (reading U2).
    """
    of_month = days.astype("datetime64[M]")
    months: dict[str, float] = {}
    for month in months_of(year):
        here = of_month == month
        if not here.any():
            continue
        value = float(counted[here].sum())
        if stock:
            (size,) = valid_on(facts, "city.profile", last_day_of(month), stock)
            if not size.size or not size.sum():
                continue
            value = value / float(size.sum()) * factor
        months[str(month)] = value
    if not months:
        return MISSING
    return Truth(sum(months.values()) / len(months), months)


def complaints(world: World, facts: FactsById, topic: str) -> Truth:
    """«Жалобы / (Жители/1000)»: appeals on a topic that are no spam, to a thousand residents."""
    received, about, spam = columns(facts, "contact_centre.appeals", "received_at", "topic", "spam")
    ours = (about == topic) & ~spam.astype(bool) if received.size else np.array([], dtype=bool)
    return monthly(world.local_day(received), ours, world.rated_year, facts, "population", 1000.0)


def marks(world: World, facts: FactsById, topic: str) -> Truth:
    """«Средний балл»: the mean of all answers about a service."""
    answered, about, mark = columns(facts, "contact_centre.survey_answers", "answered_at", "topic", "mark")
    if not answered.size:
        return MISSING
    ours = about == topic
    tenths = np.where(ours, np.rint(mark.astype(np.float64) * 10), 0).astype(np.int64)
    return pooled(world.local_day(answered), tenths, ours.astype(np.int64), world.rated_year, 0.1)


def microseconds(later: Array, earlier: Array, counted: Array) -> tuple[Array, Array]:
    """(whole microseconds between two times, 1) of rows that count and have both times; (0, 0) of the others."""
    known = counted & ~np.isnat(later) & ~np.isnat(earlier)
    between = (later - earlier).astype("timedelta64[us]").astype(np.int64)
    return np.where(known, between, 0), known.astype(np.int64)


MINUTE = 1 / 60_000_000
HOUR = 1 / 3_600_000_000
