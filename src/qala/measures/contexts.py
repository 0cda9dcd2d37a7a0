"""What fills in the expressions for one city: its category through the years and the values that it filed."""

from __future__ import annotations

from datetime import date

from qala.lake import Lake
from qala.measures.bindings import Context, Stretch, stretches
from qala.measures.filings import PARAMETERS, FiledTerm, filed_terms, rows_of
from qala.standard.edition import Edition


def context_of(lake: Lake, edition: Edition, city: str, version: int | None = None) -> Context:
    """The context of a registered city; a new stretch begins wherever its category or a filed value changes."""
    known = lake.cities.get(city)
    filed = filed_terms(rows_of(lake, lake.table(PARAMETERS).snapshot(version), city))
    turns: set[date] = {step.from_day for step in known.categories[1:]}
    for term in filed:
        turns.add(term.first)
        if term.last is not None:
            turns.add(date.fromordinal(term.last.toordinal() + 1))
    found = [Stretch(None, known.categories[0].category, _on(filed, date.min))]
    found += [Stretch(day, known.category_on(day), _on(filed, day)) for day in sorted(turns)]
    return Context(edition, stretches(found))


def _on(filed: list[FiledTerm], day: date) -> tuple[tuple[str, object], ...]:
    """Values that hold on a day; of two that overlap the later one."""
    return tuple(
        sorted({f.term: f.value for f in filed if f.first <= day and (f.last is None or f.last >= day)}.items())
    )
