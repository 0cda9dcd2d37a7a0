"""Which run holds for a category, a city and a year; what was published; who may see what was not."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import lru_cache
from typing import Any, NamedTuple

from django.utils.translation import gettext as _

from qala import facts
from qala.people.access import may
from qala.ratings.models import Publication, Sureness
from qala.ratings.rated_run import RatedRun, rated_run
from qala.robustness import Robustness, from_json
from qala.runs import Run
from qala.scoring import CityScore
from qala.standard import Problem


@dataclass(frozen=True)
class Shown:
    """A run as it is shown to somebody.

    Attributes:
        publication: of the category that is looked at; None for a run that nobody published.
        newest: the publication that holds now for the same year and category; differs from `publication` where an
            earlier one, or an unpublished run, is looked at. None where nothing was published.
    """

    run: RatedRun
    category: str
    publication: Publication | None
    newest: Publication | None

    @property
    def superseded(self) -> bool:
        """Whether a later publication holds in its place."""
        return self.publication is not None and self.newest is not None and self.newest.pk != self.publication.pk


def publications(category: str | None = None, year: int | None = None) -> list[Publication]:
    """Everything that was published, the newest first."""
    found = Publication.objects.select_related("supersedes", "published_by").order_by("-id")
    if category is not None:
        found = found.filter(category=category)
    if year is not None:
        found = found.filter(year=year)
    return list(found)


def holding() -> list[Publication]:
    """The publications that hold: of each year and category the newest; the latest year first."""
    found = Publication.objects.filter(superseded_by=None).select_related("supersedes")
    return sorted(found, key=lambda one: (-one.year, -one.as_of.toordinal(), one.pk))


def sureness(run: str, category: str) -> Robustness | None:
    """How sure the places of a category of a run are; None while it was not computed."""
    found = Sureness.objects.filter(run=run, category=category).values_list("pk", "made_at").first()
    return None if found is None else _sureness(*found)


@lru_cache(maxsize=24)
def _sureness(pk: int, _made_at: datetime) -> Robustness:
    return from_json(Sureness.objects.get(pk=pk).result)


def years() -> list[int]:
    """Years with a published rating, the latest first."""
    return sorted({one.year for one in holding()}, reverse=True)


def published(year: int | None, category: str) -> Publication | None:
    """The publication that holds for a category in a year; None for the year: the latest."""
    return next((one for one in holding() if one.category == category and year in (None, one.year)), None)


def before(publication: Publication) -> Publication | None:
    """The publication of the category with the last day before this one's: what changes of place are against."""
    earlier = [
        one
        for one in publications(publication.category)
        if one.pk != publication.pk and (one.year, one.as_of) < (publication.year, publication.as_of)
    ]
    return max(earlier, key=lambda one: (one.year, one.as_of, one.pk), default=None)


def ends(category: str) -> list[Publication]:
    """Every last day for which a category's rating is published, the latest first; of a day the one that holds."""
    latest: dict[tuple[int, date], Publication] = {}
    for one in reversed(publications(category)):
        latest[one.year, one.as_of] = one
    return [one for _, one in sorted(latest.items(), reverse=True)]


def run_of(city: str, year: int | None = None) -> tuple[Publication, RatedRun] | None:
    """The published run that holds for a city in a year (None: the latest year that rated it)."""
    for one in holding():
        if year in (None, one.year):
            run = rated_run(one.run)
            if city in run and run.score(city).category == one.category:
                return one, run
    return None


class Rated(NamedTuple):
    """A city in a published run."""

    run: RatedRun
    score: CityScore


def newest_of(city: str) -> Rated | None:
    """The newest published run that rated a city, and its score there; None also where that run cannot be read."""
    try:
        found = run_of(city)
    except Problem:
        return None
    return None if found is None else Rated(found[1], found[1].score(city))


def shown(
    user: Any,
    *,
    city: str | None = None,
    category: str | None = None,
    year: int | None = None,
    run: str | None = None,
) -> Shown | None:
    """The run to show of a city or of a category: the one that is named, or the one that holds.

    A run that was never published is shown to those with `runs.see_unpublished` (of a city: for that city); to others
    it is not there.

    Raises:
        Problem: the named run is not there, or has nothing about the city or category.
    """
    if run is None:
        if city is not None:
            found = run_of(city, year)
            return None if found is None else Shown(found[1], found[0].category, found[0], found[0])
        one = None if category is None else published(year, category)
        return None if one is None else Shown(rated_run(one.run), one.category, one, one)
    inside = may(user, "runs.see_unpublished", city=city)
    known = Publication.objects.filter(run=run).select_related("supersedes", "published_by")
    if not known and not inside:
        raise Problem(_("There is no published run “%(run)s”.") % {"run": run})
    wanted = rated_run(run)
    if city is not None:
        if city not in wanted:
            raise Problem(_("The run “%(run)s” does not rate this city.") % {"run": run})
        category = wanted.score(city).category
    elif category not in wanted.categories:
        category = wanted.categories[0]
    publication = next((one for one in known if one.category == category), None)
    if publication is None and not inside:
        raise Problem(_("The run “%(run)s” is not published for this category.") % {"run": run})
    return Shown(wanted, category, publication, published(wanted.year, category))


@dataclass(frozen=True)
class RunLine:
    """A run of the lake in the list of runs: its head, and what of it was published, by category."""

    head: Run
    publications: Mapping[str, Publication]

    @property
    def categories(self) -> tuple[str, ...]:
        """Categories of its cities."""
        return tuple(dict.fromkeys(city.category for city in self.head.cities))


def run_lines(user: Any) -> list[RunLine]:
    """The runs that somebody may see, the newest first."""
    by_run: dict[str, dict[str, Publication]] = {}
    for one in publications():
        by_run.setdefault(one.run, {})[one.category] = one
    all_of_them = may(user, "runs.see_unpublished")
    heads = reversed(facts.run_store().heads())
    return [RunLine(head, by_run.get(head.id, {})) for head in heads if all_of_them or head.id in by_run]


def line_of(user: Any, run: str) -> RunLine | None:
    """One line of that list; None if it is not there for them."""
    return next((one for one in run_lines(user) if one.head.id == run), None)


def history(city: str) -> Sequence[tuple[Publication, RatedRun]]:
    """Every last day for which the city's rating is published, the earliest first; of a day the one that holds."""
    latest: dict[tuple[int, date], Publication] = {}
    for one in reversed(publications()):
        run = rated_run(one.run)
        if city in run and run.score(city).category == one.category:
            latest[one.year, one.as_of] = one
    return [(one, rated_run(one.run)) for _, one in sorted(latest.items())]
