"""A category's exact scores as arrays: KPIs × cities."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from fractions import Fraction

import numpy as np
from numpy.typing import NDArray

from qala.scoring import CityScore, KpiRule, KpiScore, Observation, ScoringLaw, scoring_law
from qala.standard import Edition

Floats = NDArray[np.float64]


class Tables:
    """What draws are computed from, taken out of the exact scores once.

    Shapes: K KPIs that any of the cities is scored by or owes, C cities that have an index, S sections.

    Attributes:
        rows, sections: ids, in the order's and the edition's sequence.
        scores: K × C; 0 where there is none.
        scored: K × C; whether there is one.
        observed, missing: K × C; shares of the points that came and that did not (C1).
        up, down: K × C; what a relative error of 1 of the value does to the score, for values too great and too small,
            through the KPI's own target.
        points: K. part: S × K, 1 where the KPI belongs to the section. weights: S.
        variants: id of a reading or of one alternative of an open term -> change of the scores, K × C.
        bonus: C.
    """

    def __init__(self, edition: Edition, scores: Sequence[CityScore], error: float) -> None:
        law: ScoringLaw = scoring_law(edition)
        self.law, self.edition, self.cities = law, edition, tuple(scores)
        counted = [
            number
            for number in range(len(scores[0].kpis) if scores else 0)
            if any(city.kpis[number].score is not None or city.kpis[number].missing for city in scores)
        ]
        by_kpi = [[city.kpis[number] for city in scores] for number in counted]
        self.rows = tuple(line[0].row for line in by_kpi)
        self.sections = tuple(law.weights)
        self.weights = np.array([float(weight) for weight in law.weights.values()])
        self.points = np.array([float(line[0].points) for line in by_kpi])
        self.part = np.array([[line[0].section == name for line in by_kpi] for name in self.sections], dtype=float)
        self.part = self.part.reshape(len(self.sections), len(self.rows))
        self.scores = self._table(by_kpi, lambda kpi: kpi.score or Fraction(0))
        self.scored = self._table(by_kpi, lambda kpi: Fraction(kpi.score is not None)) > 0
        self.missing = self._table(by_kpi, lambda kpi: kpi.missing)
        self.observed = np.where(self.scored, 1 - self.missing, 0.0)
        self.bonus = np.array([float(city.bonus) for city in scores])
        self.variants = self._variants(by_kpi)
        self.up, self.down = self._slopes(by_kpi, error)

    def _table(self, lines: Sequence[Sequence[KpiScore]], number: object) -> Floats:
        found = [[float(number(kpi)) for kpi in line] for line in lines]  # type: ignore[operator]  # of a KpiScore
        return np.array(found, dtype=float).reshape(len(lines), len(self.cities))

    def _variants(self, lines: Sequence[Sequence[KpiScore]]) -> dict[str, Floats]:
        found: dict[str, Floats] = {}
        for number, line in enumerate(lines):
            for city, kpi in enumerate(line):
                for name, score in kpi.variants.items():
                    if kpi.score is not None:
                        change = found.setdefault(name, np.zeros(self.scores.shape))
                        change[number, city] = float(score - kpi.score)
        return {name: change for name, change in found.items() if change.any()}

    def _slopes(self, lines: Sequence[Sequence[KpiScore]], error: float) -> tuple[Floats, Floats]:
        """The score's answer to values that are off by one standard deviation, asked of the KPI's own rule."""
        up, down = np.zeros(self.scores.shape), np.zeros(self.scores.shape)
        if not error:
            return up, down
        step = Fraction(error).limit_denominator(10**6)
        rules: dict[tuple[str, str], KpiRule] = {}
        for number, line in enumerate(lines):
            for at, kpi in enumerate(line):
                if kpi.score is None:
                    continue
                city = self.cities[at]
                key = (kpi.row, city.category)
                if key not in rules:
                    rules[key] = KpiRule(
                        self.edition.kpi(kpi.row), city.category, city.year, self.edition, city.profile,
                        closed=city.closed,
                    )  # fmt: skip
                up[number, at] = _off(rules[key], kpi, 1 + step) / error
                down[number, at] = -_off(rules[key], kpi, 1 - step) / error
        return up, down


def _off(rule: KpiRule, kpi: KpiScore, times: Fraction) -> float:
    """By how much the score changes if the value is `times` as great; 0 where such a value cannot be (V1)."""
    other = rule.score(_scaled(kpi, times)).score
    return 0.0 if other is None or kpi.score is None else float(other - kpi.score)


def _scaled(kpi: KpiScore, times: Fraction) -> Observation:
    seen = kpi.observation
    pooled = kpi.target is not None and kpi.target.comply is not None  # such components without a norm are shares (R9)
    parts: Mapping[str, Fraction | None] = {
        name: None
        if value is None
        else min(value * times, max(value, Fraction(1)))
        if pooled and name not in seen.norms
        else value * times
        for name, value in seen.components.items()
    }
    return replace(seen, value=None if seen.value is None else seen.value * times, components=parts, variants={})
