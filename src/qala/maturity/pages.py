"""Maturity on the site: the library, a city's assessments by sphere, and what one of them found."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from qala import facts
from qala.kits.surveys.queries import MANAGE, access_survey_by_id
from qala.maturity import queries, services, views
from qala.maturity.models import Assessment
from qala.maturity.queries import SEE
from qala.maturity.report import gathered
from qala.maturity.results import results
from qala.people.access import access_city_by_code, may, require, visible_cities
from qala.reports.maturity import file_name, made
from qala.reports.wording import Wording
from qala.standard.problems import Problem
from qala.ui.downloads import table_response, wanted
from qala.ui.formats import language_of
from qala.ui.problems import line
from qala.ui.sent import whole


@require_safe
def library(request: HttpRequest) -> HttpResponseBase:
    """Published assessments, compared only within one method; and the cities of this site."""
    require(request.user, SEE)
    model, found = queries.model(), queries.library()
    if wanted(request):
        columns = ["method", "city", "year", *model.dimensions, "overall", "people", "source"]
        language = language_of(get_language())
        rows = [
            [
                method,
                views.name(one.city, language),
                one.year,
                *one.dimensions.values(),
                one.overall,
                one.people,
                one.source,
            ]
            for method, lines in found.items()
            for one in lines
        ]
        return table_response(request, "maturity_assessments", columns, rows)
    context = {
        "model": model,
        "methods": [(method, views.method_name(method), lines) for method, lines in found.items()],
        "cities": visible_cities(request.user, SEE),
    }
    return render(request, "maturity/library.html", context)


@require_safe
def city(request: HttpRequest, code: str) -> HttpResponse:
    """A city's assessments, and its spheres side by side."""
    found = access_city_by_code(request.user, code, SEE)
    model, spheres = queries.model(), facts.edition().spheres
    shown = queries.assessments(request.user, code)
    side_by_side = [
        (one, spheres[one.sphere].name if one.sphere in spheres else None, queries.published_scores(one))
        for one in queries.by_sphere(code)
    ]
    context = {
        "city": found,
        "model": model,
        "assessments": [(one, spheres[one.sphere].name if one.sphere in spheres else None) for one in shown],
        "by_sphere": side_by_side if any(one.sphere for one, _name, _scores in side_by_side) else [],
        "may_manage": may(request.user, MANAGE, city=code),
        "simulated": found.simulated,
    }
    return render(request, "maturity/city.html", context)


def new(request: HttpRequest, code: str) -> HttpResponse:
    """A new assessment: of which year and sphere, with which instruments."""
    found = access_city_by_code(request.user, code, MANAGE)
    if request.method == "POST":
        year = request.POST.get("year", "")
        try:
            made = services.create(
                request, code, whole(year) or 0, request.POST.get("sphere", ""),
                request.POST.get("vignettes", "none"),
                tuple(part for part in ("interviews", "experts") if request.POST.get(part)),
            )  # fmt: skip
            return redirect("surveys:manage", made.survey.pk)
        except Problem as problem:
            messages.error(request, line(problem))
    context = {
        "city": found,
        "year": facts.today().year,
        "spheres": facts.edition().spheres.items(),
        "vignettes": Assessment.Vignettes.choices,
        "simulated": found.simulated,
    }
    return render(request, "maturity/new.html", context)


@require_safe
def assessment(request: HttpRequest, code: str, number: int) -> HttpResponseBase:
    """What an assessment found; the raw answers beside every correction."""
    one = queries.access_assessment_by_id(request.user, code, number)
    model = queries.model()
    found = results(model, one, list(facts.edition().spheres))
    if wanted(request):
        return _table(request, one, found)
    context = {
        "one": one,
        "model": model,
        "found": found,
        "forms": list(_FORMS),
        "may_manage": may(request.user, MANAGE, city=code),
        **_of_city(request, code),
        **(views.whole(model, one, found, language_of(get_language())) if found.enough else {}),
    }
    return render(request, "maturity/assessment.html", context)


@require_safe
def report(request: HttpRequest, code: str, number: int, form: str) -> HttpResponse:
    """The report as a file, in the page's language."""
    one = queries.access_assessment_by_id(request.user, code, number)
    if form not in _FORMS:
        raise Http404
    model = queries.model()
    found = results(model, one, list(facts.edition().spheres))
    if not found.enough:
        raise Http404(_("Too few people answered for a report."))
    data, words = gathered(model, one, found), Wording(language_of(get_language()), facts.edition())
    answer = HttpResponse(made(data, words, form), content_type=_FORMS[form])
    answer["Content-Disposition"] = f'attachment; filename="{file_name(data, words, form)}"'
    return answer


_FORMS = {
    "html": "text/html; charset=utf-8",
    "pdf": "application/pdf",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}


@require_POST
def publish(request: HttpRequest, code: str, number: int) -> HttpResponse:
    """Show the results to everybody."""
    require(request.user, MANAGE, city=code)
    one = queries.access_assessment_by_id(request.user, code, number)
    try:
        services.publish(request, one)
        messages.success(request, _("The results are published."))
    except Problem as problem:
        messages.error(request, line(problem))
    return redirect("maturity:assessment", code, number)


@require_safe
def of_survey(request: HttpRequest, number: int) -> HttpResponse:
    """From a survey to the assessment that it belongs to."""
    survey = access_survey_by_id(request.user, number)
    for field in ("survey", "interviews", "experts"):
        one = Assessment.objects.filter(**{field: survey}).first()
        if one is not None:
            return redirect("maturity:assessment", one.city, one.pk)
    raise Http404


def _of_city(request: HttpRequest, code: str) -> dict[str, Any]:
    found = access_city_by_code(request.user, code, SEE)
    return {"city": found, "simulated": found.simulated}


def _table(request: HttpRequest, one: Assessment, found: Any) -> HttpResponseBase:
    """Sub-dimensions as a table: a column for each variant; nothing where too few people answered."""
    model = queries.model()
    if not found.enough:
        return table_response(request, "maturity", ["sub_dimension"], [])
    columns = [
        "dimension",
        "sub_dimension",
        *found.variants,
        *[f"step_{step}" for step in model.about.scale.steps],
        "answered",
    ]
    rows = []
    for name, sub in model.sub_dimensions.items():
        spread = found.spreads["raw"].get(name)
        scores = [city.whole.sub_dimensions[name] if spread else None for city in found.variants.values()]
        shares = list(spread.shares) if spread else [None] * len(model.about.scale.steps)
        rows.append([sub.dimension, name, *scores, *shares, spread.people if spread else None])
    return table_response(request, f"maturity_{one.city}_{one.year}", columns, rows)
