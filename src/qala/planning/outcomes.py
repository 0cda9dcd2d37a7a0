"""What each set of finished actions makes of each thing that the city wants."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction

from qala.planning.actions import Plan
from qala.planning.standpoint import Standpoint, moved
from qala.standard.problems import Problem

MOST_MOVERS = 10
"""How many actions may move one outcome: the sets of them double with each."""


@dataclass(frozen=True)
class Outcome:
    """One KPI or own indicator that the city wants.

    Attributes:
        id: row of the KPI, or id of the indicator.
        weight: its share of all outcomes; they sum to 1.
        movers: names of the actions that change it.
        scores: year -> the score for each set of finished movers; the set is the number whose bits are the movers.
    """

    id: str
    weight: Fraction
    movers: tuple[str, ...]
    scores: Mapping[int, tuple[Fraction, ...]]

    def of(self, finished: frozenset[str], year: int) -> Fraction:
        """The score in a year when these actions are finished."""
        return self.scores[year][sum(1 << n for n, name in enumerate(self.movers) if name in finished)]


def outcomes_of(plan: Plan, city: Standpoint) -> tuple[Outcome, ...]:
    """Every outcome of a plan, computed by the law's own scoring.

    Raises:
        Problem: too many actions move one outcome, or an effect cannot be told.
    """
    total = sum(plan.weights.values(), Fraction(0))
    return tuple(_outcome(plan, city, name, weight / total) for name, weight in plan.weights.items())


def _outcome(plan: Plan, city: Standpoint, name: str, weight: Fraction) -> Outcome:
    movers = tuple(action for action, effects in plan.effects.items() if name in effects)
    if len(movers) > MOST_MOVERS:
        raise Problem(
            f"{len(movers)} actions change {name}; no more than {MOST_MOVERS} can be weighed against one another.",
            hint="Join some of them into one action, or take out the effects that are small.",
        )
    seen, most = city.seen(name), city.most(name)
    states = []
    for number in range(1 << len(movers)):
        effects = [plan.effects[action][name] for bit, action in enumerate(movers) if number >> bit & 1]
        if seen.value is None and not seen.components and effects and all(one.to is None for one in effects):
            states.append(seen)  # the action that brings its data is not among the finished
        else:
            states.append(moved(seen, effects, most))
    if movers and seen.value is None and not seen.components and all(plan.effects[a][name].to is None for a in movers):
        moved(seen, [plan.effects[movers[0]][name]])  # says that there is nothing to start from
    scores = {year: tuple(city.score(name, state, year) for state in states) for year in plan.years}
    return Outcome(name, weight, movers, scores)
