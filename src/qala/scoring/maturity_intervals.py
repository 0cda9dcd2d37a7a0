"""How far a city's maturity would move had other departments been asked: a bootstrap over departments.

Departments, not people, are drawn: colleagues answer alike. Of n departments n - 1 are drawn with replacement, which makes
the variance of a mean of few groups right (Rao, Wu 1988); with n draws it would be (n - 1)/n of it.
"""

from __future__ import annotations

import warnings
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from qala.scoring.maturity import CityMaturity, Scores
from qala.standard.maturity import MaturityModel

Interval = tuple[float, float]


@dataclass(frozen=True)
class Intervals:
    """Intervals of the model's level, on the model's scale; None where a figure is missing in most draws."""

    sub_dimensions: Mapping[str, Interval | None]
    dimensions: Mapping[str, Interval | None]
    overall: Interval | None


def intervals(model: MaturityModel, city: CityMaturity, seed: int = 7) -> Intervals | None:
    """Intervals of a city's scores; None with fewer departments than the model asks for. The same seed gives the same ends."""
    names = list(model.sub_dimensions)
    sheets = list(city.departments.values())
    rule = model.about.interval
    if len(sheets) < rule.fewest:
        return None
    table = np.array([_row(one, names) for one in sheets])
    drawn = np.random.default_rng(seed).integers(0, len(sheets), (rule.draws, len(sheets) - 1))
    subs = _mean(table[drawn], 1)
    share = float(model.about.answered.share)
    dimensions = []
    for one in model.dimensions.values():
        inside = subs[:, [names.index(name) for name in one.sub_dimensions]]
        enough = np.isfinite(inside).sum(axis=1) >= share * inside.shape[1] - 1e-9
        dimensions.append(np.where(enough, _mean(inside, 1), np.nan))
    overall, level = np.mean(np.array(dimensions), axis=0), float(rule.level)
    return Intervals(
        {name: _ends(subs[:, at], level) for at, name in enumerate(names)},
        {name: _ends(one, level) for name, one in zip(model.dimensions, dimensions, strict=True)},
        _ends(overall, level),
    )


def _row(one: Scores, names: list[str]) -> list[float]:
    return [np.nan if (score := one.sub_dimensions[name]) is None else float(score) for name in names]


def _mean(values: NDArray[np.float64], axis: int) -> NDArray[np.float64]:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)  # the mean of nothing is nothing here
        found: NDArray[np.float64] = np.nanmean(values, axis=axis)
    return found


def _ends(draws: NDArray[np.float64], level: float) -> Interval | None:
    known = draws[np.isfinite(draws)]
    if 2 * len(known) < len(draws):
        return None
    low, high = np.quantile(known, ((1 - level) / 2, (1 + level) / 2))
    return float(low), float(high)
