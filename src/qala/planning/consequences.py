"""What a choice comes to: the index as a consequence, and how far what is wanted moves. As numbers for the eye."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from typing import Any

from qala.planning.actions import Plan
from qala.planning.choosing import Choice, finished
from qala.planning.outcomes import Outcome
from qala.planning.standpoint import Standpoint


def index_alone(plan: Plan, at: Standpoint) -> dict[str, float | None]:
    """What each action alone, finished, would add to the index in the last year that counts."""
    last = plan.years[-1]
    now = at.city(at.observations, last).index
    found = {}
    for name, effects in plan.effects.items():
        alone = {kpi: one for kpi, one in effects.items() if one.to is not None or _there(at, kpi)}
        found[name] = gained(now, at.city(at.with_effects(alone.items()), last).index)
    return found


def _there(at: Standpoint, name: str) -> bool:
    seen = at.seen(name)
    return seen.value is not None or bool(seen.components)


def index_by_year(plan: Plan, at: Standpoint, best: Choice) -> list[dict[str, Any]]:
    """By year: the index as it would stay, and with what is finished by then."""
    rows = []
    for year in plan.years:
        done = finished(plan, best.starts, year)
        effects = [(kpi, one) for name in done for kpi, one in plan.effects[name].items()]
        brought = {kpi for kpi, one in effects if one.to is not None}
        effects = [(kpi, one) for kpi, one in effects if kpi in brought or _there(at, kpi)]
        before, after = at.city(at.observations, year), at.city(at.with_effects(effects), year)
        rows.append(
            {
                "year": year, "index": shown(before.index, 2), "with_the_plan": shown(after.index, 2),
                "gains": gained(before.index, after.index), "finished": len(done),
            }
        )  # fmt: skip
    return rows


def outcomes_moved(plan: Plan, outcomes: Sequence[Outcome], best: Choice) -> list[dict[str, Any]]:
    """By outcome: its score now and in the last year that counts, and what moves it."""
    last = plan.years[-1]
    done = finished(plan, best.starts, last)
    return [
        {
            "outcome": one.id, "weight": round(float(one.weight), 4), "now": shown(one.of(frozenset(), last)),
            f"in_{last}": shown(one.of(done, last)), "moved_by": ", ".join(name for name in one.movers if name in done),
        }
        for one in outcomes
    ]  # fmt: skip


def gained(before: Fraction | None, after: Fraction | None) -> float | None:
    """What was added, for the eye; None where one of the two is not known."""
    return None if before is None or after is None else round(float(after - before), 3)


def shown(value: Fraction | None, digits: int = 4) -> float | None:
    """A number for the eye."""
    return None if value is None else round(float(value), digits)
