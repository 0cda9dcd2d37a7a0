"""The business case of an action: written while its roadmap is a draft, read afterwards, as a paper at any time."""

from __future__ import annotations

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from qala.kits.documents import FORMS, answer
from qala.kits.procedure.steps import EDITABLE
from qala.people.access import may, require
from qala.people.services import Impossible
from qala.roadmaps import services
from qala.roadmaps.case import OPTION, CaseForm, wanting
from qala.roadmaps.case_paper import document, money_lines
from qala.roadmaps.models import Action, BusinessCase
from qala.roadmaps.monitoring_pages import about
from qala.roadmaps.prefill import translated
from qala.roadmaps.queries import LEAD, access_action
from qala.ui.formats import language_of


@require_http_methods(["GET", "POST"])
def case(request: HttpRequest, action: int) -> HttpResponse:
    """The form, or the case as it stands."""
    one = access_action(request.user, action)
    found = _case(one)
    editable = may(request.user, LEAD, city=one.roadmap.city) and one.roadmap.state in EDITABLE
    form = CaseForm(request.POST or None, instance=found or BusinessCase(action=one))
    if request.method == "POST":
        require(request.user, LEAD, city=one.roadmap.city)
        if form.is_valid():
            try:
                services.keep_case(request, form.instance)
            except Impossible as why:
                form.add_error(None, str(why))
            else:
                messages.success(request, _("Saved."))
                return redirect("roadmaps:case", one.pk)
    translated(one.roadmap, [one])
    return render(
        request,
        "roadmaps/case.html",
        {
            **about(one.roadmap), "action": one, "case": found, "form": form if editable or form.errors else None,
            "wanting": wanting(found), "forms": FORMS if found is not None else (), "option_heads": list(OPTION.values()),
            "money": [] if found is None else money_lines(found, language_of(get_language())),
        },
        status=422 if request.method == "POST" else 200,
    )  # fmt: skip


def _case(one: Action) -> BusinessCase | None:
    return BusinessCase.objects.select_related("action__roadmap", "action__owner").filter(action=one).first()


@require_safe
def case_file(request: HttpRequest, action: int, form: str) -> HttpResponse:
    """The case as DOCX or PDF."""
    one = access_action(request.user, action)
    found = _case(one)
    if found is None:
        raise Http404(_("There is no such paper."))
    language = language_of(get_language())
    return answer(document(found, language), form, f"business_case_{one.roadmap.city}_{one.number}_{language}")
