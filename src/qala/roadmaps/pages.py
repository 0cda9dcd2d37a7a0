"""Pages of roadmaps: which there are, one of them with its procedure, its actions as table, years and board, forms."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import get_language, pgettext_lazy
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from qala import facts
from qala.kits.procedure import signing
from qala.kits.procedure.pages import as_table, begun, listed, stepped
from qala.kits.procedure.queries import shown
from qala.kits.procedure.steps import EDITABLE, IN_FORCE
from qala.people.access import may, require
from qala.people.services import Impossible
from qala.roadmaps import gate, services, sheet
from qala.roadmaps.forms import ActionForm, ReportForm, effects_said
from qala.roadmaps.models import Action, Roadmap
from qala.roadmaps.paper import says
from qala.roadmaps.path import Slack, chain, slacks
from qala.roadmaps.prefill import translated
from qala.roadmaps.queries import (
    LEAD,
    SEE,
    access_action,
    access_roadmap,
    basis_of,
    gains,
    in_the_way,
    money_by_year,
)
from qala.standard.problems import Problem
from qala.ui import uploads
from qala.ui.downloads import table_response, wanted
from qala.ui.formats import language_of, said

VIEWS: Mapping[str, Any] = {
    "table": pgettext_lazy("view", "Table"),
    "years": pgettext_lazy("view", "By years"),
    "board": pgettext_lazy("view", "Board"),
}


@require_safe
def index(request: HttpRequest) -> HttpResponseBase:
    """By city: the newest version that one may see, its state, what is due; cities that have none."""
    found = listed(request, Roadmap, 4)
    if wanted(request):
        return table_response(request, "roadmaps", *as_table(found))
    return render(request, "roadmaps/index.html", found)


@require_POST
def begin(request: HttpRequest) -> HttpResponse:
    """Begin one for a city."""
    language = language_of(get_language())
    told = _("The roadmap is begun with the base initiatives of annex 2.")
    return begun(request, Roadmap, lambda city, first, last: services.begin(request, city, first, last, language), told)


@require_safe
def roadmap(request: HttpRequest, number: int) -> HttpResponseBase:
    """One version: state, deadlines, steps; its actions as a table, by years or as a board; money by year."""
    one = access_roadmap(request.user, number)
    language = language_of(get_language())
    actions = list(one.actions.select_related("owner").prefetch_related("after"))
    translated(one, actions)
    basis = basis_of(one)
    worth = gains(basis, actions, one.last_year + 1) if basis is not None else {}
    years, slack = money_by_year(one, actions), slacks(actions)
    if wanted(request):
        in_years, spheres = [year for year, _m in years], sheet.spheres_of(facts.editions()[one.edition])
        rows = (sheet.cells(each, in_years, spheres) for each in actions)
        return table_response(request, f"roadmap_{one.city}_v{one.version}", sheet.heads(in_years), rows)
    view = request.GET.get("view", "table")
    registry = facts.lake().cities
    return render(
        request,
        "roadmaps/roadmap.html",
        {
            "roadmap": one,
            "city_name": said(registry.get(one.city).names, language) if one.city in registry else one.city,
            "category": facts.editions()[one.edition].category(one.category).name,
            **shown(request.user, one),
            "step_url": reverse("roadmaps:step", args=[one.pk]),
            "paper": one,
            "lacking": in_the_way(one, actions) if one.state in EDITABLE else [],
            "view": view if view in VIEWS else "table",
            "views": list(VIEWS.items()),
            "lines": [_line(each, worth, years, slack) for each in actions],
            "chain": chain(actions, slack),
            "columns": [(label, [a for a in actions if a.progress == name]) for name, label in Action.PROGRESS.items()],
            "years": years,
            "total": sum(money for _year, money in years),
            "ownerless": sum(each.owner_id is None for each in actions),
            "basis": basis,
            "then": one.last_year + 1,
            "editable": one.state in EDITABLE and may(request.user, LEAD, city=one.city),
            "leads": may(request.user, LEAD, city=one.city),
            "sees": may(request.user, SEE, city=one.city),
            "in_force": one.state in IN_FORCE,
            "signing": signing.shown(request.user, one, says(one)),
            "sign_url": reverse("roadmaps:sign", args=[one.pk]),
            "simulated": one.city in registry and registry.get(one.city).simulated,
        },
    )  # fmt: skip


def _line(action: Action, worth: Any, years: list[tuple[int, Any]], slack: Mapping[int, Slack]) -> dict[str, Any]:
    return {
        "slack": slack[action.pk],
        "action": action,
        "effects": effects_said(action.effects).splitlines(),
        "gain": worth.get(action.pk),
        "cost": action.cost,
        "years": [(year, action.from_year <= year <= action.to_year, action.spends(year)) for year, _all in years],
    }


@require_POST
def step(request: HttpRequest, number: int) -> HttpResponse:
    """Take a step of the procedure."""
    one = access_roadmap(request.user, number)
    return stepped(request, one, services.take)


@require_http_methods(["GET", "POST"])
def edit(request: HttpRequest, number: int | None = None, action: int | None = None) -> HttpResponse:
    """A new action or a changed one; in force it is read."""
    if action is None:
        one = access_roadmap(request.user, number or 0, LEAD)
        instance = Action(roadmap=one, from_year=one.first_year, to_year=one.first_year)
    else:
        instance = access_action(request.user, action)
        one = instance.roadmap
    if request.method == "GET" and action is not None:
        translated(one, [instance])
    form = ActionForm(one, request.POST or None, instance=instance)
    if request.method == "POST":
        require(request.user, LEAD, city=one.city)
        if form.is_valid():
            try:
                services.keep_action(request, form.instance, list(form.cleaned_data["after"]))
            except Impossible as why:
                form.add_error(None, str(why))
            except ValidationError as why:
                form.add_error(None, why)
            else:
                messages.success(request, _("Saved."))
                return redirect("roadmaps:roadmap", one.pk)
    return _action_page(request, instance, form, status=422 if request.method == "POST" else 200)


def _action_page(
    request: HttpRequest,
    instance: Action,
    form: ActionForm | None = None,
    report: ReportForm | None = None,
    status: int = 200,
) -> HttpResponse:
    one = instance.roadmap
    leads = may(request.user, LEAD, city=one.city)
    spheres = facts.editions()[one.edition].spheres
    return render(
        request,
        "roadmaps/action.html",
        {
            "sphere": next((s.name for n, s in spheres.items() if n == instance.sphere), None),
            "roadmap": one, "action": instance, "form": form, "editable": leads and one.state in EDITABLE,
            "gate": gate.papers(instance) if instance.new_system and instance.pk else [],
            "report": (report or ReportForm(instance)) if leads and one.state in IN_FORCE else None,
            "effects": effects_said(instance.effects).splitlines(),
            "money": [(y, m) for y in one.years if (m := instance.spends(y))],
        },
        status=status,
    )  # fmt: skip


@require_POST
def keep_gate(request: HttpRequest, action: int) -> HttpResponse:
    """Name the documents that item 13 asks for."""
    one = access_action(request.user, action, LEAD)
    try:
        services.keep_gate(request, one, request.POST.dict())
    except Impossible as why:
        messages.error(request, str(why))
    except ValidationError as why:
        messages.error(request, " ".join(why.messages))
    else:
        messages.success(request, _("Saved."))
    return redirect(reverse("roadmaps:action", args=[one.pk]) + "#gate")


@require_POST
def progress(request: HttpRequest, action: int) -> HttpResponse:
    """Say how far an action of a roadmap in force is, and what was approved and spent."""
    one = access_action(request.user, action, LEAD)
    said = ReportForm(one, request.POST)
    if not said.is_valid():
        translated(one.roadmap, [one])
        return _action_page(request, one, report=said, status=422)
    services.report_progress(request, one, said)
    messages.success(request, _("Saved."))
    return redirect("roadmaps:action", one.pk)


@require_POST
def remove(request: HttpRequest, action: int) -> HttpResponse:
    """Take an action out of a draft."""
    one = access_action(request.user, action, LEAD)
    try:
        services.remove_action(request, one)
    except Impossible as why:
        messages.error(request, str(why))
    else:
        messages.success(request, _("It is taken out; the log keeps it."))
    return redirect("roadmaps:roadmap", one.roadmap_id)


@require_http_methods(["GET", "POST"])
def load(request: HttpRequest, number: int) -> HttpResponse:
    """A table of actions: what it would change in the draft is shown first, and only that is then taken in."""
    one = access_roadmap(request.user, number, LEAD)
    if one.state not in EDITABLE:
        messages.error(request, _("Only a draft is loaded into."))
        return redirect(one.address)
    context: dict[str, Any] = {"roadmap": one}
    file = request.FILES.get("file")
    try:
        if "sealed" in request.POST:
            rests_on, rows = uploads.unsealed(request.POST["sealed"], sheet.SALT)
            planned = [sheet.Planned(row, said) for row, said in rows]
            added, changed = services.take_in(request, one, planned, rests_on)
            messages.success(
                request, _("Added: %(added)s, changed: %(changed)s.") % {"added": added, "changed": changed}
            )
            return redirect(one.address)
        if file is not None:
            context |= _preview(one, file.name or "", file.read(uploads.LARGEST + 1))
        elif request.method == "POST":
            context["refused"] = _("Choose a file.")
    except Impossible as why:
        context["refused"] = str(why)
    except Problem as why:
        context["problem"] = why
    bad = "refused" in context or "problem" in context or context.get("wrong")
    return render(request, "roadmaps/load.html", context, status=422 if bad else 200)


def _preview(one: Roadmap, name: str, content: bytes) -> dict[str, Any]:
    rests_on = sheet.fingerprint(sheet.actions_of(one))
    found = sheet.read(one, name, content)
    plain = [[each.number, each.said] for each in found.planned]
    return {
        "read": found, "wrong": found.wrong, "file": name,
        "new": [each for each in found.planned if each.number is None],
        "changed": [each for each in found.planned if each.number is not None],
        "sealed": uploads.sealed([rests_on, plain], sheet.SALT) if plain else "",
    }  # fmt: skip
