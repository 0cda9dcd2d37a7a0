"""The ministry's rating (item 37) as data: places by category, what moved, and what the numbers say."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from fractions import Fraction

from qala.lake import City, Lake
from qala.measures.values import Values
from qala.reports.basis import Basis, RunNote, run_of
from qala.runs import RatedCity, Run, RunStore, score_cities
from qala.scoring import CityScore, Place, explain, quantised, rank, uncertainty
from qala.standard.types import Kpi

MOST_WEAK = 10
MOST_READINGS = 8
MOST_APART = 3


@dataclass(frozen=True)
class Before:
    """The run with which places are compared."""

    run: str
    year: int
    as_of: date
    places: Mapping[str, int]


@dataclass(frozen=True)
class RatingLine:
    """A city in a rating.

    Attributes:
        moved: places won since the run before (lost: negative); None where one of the two has no place.
    """

    city: City
    place: Place
    moved: int | None

    @property
    def score(self) -> CityScore:
        """Its score."""
        return self.place.score


@dataclass(frozen=True)
class Apart:
    """What parts the first of a category from its middle: index points: by section and by KPI,
    the most first, and by additional initiatives."""

    sections: tuple[tuple[str, Fraction], ...]
    kpis: tuple[tuple[Kpi, Fraction], ...]
    bonus: Fraction


@dataclass(frozen=True)
class CategoryRating:
    """One category.

    Attributes:
        lines: by place; those without one last.
        apart: None where fewer than two cities have a place.
    """

    category: str
    lines: tuple[RatingLine, ...]
    apart: Apart | None


@dataclass(frozen=True)
class Weak:
    """A KPI over all cities that were scored by it: mean score, and how many reached the target."""

    kpi: Kpi
    mean: Fraction
    scored: int
    reached: int


@dataclass(frozen=True)
class Gap:
    """A KPI that is missing from cities that it is asked of."""

    kpi: Kpi
    missing: int
    asked: int


@dataclass(frozen=True)
class Hinge:
    """A variant reading: the mean size of what it changes in an index, and how many cities would change their place."""

    id: str
    change: Fraction
    cities: int
    moved: int


@dataclass(frozen=True)
class RatingData:
    """The rating of a nation, or of one category of it."""

    basis: Basis
    categories: tuple[CategoryRating, ...]
    weak: tuple[Weak, ...]
    gaps: tuple[Gap, ...]
    hinges: tuple[Hinge, ...]
    run: RunNote | None
    before: Before | None
    simulated: bool


def build_rating(
    basis: Basis, lake: Lake, values: Values, cities: Sequence[RatedCity], runs: RunStore | None = None
) -> RatingData:
    """Rate cities.

    Args:
        basis: law, profile, year, last day.
        values: whose sums are up to date for every city.
        cities: who takes part, of any categories.
        runs: the lake's runs: the rating names the one that it agrees with, and compares places with the one before.
    """
    scores = score_cities(basis.edition, basis.year, basis.as_of, cities, basis.profile, values)
    before = None if runs is None else _before(runs, basis, set(scores))
    return rating_of_scores(
        basis,
        lake,
        list(scores.values()),
        run=None if runs is None else run_of(runs, basis, scores),
        before=before,
        simulated=any(lake.cities.get(code).simulated for code in scores),
    )


def rating_of_scores(
    basis: Basis,
    lake: Lake,
    scores: Sequence[CityScore],
    *,
    run: RunNote | None,
    before: Before | None,
    simulated: bool,
) -> RatingData:
    """The rating of cities that are scored already, such as those of a recorded run.

    Args:
        lake: whose registry names the cities.
        run, before: the run that the scores are of, and the one with which places are compared.
    """
    places = rank(scores)
    categories = []
    for name in basis.edition.categories:
        if name in places:
            lines = tuple(_line(lake, place, before) for place in places[name])
            categories.append(CategoryRating(name, lines, _apart(basis, lines)))
    return RatingData(
        basis=basis,
        categories=tuple(categories),
        weak=_weak(basis, scores),
        gaps=_gaps(basis, scores),
        hinges=_hinges(scores),
        run=run,
        before=before,
        simulated=simulated,
    )


def _line(lake: Lake, place: Place, before: Before | None) -> RatingLine:
    code = place.score.city
    was = None if before is None else before.places.get(code)
    moved = None if was is None or place.place is None else was - place.place
    return RatingLine(lake.cities.get(code), place, moved)


def _before(runs: RunStore, basis: Basis, codes: set[str]) -> Before | None:
    """The newest run of the edition and profile whose last day lies before this one's, with these cities in it."""
    fitting = [
        head
        for head in runs.heads()
        if head.content["edition"] == basis.edition.id
        and head.content["profile"] == str(basis.profile)
        and (head.year, head.as_of) < (basis.year, basis.as_of)
        and codes & {city.code for city in head.cities}
    ]
    if not fitting:
        return None
    head = max(fitting, key=lambda one: (one.year, one.as_of))
    return Before(head.id, head.year, head.as_of, _places(runs.get(head.id), basis))


def _places(run: Run, basis: Basis) -> dict[str, int]:
    """Places as a recorded run gives them (E2)."""
    quantum = Fraction(str(basis.edition.scoring["quantum"]))
    keys: dict[str, list[tuple[tuple[Fraction, Fraction], str]]] = {}
    for code, said in run.results.items():
        if said["standing"] != "not_ranked" and said["final"] is not None:
            key = quantised(Fraction(said["final"]), quantum), quantised(Fraction(said["uncapped"]), quantum)
            keys.setdefault(said["category"], []).append((key, code))
    return {code: 1 + sum(other > key for other, _ in found) for found in keys.values() for key, code in found}


def _apart(basis: Basis, lines: Sequence[RatingLine]) -> Apart | None:
    """The first city against the mean of those behind it."""
    ranked = [line.score for line in lines if line.place.place is not None]
    if len(ranked) < 2:
        return None
    adds = [{one.kpi.row: one for one in explain(score)} for score in ranked]
    sections: dict[str, Fraction] = {}
    kpis: list[tuple[Kpi, Fraction]] = []
    for row, first in adds[0].items():
        rest = sum((other[row].contribution for other in adds[1:]), Fraction(0)) / (len(adds) - 1)
        more = first.contribution - rest
        sections[first.kpi.section] = sections.get(first.kpi.section, Fraction(0)) + more
        kpis.append((basis.edition.kpis[first.kpi.id], more))
    kpis.sort(key=lambda one: (-one[1], one[0].row))
    by_section = sorted(sections.items(), key=lambda one: -one[1])
    return Apart(
        sections=tuple(one for one in by_section if one[1] > 0)[:MOST_APART],
        kpis=tuple(one for one in kpis if one[1] > 0)[:MOST_APART],
        bonus=ranked[0].bonus - sum((other.bonus for other in ranked[1:]), Fraction(0)) / (len(ranked) - 1),
    )


def _weak(basis: Basis, scores: Sequence[CityScore]) -> tuple[Weak, ...]:
    found: dict[str, list[Fraction]] = {}
    for score in scores:
        for kpi in score.kpis:
            if kpi.score is not None:
                found.setdefault(kpi.id, []).append(kpi.score)
    weak = [
        Weak(basis.edition.kpis[name], sum(all_, Fraction(0)) / len(all_), len(all_), sum(one == 1 for one in all_))
        for name, all_ in found.items()
    ]
    weak.sort(key=lambda one: (one.mean, one.kpi.row))
    return tuple(one for one in weak if one.mean < 1)[:MOST_WEAK]


def _gaps(basis: Basis, scores: Sequence[CityScore]) -> tuple[Gap, ...]:
    missing: dict[str, int] = {}
    asked: dict[str, int] = {}
    for score in scores:
        for kpi in score.kpis:
            if kpi.score is not None or kpi.status in ("missing", "invalid", "no_events"):
                asked[kpi.id] = asked.get(kpi.id, 0) + 1
                missing[kpi.id] = missing.get(kpi.id, 0) + (kpi.status in ("missing", "invalid"))
    gaps = [Gap(basis.edition.kpis[name], number, asked[name]) for name, number in missing.items() if number]
    gaps.sort(key=lambda one: (-one.missing, one.kpi.row))
    return tuple(gaps[:MOST_WEAK])


def _hinges(scores: Sequence[CityScore]) -> tuple[Hinge, ...]:
    """Each variant reading applied to everybody: sizes of the change, and changes of place within categories."""
    changes: dict[str, dict[str, Fraction]] = {}
    for score in scores:
        found = uncertainty(score)
        for one in () if found is None else found.variations:
            changes.setdefault(one.id, {})[score.city] = one.change
    ranked = [score for score in scores if score.standing != "not_ranked" and score.final is not None]
    now = _order(ranked, {})
    hinges = []
    for name, by_city in changes.items():
        then = _order(ranked, by_city)
        moved = sum(now[code] != then[code] for code in now)
        size = sum((abs(change) for change in by_city.values()), Fraction(0)) / len(scores)
        hinges.append(Hinge(name, size, len(by_city), moved))
    hinges.sort(key=lambda one: (-one.moved, -one.change, one.id))
    return tuple(hinges[:MOST_READINGS])


def _order(scores: Sequence[CityScore], changes: Mapping[str, Fraction]) -> dict[str, int]:
    """Places within categories if indexes changed by so much."""
    finals: dict[str, list[tuple[Fraction, str]]] = {}
    for score in scores:
        final = quantised((score.final or Fraction(0)) + changes.get(score.city, Fraction(0)), score.quantum)
        finals.setdefault(score.category, []).append((final, score.city))
    places: dict[str, int] = {}
    for found in finals.values():
        found.sort(key=lambda one: (-one[0], one[1]))
        for number, (final, code) in enumerate(found, 1):
            tied = number > 1 and found[number - 2][0] == final
            places[code] = places[found[number - 2][1]] if tied else number
    return places
