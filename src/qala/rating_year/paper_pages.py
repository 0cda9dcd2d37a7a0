"""Claims of additional initiatives and objections: lists, one of them, its form, its ways."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from qala import facts
from qala.kits.documents import answer
from qala.kits.signatures import queries as signed
from qala.people.access import may, require, require_somewhere
from qala.people.services import Impossible
from qala.rating_year import completion, services
from qala.rating_year.checks import checks, edition_of
from qala.rating_year.forms import form_of
from qala.rating_year.models import Claim, Objection
from qala.rating_year.pages import context_of
from qala.rating_year.queries import DECIDE, FILE, SIGN, access_paper, cities_of, papers
from qala.rating_year.roadmap_check import look_up
from qala.standard import Problem
from qala.ui.downloads import table_response, wanted
from qala.ui.formats import language_of, said


@dataclass(frozen=True)
class Kind:
    """Claims or objections."""

    model: type[Any]
    title: Any
    new: Any
    lead: Any


KINDS = {
    "claims": Kind(
        Claim,
        gettext_lazy("Additional initiatives"),
        gettext_lazy("New claim"),
        gettext_lazy(
            "What a city did beyond the base list: each that meets the five criteria of annex 5, item 6, adds 2 points."
        ),
    ),
    "objections": Kind(
        Objection,
        gettext_lazy("Objections"),
        gettext_lazy("New objection"),
        gettext_lazy("Each is about one KPI and its rows. A step of this program, not of the order (PR6)."),
    ),
}


def _kind(name: str) -> Kind:
    if name not in KINDS:
        raise Http404(name)
    return KINDS[name]


def index(request: HttpRequest, kind: str) -> HttpResponseBase:
    """The list, as far as one may see it; filters in the address."""
    one = _kind(kind)
    require(request.user, "rating.see")
    if one.model is Objection:
        require_somewhere(request.user, "rating.see")
    found = papers(one.model, request.user)
    year, state = request.GET.get("year", ""), request.GET.get("state", "")
    found = [paper for paper in found if year in ("", str(paper.year)) and state in ("", paper.state)]
    language, registry = language_of(get_language()), facts.lake().cities
    names = {
        code: said(registry.get(code).names, language) for code in {paper.city for paper in found} if code in registry
    }
    if wanted(request):
        columns = [_("City"), _("Name"), _("Year"), _("What"), _("State"), _("Reasons")]
        rows = [
            [paper.city, names.get(paper.city, ""), paper.year, str(paper), paper.get_state_display(), paper.reasons]
            for paper in found
        ]
        return table_response(request, kind, columns, rows)
    return render(
        request,
        "rating_year/papers.html",
        {
            **context_of(request),
            "kind": kind,
            "said": one,
            "lines": [(paper, names.get(paper.city, paper.city)) for paper in found],
            "states": one.model.State.choices,
            "state": state,
        },
    )


def paper(request: HttpRequest, kind: str, number: int) -> HttpResponse:
    """One claim or objection: what was filed, what the program finds, what was decided, what can be done."""
    one = access_paper(_kind(kind).model, request.user, number)
    files, decides = (may(request.user, right, city=one.city) for right in (FILE, DECIDE))
    found, not_base = checks(one) if isinstance(one, Claim) else ([], True)
    cities = facts.lake().cities
    kpi = facts.edition().kpi(one.kpi) if isinstance(one, Objection) else None
    sphere = facts.edition().spheres.get(one.sphere) if isinstance(one, Claim) else None
    return render(
        request,
        "rating_year/paper.html",
        {
            **context_of(request),
            "kind": kind,
            "said": _kind(kind),
            "paper": one,
            "city": cities.get(one.city),
            "earlier": [{**line, "at": datetime.fromisoformat(line["at"])} for line in one.earlier],
            "kpi": kpi,
            "checks": found,
            "looked": look_up(one, edition_of(one.year), language_of(get_language()))
            if isinstance(one, Claim)
            else None,
            "not_base": not_base,
            "meets": not_base and all(check.holds for check in found),
            "sphere": None if sphere is None else sphere.name,
            "signing": _signing(request, one) if isinstance(one, Claim) else None,
            "sign_url": reverse("rating_year:do", args=[kind, one.pk, "sign"]),
            "may_change": files and one.state == one.State.DRAFT,
            "may_decide": decides and one.open,
            "may_appeal": files and one.may_appeal,
        },
    )


def _signing(request: HttpRequest, claim: Claim) -> dict[str, Any]:
    may_sign = claim.state == claim.State.DRAFT and may(request.user, SIGN, city=claim.city)
    return signed.shown(claim, completion.content(claim), completion.ROLES, may_sign=may_sign)


def completion_report(request: HttpRequest, number: int, form: str) -> HttpResponse:
    """The completion report as DOCX or PDF."""
    one = access_paper(Claim, request.user, number)
    language = language_of(get_language())
    return answer(completion.report(one, language), form, f"completion_report_{one.city}_{one.pk}_{language}")


def edit(request: HttpRequest, kind: str, number: int | None = None) -> HttpResponse:
    """A new claim or objection, or a draft of one."""
    one = _kind(kind)
    require_somewhere(request.user, FILE)
    instance = one.model() if number is None else access_paper(one.model, request.user, number)
    if number is not None:
        require(request.user, FILE, city=instance.city)
    cities = cities_of(request.user, FILE)
    year = instance.year or facts.today().year
    asked = {name: request.GET[name] for name in ("city", "kpi", "period", "year") if request.GET.get(name)}
    form = form_of(one.model, cities, instance, year, request.POST if request.method == "POST" else None)
    form.initial |= asked
    if request.method == "POST" and form.is_valid():
        try:
            services.keep(request, form, instance)
        except Problem as problem:
            form.add_error(None, problem.message)
        else:
            return redirect("rating_year:paper", kind, instance.pk)
    status = 422 if form.is_bound else 200
    context = {**context_of(request), "kind": kind, "said": one, "form": form, "paper": instance}
    context["was_signed"] = isinstance(instance, Claim) and signed.newest(instance) is not None
    return render(request, "rating_year/form.html", context, status=status)


@require_POST
def do(request: HttpRequest, kind: str, number: int, what: str) -> HttpResponse:
    """File, add evidence, sign, decide, appeal."""
    one = access_paper(_kind(kind).model, request.user, number)
    asked = {"accept": DECIDE, "refuse": DECIDE, "sign": SIGN}
    require(request.user, asked.get(what, FILE), city=one.city)
    reasons = request.POST.get("reasons", "")
    try:
        if what == "file":
            services.file(request, one)
        elif what == "evidence" and isinstance(one, Claim) and "file" in request.FILES:
            services.add_evidence(request, one, request.FILES["file"])
        elif what == "sign" and isinstance(one, Claim):
            completion.sign(request, one.pk, request.POST.get("position", ""))
        elif what in ("accept", "refuse"):
            services.decide(request, one, accept=what == "accept", reasons=reasons)
        elif what == "appeal":
            services.appeal(request, one, reasons)
        else:
            raise Http404(what)
    except Problem as problem:
        messages.error(request, problem.message)
    except Impossible as why:
        messages.error(request, str(why))
    return redirect("rating_year:paper", kind, number)


def evidence(request: HttpRequest, number: int, file: int) -> HttpResponse:
    """A file of a claim, as it came; never shown in the page itself."""
    found = access_paper(Claim, request.user, number).evidence.filter(pk=file).first()
    if found is None:
        raise Http404
    response = HttpResponse(bytes(found.content), content_type="application/octet-stream")
    response.headers["Content-Disposition"] = f"attachment; filename*=UTF-8''{_quoted(found.name)}"
    return response


def _quoted(name: str) -> str:
    from urllib.parse import quote

    return quote(name, safe="")
