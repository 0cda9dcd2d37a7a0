"""Signs in the months of a KPI. Pure: values in, what is strange about them out."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from statistics import mean, median
from typing import Literal, NamedTuple

from qala.signs.rules import Rule

Better = Literal[1, -1]
"""Whether more is better, or less."""
Months = Sequence[float | None]


class Step(NamedTuple):
    """From the month at `at` (0 the first) on the values are others."""

    at: int
    before: float
    after: float
    times: float


def step(values: Months, better: Better, rule: Rule) -> Step | None:
    """The greatest step for the better that is more than the series' usual change; None without one."""
    width = rule.months
    found: Step | None = None
    greatest = 0.0
    for at in range(width, len(values) - width + 1):
        sides = [value for value in values[at - width : at + width] if value is not None]
        if len(sides) < 2 * width:
            continue
        before, after = median(sides[:width]), median(sides[width:])
        others = [
            abs(two - one)
            for number, (one, two) in enumerate(pairwise(values), 1)
            if one is not None and two is not None and number != at
        ]
        usual = max(median(others), abs(before) * rule.least / rule.times)
        change = (after - before) * better
        if usual and change > rule.times * usual and change >= rule.least * abs(before):
            jump = (
                sides[width] - sides[width - 1]
            ) * better  # the months around a step see it too: it is where it jumps
            if jump > greatest:
                found, greatest = Step(at, before, after, change / usual), jump
    return found


def just_over(values: Months, target: float, better: Better, rule: Rule) -> tuple[int, int] | None:
    """(months just better than the target, months just short of it), where that is no chance."""
    near = [
        (value - target) * better >= 0
        for value in values
        if value is not None and target and abs(value - target) <= rule.within * abs(target) and value != target
    ]
    over = sum(near)
    return (over, len(near) - over) if over >= rule.least and over >= rule.share * len(near) else None


class Gaps(NamedTuple):
    """Months without data (0 the first), and the mean scores of the months beside them and of the others."""

    at: tuple[int, ...]
    beside: float
    others: float


def withheld(scores: Months, rule: Rule) -> Gaps | None:
    """Gaps whose neighbours are worse than the rest: what lies in them may have been worse still.

    Args:
        scores: of the months that are due, 0 to 1; None: nothing came.
    """
    gaps = [at for at, score in enumerate(scores) if score is None]
    if len(gaps) < rule.least:
        return None
    near = {at + side for at in gaps for side in (-1, 1)}
    beside = [score for at, score in enumerate(scores) if score is not None and at in near]
    others = [score for at, score in enumerate(scores) if score is not None and at not in near]
    if not beside or not others or mean(others) - mean(beside) < rule.worse:
        return None
    return Gaps(tuple(gaps), mean(beside), mean(others))
