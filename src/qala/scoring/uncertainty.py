"""How much the index hangs on the readings: every variant reading, one at a time and all together."""

from __future__ import annotations

from fractions import Fraction
from typing import NamedTuple

from qala.scoring.city import CityScore
from qala.scoring.explain import explain
from qala.scoring.observation import ZERO


class Variation(NamedTuple):
    """What one variant would do.

    Attributes:
        id: of the reading or open term.
        rows: the KPIs that it changes.
        change: index points.
        becomes: the index with this variant and all else as read.
    """

    id: str
    rows: tuple[str, ...]
    change: Fraction
    becomes: Fraction


class Uncertainty(NamedTuple):
    """The variations, the greatest first, and the index if all that lower it (raise it) held at once."""

    variations: tuple[Variation, ...]
    low: Fraction
    high: Fraction


def uncertainty(city: CityScore) -> Uncertainty | None:
    """The interval of the index over the variant readings; None for a city without an index.

    The index is linear in the scores, so that variants add up; where two variants meet in one KPI the interval
    takes the one that reaches further.
    """
    if city.index is None:
        return None
    changes: dict[str, Fraction] = {}
    rows: dict[str, list[str]] = {}
    low = high = city.index
    for line in explain(city):
        score = line.kpi.score
        if score is None or not line.kpi.variants:
            continue
        moved = {name: line.weight * (other - score) for name, other in line.kpi.variants.items()}
        for name, change in moved.items():
            changes[name] = changes.get(name, ZERO) + change
            rows.setdefault(name, []).append(line.kpi.row)
        low += min(ZERO, *moved.values())
        high += max(ZERO, *moved.values())
    variations = [Variation(name, tuple(rows[name]), change, city.index + change) for name, change in changes.items()]
    variations.sort(key=lambda one: (-abs(one.change), one.id))
    return Uncertainty(tuple(variations), low, high)
