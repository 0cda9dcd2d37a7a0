"""What experts of the group think of needs: mean, spread, and how far they agree."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from math import sqrt

LEAST, MOST = 1, 5


@dataclass(frozen=True)
class Weight:
    """What experts think of one need.

    Attributes:
        mean: of their scores; spread: standard deviation, of all who scored; low, high: the lowest and highest score.
    """

    count: int
    mean: Fraction
    spread: float
    low: int
    high: int


def weights(scores: Mapping[int, Mapping[str, int]]) -> dict[str, Weight]:
    """Need -> what is thought of it.

    Args:
        scores: expert -> need -> score.
    """
    by_need: dict[str, list[int]] = {}
    for given in scores.values():
        for need, score in given.items():
            by_need.setdefault(need, []).append(score)
    found = {}
    for need, all_of_it in by_need.items():
        mean = Fraction(sum(all_of_it), len(all_of_it))
        spread = sqrt(sum((score - mean) ** 2 for score in all_of_it) / len(all_of_it))
        found[need] = Weight(len(all_of_it), mean, spread, min(all_of_it), max(all_of_it))
    return found


def agreement(scores: Mapping[int, Mapping[str, int]]) -> Fraction | None:
    """Kendall's W with its correction for ties, 0 to 1; None for fewer than two experts, or needs, that can be compared.

    Counted over the needs that every expert scored. Experts who give every need the same score say nothing of their order:
    where all of them do, it is None.
    """
    shared = set.intersection(*(set(given) for given in scores.values())) if scores else set()
    needs, experts = sorted(shared), len(scores)
    if experts < 2 or len(needs) < 2:
        return None
    ranks = [_ranks([given[need] for need in needs]) for given in scores.values()]
    count = len(needs)
    sums = [sum((row[at] for row in ranks), Fraction(0)) for at in range(count)]
    mean = Fraction(experts * (count + 1), 2)
    ties = sum(size**3 - size for given in scores.values() for size in Counter(given[need] for need in needs).values())
    whole = experts**2 * (count**3 - count) - experts * ties
    return 12 * sum(((one - mean) ** 2 for one in sums), Fraction(0)) / whole if whole else None


def _ranks(given: Sequence[int]) -> list[Fraction]:
    """Ranks from 1, of equal scores their mean."""
    count = Counter(given)
    return [sum(n for other, n in count.items() if other < score) + Fraction(count[score] + 1, 2) for score in given]
