"""Why an action is in or out, and what more or less money would gain."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Literal

from qala.planning.actions import Plan
from qala.planning.choosing import Choice, choose
from qala.planning.outcomes import Outcome

SHARES = tuple(Fraction(n, 4) for n in range(9))
"""Of the budget: from nothing to twice as much."""

Case = Literal[
    "must", "gains", "adds_nothing", "no_time", "too_dear", "waits_for", "does_not_fit", "gains_no_more", "gains_less"
]


@dataclass(frozen=True)
class Reason:
    """Why an action is in or out.

    Attributes:
        taken: whether it is in.
        case: `must`: it is an obligation. `gains`: without it `loss` would be lost. `adds_nothing`: it changes nothing that is
            wanted, or what it changes has its target. `no_time`: it cannot end within the budget's years. `too_dear`: a
            year's cost is above that year's budget. `waits_for`: `others` must come first and are not done.
            `does_not_fit`: with what must be done it is above the budget. `gains_no_more`: what it brings the chosen bring
            already. `gains_less`: with it `loss` would be lost, since `others` would give way or begin later.
        loss: of gain if it were the other way; None where it cannot be.
        others: names of actions.
    """

    action: str
    taken: bool
    case: Case
    loss: Fraction | None = None
    others: tuple[str, ...] = ()


@dataclass(frozen=True)
class CurvePoint:
    """What a share of the budget gains; None where what must be done does not fit."""

    share: Fraction
    budget: Fraction
    gain: Fraction | None
    actions: int


def _nobody() -> None:
    """Who is told of each step if nobody is."""


def reasons(
    plan: Plan, outcomes: Sequence[Outcome], best: Choice, *, seconds: float = 20, told: Callable[[], None] = _nobody
) -> list[Reason]:
    """A reason for every action: each is turned the other way round and the plan chosen again.

    Args:
        told: is called after each of them.
    """
    found = []
    for name in plan.actions:
        found.append(_reason(plan, outcomes, best, name, seconds))
        told()
    return found


def _reason(plan: Plan, outcomes: Sequence[Outcome], best: Choice, name: str, seconds: float) -> Reason:
    action = plan.actions[name]
    if name in best.starts:
        if action.must:
            return Reason(name, True, "must")
        other = choose(plan, outcomes, wanted={name: False}, seconds=seconds)
        return Reason(name, True, "gains", None if other is None else best.gain - other.gain)
    if not plan.starts(name):
        return Reason(name, False, "no_time")
    if all(any(cost > plan.budget[at + n] for n, cost in enumerate(action.cost)) for at in plan.starts(name)):
        return Reason(name, False, "too_dear")
    other = choose(plan, outcomes, wanted={name: True}, seconds=seconds)
    if other is None:
        waits = tuple(one for one in action.after if one not in best.starts)
        return Reason(name, False, "waits_for" if waits else "does_not_fit", None, waits)
    if not any(_moves(one, name) for one in outcomes):
        return Reason(name, False, "adds_nothing")
    if other.gain >= best.gain:
        return Reason(name, False, "gains_no_more")
    give_way = tuple(one for one, start in best.starts.items() if other.starts.get(one, start + 1) > start)
    return Reason(name, False, "gains_less", best.gain - other.gain, give_way)


def _moves(outcome: Outcome, name: str) -> bool:
    """Whether an action ever changes the outcome's score."""
    if name not in outcome.movers:
        return False
    bit = 1 << outcome.movers.index(name)
    return any(scores[n] != scores[n | bit] for scores in outcome.scores.values() for n in range(len(scores)))


def curve(
    plan: Plan, outcomes: Sequence[Outcome], *, seconds: float = 20, told: Callable[[], None] = _nobody
) -> list[CurvePoint]:
    """What could be gained with less and with more money."""
    found = []
    for share in SHARES:
        budget = {year: money * share for year, money in plan.budget.items()}
        best = choose(plan, outcomes, budget=budget, seconds=seconds)
        total = sum(budget.values(), Fraction(0))
        found.append(
            CurvePoint(share, total, None if best is None else best.gain, 0 if best is None else len(best.starts))
        )
        told()
    return found
