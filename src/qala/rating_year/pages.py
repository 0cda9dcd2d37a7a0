"""The rating year at a glance, and the timetable of one category."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from qala import facts
from qala.people.access import may, may_somewhere, require
from qala.rating_year import queries, recomputing, services
from qala.rating_year.models import Claim, Objection
from qala.ratings import queries as ratings
from qala.standard import Problem
from qala.ui.sent import whole

_FIRST, _LAST = 2000, 2100


def index(request: HttpRequest) -> HttpResponse:
    """Each category with its next step, and what waits for a decision."""
    require(request.user, "rating.see")
    year = _asked(request)
    edition = facts.edition()
    parts = []
    for name, one in edition.categories.items():
        lines = queries.timetable(year, name)
        ahead = [line for line in lines if line.state in ("overdue", "today", "ahead")]
        parts.append(
            {
                "id": name,
                "name": one.name,
                "next": ahead[0] if ahead else None,
                "overdue": [line for line in lines if line.state == "overdue"],
                "published": ratings.published(year, name),
            }
        )
    claims = [one for one in queries.papers(Claim, request.user) if one.year == year]
    objections = [one for one in queries.papers(Objection, request.user) if one.year == year]
    return render(
        request,
        "rating_year/index.html",
        {
            "year": year,
            "years": _years(year),
            "parts": parts,
            "claims": claims,
            "objections": objections,
            "open_claims": sum(one.open for one in claims),
            "open_objections": sum(one.open for one in objections),
            "may_file": may_somewhere(request.user, queries.FILE),
            "sees_signs": may_somewhere(request.user, queries.SIGNS),
            "simulated": _simulated(),
        },
    )


def timetable_of(request: HttpRequest, year: int, category: str) -> HttpResponse:
    """The steps of a year and category, each with its day and how it stands."""
    require(request.user, "rating.see")
    edition = facts.edition()
    if category not in edition.categories or not _FIRST <= year <= _LAST:
        raise Http404(category)
    return render(
        request,
        "rating_year/timetable.html",
        {
            "year": year,
            "category": edition.categories[category].name,
            "category_id": category,
            "lines": queries.timetable(year, category),
            "may_lead": may(request.user, queries.DECIDE),
            "may_publish": may(request.user, "runs.publish"),
            "may_compute": may(request.user, "runs.compute"),
            "published": ratings.published(year, category),
            "frozen": recomputing.freeze_said(year, category),
            "names": {one.code: one.names for one in facts.lake().cities.all()},
            "work": recomputing.newest(year, category) if may(request.user, "runs.see_unpublished") else None,
            "needed": recomputing.needed(year, category),
            "simulated": _simulated(),
        },
    )


@require_POST
def recompute(request: HttpRequest, year: int, category: str) -> HttpResponse:
    """Prepare the rating anew after accepted objections; publishing it is a step of its own."""
    require(request.user, "runs.compute")
    if category not in facts.edition().categories or not _FIRST <= year <= _LAST:
        raise Http404(category)
    try:
        made = recomputing.prepare(request, year, category)
    except Problem as problem:
        messages.error(request, problem.message)
        return redirect("rating_year:timetable", year, category)
    return redirect("ratings:work", made.pk)


@require_POST
def step(request: HttpRequest, year: int, category: str, step: str) -> HttpResponse:
    """Say that a step is done, switch it off, move it."""
    require(request.user, queries.DECIDE)
    do = request.POST.get("do", "")
    if do not in ("done", "undone", "off", "on", "move"):
        raise Http404(do)
    try:
        day = date.fromisoformat(request.POST["day"]) if request.POST.get("day") else None
        services.set_step(request, year, category, step, do, day)
        messages.success(request, _("The timetable is changed."))
    except ValueError:
        messages.error(request, _("Write the day as a date, such as 2027-01-20."))
    except Problem as problem:
        messages.error(request, f"{problem.message} {problem.hint}".strip())
    return redirect("rating_year:timetable", year, category)


def _asked(request: HttpRequest) -> int:
    """The year of the address; by default the newest that is published, or the one before this."""
    text = request.GET.get("year", "")
    if text:
        year = whole(text, _FIRST, _LAST)
        if year is None:
            raise Http404(text)
        return year
    return next(iter(ratings.years()), facts.today().year - 1)


def _years(here: int) -> list[int]:
    return sorted({here, *ratings.years(), facts.today().year}, reverse=True)


def _simulated() -> bool:
    return any(one.simulated for one in facts.lake().cities.all())


def context_of(request: HttpRequest) -> dict[str, Any]:
    """What every page of papers shows in its head."""
    return {"may_file": may_somewhere(request.user, queries.FILE), "simulated": _simulated()}
