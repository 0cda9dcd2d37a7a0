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
    rates = _rates(city)
    weights: dict[tuple[str, int], tuple[Fraction, Fraction]] = {}
    lines = []
    for kpi in city.kpis:
        key = (kpi.section, kpi.points)
        if key not in weights:
            point, bound = rates[kpi.section]
            weights[key] = point * kpi.points, bound * kpi.points
        weight, bound_weight = weights[key]
        score = kpi.score
        if score is ONE:
            line = Line(kpi, weight, bound_weight, weight)
        elif score is not None:
            line = Line(kpi, weight, bound_weight, weight * score)
        elif kpi.missing is not ZERO and kpi.missing:
            line = Line(kpi, ZERO, bound_weight, ZERO, _if_it_came(city, kpi))
        else:
            line = Line(kpi, ZERO, ZERO, ZERO)
        lines.append(line)
    return tuple(lines)


def best_gains(city: CityScore, count: int) -> tuple[Line, ...]:
    """The lines with most to win in the low bound and the index, the most first."""
    lines = [line for line in explain(city) if line.to_win > 0 or line.to_secure > 0]
    lines.sort(key=lambda line: (-max(line.to_win, line.to_secure), line.kpi.row))
    return tuple(lines[:count])


def _rates(city: CityScore) -> Mapping[str, tuple[Fraction, Fraction]]:
    """By section: index points for one point of a KPI in the estimate, and in the bounds."""
    scored = sum((one.weight for one in city.sections if one.points_scored), ZERO)
    due = sum((one.weight for one in city.sections if one.points_due), ZERO)
    scale = city.scale
    return {
        one.id: (
            scale * one.weight / (scored * one.points_scored) if one.points_scored else ZERO,
            scale * one.weight / (due * one.points_due) if one.points_due else ZERO,
        )
        for one in city.sections
    }


def _if_it_came(city: CityScore, kpi: KpiScore) -> Fraction:
    """The rise of the index if a missing KPI came and reached its target."""
    scored = sum((one.weight for one in city.sections if one.points_scored), ZERO)
    section: SectionScore = next(one for one in city.sections if one.id == kpi.section)
    scale = city.scale
    if section.score is None or city.index is None:
        now = city.index or ZERO
        return (now * scored + scale * section.weight) / (scored + section.weight) - now
    points = section.points_scored
    return scale * section.weight / scored * kpi.points * (1 - section.score) / (points + kpi.points)
