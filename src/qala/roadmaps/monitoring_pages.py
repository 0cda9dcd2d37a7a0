"""Monitoring of a roadmap in force, and who answers for what in a city."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import get_language, pgettext
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from qala import facts
from qala.kits.procedure.queries import papers_for, today_of
from qala.people.access import access_city_by_code, may
from qala.people.services import Impossible
from qala.ratings.queries import history
from qala.roadmaps import services
from qala.roadmaps.forms import bodies
from qala.roadmaps.models import Action, Roadmap
from qala.roadmaps.monitoring import Forecast, Line, approval_of, forecast, lines_of, owned_kpis, owners_of
from qala.roadmaps.prefill import translated
from qala.roadmaps.queries import LEAD, SEE, access_roadmap
from qala.ui.charts import Chart, Series
from qala.ui.downloads import table_response, wanted
from qala.ui.formats import day as day_said
from qala.ui.formats import language_of, said
from qala.ui.sent import whole

SHOW = ("", "late", "doubt", "ownerless")


@require_safe
def monitoring(request: HttpRequest, number: int) -> HttpResponseBase:
    """How a roadmap in force goes, from data; where the index of this year ends."""
    roadmap = access_roadmap(request.user, number, SEE)
    actions = _actions(roadmap)
    approved_on = approval_of(roadmap)
    lines = lines_of(roadmap, actions, approved_on) if approved_on is not None else []
    if wanted(request):
        return table_response(request, f"monitoring_{roadmap.city}_v{roadmap.version}", *_table(lines))
    show = request.GET.get("show", "")
    at = forecast(roadmap, actions) if approved_on is not None else None
    kpis = owned_kpis(facts.editions()[roadmap.edition], roadmap.category)
    owned = owners_of(roadmap.city)
    return render(
        request,
        "roadmaps/monitoring.html",
        {
            **about(roadmap),
            "approved_on": approved_on,
            "year": today_of(roadmap.city).year,
            "lines": [one for one in lines if _shown(one, show)],
            "any": bool(lines),
            "show": show,
            "filters": [
                ("", _("all"), len(lines)), ("late", _("overdue"), sum(bool(one.late) for one in lines)),
                ("doubt", _("done, but data say otherwise"), sum(one.doubt for one in lines)),
                ("ownerless", _("without an owner"), sum(one.action.owner_id is None for one in lines)),
            ],
            "done": sum(one.action.progress == "done" for one in lines),
            "late": sum(bool(one.late) for one in lines),
            "live": sum(one.live for one in lines),
            "asked": sum(one.asked for one in lines),
            "money": [sum((getattr(one, kind) for one in lines), Decimal(0)) for kind in ("planned", "approved", "spent")],
            "forecast": at,
            "chart": None if at is None else _chart(roadmap, at),
            "ownerless": sum(kpi.row not in owned for kpi in kpis),
            "kpis": len(kpis),
        },
    )  # fmt: skip


def about(roadmap: Roadmap) -> dict[str, Any]:
    """What every page about a roadmap says of it."""
    registry, language = facts.lake().cities, language_of(get_language())
    known = roadmap.city in registry
    return {
        "roadmap": roadmap,
        "city_name": said(registry.get(roadmap.city).names, language) if known else roadmap.city,
        "simulated": known and registry.get(roadmap.city).simulated,
    }


def _actions(roadmap: Roadmap) -> list[Action]:
    found = list(roadmap.actions.select_related("owner"))
    translated(roadmap, found)
    return found


def _shown(one: Line, show: str) -> bool:
    return {"late": bool(one.late), "doubt": one.doubt, "ownerless": one.action.owner_id is None}.get(show, True)


def _chart(roadmap: Roadmap, at: Forecast) -> Chart:
    """Published ratings of the city, the year as it stands, its end by the trend."""
    past = [(publication.as_of, run.score(roadmap.city).index) for publication, run in history(roadmap.city)]
    past = [(day, index) for day, index in past if day < at.day]
    language = language_of(get_language())
    days = [day_said(day, language) for day, _index in past] + [day_said(at.day, language), f"31.12.{at.year}"]
    return Chart(
        "forecast", "line", _("The index, and where this year ends"), days,
        [
            Series(pgettext("rating", "published"), [index for _day, index in past] + [None, None]),
            Series(_("this year as it stands"), [None] * len(past) + [at.stands, at.stands]),
            Series(_("if the months go on as they went"), [None] * len(past) + [at.stands, at.trend], dashed=True),
        ],
        digits=2,
    )  # fmt: skip


def _table(lines: list[Line]) -> tuple[list[str], list[list[Any]]]:
    heads = [
        _("What is done"), _("From"), _("Until"), _("Progress"), _("Overdue"), pgettext("action", "Owner"), _("Functions live"),
        _("Functions asked"), _("KPIs"), _("Planned, million tenge"), _("Approved, million tenge"), _("Spent, million tenge"),
    ]  # fmt: skip
    rows: list[list[Any]] = [
        [
            one.action.name, one.action.from_year, one.action.to_year, str(one.action.get_progress_display()), one.late != "",
            str(one.action.owner or ""), one.live, one.asked,
            "; ".join(f"{each.row} {float(100 * each.share):.0f} %" for each in one.kpis if each.share is not None),
            one.planned, one.approved, one.spent,
        ]
        for one in lines
    ]  # fmt: skip
    return heads, rows


@require_safe
def owners(request: HttpRequest, city: str) -> HttpResponseBase:
    """Who answers for each KPI and each action of a city; those without an owner first."""
    found = access_city_by_code(request.user, city, SEE)
    language, law = language_of(get_language()), facts.edition()
    category = found.category_on(facts.today(found.zone))
    there = owners_of(city)
    kpis = owned_kpis(law, category) if category else []
    initiative = whole(request.GET.get("initiative", ""))
    ownerless = request.GET.get("show") == "ownerless"
    lines = [
        (kpi, there.get(kpi.row)) for kpi in kpis
        if initiative in (None, kpi.initiative) and not (ownerless and kpi.row in there)
    ]  # fmt: skip
    lines.sort(key=lambda line: line[1] is not None)
    if wanted(request):
        heads = [_("KPI"), _("KPI in words"), pgettext("action", "Owner"), _("Since")]
        rows = [
            [
                kpi.row,
                kpi.name.say(language),
                said(one.owner.names, language) if one else "",
                one.since if one else None,
            ]
            for kpi, one in lines
        ]
        return table_response(request, f"owners_{city}", heads, rows)
    roadmap = _newest(request, city)
    actions = [] if roadmap is None else [one for one in _actions(roadmap) if one.owner_id is None]
    return render(
        request,
        "roadmaps/owners.html",
        {
            "city": found,
            "city_name": said(found.names, language),
            "simulated": found.simulated,
            "lines": lines,
            "without": sum(kpi.row not in there for kpi in kpis),
            "all": len(kpis),
            "ownerless": ownerless,
            "initiative": initiative,
            "initiatives": [
                (no, f"{no}. {one.name.say(language)}") for no, one in law.initiatives.items() if category in one.roadmap
            ],
            "roadmap": roadmap,
            "actions": actions,
            "bodies": [(one.pk, said(one.names, language)) for one in bodies(city)],
            "leads": may(request.user, LEAD, city=city),
        },
    )  # fmt: skip


def _newest(request: HttpRequest, city: str) -> Roadmap | None:
    return papers_for(request.user, Roadmap).filter(city=city).order_by("-version").first()


@require_POST
def give_owner(request: HttpRequest, city: str) -> HttpResponse:
    """Let an organisation answer for what is ticked."""
    found = access_city_by_code(request.user, city, LEAD)
    back = reverse("roadmaps:owners", args=[city])
    if request.POST.get("back", "").startswith("?"):
        back += request.POST["back"]
    owner = bodies(city).filter(pk=whole(request.POST.get("owner", "")) or 0).first()
    rows = [row for row in request.POST.getlist("row") if row in {kpi.row for kpi in facts.edition().kpis.values()}]
    roadmap = _newest(request, found.code)
    numbers = [number for text in request.POST.getlist("action") if (number := whole(text)) is not None]
    actions = list(roadmap.actions.select_related("roadmap").filter(pk__in=numbers)) if roadmap is not None else []
    if owner is None:
        messages.error(request, _("Choose who answers for it."))
    elif not rows and not actions:
        messages.error(request, _("Tick the KPIs and actions that it answers for."))
    else:
        try:
            count = services.give_owner(request, city, rows, actions, owner)
        except Impossible as why:
            messages.error(request, str(why))
        else:
            messages.success(request, _("Given an owner: %(n)s.") % {"n": count})
    return redirect(back)
