"""What is due in the rating year that is being formed: the ministry's steps, and the cities' last day for objections."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import timedelta

from django.utils.translation import get_language
from django.utils.translation import gettext as _

from qala import facts
from qala.kits.deadlines import Due
from qala.rating_year.queries import DECIDE, FILE, StepLine, timetable
from qala.ratings.queries import published
from qala.runs.rated import rated_in
from qala.ui.formats import language_of, said

STALE_DAYS = 60
ABOVE = "audit.see"
"""Whoever reads the log for the country is told when a step of the ministry stays undone."""


def due() -> Iterator[Due]:
    """Steps of the last year that are not done; of the objections one line for each city, since they may file."""
    year, lake = facts.today().year - 1, facts.lake()
    for category in facts.edition().categories:
        cities = rated_in(lake, category, year)
        lines = timetable(year, category) if cities else []
        if not lines or published(year, category) is not None or _stale(lines):
            continue
        for line in lines:
            if line.dated.day is None or line.state in ("done", "off"):
                continue
            key = f"year:{year}:{category}:{line.dated.id}:{line.dated.day.isoformat()}"
            url = ("rating_year:timetable", (year, category))
            what = _said(line, year, category)
            if line.dated.id == "objections":
                for city in cities:
                    yield Due(f"{key}:{city}", what, line.dated.day, url, FILE, city=city)
            else:
                yield Due(key, what, line.dated.day, url, DECIDE, ABOVE, item=line.dated.step.item)


def _stale(lines: list[StepLine]) -> bool:
    """Whether so long has passed since the last step that the year is not being rated here at all."""
    last = max((line.dated.day for line in lines if line.dated.day is not None), default=None)
    return last is not None and facts.today() > last + timedelta(days=STALE_DAYS)


def _said(line: StepLine, year: int, category: str) -> Callable[[], str]:
    def words() -> str:
        language = language_of(get_language())
        name = said(facts.edition().categories[category].name, language)
        step = said(line.dated.step.name, language)
        return _("Rating of %(year)s, %(category)s: %(step)s") % {"year": year, "category": name, "step": step}

    return words
