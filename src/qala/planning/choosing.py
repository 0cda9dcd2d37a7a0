"""The set of actions that gains most, and when each begins: a mixed-integer programme, solved by HiGHS to the proven best.

For every outcome and year one weight for each set of its movers, summing to 1; the weights of the sets that hold an action sum
to whether it is finished. With whole decisions that leaves the one set that is finished, so that the scores of the law enter as
they are, whatever their shape, and nothing is made linear (the convex hull of a function on the corners of a cube).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from math import lcm
from typing import TYPE_CHECKING

import numpy as np

from qala.planning.actions import Plan
from qala.planning.outcomes import Outcome
from qala.scoring.observation import ZERO
from qala.standard.problems import Problem

if TYPE_CHECKING:
    from scipy.optimize import OptimizeResult

SECONDS = 60.0
_CLOSE = 1e-7


@dataclass(frozen=True)
class Choice:
    """What to do and when.

    Attributes:
        starts: action -> year in which it begins.
        gain: exact: see `gain`.
        spent: year of the budget -> money.
        proven: whether nothing better exists; False where the time ran out.
        short_of: how much more the best could gain at most, in the gain's unit; 0 if proven.
    """

    starts: Mapping[str, int]
    gain: Fraction
    spent: Mapping[int, Fraction]
    proven: bool
    short_of: float = 0.0

    @property
    def cost(self) -> Fraction:
        return sum(self.spent.values(), ZERO)


def finished(plan: Plan, starts: Mapping[str, int], year: int) -> frozenset[str]:
    """Actions whose work is over before a year; an effect counts from the year after the work."""
    return frozenset(name for name, start in starts.items() if start + plan.actions[name].years <= year)


def gain(plan: Plan, outcomes: Iterable[Outcome], starts: Mapping[str, int]) -> Fraction:
    """What is gained over doing nothing: the weighted mean of scores in percent, averaged over the plan's years. Exact."""
    total, nothing = ZERO, frozenset[str]()
    for year in plan.years:
        done = finished(plan, starts, year)
        total += sum((one.weight * (one.of(done, year) - one.of(nothing, year)) for one in outcomes), ZERO)
    return 100 * total / len(plan.years)


def spent(plan: Plan, starts: Mapping[str, int]) -> dict[int, Fraction]:
    """Money by year of the budget: works, and the upkeep of what is finished."""
    return {year: sum((_cost(plan, name, at, year) for name, at in starts.items()), ZERO) for year in plan.budget}


def _cost(plan: Plan, name: str, start: int, year: int) -> Fraction:
    action, turn = plan.actions[name], year - start
    if turn < 0:
        return ZERO
    return action.cost[turn] if turn < action.years else action.upkeep


def choose(
    plan: Plan,
    outcomes: Sequence[Outcome],
    *,
    budget: Mapping[int, Fraction] | None = None,
    wanted: Mapping[str, bool] | None = None,
    seconds: float = SECONDS,
) -> Choice | None:
    """The choice that gains most, of those the cheapest, of those the earliest; None where what must be done does not fit.

    Args:
        budget: another budget than the plan's, of the same years.
        wanted: action -> it must be done, or must not.
        seconds: after which the best that was found is given, unproven.

    Raises:
        Problem: nothing at all was found in that time.
    """
    model = _Model(plan, outcomes, budget or plan.budget, wanted or {})
    result = model.solve(-model.gains, seconds)
    if result is None:
        return None
    starts = model.starts(result.x)
    best = gain(plan, outcomes, starts)
    proven = result.status == 0
    if proven:  # of all that gain as much, the cheapest
        model.add(((column, value) for column, value in enumerate(model.gains) if value), -result.fun - _CLOSE, np.inf)
        cheaper = model.solve(model.costs, seconds)
        if cheaper is not None and gain(plan, outcomes, model.starts(cheaper.x)) >= best:
            starts = model.starts(cheaper.x)
            best = gain(plan, outcomes, starts)
    short = 0.0 if proven else float(max(-result.mip_dual_bound - float(best), 0))
    return Choice(
        dict(sorted(starts.items(), key=lambda one: (one[1], one[0]))), best, spent(plan, starts), proven, short
    )


@dataclass
class _Rows:
    """Rows of a sparse matrix with their bounds."""

    entries: list[tuple[int, int, float]] = field(default_factory=list)
    low: list[float] = field(default_factory=list)
    high: list[float] = field(default_factory=list)


class _Model:
    """The programme. Columns: a beginning of an action in a year; then for each outcome and year its sets of movers."""

    def __init__(
        self, plan: Plan, outcomes: Sequence[Outcome], budget: Mapping[int, Fraction], wanted: Mapping[str, bool]
    ) -> None:
        self.plan = plan
        self.columns = [(name, year) for name in plan.actions for year in plan.starts(name)]
        self.rows = _Rows()
        self._of = {name: [n for n, (one, _) in enumerate(self.columns) if one == name] for name in plan.actions}
        gains: list[float] = [0.0] * len(self.columns)
        self._beginnings(wanted)
        self._money(budget)
        for one in outcomes:
            if one.movers:
                for year in plan.years:
                    self._sets(one, year, gains)
        self.gains = np.array(gains)
        self.costs = np.zeros(len(gains))
        costs = [sum((_cost(plan, name, at, year) for year in plan.budget), ZERO) for name, at in self.columns]
        whole = lcm(*(one.denominator for one in costs), 1)
        late = 1 / (2 * len(plan.actions) * len(plan.budget))  # all of it together weighs less than the smallest coin
        for n, (cost, (_, start)) in enumerate(zip(costs, self.columns, strict=True)):
            self.costs[n] = float(cost * whole) + late * (start - min(plan.budget) + 1)  # nothing is done for nothing

    def add(self, entries: Iterable[tuple[int, float]], low: float, high: float) -> None:
        """One row: low ≤ Σ value · column ≤ high."""
        number = len(self.rows.low)
        self.rows.entries += [(number, column, value) for column, value in entries]
        self.rows.low.append(low)
        self.rows.high.append(high)

    def _beginnings(self, wanted: Mapping[str, bool]) -> None:
        for name, action in self.plan.actions.items():
            must = wanted.get(name, action.must)
            never = wanted.get(name) is False
            self.add(((n, 1.0) for n in self._of[name]), 1.0 if must else 0.0, 0.0 if never else 1.0)
            for other in action.instead_of:
                self.add(((n, 1.0) for n in self._of[name] + self._of[other]), 0.0, 1.0)
            for other in action.after:
                for n in self._of[name]:
                    self.add([(n, 1.0), *((m, -1.0) for m in self._finished(other, self.columns[n][1]))], -np.inf, 0.0)

    def _finished(self, name: str, year: int) -> list[int]:
        """Columns by which an action is finished before a year."""
        return [n for n in self._of[name] if self.columns[n][1] + self.plan.actions[name].years <= year]

    def _money(self, budget: Mapping[int, Fraction]) -> None:
        for year, money in budget.items():
            costs = {n: _cost(self.plan, name, at, year) for n, (name, at) in enumerate(self.columns)}
            whole = lcm(*(one.denominator for one in costs.values()), 1)  # whole numbers: no rounding decides what fits
            self.add(((n, float(one * whole)) for n, one in costs.items() if one), 0.0, float(money * whole // 1))

    def _sets(self, outcome: Outcome, year: int, gains: list[float]) -> None:
        first = len(gains)
        scores = outcome.scores[year]
        share = 100 * outcome.weight / len(self.plan.years)
        gains += [float(share * (one - scores[0])) for one in scores]
        self.add(((first + n, 1.0) for n in range(len(scores))), 1.0, 1.0)
        for bit, name in enumerate(outcome.movers):
            with_it = [(first + n, 1.0) for n in range(len(scores)) if n >> bit & 1]
            self.add([*with_it, *((n, -1.0) for n in self._finished(name, year))], 0.0, 0.0)

    def solve(self, objective: np.ndarray, seconds: float) -> OptimizeResult | None:
        """The least of the objective; None where nothing is possible."""
        # large, and only who chooses needs it
        from scipy.optimize import Bounds, LinearConstraint, OptimizeResult, milp
        from scipy.sparse import csr_array

        count = len(objective)
        if not count:
            possible = all(low <= 0 for low in self.rows.low)
            return OptimizeResult(x=np.zeros(0), fun=0.0, status=0) if possible else None
        row, column, value = zip(*self.rows.entries, strict=True)
        matrix = csr_array((value, (row, column)), shape=(len(self.rows.low), count))
        whole = np.zeros(count)
        whole[: len(self.columns)] = 1
        found = milp(
            objective,
            integrality=whole,
            bounds=Bounds(0, 1),
            constraints=LinearConstraint(matrix, self.rows.low, self.rows.high),
            options={"time_limit": seconds, "mip_rel_gap": 0.0},
        )
        if found.status == 2:
            return None
        if found.x is None:
            raise Problem(
                f"No set of actions was found in {seconds:g} s.",
                hint="Give it more time, or leave out actions and effects that are small.",
            )
        return found

    def starts(self, solution: np.ndarray) -> dict[str, int]:
        """Action -> year of its beginning."""
        return {name: year for n, (name, year) in enumerate(self.columns) if solution[n] > 0.5}
