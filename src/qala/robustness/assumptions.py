"""What is varied, and how far. Parameters of this program, none of the order."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Silent = Literal["left_out", "peers", "zero"]
"""What a missing value counts as: nothing (N1); a score drawn from the category's; 0, as in the lower bound (C3)."""


@dataclass(frozen=True, slots=True)
class Assumptions:
    """One analysis.

    Attributes:
        draws: how many ratings are drawn.
        base: of the sensitivity analysis, a power of two: it takes base × (factors + 2) draws more. 0: none.
        seed: equal seeds give equal results, whatever the number of cores.
        weights: each section's weight is multiplied by 1 − weights … 1 + weights, all equally likely.
        points: each KPI's points are raised by −points … +points, whole numbers, and stay above 0.
        error: standard deviation of the relative error of a value, for data of every way in.
        silent: what missing data counts as, each equally likely; the first is the rule.
        readings, terms: whether readings and open terms are drawn too: the rule or its variant, equally likely.
        tail: share of the draws left out at each end of an interval.
    """

    draws: int = 10_000
    base: int = 512
    seed: int = 469
    weights: float = 0.25
    points: int = 1
    error: float = 0.02
    silent: tuple[Silent, ...] = ("left_out", "peers")
    readings: bool = True
    terms: bool = True
    tail: float = 0.05

    def __post_init__(self) -> None:
        if self.draws < 1 or self.base < 0 or self.base & (self.base - 1):
            raise ValueError(f"draws {self.draws} must be above 0, base {self.base} a power of two or 0")
        if not (0 <= self.weights < 1 and self.points >= 0 and self.error >= 0 and 0 < self.tail < 1 / 2):
            raise ValueError("weights lie between 0 and 1, points and error are not negative, tail is below one half")
        if not self.silent:
            raise ValueError("missing data counts as something: name at least one of left_out, peers, zero")
