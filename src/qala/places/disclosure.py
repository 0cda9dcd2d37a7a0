"""What the public is not told: counts so small that they point at persons, and what such counts could be had from.

Three rules, for rows about persons and readers who may not see rows:

- a count below `SMALLEST` is hidden, and with it as many of the next ones as make the hidden ones' sum tell nothing;
- by place only whole months and years that are over are told, never days or weeks: two stretches that overlap, or two looks
  at a running one, differ by few rows;
- whether a place is told by month is decided for a whole year at once, so that no month is the rest of a year or a quarter.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Hashable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from qala.standard.period import Period

SMALLEST = 5
"""Fewer rows about persons are not told: a small number points at them."""


def guarded[Name](
    counts: Mapping[Name, int], least: int = SMALLEST, group: Callable[[Name], Hashable] = lambda _: None
) -> dict[Name, int | None]:
    """The counts with those below `least` hidden (None); nought is told, for it is nobody.

    The sum of a group is taken to be known. So where anything of it is hidden, at least two are, and their sum leaves each of
    them room; where all that there is does not suffice, even noughts are hidden.
    """
    parts: dict[Hashable, list[Name]] = defaultdict(list)
    for name in counts:
        parts[group(name)].append(name)
    hidden: set[Name] = set()
    for names in parts.values():
        hidden |= _hidden({name: counts[name] for name in names}, least)
    return {name: None if name in hidden else count for name, count in counts.items()}


def _hidden[Name](counts: Mapping[Name, int], least: int) -> set[Name]:
    some = sorted((name for name, count in counts.items() if count), key=lambda name: counts[name])
    if not some or counts[some[0]] >= least:
        return set()
    found: set[Name] = set()
    room = 0  # by which any of the hidden may be more than one
    for name in some:
        if counts[name] >= least and len(found) > 1 and room >= least - 1:
            return found
        found.add(name)
        room += counts[name] - 1
    return found if len(found) > 1 and room >= least - 1 else set(counts)


@dataclass(frozen=True)
class Told[Place]:
    """Of which places the public is told each month of a year (and so each quarter), and of which the year."""

    by_month: frozenset[Place]
    by_year: frozenset[Place]


def told_places[Place](rows: Mapping[Place, Sequence[int]], least: int = SMALLEST) -> Told[Place]:
    """Which places of a city are told in a year.

    Args:
        rows: place -> its rows in each month. The city's own numbers are taken to be known.
    """
    years = {place: (sum(months),) for place, months in rows.items()}
    by_month = {place for place, months in rows.items() if any(0 < n < least for n in months)}
    by_year = _with_others(years, {place for place, (n,) in years.items() if 0 < n < least}, by_month, least)
    by_month = _with_others(rows, by_month | by_year, (), least)
    return Told(frozenset(rows) - by_month, frozenset(rows) - by_year)


def _with_others[Place](
    rows: Mapping[Place, Sequence[int]], untold: set[Place], rather: Collection[Place], least: int
) -> set[Place]:
    """The untold places with so many others that what is left of the city's numbers is never small; `rather` these."""
    untold = set(untold)
    others = sorted(rows.keys() - untold, key=lambda place: (place not in rather, sum(rows[place])))
    while untold and others:
        left = [sum(numbers) for numbers in zip(*(rows[place] for place in untold), strict=True)]
        if len(untold) > 1 and all(n == 0 or n >= least for n in left):
            break
        untold.add(others.pop(0))
    return untold


def is_told(told: Told[str], place: str, period: Period) -> bool:
    """Whether a number of a place is told for a period; those finer than a month never are."""
    if period.grain == "year":
        return place in told.by_year
    return period.grain in ("month", "quarter") and place in told.by_month


def last_month_over(day: date) -> Period:
    """The last month that is over by the end of a day."""
    month = Period.of(day, "month")
    return month if month.last_day <= day else Period.of(date.fromordinal(month.first_day.toordinal() - 1), "month")
