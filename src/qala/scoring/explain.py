"""What each KPI adds to a city's index, and what could be won."""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from typing import NamedTuple

from qala.scoring.city import CityScore, SectionScore
from qala.scoring.kpi import KpiScore
from qala.scoring.observation import ONE, ZERO


class Line(NamedTuple):
    """One KPI's part in the index; index points.

    Attributes:
        kpi: its score.
        weight: what it weighs in the index: the points between a score of 0 and of 1. 0 unless it is scored.
        bound_weight: what it would weigh if nothing were missing: its weight in the bounds (C3).
        contribution: what it adds now.
        if_it_came: of a missing KPI, by how much the index would rise if it came and reached its target.
    """

    kpi: KpiScore
    weight: Fraction
    bound_weight: Fraction
    contribution: Fraction
    if_it_came: Fraction = ZERO

    @property
    def to_win(self) -> Fraction:
        """By how much the index would rise if the target were reached, all else equal."""
        return self.weight - self.contribution if self.weight else self.if_it_came

    @property
    def to_secure(self) -> Fraction:
        """By how much the low bound would rise if the KPI came in full and reached its target."""
        score, missing = self.kpi.score, self.kpi.missing
        return self.bound_weight * (missing if score is None else 1 - score * (1 - missing))


def explain(city: CityScore) -> tuple[Line, ...]:
    """A line for every KPI, in the order's sequence; the contributions add up to the index exactly."""
    sections = _sections(city)
    lines = []
    for kpi in city.kpis:
        score, missing = kpi.score, kpi.missing
        if score is not None:
            weight, bound_weight = sections[kpi.section].weights(kpi.points)
            lines.append(Line(kpi, weight, bound_weight, weight if score is ONE else weight * score))
        elif missing is not ZERO and missing:
            its = sections[kpi.section]
            lines.append(Line(kpi, ZERO, its.weights(kpi.points)[1], ZERO, its.if_it_came(kpi.points)))
        else:
            lines.append(Line(kpi, ZERO, ZERO, ZERO))
    return tuple(lines)


def best_gains(city: CityScore, count: int) -> tuple[Line, ...]:
    """The lines with most to win in the low bound and the index, the most first."""
    lines = [line for line in explain(city) if line.to_win > 0 or line.to_secure > 0]
    lines.sort(key=lambda line: (-max(line.to_win, line.to_secure), line.kpi.row))
    return tuple(lines[:count])


class _Section:
    """What points of a KPI of one section weigh in a city's index; whole numbers are reduced once, at the end."""

    def __init__(self, city: CityScore, section: SectionScore, scored: Fraction, due: Fraction) -> None:
        self._city = city
        self._section = section
        self._scored = scored
        share = city.scale * section.weight
        # index points for one point of a KPI, in the estimate and in the bounds, as above / below
        self._point = _ratio(share, scored * section.points_scored)
        self._bound = _ratio(share, due * section.points_due)
        self._weights: dict[int, tuple[Fraction, Fraction]] = {}
        self._gains: dict[int, Fraction] = {}

    def weights(self, points: int) -> tuple[Fraction, Fraction]:
        """What a KPI weighs in the estimate and in the bounds."""
        if points not in self._weights:
            above, below = self._point
            bound_above, bound_below = self._bound
            self._weights[points] = Fraction(above * points, below), Fraction(bound_above * points, bound_below)
        return self._weights[points]

    def if_it_came(self, points: int) -> Fraction:
        """The rise of the index if a missing KPI came and reached its target."""
        if points not in self._gains:
            self._gains[points] = self._gain(points)
        return self._gains[points]

    def _gain(self, points: int) -> Fraction:
        section, city = self._section, self._city
        if section.score is None or city.index is None:
            now = city.index or ZERO
            share = city.scale * section.weight
            return (now * self._scored + share) / (self._scored + section.weight) - now
        above, below = self._point
        reached, whole = section.score.as_integer_ratio()
        scored = section.points_scored
        return Fraction(above * scored * points * (whole - reached), below * whole * (scored + points))


def _sections(city: CityScore) -> Mapping[str, _Section]:
    scored = sum((one.weight for one in city.sections if one.points_scored), ZERO)
    due = sum((one.weight for one in city.sections if one.points_due), ZERO)
    return {one.id: _Section(city, one, scored, due) for one in city.sections}


def _ratio(value: Fraction, divisor: Fraction) -> tuple[int, int]:
    """A quotient as whole numbers above and below; 0 where there is nothing to divide by."""
    if not divisor:
        return 0, 1
    return value.numerator * divisor.denominator, value.denominator * divisor.numerator
