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
        weight: what it weighs: the index points between a score of 0 and of 1. Of a missing KPI: what it would
            weigh in the low bound. 0 where nothing is asked.
        contribution: what it adds now.
        to_win: by how much the index would rise if the target were reached, all else equal (of a missing
            KPI: if it came and reached it).
        to_secure: by how much the low bound would rise.
    """

    kpi: KpiScore
    weight: Fraction
    contribution: Fraction
    to_win: Fraction
    to_secure: Fraction


def explain(city: CityScore) -> tuple[Line, ...]:
    """A line for every KPI, in the order's sequence; the contributions add up to the index exactly."""
    rates = _rates(city)
    lines = []
    for kpi in city.kpis:
        point, bound = rates[kpi.section]
        points, score = kpi.points, kpi.score
        if score is not None:
            weight = point * points
            if score is ONE:
                secured = bound * points * kpi.missing if kpi.missing else ZERO
                lines.append(Line(kpi, weight, weight, ZERO, secured))
            else:
                contribution = weight * score
                secured = bound * points * (1 - score * (1 - kpi.missing))
                lines.append(Line(kpi, weight, contribution, weight - contribution, secured))
        elif kpi.missing:
            weight = bound * points * kpi.missing
            lines.append(Line(kpi, weight, ZERO, _if_it_came(city, kpi), weight))
        else:
            lines.append(Line(kpi, ZERO, ZERO, ZERO, ZERO))
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
