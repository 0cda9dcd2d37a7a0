"""Deadlines that concern the reader."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.db.models import Count, Max
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from qala import facts
from qala.kits.deadlines.due import Due, everything
from qala.kits.deadlines.models import Told
from qala.kits.deadlines.services import today_of
from qala.people.access import Refused, may
from qala.ui.downloads import table_response, wanted
from qala.ui.formats import language_of, said

SHOWN = ("all", "mine", "over")


def index(request: HttpRequest) -> HttpResponseBase:
    """What is due from the reader, and what others owe that they are told of; `show` in the address."""
    if not request.user.is_authenticated:
        raise Refused("roadmaps.see", guest=True)
    language, registry = language_of(get_language()), facts.lake().cities
    show = request.GET.get("show", "all")
    told = {
        (one["key"], one["stage"]): (one["people"], one["last"])
        for one in Told.objects.values("key", "stage").annotate(people=Count("user"), last=Max("at"))
    }
    lines = []
    for due in everything():
        mine, above = _has(request, due, due.permission), bool(due.above) and _has(request, due, due.above)
        today = today_of(due.city)
        gone = today > due.day and not due.above
        if gone or not (mine or above) or (show == "mine" and not mine) or (show == "over" and today <= due.day):
            continue
        city = said(registry.get(due.city).names, language) if due.city in registry else ""
        lines.append(_line(due, today, city, mine, told))
    if wanted(request):
        columns = [_("What"), _("City"), _("Last day"), _("State"), _("Item of the order")]
        rows = [[one["what"], one["city"], one["due"].day, one["state"], one["due"].item] for one in lines]
        return table_response(request, "deadlines", columns, rows)
    return render(
        request,
        "deadlines/index.html",
        {
            "lines": lines,
            "show": show if show in SHOWN else "all",
            "simulated": any(c.simulated for c in registry.all()),
        },
    )


def _has(request: HttpRequest, due: Due, permission: str) -> bool:
    return may(request.user, permission, city=due.city or None)


def _line(due: Due, today: date, city: str, mine: bool, told: Any) -> dict[str, Any]:
    return {
        "due": due,
        "what": due.what(),
        "url": reverse(due.url[0], args=due.url[1]),
        "city": city,
        "mine": mine,
        "days": (due.day - today).days,
        "state": _("overdue") if today > due.day else _("today") if today == due.day else _("open"),
        "stages": [
            (stage, *told[due.key, stage]) for stage in ("ahead", "over", "escalated") if (due.key, stage) in told
        ],
    }
