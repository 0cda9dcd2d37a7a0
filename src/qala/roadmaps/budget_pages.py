"""The budget request as pages: a year by programme, the plan period; and what was approved and spent, reported in one form."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import get_language, pgettext
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from qala.kits.documents import answer
from qala.kits.procedure.steps import EDITABLE, IN_FORCE
from qala.people.access import may, require
from qala.people.services import Impossible
from qala.roadmaps import services
from qala.roadmaps.budget import Request, document, next_year, request_of
from qala.roadmaps.models import Roadmap
from qala.roadmaps.monitoring_pages import about
from qala.roadmaps.queries import LEAD, SEE, access_roadmap
from qala.ui.downloads import table_response, wanted
from qala.ui.formats import language_of
from qala.ui.sent import amount, whole

ALL = "all"


@require_http_methods(["GET", "POST"])
def budget(request: HttpRequest, number: int) -> HttpResponseBase:
    """What is asked, approved and spent; a year or the plan period."""
    roadmap = access_roadmap(request.user, number, SEE)
    whole_request = request_of(roadmap)
    year = _year(request, roadmap, whole_request)
    if wanted(request):
        return table_response(request, f"budget_{roadmap.city}_v{roadmap.version}", *_table(whole_request))
    leads = may(request.user, LEAD, city=roadmap.city)
    reports = leads and roadmap.state in IN_FORCE and year is not None
    names = leads and (roadmap.state in EDITABLE or roadmap.state in IN_FORCE) and year is not None
    errors: dict[str, str] = {}
    sent: dict[str, str] = {}
    if request.method == "POST":
        require(request.user, LEAD, city=roadmap.city)
        sent = {name: text for name, text in request.POST.items() if isinstance(text, str)}
        said, errors = _said(sent, {one.pk for one in roadmap.actions.all()}, year if reports else None)
        if not errors:
            try:
                changed = services.report_money(request, roadmap, said)
            except Impossible as why:
                messages.error(request, str(why))
            else:
                messages.success(request, _("Actions changed: %(n)s.") % {"n": changed})
            return redirect(reverse("roadmaps:budget", args=[roadmap.pk]) + (f"?year={year}" if year else ""))
    shown = whole_request.of(year) if year is not None else whole_request
    return render(
        request,
        "roadmaps/budget.html",
        {
            **about(roadmap),
            "year": year,
            "years": whole_request.years,
            "request_": shown,
            "groups": [(one, [_line(line, year, sent, errors) for line in one.lines]) for one in shown.programmes],
            "sums": shown.sums.by_year[year] if year is not None else shown.sums.total,
            "reports": reports,
            "names": names,
            "errors": errors,
            "programmes": [one.name for one in whole_request.programmes if one.name],
        },
        status=422 if errors else 200,
    )  # fmt: skip


def _year(request: HttpRequest, roadmap: Roadmap, found: Request) -> int | None:
    asked = request.GET.get("year", "")
    if asked == ALL:
        return None
    year = whole(asked)
    return year if year in found.years else next_year(roadmap, found.years)


def _line(line: Any, year: int | None, sent: dict[str, str], errors: dict[str, str]) -> dict[str, Any]:
    """A line with what its fields say: as it was sent, or as it is kept."""
    sums = line.by_year[year] if year is not None else line.total
    pk = line.action.pk
    kept = {"approved": sums.approved, "spent": sums.spent}
    fields = [
        (f"{kind}.{pk}", sent.get(f"{kind}.{pk}", f"{value:f}" if value else ""), errors.get(f"{kind}.{pk}"))
        for kind, value in kept.items()
    ]
    programme = (f"programme.{pk}", sent.get(f"programme.{pk}", line.action.programme), errors.get(f"programme.{pk}"))
    return {"line": line, "sums": sums, "fields": fields, "programme": programme}


def _said(
    sent: dict[str, str], actions: set[int], year: int | None
) -> tuple[dict[int, dict[str, Any]], dict[str, str]]:
    """Action -> `programme`, and of a year (None: not asked) `approved` and `spent`; what is wrong, by field."""
    found: dict[int, dict[str, Any]] = {}
    errors: dict[str, str] = {}
    for name, text in sent.items():
        kind, _dot, key = name.partition(".")
        pk = whole(key)
        if pk not in actions or pk is None:
            continue
        if kind == "programme":
            found.setdefault(pk, {})[kind] = text.strip()
            if len(text.strip()) > 200:
                errors[name] = _("At most 200 characters.")
        elif kind in ("approved", "spent") and year is not None:
            value = amount(text)
            if value is None:
                errors[name] = _("A number that is not negative, with at most three decimals.")
            found.setdefault(pk, {})[kind] = (year, value or Decimal(0))
    return found, errors


def _table(found: Request) -> tuple[list[str], list[list[Any]]]:
    kinds = (
        ("asked", pgettext("money", "asked")),
        ("approved", pgettext("money", "approved")),
        ("spent", pgettext("money", "spent")),
    )
    heads = [_("Budget programme"), _("Number of the action"), _("What is done"), _("Source of the money")]
    heads += [f"{year}, {words}" for year in found.years for _kind, words in kinds]
    heads += [_("all years, %(what)s") % {"what": words} for _kind, words in kinds]
    rows = []
    for programme in found.programmes:
        for line in programme.lines:
            sums = [*line.by_year.values(), line.total]
            about_it = [programme.name, line.action.number, line.action.name, str(line.action.get_source_display())]  # type: ignore[union-attr]
            rows.append([*about_it, *(getattr(one, kind) for one in sums for kind, _words in kinds)])
    sums = [*found.sums.by_year.values(), found.sums.total]
    rows.append([_("Together"), None, "", "", *(getattr(one, kind) for one in sums for kind, _words in kinds)])
    return heads, rows


@require_safe
def budget_file(request: HttpRequest, number: int, form: str) -> HttpResponse:
    """The request as DOCX or PDF."""
    roadmap = access_roadmap(request.user, number, SEE)
    found = request_of(roadmap)
    year = _year(request, roadmap, found) or next_year(roadmap, found.years)
    language = language_of(get_language())
    return answer(document(roadmap, year, language), form, f"budget_{roadmap.city}_{year}_{language}")
