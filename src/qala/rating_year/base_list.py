"""Which additional initiatives deserve the base list (items 9 and 23): a draft for the next edition, decided by nobody yet.

Accepted claims of all years are put together by name and sphere; beside each stands what happened to the cities that carried
it out: the score of the sphere's section, and the KPIs that the roadmap expected it to move, in the rating before and in that
of the year. The cities of the same category that did not carry it out stand beside them. That is no proof of an effect.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from difflib import SequenceMatcher
from fractions import Fraction
from statistics import mean

from qala.rating_year.models import Claim
from qala.ratings import queries as ratings
from qala.ratings.rated_run import RatedRun, rated_run

ALIKE = 0.85
"""From so alike names on two claims of one sphere are taken for the same initiative."""


@dataclass(frozen=True)
class Change:
    """A number before and in the year, as means over the cities that have both; None where no city has."""

    before: Fraction | None
    after: Fraction | None
    cities: int

    @property
    def by(self) -> Fraction | None:
        """What it changed by."""
        return None if self.before is None or self.after is None else self.after - self.before


@dataclass(frozen=True)
class Candidate:
    """An initiative, what became of it, and where.

    Attributes:
        section: of the cities that carried it out: the score of the sphere's section, 0 to 1.
        others: the same of the cities of their categories that did not.
        kpis: row -> score of the KPI that a roadmap expected it to move.
    """

    title: str
    sphere: str
    cities: tuple[str, ...]
    years: tuple[int, ...]
    claims: tuple[Claim, ...]
    section: Change
    others: Change
    kpis: Mapping[str, Change]


def candidates(least: int = 1) -> list[Candidate]:
    """Initiatives accepted in at least so many cities, those of most cities first."""
    found = [_candidate(group) for group in _groups(Claim.objects.filter(state=Claim.State.ACCEPTED).order_by("pk"))]
    found = [one for one in found if len(one.cities) >= least]
    return sorted(found, key=lambda one: (-len(one.cities), -(one.section.by or 0), one.title))


def _groups(claims: Iterable[Claim]) -> list[list[Claim]]:
    groups: list[list[Claim]] = []
    for claim in claims:
        mine = next((group for group in groups if _same(group[0], claim)), None)
        if mine is None:
            groups.append([claim])
        else:
            mine.append(claim)
    return groups


def _same(one: Claim, other: Claim) -> bool:
    first, second = one.title.strip().casefold(), other.title.strip().casefold()
    return one.sphere == other.sphere and (first == second or SequenceMatcher(None, first, second).ratio() >= ALIKE)


def _candidate(group: list[Claim]) -> Candidate:
    first: dict[str, Claim] = {}
    for claim in sorted(group, key=lambda one: one.year):
        first.setdefault(claim.city, claim)
    sphere = group[0].sphere
    sections: list[tuple[Fraction, Fraction]] = []
    others: list[tuple[Fraction, Fraction]] = []
    kpis: dict[str, list[tuple[Fraction, Fraction]]] = {}
    for (category, year), (old, new) in _runs_of(first.values()).items():
        mine = {claim.city for claim in first.values() if claim.year == year}
        for code in new.cities:
            if new.cities[code].category != category or code not in old:
                continue
            pair = _section(old, code, sphere), _section(new, code, sphere)
            if pair[0] is not None and pair[1] is not None:
                (sections if code in mine else others).append((pair[0], pair[1]))
            for row in _expected(first[code]) if code in mine else ():
                scores = old.score(code).kpi(row).score, new.score(code).kpi(row).score
                if scores[0] is not None and scores[1] is not None:
                    kpis.setdefault(row, []).append((scores[0], scores[1]))
    return Candidate(
        group[0].title,
        sphere,
        tuple(sorted(first)),
        tuple(sorted({claim.year for claim in group})),
        tuple(group),
        _change(sections),
        _change(others),
        {row: _change(pairs) for row, pairs in sorted(kpis.items())},
    )


def _runs_of(claims: Iterable[Claim]) -> dict[tuple[str, int], tuple[RatedRun, RatedRun]]:
    """(category, year) -> the rating of an earlier year, or day, and the one of the year, for all categories of the claims."""
    found: dict[tuple[str, int], tuple[RatedRun, RatedRun]] = {}
    for claim in claims:
        published = ratings.run_of(claim.city, claim.year)
        if published is None:
            continue
        publication, new = published
        earlier = ratings.before(publication)
        if earlier is not None:
            found[publication.category, claim.year] = (rated_run(earlier.run), new)
    return found


def _section(run: RatedRun, code: str, sphere: str) -> Fraction | None:
    return next((one.score for one in run.score(code).sections if one.id == sphere), None)


def _expected(claim: Claim) -> tuple[str, ...]:
    return () if claim.action is None else tuple(claim.action.effects)


def _change(pairs: list[tuple[Fraction, Fraction]]) -> Change:
    if not pairs:
        return Change(None, None, 0)
    return Change(mean(one for one, _ in pairs), mean(other for _, other in pairs), len(pairs))
