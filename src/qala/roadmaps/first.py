"""What to do first: a roadmap's actions as candidates of `qala.planning`, and what comes of choosing among them."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal
from fractions import Fraction
from hashlib import sha256
from typing import Any

from qala import facts
from qala.planning import Action as Candidate
from qala.planning import Plan, Standpoint, choose, curve, outcomes_of, reasons
from qala.planning.consequences import index_alone, index_by_year, outcomes_moved
from qala.planning.reasons import SHARES
from qala.roadmaps.models import Action, Roadmap
from qala.roadmaps.queries import effects_of
from qala.standard.edition import Edition
from qala.standard.problems import Problem

INDEX = "index"
"""Among the weights: the whole index, by the share that each KPI has in it."""
ROLES = ("weigh", "must", "out")
SECONDS, SECONDS_EACH = 30.0, 5.0
"""For the choice, and for each of the choices that reasons and curve ask for."""


def open_actions(roadmap: Roadmap) -> list[Action]:
    """Actions that may still be chosen among: those that are neither done nor stopped."""
    found = roadmap.actions.prefetch_related("after").select_related("owner")
    return [one for one in found if one.progress in ("planned", "running")]


def years_of(roadmap: Roadmap, actions: Sequence[Action], this_year: int) -> range:
    """Years whose money is divided: of the plan, and as long as an action works, from this year on."""
    last = max([roadmap.last_year, *(one.to_year for one in actions)])
    return range(max(roadmap.first_year, this_year), last + 1)


def movable(actions: Sequence[Action]) -> list[str]:
    """KPIs that some action changes, in the sequence of annex 4; then own indicators."""
    rows = {row for one in actions for row in one.effects}
    return sorted(
        rows, key=lambda row: (not row[0].isdigit(), [int(part) for part in row.split(".") if part.isdigit()], row)
    )


def fingerprint(actions: Sequence[Action]) -> str:
    """Of all that a choice depends on."""
    said = [
        [one.pk, one.from_year, one.to_year, one.money, one.effects, one.progress, sorted(each.pk for each in one.after.all())]
        for one in actions
    ]  # fmt: skip
    return sha256(json.dumps(said, sort_keys=True).encode()).hexdigest()


def plan_of(asked: Mapping[str, Any], actions: Sequence[Action], at: Standpoint, law: Edition, category: str) -> Plan:
    """The candidates, as the planning reads them; actions by their number as a text.

    An action that is under way is finished as it was planned. Work of a base initiative ends by the year that annex 2 gives,
    or by the later one that the roadmap has already.

    Raises:
        Problem: nothing is wanted, or no action is left.
    """
    budget = {int(year): Fraction(money) for year, money in asked["budget"].items()}
    roles, first = asked["roles"], min(budget)
    late = [one for one in actions if one.progress == "running" and one.to_year < first]
    chosen = {str(one.pk): one for one in actions if roles.get(str(one.pk)) != "out" and one not in late}
    candidates = {}
    for name, one in chosen.items():
        runs = one.progress == "running"
        begins = max(one.from_year, first) if runs else one.from_year
        step = law.initiatives[one.initiative].roadmap.get(category) if one.initiative else None
        by = one.to_year if runs else None if step is None else max(step.to_year, one.to_year)
        candidates[name] = Candidate(
            name=one.name, cost=tuple(Fraction(one.spends(year)) for year in range(begins, one.to_year + 1)),
            not_before=begins if runs else None, done_by=by, must=runs or roles.get(name) == "must",
            after=tuple(str(each.pk) for each in one.after.all() if str(each.pk) in chosen),
        )  # fmt: skip
    if not candidates:
        raise Problem("No action is left to choose among.")
    effects = {name: effects_of(one) for name, one in chosen.items()}
    return Plan("", budget, _weights(asked["weights"], effects, at), range(first, max(budget) + 2), candidates, effects)


def _weights(asked: Mapping[str, str], effects: Mapping[str, Any], at: Standpoint) -> dict[str, Fraction]:
    found = {row: Fraction(weight) for row, weight in asked.items() if row != INDEX and Fraction(weight) > 0}
    if whole := Fraction(asked.get(INDEX, "0")):
        shares = index_shares(at, {row for some in effects.values() for row in some})
        for row, share in shares.items():
            found[row] = found.get(row, Fraction(0)) + whole * share
    if not found:
        raise Problem("Nothing is wanted.", hint="Give a weight to the index or to a KPI.")
    return found


def index_shares(at: Standpoint, rows: set[str]) -> dict[str, Fraction]:
    """Of the KPIs among these that are due: the share in the index; together 1.

    A KPI's share is its section's weight, times its points of those that are scored in the section.
    """
    score = at.city(at.observations, at.year)
    sections = {one.id: one for one in score.sections}
    found = {}
    for row in rows - at.own.keys():
        kpi = at.edition.kpi(row)
        section = sections[kpi.section]
        if section.points_scored:
            found[row] = section.weight * kpi.points / section.points_scored
    total = sum(found.values(), Fraction(0))
    return {row: share / total for row, share in found.items()}


def steps_of(actions: Sequence[Action]) -> int:
    """How many steps an answer takes at most, for the progress."""
    return 1 + len(actions) + len(SHARES)


def answer(plan: Plan, at: Standpoint, told: Callable[[], None]) -> dict[str, Any]:
    """Choose and say all that a page shows, as plain data.

    Args:
        told: is called after each step.

    Raises:
        Problem: what must be done does not fit, or the planning cannot tell.
    """
    began = time.perf_counter()
    outcomes = outcomes_of(plan, at)
    best = choose(plan, outcomes, seconds=SECONDS)
    if best is None:
        raise Problem(
            "What must be done does not fit into the budget and its years.",
            hint="Raise the budget of a year, or let an action that must be done be weighed.",
        )
    chose = time.perf_counter() - began
    told()
    why = reasons(plan, outcomes, best, seconds=SECONDS_EACH, told=told)
    points = curve(plan, outcomes, seconds=SECONDS_EACH, told=told)
    alone = index_alone(plan, at)
    return {
        "gain": float(best.gain), "proven": best.proven, "short_of": best.short_of, "cost": str(_plain(best.cost)),
        "starts": dict(best.starts), "seconds": round(chose, 3), "seconds_all": round(time.perf_counter() - began, 2),
        "actions": [
            {
                "action": one.action, "taken": one.taken, "case": one.case, "others": list(one.others),
                "loss": None if one.loss is None else float(one.loss), "index_alone": alone[one.action],
                "years": plan.actions[one.action].years, "cost": [str(_plain(part)) for part in plan.actions[one.action].cost],
            }
            for one in why
        ],
        "money": [[year, str(_plain(money)), str(_plain(best.spent[year]))] for year, money in plan.budget.items()],
        "outcomes": [
            [one["outcome"], one["weight"], one["now"], one[f"in_{plan.years[-1]}"], one["moved_by"]]
            for one in outcomes_moved(plan, outcomes, best)
        ],
        "last_year": plan.years[-1],
        "index": [[one["year"], one["index"], one["with_the_plan"], one["gains"]] for one in index_by_year(plan, at, best)],
        "curve": [
            [float(one.share), str(_plain(one.budget)), None if one.gain is None else float(one.gain), one.actions]
            for one in points
        ],
    }  # fmt: skip


def _plain(money: Fraction) -> Decimal:
    """Money as it is written: sums of it end, since they were entered as decimals."""
    return (Decimal(money.numerator) / Decimal(money.denominator)).quantize(Decimal("0.001"))


def moved_money(action: Action, start: int) -> dict[str, str]:
    """An action's money when its work begins in another year."""
    return {str(int(year) + start - action.from_year): money for year, money in action.money.items()}


def law_of(roadmap: Roadmap) -> Edition:
    """The edition that a roadmap was begun by."""
    return facts.editions()[roadmap.edition]
