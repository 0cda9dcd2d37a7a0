"""What fills in the expressions for one city: its category through the years and the values that it filed."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

from qala.lake import Lake
from qala.measures.bindings import Context, Stretch, stretches
from qala.measures.filings import FiledTerm
from qala.standard.edition import Edition
from qala.standard.problems import Problem
from qala.standard.types import Kpi


def context_of(
    lake: Lake, edition: Edition, city: str, filed: list[FiledTerm], own: Mapping[str, Kpi] | None = None
) -> Context:
    """The context of a registered city; a new stretch begins wherever its category or a filed value changes.

    Raises:
        Problem: the city is not registered, or has no category at all.
    """
    known = lake.cities.get(city)
    periods = sorted(known.categories, key=lambda period: period.since)
    if not periods:
        raise Problem(f"city {city} has no category", hint="`qala city add` with --category and --since records one")
    turns: set[date] = {period.since for period in periods[1:]}
    for term in filed:
        turns.add(term.first)
        if term.last is not None:
            turns.add(date.fromordinal(term.last.toordinal() + 1))
    found = [Stretch(None, periods[0].category, _on(filed, date.min))]
    for day in sorted(turns):
        before = [period for period in periods if period.since <= day]
        found.append(Stretch(day, before[-1].category if before else periods[0].category, _on(filed, day)))
    return Context(edition, stretches(found), own or {})


def _on(filed: list[FiledTerm], day: date) -> tuple[tuple[str, object], ...]:
    """Values that hold on a day; of two that overlap the later one."""
    return tuple(
        sorted({f.term: f.value for f in filed if f.first <= day and (f.last is None or f.last >= day)}.items())
    )
