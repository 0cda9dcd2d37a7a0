"""The paper of a roadmap, and its electronic signature."""

from __future__ import annotations

from django.contrib import messages
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from qala.kits.documents import answer
from qala.kits.procedure import signing
from qala.people.services import Impossible
from qala.roadmaps.models import Roadmap
from qala.roadmaps.paper import document, says
from qala.roadmaps.queries import access_roadmap
from qala.ui.formats import language_of


def _name(one: Roadmap) -> str:
    return f"roadmap_{one.city}_v{one.version}_{language_of(get_language())}"


@require_safe
def file(request: HttpRequest, number: int, form: str) -> HttpResponse:
    """The roadmap as DOCX or PDF in the page's language."""
    one = access_roadmap(request.user, number)
    return answer(document(one, language_of(get_language())), form, _name(one))


@require_POST
def sign(request: HttpRequest, number: int) -> HttpResponse:
    """Sign what was agreed or approved."""
    one = access_roadmap(request.user, number)
    try:
        with transaction.atomic():
            locked = Roadmap.objects.select_for_update(of=("self",)).get(pk=one.pk)
            paper = document(locked, language_of(get_language()))
            signing.sign(request, locked, says(locked), paper, _name(locked), request.POST.get("position", ""))
    except Impossible as why:
        messages.error(request, str(why))
    else:
        messages.success(request, _("Saved."))
    return redirect(one.address)
