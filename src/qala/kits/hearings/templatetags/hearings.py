"""`{% load hearings %}`: the discussion of a paper on the paper's own page."""

from __future__ import annotations

from typing import Any

from django import template

from qala.kits.hearings.queries import hearing_of, state_of
from qala.kits.procedure.models import Paper
from qala.kits.procedure.queries import today_of
from qala.kits.procedure.steps import EDITABLE
from qala.people.access import may

register = template.Library()


@register.inclusion_tag("hearings/of_paper.html", takes_context=True)
def hearing(context: template.Context, paper: Paper) -> dict[str, Any]:
    """Whether and how it is discussed; for who leads a draft that was not, how to open it."""
    found = hearing_of(paper)
    leads = may(context["user"], f"{paper.PART}.lead", city=paper.city)
    return {
        "hearing": found,
        "state": "" if found is None else state_of(found, today_of(paper.city)),
        "remarks": 0 if found is None else found.remarks.exclude(state="hidden").count(),
        "waiting": 0 if found is None or not leads else found.remarks.filter(state="waiting").count(),
        "begins": found is None and leads and paper.state in EDITABLE,
        "paper": paper,
    }
