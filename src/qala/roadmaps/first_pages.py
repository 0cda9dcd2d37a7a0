"""What to do first, as pages: what is wanted and how much money there is; the answer, its reasons, other budgets."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from fractions import Fraction
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from qala import facts
from qala.kits.procedure.steps import EDITABLE
from qala.people.access import may
from qala.people.services import Impossible
from qala.roadmaps import consequences, first, services
from qala.roadmaps.first import INDEX, ROLES
from qala.roadmaps.forms import effects_said
from qala.roadmaps.models import Action, Choosing, Roadmap
from qala.roadmaps.prefill import translated
from qala.roadmaps.queries import LEAD, SEE, Basis, access_choosing, access_roadmap, basis_of, kpis_of, money_by_year
from qala.scoring import CityScore
from qala.ui.charts import Chart, Series
from qala.ui.downloads import table_response, wanted
from qala.ui.formats import language_of, number, said
from qala.ui.sent import amount

WHY: Mapping[str, Any] = {
    "must": gettext_lazy("It must be done."),
    "gains": gettext_lazy("Without it %(loss)s less is gained."),
    "adds_nothing": gettext_lazy("What it changes is not wanted, not due, or at its target."),
    "no_time": gettext_lazy("It cannot end within its years and those of the budget."),
    "too_dear": gettext_lazy("A year of it costs more than that year's budget."),
    "waits_for": gettext_lazy("It waits for what is not done: %(others)s."),
    "does_not_fit": gettext_lazy("With what must be done it is above the budget."),
    "gains_no_more": gettext_lazy("What it brings the chosen bring already."),
    "gains_less": gettext_lazy(
        "With it %(loss)s less is gained, since these would give way or begin later: %(others)s."
    ),
}
ROLE_WORDS: Mapping[str, Any] = {
    "weigh": gettext_lazy("weigh it"),
    "must": gettext_lazy("must be done"),
    "out": gettext_lazy("leave it out"),
}


@require_http_methods(["GET", "POST"])
def ask(request: HttpRequest, number: int) -> HttpResponse:
    """What is wanted of a roadmap, and how much money there is; then a job chooses."""
    roadmap = access_roadmap(request.user, number, SEE)
    actions, basis = _actions(roadmap), basis_of(roadmap)
    asked = _proposed(roadmap, actions)
    errors: dict[str, str] = {}
    if request.method == "POST" and basis is not None:
        asked, errors = _sent(request.POST, asked)
        if not errors:
            return redirect("roadmaps:chosen", services.ask_first(request, roadmap, asked).pk)
    context = _form(roadmap, actions, basis, asked, errors)
    latest = roadmap.choosings.filter(state=Choosing.DONE)[:5]
    status = 422 if request.method == "POST" else 200
    return render(request, "roadmaps/first.html", {**context, "latest": latest}, status=status)


@require_safe
def chosen(request: HttpRequest, number: int) -> HttpResponseBase:
    """How far a choice is, and what came of it; the form beside it holds what was asked."""
    found = access_choosing(request.user, number)
    roadmap = found.roadmap
    actions, basis = _actions(roadmap), basis_of(roadmap)
    names = {str(one.pk): one.name for one in _named(roadmap)}
    context = {
        **_form(roadmap, actions, basis, found.asked, {}),
        "choosing": found,
        "stale": first.fingerprint(actions) != found.rests_on or basis is None or basis.run != found.run,
    }
    if found.state == Choosing.DONE:
        context |= _answer(found, names)
        chosen_ones = {line["number"] for line in context["lines"] if line["taken"]}
        does = frozenset(one.initiative for one in actions if one.pk in chosen_ones and one.initiative)
        context["consequences"] = consequences.of(roadmap.city, does)
        if wanted(request):
            return table_response(request, f"first_{roadmap.city}_{found.pk}", *_table(context))
        leads = may(request.user, LEAD, city=roadmap.city) and roadmap.state in EDITABLE
        context |= {
            "may_apply": leads and not found.undo and not context["stale"],
            "may_undo": leads and bool(found.undo),
        }
    response = render(request, "roadmaps/first.html", context)
    if found.running and not found.silent:
        response["Refresh"] = "2"
    return response


@require_POST
def apply(request: HttpRequest, number: int) -> HttpResponse:
    """Take the years of the chosen actions over into the draft, or take that back."""
    found = access_choosing(request.user, number, LEAD)
    back = request.POST.get("back") == "1"
    try:
        moved = services.undo_first(request, found) if back else services.apply_first(request, found)
    except Impossible as why:
        messages.error(request, str(why))
    else:
        told = (
            _("Actions that got their earlier years again: %(n)s.") if back else _("Actions that got new years: %(n)s.")
        )
        messages.success(request, told % {"n": moved})
    return redirect("roadmaps:chosen", number)


def _actions(roadmap: Roadmap) -> list[Action]:
    found = first.open_actions(roadmap)
    translated(roadmap, found)
    return found


def _named(roadmap: Roadmap) -> list[Action]:
    found = list(roadmap.actions.all())
    translated(roadmap, found)
    return found


def _proposed(roadmap: Roadmap, actions: list[Action]) -> dict[str, Any]:
    """What the form begins with: the money that is planned, every KPI that moves wanted alike."""
    planned = dict(money_by_year(roadmap, actions))
    years = first.years_of(roadmap, actions, facts.today().year)
    return {
        "budget": {str(year): str(planned.get(year, Decimal(0))) for year in years},
        "weights": {INDEX: "0", **dict.fromkeys(first.movable(actions), "1")},
        "roles": {},
    }


def _sent(sent: Any, proposed: Mapping[str, Any]) -> tuple[dict[str, Any], dict[str, str]]:
    """What the form says, and what is wrong in it, by field."""
    errors: dict[str, str] = {}

    def numbers(kind: str) -> dict[str, str]:
        found = {}
        for name in proposed[kind]:
            text = sent.get(f"{kind}.{name}", "")
            value = amount(text)
            if value is None:
                errors[f"{kind}.{name}"] = _("A number that is not negative, with at most three decimals.")
            found[name] = text[:20] if value is None else f"{value:f}"
        return found

    asked: dict[str, Any] = {"budget": numbers("budget"), "weights": numbers("weights")}
    if not errors and not any(Decimal(one) for one in asked["weights"].values()):
        errors["weights"] = _("Give a weight to the index or to a KPI.")
    sent_roles = {name.removeprefix("role."): role for name, role in sent.items() if name.startswith("role.")}
    asked["roles"] = {
        name: role for name, role in sent_roles.items() if role in ROLES and role != "weigh" and name.isdecimal()
    }
    return asked, errors


def _form(
    roadmap: Roadmap, actions: list[Action], basis: Basis | None, asked: Mapping[str, Any], errors: Mapping[str, str]
) -> dict[str, Any]:
    language = language_of(get_language())
    registry = facts.lake().cities
    kpis = kpis_of(roadmap)
    rows = [row for row in first.movable(actions) if row in kpis]
    last = max(map(int, asked["budget"]), default=roadmap.last_year) + 1
    score = None if basis is None else basis.at.city(basis.at.observations, last)
    return {
        "roadmap": roadmap,
        "city_name": said(registry.get(roadmap.city).names, language) if roadmap.city in registry else roadmap.city,
        "simulated": roadmap.city in registry and registry.get(roadmap.city).simulated,
        "basis": basis,
        "then": last,
        "errors": errors,
        "budget": [(year, money, errors.get(f"budget.{year}")) for year, money in asked["budget"].items()],
        "index_weight": (asked["weights"].get(INDEX, "0"), errors.get(f"weights.{INDEX}")),
        "wanted": [
            {
                "kpi": kpis[row], "row": row, "weight": asked["weights"].get(row, "0"), "error": errors.get(f"weights.{row}"),
                "score": _score(basis, score, row, last), "movers": sum(row in one.effects for one in actions),
            }
            for row in rows
        ],
        "candidates": [
            {
                "action": one, "effects": effects_said(one.effects).splitlines(), "runs": one.progress == "running",
                "role": asked["roles"].get(str(one.pk), "weigh"),
            }
            for one in actions
        ],
        "roles": list(ROLE_WORDS.items()),
    }  # fmt: skip


def _score(basis: Basis | None, score: CityScore | None, row: str, year: int) -> Fraction | None:
    """The score of a KPI or an own indicator in a year if nothing is done."""
    if basis is None or score is None:
        return None
    return basis.at.score(row, basis.at.seen(row), year) if row in basis.at.own else score.kpi(row).score


def _answer(found: Choosing, names: Mapping[str, str]) -> dict[str, Any]:
    result, kpis = found.result, kpis_of(found.roadmap)
    language = language_of(get_language())
    years = [year for year, _budget, _spent in result["money"]]
    lines = []
    for one in result["actions"]:
        start = result["starts"].get(one["action"])
        works = range(start, start + one["years"]) if start else range(0)
        costs = dict(zip(works, one["cost"], strict=False))
        others = ", ".join(f"“{names.get(each, '—')}”" for each in one["others"]) or "—"
        loss = "—" if one["loss"] is None else number(one["loss"], 2, language)
        reason = (
            WHY[one["case"]] if one["case"] != "gains" or one["loss"] is not None else _("What must be done needs it.")
        )
        lines.append(
            {
                "number": int(one["action"]), "name": names.get(one["action"], "—"), "gone": one["action"] not in names,
                "taken": one["taken"], "from": start, "to": start and start + one["years"] - 1,
                "cost": sum(map(Decimal, one["cost"])), "why": str(reason) % {"loss": loss, "others": others},
                "index_alone": one["index_alone"],
                "years": [(year, year in works, Decimal(costs.get(year, 0))) for year in years],
            }
        )  # fmt: skip
    lines.sort(key=lambda line: (not line["taken"], line["from"] or 0))
    outcomes = [
        (row, kpis[row], weight * 100, now, then, [names.get(each, "—") for each in moved.split(", ") if each])
        for row, weight, now, then, moved in result["outcomes"]
        if row in kpis
    ]
    return {
        "result": result, "lines": lines, "outcomes": outcomes, "taken": sum(line["taken"] for line in lines),
        "money": [(year, Decimal(budget), Decimal(spent)) for year, budget, spent in result["money"]],
        "index": result["index"], "chart": _curve(result, language), "index_chart": _index(result),
    }  # fmt: skip


def _curve(result: Mapping[str, Any], language: Any) -> Chart:
    points = result["curve"]
    return Chart(
        "curve", "line", _("What other budgets would gain"),
        [f"{share:.0%} · {number(Decimal(money), None, language)}" for share, money, _gain, _count in points],
        [Series(_("gain, percent of what is wanted"), [gain for _share, _money, gain, _count in points])],
        unit="%", digits=2, least=0,
        note=_("Along: the share of the yearly budgets, and their sum in million tenge. Where it is flat, more gains no more."),
    )  # fmt: skip


def _index(result: Mapping[str, Any]) -> Chart:
    rows = result["index"]
    return Chart(
        "index", "line", _("The index, as a consequence"), [str(year) for year, *_rest in rows],
        [
            Series(_("with what is chosen"), [after for _year, _before, after, _gain in rows]),
            Series(_("if nothing is done"), [before for _year, before, _after, _gain in rows], dashed=True),
        ],
        digits=2,
        note=_("Scored by the law of each year, all else as it is in the year of the values. It is not what was sought."),
    )  # fmt: skip


def _table(context: Mapping[str, Any]) -> tuple[list[str], list[list[Any]]]:
    heads = [_("What is done"), _("Chosen"), _("From"), _("Until"), _("Money, million tenge"), _("Index"), _("Why")]
    rows = [
        [one["name"], one["taken"], one["from"], one["to"], one["cost"], one["index_alone"], one["why"]]
        for one in context["lines"]
    ]
    return heads, rows
