"""A KPI's card for other sites: what is published, in one small page without scripts that anybody may frame."""

from __future__ import annotations

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import translation
from django.utils.csp import CSP
from django.views.decorators.clickjacking import xframe_options_exempt
from django.views.decorators.csp import csp_override

from qala.portal.kpi.subject import subject
from qala.reports.wording import grade
from qala.standard.problems import Problem

_POLICY: dict[str, list[str]] = {
    "default-src": [CSP.NONE],
    "style-src": [CSP.SELF],
    "font-src": [CSP.SELF],
    "img-src": [CSP.SELF],
    "frame-ancestors": ["*"],
    "base-uri": [CSP.NONE],
    "form-action": [CSP.NONE],
}


@xframe_options_exempt
@csp_override(_POLICY)
def kpi(request: HttpRequest, language: str, code: str, row: str) -> HttpResponse:
    """The card. Only a published run is shown, whoever asks: a frame must not depend on who looks at it."""
    if language not in dict(settings.LANGUAGES):
        raise Http404(language)
    with translation.override(language):
        try:
            about = subject(request, code, row)
            run = about.ground.shown
        except Problem as problem:
            raise Http404(problem.message) from None
        if run is None or run.publication is None or about.line is None:
            raise Http404("nothing is published of it")
        response = render(
            request,
            "portal/kpi/embed.html",
            {
                "language": language,
                "kpi": about.kpi,
                "city": about.city,
                "run": run,
                "value": about.words.value(about.line),
                "target": about.words.target(about.kpi, about.rule),
                "grade": grade(about.line.score),
                "address": request.build_absolute_uri(reverse("kpi:kpi", args=[code, row])),
            },
        )
    response["Cache-Control"] = "public, max-age=300"
    return response
