"""Whom a roadmap in force still has to tell, for reminders: lines of its communication plan."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from django.utils.translation import gettext as _

from qala.kits.deadlines import Due
from qala.kits.procedure.steps import IN_FORCE
from qala.roadmaps.models import Message


def due() -> Iterator[Due]:
    """Every line that is planned; the days are the city's own, not the order's."""
    for one in Message.objects.filter(state="planned", roadmap__state__in=IN_FORCE).select_related("roadmap"):
        yield Due(
            key=f"message:{one.pk}:{one.day.isoformat()}",
            what=_said(one.audience),
            day=one.day,
            url=("roadmaps:messages", (one.roadmap_id,)),
            permission="roadmaps.lead",
            above="roadmaps.approve",
            city=one.roadmap.city,
        )


def _said(audience: str) -> Callable[[], str]:
    return lambda: _("Communication plan: %(who)s") % {"who": audience}
