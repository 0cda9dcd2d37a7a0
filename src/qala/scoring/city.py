"""From the scores of KPIs to sections, index, coverage, bounds, band and standing of one city (readings A, C, D, E)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Literal, NamedTuple

from qala.scoring.bonus import Claim, ClaimVerdict, judge
from qala.scoring.kpi import KpiRule, KpiScore
from qala.scoring.law import ScoringLaw, scoring_law
from qala.scoring.observation import ONE, ZERO, Observation
from qala.scoring.profile import Profile
from qala.standard.edition import Edition

Standing = Literal["rated", "provisional", "not_ranked"]


class SectionScore(NamedTuple):
    """One section of the index.

    Attributes:
        id: id of the sphere.
        weight: W of annex 5.
        points_due: points of the KPIs due, partly withheld `no_events` in proportion.
        points_scored: points of the KPIs that have a score.
        points_observed: points that count as observed (C1).
        earned: Σ points × score.
        score: I = earned / points_scored; None where nothing is scored.
        low, high: with everything missing counted as 0 and as 1 (C3); None where nothing is due.
        due, scored: how many KPIs.
    """

    id: str
    weight: Fraction
    points_due: Fraction
    points_scored: int
    points_observed: Fraction
    earned: Fraction
    score: Fraction | None
    low: Fraction | None
    high: Fraction | None
    due: int
    scored: int

    @property
    def coverage(self) -> Fraction | None:
        """Observed points of the points due; None where nothing is due."""
        return self.points_observed / self.points_due if self.points_due else None


class Reason(NamedTuple):
    """Why a city stands as it does: a reading, a word that names the case, and the section or number it is about."""

    reading: str
    case: str
    subject: str = ""
    value: Fraction | None = None


@dataclass(frozen=True, slots=True)
class CityScore:
    """The score of one city in one year.

    Attributes:
        city: its code.
        edition: id of the edition.
        category, year, profile: what it was scored as.
        closed: whether the year is over.
        kpis: every KPI of the edition in the order's sequence.
        sections: in the edition's sequence.
        index: 0 to 100 over what is scored; None where nothing is.
        low, high: bounds of the index (C3).
        coverage: C1; None where nothing is due.
        weight_in_use: share of the original weights on which the index rests (A4).
        bonus, claims: index points for additional initiatives (D1), and the verdict on each claim.
        final, uncapped: index + bonus with and without the cap (D2).
        band: id of the band of `final` (E1); None without a standing: what is scored would say too much.
        standing: whether the city takes a place (C1, C2).
        reasons: why.
        scale: the index of a city that reaches every target.
        quantum: to which scores are compared with bands and with one another (E1, E2).
    """

    city: str
    edition: str
    category: str
    year: int
    profile: Profile
    closed: bool
    kpis: tuple[KpiScore, ...]
    sections: tuple[SectionScore, ...]
    index: Fraction | None
    low: Fraction | None
    high: Fraction | None
    coverage: Fraction | None
    weight_in_use: Fraction
    bonus: Fraction
    claims: tuple[ClaimVerdict, ...]
    final: Fraction | None
    uncapped: Fraction | None
    band: str | None
    standing: Standing
    reasons: tuple[Reason, ...]
    quantum: Fraction
    scale: Fraction

    def kpi(self, row: str) -> KpiScore:
        """The score of one KPI by its row or full id."""
        for found in self.kpis:
            if row in (found.row, found.id):
                return found
        raise KeyError(row)


class CityRules:
    """The law for all KPIs of one category, year and profile; made once, applied to many cities."""

    def __init__(
        self,
        edition: Edition,
        category: str,
        year: int,
        profile: Profile | None = None,
        *,
        closed: bool = True,
        first_year: int | None = None,
    ) -> None:
        self.edition = edition
        self.law = scoring_law(edition)
        self.category = edition.category(category).id
        self.year = year
        self.profile = profile or Profile()
        self.closed = closed
        self._rules = {
            kpi.row: KpiRule(kpi, category, year, edition, self.profile, closed=closed, first_year=first_year)
            for kpi in edition.kpis.values()
        }
        self._silent = {row: Observation(row=row, status="missing") for row in self._rules}

    def kpi(self, row: str) -> KpiRule:
        """The law for one KPI, by its row."""
        return self._rules[row]

    def score(self, observations: Mapping[str, Observation], claims: Iterable[Claim] = (), city: str = "") -> CityScore:
        """Score a city.

        Args:
            observations: by row; a row that is not there is `missing`.
            claims: additional initiatives.
            city: its code.
        """
        silent = self._silent
        found = observations.get
        kpis = tuple([rule.score(found(row) or silent[row]) for row, rule in self._rules.items()])
        sums = {name: _Sums() for name in self.law.weights}
        for kpi in kpis:
            sums[kpi.section].add(kpi)
        sections = tuple(one.section(name, self.law.weights[name]) for name, one in sums.items())
        verdicts = tuple(judge(claim, self.edition, self.category) for claim in claims)
        return self._city(city, kpis, sections, verdicts)

    def _city(
        self,
        city: str,
        kpis: tuple[KpiScore, ...],
        sections: tuple[SectionScore, ...],
        verdicts: tuple[ClaimVerdict, ...],
    ) -> CityScore:
        law = self.law
        index = _weighted(sections, [one.score for one in sections], law.scale)
        coverage = _weighted(sections, [one.coverage for one in sections], ONE)
        in_use = sum((one.weight for one in sections if one.points_scored), ZERO)
        bonus = law.bonus_points * sum(verdict.counts for verdict in verdicts)
        uncapped = None if index is None else index + bonus
        final = None if uncapped is None else min(law.cap, uncapped)
        standing, reasons = _standing(law, sections, index, coverage, self.profile)
        return CityScore(
            city=city,
            edition=self.edition.id,
            category=self.category,
            year=self.year,
            profile=self.profile,
            closed=self.closed,
            kpis=kpis,
            sections=sections,
            index=index,
            low=_weighted(sections, [one.low for one in sections], law.scale),
            high=_weighted(sections, [one.high for one in sections], law.scale),
            coverage=coverage,
            weight_in_use=in_use / sum(law.weights.values(), ZERO),
            bonus=bonus,
            claims=verdicts,
            final=final,
            uncapped=uncapped,
            band=None if final is None or standing == "not_ranked" else law.band(final),
            standing=standing,
            reasons=reasons,
            quantum=law.quantum,
            scale=law.scale,
        )


def score_city(
    edition: Edition,
    category: str,
    year: int,
    observations: Mapping[str, Observation],
    profile: Profile | None = None,
    claims: Iterable[Claim] = (),
    *,
    city: str = "",
    closed: bool = True,
    first_year: int | None = None,
) -> CityScore:
    """Score one city; for many of one category make `CityRules` once."""
    rules = CityRules(edition, category, year, profile, closed=closed, first_year=first_year)
    return rules.score(observations, claims, city)


class _Total:
    """An exact sum. Fractions are added as whole numbers and reduced once, at the end: see `docs`."""

    __slots__ = ("above", "below")

    def __init__(self, above: int = 0, below: int = 1) -> None:
        self.above, self.below = above, below

    def add(self, above: int, below: int) -> None:
        """Add above / below."""
        times, rest = divmod(self.below, below)
        if rest:
            self.above = self.above * below + above * self.below
            self.below *= below
        else:
            self.above += above * times

    def plus(self, other: _Total) -> _Total:
        """Both together."""
        found = _Total(self.above, self.below)
        found.add(other.above, other.below)
        return found

    def less(self, other: _Total) -> _Total:
        """This without the other."""
        return self.plus(_Total(-other.above, other.below))

    def over(self, divisor: Fraction) -> Fraction:
        """The sum divided by a number that is not 0."""
        return Fraction(self.above * divisor.denominator, self.below * divisor.numerator)


class _Sums:
    """Exact sums over one section."""

    __slots__ = ("earned", "missing", "points", "tally", "unscored", "withheld", "withheld_earned")

    def __init__(self) -> None:
        self.points = 0  # of the scored
        self.tally = 0  # how many are scored
        self.unscored = 0  # how many are due without a score
        self.earned = _Total()  # Σ p·s
        self.withheld = _Total()  # points of the scored that are partly missing
        self.withheld_earned = _Total()  # Σ p·s of what is partly missing
        self.missing = _Total()  # points due of those without a score

    def add(self, kpi: KpiScore) -> None:
        """Count one KPI in."""
        points, score, missing = kpi.points, kpi.score, kpi.missing
        if score is not None:
            self.tally += 1
            self.points += points
            number, part = score.as_integer_ratio()
            number *= points
            self.earned.add(number, part)
            if missing is not ZERO:
                lost, whole = missing.as_integer_ratio()
                self.withheld.add(points * lost, whole)
                self.withheld_earned.add(number * lost, part * whole)
        elif missing is not ZERO and missing:  # all of it, or what was withheld where the rest had no events
            self.unscored += 1
            lost, whole = missing.as_integer_ratio()
            self.missing.add(points * lost, whole)

    def section(self, name: str, weight: Fraction) -> SectionScore:
        """The section's score."""
        points = Fraction(self.points)
        due = points + self.missing.over(ONE)
        secured = self.earned.less(self.withheld_earned)
        return SectionScore(
            id=name,
            weight=weight,
            points_due=due,
            points_scored=self.points,
            points_observed=points - self.withheld.over(ONE),
            earned=self.earned.over(ONE),
            score=self.earned.over(points) if points else None,
            low=secured.over(due) if due else None,
            high=secured.plus(self.withheld).plus(self.missing).over(due) if due else None,
            due=self.tally + self.unscored,
            scored=self.tally,
        )


def _weighted(sections: Sequence[SectionScore], values: Sequence[Fraction | None], scale: Fraction) -> Fraction | None:
    """Σ W·value / Σ W over the sections that have one (A4), × scale; None where none has."""
    above, below = 0, 1
    total, part_of_total = 0, 1
    for one, value in zip(sections, values, strict=True):
        if value is not None:
            weight, part = one.weight.as_integer_ratio()
            total = total * part + weight * part_of_total
            part_of_total *= part
            number, divisor = value.as_integer_ratio()
            divisor *= part
            above = above * divisor + weight * number * below
            below *= divisor
    if not total:
        return None
    return Fraction(above * part_of_total * scale.numerator, below * total * scale.denominator)


def _standing(
    law: ScoringLaw,
    sections: Sequence[SectionScore],
    index: Fraction | None,
    coverage: Fraction | None,
    profile: Profile,
) -> tuple[Standing, tuple[Reason, ...]]:
    """C1 and C2: rated, provisional or without a place, and why; then what else a reader must know (A4, N1b)."""
    remarks = [Reason("A4", "section_without_due", one.id) for one in sections if not one.due]
    if profile.ways == "all_ways":
        remarks.append(Reason("N1b", "all_ways"))
    if index is None or coverage is None:
        return "not_ranked", (Reason("C1", "nothing_scored"), *remarks)
    reasons = [
        Reason("C1", "section_below_floor", one.id, share)
        for one in sections
        if (share := one.coverage) is not None and share < law.section_floor
    ]
    standing: Standing = "rated"
    if coverage < law.provisional_from:
        reasons.append(Reason("C1", "coverage_too_low", "", coverage))
    if reasons:
        standing = "not_ranked"
    elif coverage < law.rated_from:
        standing = "provisional"
        reasons.append(Reason("C1", "coverage_provisional", "", coverage))
    if profile.rank_all and standing == "not_ranked":
        standing = "provisional"
        reasons.insert(0, Reason("C2", "rank_all"))
    return standing, (*reasons, *remarks)
