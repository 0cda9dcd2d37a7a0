"""What tells lenient from strict respondents: the control questions (Q1) and anchoring vignettes (Q2, Q3). Pure and exact.

Sources: King, Murray, Salomon, Tandon 2004 (piecewise linear calibration is ours, after it); King, Wand 2007 (the rank C).
The shift by control questions is ours: IDC names the two questions and publishes no formula.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction

from qala.standard.maturity import MaturityModel


def shifted(model: MaturityModel, answer: Fraction, self_rated: int, benefits: int) -> Fraction:
    """An answer + strength x (C2 - C1) / divide_by, clipped to the scale: who rates high and sees little benefit comes down."""
    control, scale = model.about.control, model.about.scale
    moved = answer + control.strength * (benefits - self_rated) / control.divide_by
    return min(max(moved, Fraction(scale.lowest)), Fraction(scale.highest))


def calibrated(model: MaturityModel, answer: Fraction, ratings: Mapping[int, int]) -> Fraction | None:
    """An answer on the respondent's own scale carried to the model's, along straight lines through (rating, level).

    The ends of the scale stay where they are, unless an imagined city was rated there.

    Args:
        ratings: level of an imagined city -> the respondent's rating of it.

    Returns:
        None where nothing was rated or the ratings do not rise with the levels: the answer cannot be carried over.
    """
    levels = sorted(ratings)
    rated = [ratings[level] for level in levels]
    if not levels or any(low >= high for low, high in zip(rated, rated[1:], strict=False)):
        return None
    through = {end: end for end in model.vignettes.calibration.anchors} | dict(zip(rated, levels, strict=True))
    places = sorted(through)
    for low, high in zip(places, places[1:], strict=False):
        if low <= answer <= high:
            return through[low] + (answer - low) * Fraction(through[high] - through[low], high - low)
    return None


def rank_among(own: int, ratings: Sequence[int]) -> tuple[int, int]:
    """Where the own rating stands among ratings of J imagined cities, from 1 (below all) to 2J + 1 (above all).

    Every statement of King and Wand's list that is true has its number: y < z1 is 1, y = z1 is 2, z1 < y < z2 is 3 and so
    on. The lowest and the highest of them: the same number twice, unless ties or a wrong order leave it open.
    """
    true: list[int] = []
    for at, rating in enumerate(ratings, 1):
        below = ratings[at - 2] if at > 1 else None
        if own < rating and (below is None or own > below):
            true.append(2 * at - 1)
        if own == rating:
            true.append(2 * at)
    if own > ratings[-1]:
        true.append(2 * len(ratings) + 1)
    return true[0], true[-1]


@dataclass(frozen=True)
class Ranks:
    """The ranks of many respondents in one dimension.

    Attributes:
        levels: of the imagined cities, rising.
        shares: of the ranks 1 to 2J + 1; who has an interval is spread evenly over it (King, Wand 2007, section 4).
        low, high: means of the lower and upper ends.
        people: how many; open: how many of them have an interval.
    """

    levels: tuple[int, ...]
    shares: tuple[Fraction, ...]
    low: Fraction
    high: Fraction
    people: int
    open: int


def ranks(answers: Iterable[tuple[int, Mapping[int, int]]], levels: Sequence[int]) -> Ranks | None:
    """(own rating, level -> rating) of many; who did not rate every imagined city is left out, None if that is everyone."""
    found = [
        rank_among(own, [ratings[level] for level in levels])
        for own, ratings in answers
        if levels and all(level in ratings for level in levels)
    ]
    if not found:
        return None
    shares = [Fraction(0)] * (2 * len(levels) + 1)
    for low, high in found:
        for rank in range(low, high + 1):
            shares[rank - 1] += Fraction(1, (high - low + 1) * len(found))
    return Ranks(
        tuple(levels),
        tuple(shares),
        Fraction(sum(low for low, _ in found), len(found)),
        Fraction(sum(high for _, high in found), len(found)),
        len(found),
        sum(low != high for low, high in found),
    )
