"""The optimiser against trying everything, on small plans with scores of any shape; and the reasons that it gives."""

from __future__ import annotations

import random
from collections.abc import Iterator
from fractions import Fraction
from itertools import product

import pytest

from qala.planning import Action, Choice, Effect, Outcome, Plan, choose, curve, gain, reasons, spent
from qala.planning.choosing import finished

F = Fraction


def plan_of(actions: dict[str, Action], budget: dict[int, int]) -> Plan:
    years = range(min(budget), max(budget) + 2)
    return Plan("tenge", {year: F(money) for year, money in budget.items()}, {}, years, actions, {})


def an_action(*cost: int | Fraction, **more: object) -> Action:
    return Action(name="one", cost=tuple(map(F, cost)), effects={"2.1": Effect(by=F(1))}, **more)


def a_case(seed: int) -> tuple[Plan, list[Outcome]]:
    """A small plan at random: costs in thirds, chains, rivals, duties, scores that rise and fall without any order."""
    chance = random.Random(seed)
    names = "abcde"[: chance.randint(3, 5)]
    actions = {}
    for n, name in enumerate(names):
        before = [one for one in names[:n] if chance.random() < 0.3]
        rivals = [one for one in names[:n] if one not in before and chance.random() < 0.2]
        actions[name] = an_action(
            *(F(chance.randint(0, 12), 3) for _ in range(chance.randint(1, 2))),
            upkeep=F(chance.randint(0, 3), 3), not_before=chance.choice((None, None, 2028)),
            after=tuple(before), instead_of=tuple(rivals), must=chance.random() < 0.15,
        )  # fmt: skip
    plan = plan_of(actions, {year: chance.randint(0, 9) for year in (2027, 2028, 2029)})
    weights = [chance.randint(1, 5) for _ in range(chance.randint(1, 3))]
    outcomes = []
    for n, weight in enumerate(weights):
        movers = tuple(sorted(chance.sample(names, chance.randint(0, min(3, len(names))))))
        scores = {
            year: tuple(F(chance.randint(0, 12) + 4 * n.bit_count(), 24) for n in range(1 << len(movers)))
            for year in plan.years
        }
        outcomes.append(Outcome(str(n), F(weight, sum(weights)), movers, scores))
    return plan, outcomes


def all_schedules(plan: Plan) -> Iterator[dict[str, int]]:
    """Every schedule that the rules allow, found without the optimiser."""
    for starts in product(*([None, *plan.starts(name)] for name in plan.actions)):
        chosen = {name: at for name, at in zip(plan.actions, starts, strict=True) if at is not None}
        if any(money > plan.budget[year] for year, money in spent(plan, chosen).items()):
            continue
        for name, action in plan.actions.items():
            if name not in chosen:
                if action.must:
                    break
            elif any(one in chosen for one in action.instead_of) or not finished(plan, chosen, chosen[name]).issuperset(
                action.after
            ):
                break
        else:
            yield chosen


@pytest.mark.parametrize("seed", range(60))
def test_nothing_better_exists(seed: int) -> None:
    plan, outcomes = a_case(seed)
    everything = list(all_schedules(plan))
    found = choose(plan, outcomes)
    if not everything:
        assert found is None
        return
    assert found is not None
    assert found.proven
    assert found.starts in everything
    best = max(gain(plan, outcomes, one) for one in everything)
    assert found.gain == gain(plan, outcomes, found.starts) == best
    cheapest = min(sum(spent(plan, one).values()) for one in everything if gain(plan, outcomes, one) == best)
    assert found.cost == cheapest


def test_the_cases_are_not_all_alike() -> None:
    """That trying everything has something to find: cases without a solution, with nothing to do, with several actions."""
    counts = [len(found.starts) if (found := choose(*a_case(seed))) else None for seed in range(60)]
    assert counts.count(None) >= 2
    assert {0, 1, 2, 3} <= {one for one in counts if one is not None}


def outcome(movers: str, *scores: Fraction | float, years: range = range(2027, 2030)) -> Outcome:
    return Outcome("2.1", F(1), tuple(movers), dict.fromkeys(years, tuple(map(F, scores))))


def why(plan: Plan, outcomes: list[Outcome]) -> tuple[Choice, dict[str, tuple[str, Fraction | None, tuple[str, ...]]]]:
    best = choose(plan, outcomes)
    assert best is not None
    return best, {one.action: (one.case, one.loss, one.others) for one in reasons(plan, outcomes, best)}


def test_every_reason_is_told() -> None:
    actions = {
        "a": an_action(4),
        "b": an_action(4),
        "slow": an_action(1, 1, 1),
        "dear": an_action(50),
        "idle": an_action(1),
        "duty": an_action(1, must=True),
        "late": an_action(1, after=("dear",)),
    }
    plan = plan_of(actions, {2027: 5, 2028: 1})
    best, found = why(plan, [outcome("ab", 0, F(1, 2), F(1, 4), F(3, 4))])
    assert best.starts == {"a": 2027, "duty": 2027}
    assert best.gain == F(100, 3)  # half of what is wanted, in two years of three
    assert found == {
        "a": ("gains", F(50, 3), ()),  # b would come in its place
        "b": ("gains_less", F(50, 3), ("a",)),
        "slow": ("no_time", None, ()),
        "dear": ("too_dear", None, ()),
        "idle": ("adds_nothing", None, ()),
        "duty": ("must", None, ()),
        "late": ("waits_for", None, ("dear",)),
    }


def test_what_the_chosen_bring_already_is_not_bought_again() -> None:
    plan = plan_of({"a": an_action(2), "b": an_action(3)}, {2027: 10, 2028: 10})
    best, found = why(plan, [outcome("ab", 0, 1, 1, 1)])
    assert best.starts == {"a": 2027}
    assert found["b"] == ("gains_no_more", None, ())


def test_more_money_never_gains_less() -> None:
    for seed in range(12):
        gains = [one.gain for one in curve(*a_case(seed))]
        known = [one for one in gains if one is not None]
        assert known == sorted(known)
        assert all(one is not None for one in gains[len(gains) - len(known) :]), "once it fits it fits with more"


def test_a_duty_above_the_budget_has_no_plan() -> None:
    assert choose(plan_of({"a": an_action(9, must=True)}, {2027: 5}), [outcome("a", 0, 1)]) is None
