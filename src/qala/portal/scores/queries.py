"""What the pages of ratings and cities show, out of recorded runs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache
from statistics import median

from django.http import Http404, HttpRequest

from qala import facts
from qala.lake import City
from qala.measures.indicators import FOLDER
from qala.ratings import queries as ratings
from qala.ratings.models import Publication
from qala.ratings.queries import Shown
from qala.ratings.rated_run import RatedRun, rated_run
from qala.reports import RatingData, RunNote
from qala.reports.rating import Before, RatingLine, rating_of_scores
from qala.reports.sheet import KpiLine, OwnLine
from qala.scoring import CityScore
from qala.standard import Kpi, Problem
from qala.standard.period import Period
from qala.standard.types import Initiative, RoadmapStep


def asked_run(request: HttpRequest, *, city: str | None = None, category: str | None = None) -> Shown | None:
    """The run that an address asks for by `year` and `run`; None where nothing is published.

    Raises:
        Http404: a year that is no number, a run that is not there for the reader.
    """
    year = request.GET.get("year") or None
    try:
        number = None if year is None else int(year)
        return ratings.shown(
            request.user, city=city, category=category, year=number, run=request.GET.get("run") or None
        )
    except ValueError:
        raise Http404(year) from None
    except Problem as problem:
        raise Http404(problem.message) from None


def rating_data(shown: Shown) -> RatingData:
    """The rating of one category: lines with changes of place, comments' figures, weakest KPIs, gaps, readings."""
    earlier = compared_with(shown)
    registry = facts.run_store().folder.parent / "cities" / "cities.jsonl"
    stamp = registry.stat().st_mtime_ns if registry.exists() else 0
    return _rating(shown.run.id, shown.category, None if earlier is None else earlier.run, stamp)


@lru_cache(maxsize=24)
def _rating(run: str, category: str, earlier: str | None, _registry: int) -> RatingData:
    found = rated_run(run)
    old = None if earlier is None else rated_run(earlier)
    return rating_of_scores(
        found.basis,
        facts.lake(),
        found.scores(category),
        run=RunNote(found.id, found.faithful),
        before=None if old is None else Before(old.id, old.year, old.as_of, old.place_of),
        simulated=found.simulated,
    )


def shows_by_itself(shown: Shown) -> bool:
    """Whether an address without a run shows this one: it holds, and no later year is published."""
    if shown.publication is None or shown.superseded:
        return False
    latest = ratings.published(None, shown.category)
    return latest is not None and latest.run == shown.run.id


def compared_with(shown: Shown) -> Publication | None:
    """The publication that changes are told against: the one of the day before; of an unpublished run, what holds."""
    if shown.publication is not None:
        return ratings.before(shown.publication)
    newest = shown.newest
    return newest if newest is not None and newest.run != shown.run.id else None


@dataclass(frozen=True)
class InitiativeLine:
    """One initiative of annex 2 as a city stands in it.

    Attributes:
        step: its stage and years for the category; None where it is not laid on it.
        due, scored: KPIs that count in the year, and those that have a score.
        earned, most: index points that they add, and that they could.
        asked: functions of annex 3 that the category must have, of `functions` in all; `offered` by the program.
    """

    initiative: Initiative
    step: RoadmapStep | None
    due: int
    scored: int
    earned: Fraction
    most: Fraction
    asked: int
    functions: int
    offered: int


def initiative_lines(run: RatedRun, lines: Sequence[KpiLine], category: str) -> list[InitiativeLine]:
    """The initiatives with what their KPIs add to a city's index."""
    found = []
    manifests = facts.catalogue().manifests
    for initiative in run.edition.initiatives.values():
        own = [one for one in lines if one.kpi.initiative == initiative.no]
        asked = [one for one in initiative.functions if one.asked_of(category)]
        manifest = manifests.get(initiative.system)
        offered = {no for no, where in manifest.functions.items() if where != "planned"} if manifest else set()
        found.append(
            InitiativeLine(
                initiative,
                initiative.roadmap.get(category),
                sum(one.score.score is not None or one.score.missing > 0 for one in own),
                sum(one.score.score is not None for one in own),
                sum((one.line.contribution for one in own), Fraction(0)),
                sum((max(one.line.weight, one.line.bound_weight) for one in own), Fraction(0)),
                len(asked),
                len(initiative.functions),
                sum(one.no in offered for one in asked),
            )
        )
    return found


def own_lines(run: RatedRun, city: str) -> list[OwnLine]:
    """Own indicators of a city in the rated year, out of the lake as it is now; shown, never scored."""
    folder = facts.run_store().folder.parent / FOLDER
    if not folder.is_dir() or not any(folder.glob("*.yaml")):
        return []
    values = facts.values()
    period = Period.parse(str(run.year))
    found = ((one, values.value(city, one, period, run.as_of, run.profile)) for one in values.own_indicators(city))
    return [OwnLine(one, value, one.met(value.value)) for one, value in found]


def section_means(run: RatedRun, category: str) -> dict[str, Fraction]:
    """Mean score of each section over the cities of a category that have one."""
    found: dict[str, list[Fraction]] = {}
    for score in run.scores(category):
        for one in score.sections:
            if one.score is not None:
                found.setdefault(one.id, []).append(one.score)
    return {name: sum(scores, Fraction(0)) / len(scores) for name, scores in found.items()}


def middle(run: RatedRun, category: str) -> Fraction | None:
    """The median of the final scores of a category."""
    finals = [score.final for score in run.scores(category) if score.final is not None]
    return median(finals) if finals else None


@dataclass(frozen=True)
class CityLine:
    """A city of the registry with the published rating that holds for it."""

    city: City
    publication: Publication | None
    run: RatedRun | None

    @property
    def score(self) -> CityScore | None:
        """Its score; None if it is not rated."""
        return None if self.run is None else self.run.score(self.city.code)

    @property
    def place(self) -> int | None:
        """Its place in its category."""
        return None if self.run is None else self.run.place_of.get(self.city.code)


def city_lines(cities: Sequence[City], year: int | None = None) -> list[CityLine]:
    """Cities with what is published of them."""
    holding = ratings.holding()
    found = []
    for city in cities:
        for one in holding:
            if year in (None, one.year):
                run = rated_run(one.run)
                if city.code in run and run.score(city.code).category == one.category:
                    found.append(CityLine(city, one, run))
                    break
        else:
            found.append(CityLine(city, None, None))
    return found


def rating_lines(data: RatingData) -> Sequence[RatingLine]:
    """The lines of a rating of one category."""
    return data.categories[0].lines if data.categories else ()


def kpis_of(run: RatedRun, rows: Sequence[str]) -> list[Kpi]:
    """KPIs by their rows, in the order's sequence; unknown rows are left out."""
    wanted = set(rows)
    return [kpi for kpi in run.edition.kpis.values() if kpi.row in wanted]


def found_cities(words: str) -> list[City]:
    """Cities whose name (in any language) or code holds the words."""
    wanted = words.casefold().strip()
    return [
        city
        for city in facts.lake().cities.all()
        if wanted and (wanted in city.code.casefold() or any(wanted in name.casefold() for name in city.names.values()))
    ]
