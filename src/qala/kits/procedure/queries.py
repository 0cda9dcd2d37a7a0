"""Which papers somebody sees, what is due of one, and which steps somebody may take with it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from django.db.models import QuerySet
from django.http import Http404
from django.utils.translation import gettext as _

from qala import facts
from qala.kits.procedure import steps, words
from qala.kits.procedure.models import Paper
from qala.kits.procedure.steps import IN_FORCE, Deadline, Move
from qala.people.access import Somebody, may, reach, require


def papers_for[P: Paper](user: Somebody, model: type[P]) -> QuerySet[P]:
    """Newest versions first. What is in force is public; a draft is seen by whoever works on it."""
    found = model._default_manager.prefetch_related("steps__by")
    where = reach(user, f"{model.PART}.see")
    if where.everywhere:
        return found
    return found.filter(state__in=IN_FORCE) | found.filter(city__in=where.cities)


def access_paper[P: Paper](user: Somebody, model: type[P], number: int, permission: str = "") -> P:
    """One by its number; 404 if there is none, `Refused` if the user may not see it, or lacks the permission there."""
    found = model._default_manager.filter(pk=number).first()
    if found is None:
        raise Http404(_("There is no such paper."))
    if permission or found.state not in IN_FORCE:
        require(user, permission or f"{model.PART}.see", city=found.city)
    return found


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
