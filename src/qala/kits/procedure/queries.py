"""What is due of a paper, and which steps somebody may take with it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from qala import facts
from qala.kits.procedure import steps, words
from qala.kits.procedure.models import Paper
from qala.kits.procedure.steps import IN_FORCE, Deadline, Move
from qala.people.access import Somebody, may


def today_of(city: str) -> date:
    """The city's own day."""
    registry = facts.lake().cities
    return facts.today(registry.get(city).zone) if city in registry else facts.today()


def taken_since(paper: Paper) -> tuple[str, ...]:
    """Verbs of the publications in the present state."""
    return tuple(one.verb for one in paper.steps.all() if one.day >= paper.since and one.verb in steps.PUBLICATIONS)


def open_deadlines(paper: Paper) -> tuple[Deadline, ...]:
    """What runs now."""
    return steps.deadlines(paper.state, paper.since, taken_since(paper))


def possible(user: Somebody, paper: Paper) -> list[Move]:
    """Steps that somebody may take now; of what is being amended no second amendment begins."""
    amended = paper.state in IN_FORCE and hasattr(paper, "amended_by")
    return [
        one
        for one in steps.moves(paper.state, taken_since(paper))
        if may(user, f"{paper.PART}.{one.right}", city=paper.city) and not (amended and one.verb == "amend")
    ]


def shown(user: Somebody, paper: Paper) -> Mapping[str, Any]:
    """What the templates `procedure/now.html` and `procedure/taken.html` say of a paper."""
    day = today_of(paper.city)
    return {
        "state": words.state(paper.state),
        "due": [(words.deadline(one), one.day, one.over(day), one.item) for one in open_deadlines(paper)],
        "moves": [(one, words.step(one.verb), words.asked(one.words)) for one in possible(user, paper)],
        "steps": [(one, words.step(one.verb)) for one in paper.steps.select_related("by")],
        "newer": getattr(paper, "amended_by", None),
    }
