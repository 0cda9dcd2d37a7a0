"""Places within a category (reading E2)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from fractions import Fraction
from typing import NamedTuple

from qala.scoring.city import CityScore
from qala.scoring.law import quantised


class Place(NamedTuple):
    """A city's place; None for a city that takes none (C1)."""

    score: CityScore
    place: int | None
    shared: bool


def rank(scores: Iterable[CityScore]) -> dict[str, tuple[Place, ...]]:
    """Places by category: the final score, equal finals parted by the uncapped total (D2), and what is
    still equal shares a place (1, 1, 3). Cities without a place follow, the best index first.

    Args:
        scores: of one year and profile; any categories.
    """
    by_category: dict[str, list[CityScore]] = {}
    for score in scores:
        by_category.setdefault(score.category, []).append(score)
    return {category: _places(found) for category, found in by_category.items()}


def _places(scores: list[CityScore]) -> tuple[Place, ...]:
    keys = {
        score.city: (quantised(score.final, score.quantum), quantised(score.uncapped, score.quantum))
        for score in scores
        if score.final is not None and score.uncapped is not None
    }
    if len({score.city for score in scores}) != len(scores):
        raise ValueError("a city stands twice in one ranking")
    ranked = [score for score in scores if score.standing != "not_ranked" and score.city in keys]
    ranked.sort(key=lambda score: (*(-part for part in keys[score.city]), score.city))
    order = [keys[score.city] for score in ranked]
    shared = Counter(order)
    first = {key: place for place, key in reversed(list(enumerate(order, 1)))}
    places = [Place(score, first[key], shared[key] > 1) for score, key in zip(ranked, order, strict=True)]
    rest = [score for score in scores if score.standing == "not_ranked" or score.city not in keys]
    rest.sort(key=lambda score: (-(score.index if score.index is not None else Fraction(-1)), score.city))
    return (*places, *(Place(score, None, False) for score in rest))
