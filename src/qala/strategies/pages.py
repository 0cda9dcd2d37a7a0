"""Pages of strategies: which there are, one of them with its procedure and sections, all of its text, its documents."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from qala import facts
from qala.kits.documents import FORMS, answer
from qala.kits.documents.html import html
from qala.kits.documents.markdown import blocks
from qala.kits.procedure import signing
from qala.kits.procedure.pages import as_table, begun, listed, stepped
from qala.kits.procedure.queries import shown
from qala.kits.procedure.steps import EDITABLE
from qala.people.access import may
from qala.people.services import Impossible
from qala.roadmaps.models import Roadmap
from qala.standard.values import Language
from qala.strategies import services
from qala.strategies.document import document, source
from qala.strategies.figures import filler
from qala.strategies.models import Strategy
from qala.strategies.queries import (
    NAMES,
    SEE,
    access_strategy,
    in_the_way,
    says,
    sections_of,
    titles,
)
from qala.ui.downloads import table_response, wanted
from qala.ui.formats import language_of, said

LOOKS = {
    "empty": ("quiet", "circle"),
    "writing": ("warn", "edit"),
    "reading": ("warn", "clock"),
    "ready": ("good", "check"),
}
"""State of a section -> (tone, icon)."""


@require_safe
def index(request: HttpRequest) -> HttpResponseBase:
    """By city: the newest version that one may see, its state, what is due; cities that have none."""
    found = listed(request, Strategy, 9)
    if wanted(request):
        return table_response(request, "strategies", *as_table(found))
    return render(request, "strategies/index.html", found)


@require_POST
def begin(request: HttpRequest) -> HttpResponse:
    """Begin one for a city."""
    told = _("The strategy is begun with the nine sections of item 21.")
    return begun(request, Strategy, lambda city, first, last: services.begin(request, city, first, last), told)


@require_safe
def strategy(request: HttpRequest, number: int) -> HttpResponseBase:
    """One version: state, deadlines, steps, how far each section is in each language, documents."""
    one = access_strategy(request.user, number)
    language = language_of(get_language())
    sees = may(request.user, SEE, city=one.city)
    sections = sections_of(one)
    roadmap = Roadmap.objects.filter(city=one.city).first()
    return render(
        request,
        "strategies/strategy.html",
        {
            **about(one),
            **shown(request.user, one),
            "step_url": reverse("strategies:step", args=[one.pk]),
            "lacking": in_the_way(one) if one.state in EDITABLE and sees else [],
            "lines": [
                (no, title.say(language), [(own, sections[no, own], LOOKS[sections[no, own].state]) for own in NAMES])
                for no, title in enumerate(titles(one), 1)
            ],
            "ready": sum(each.state == "ready" for each in sections.values()),
            "count": len(sections),
            "open_comments": sum(getattr(each, "open_comments", 0) for each in sections.values()),
            "languages": list(NAMES.items()),
            "source": source(one, language),
            "roadmap": roadmap if roadmap and may(request.user, "roadmaps.see", city=one.city) else None,
            "sees": sees,
            "signing": signing.shown(request.user, one, says(one)),
            "sign_url": reverse("strategies:sign", args=[one.pk]),
        },
    )  # fmt: skip


def about(one: Strategy) -> dict[str, Any]:
    """What every page of a strategy says of it."""
    registry = facts.lake().cities
    city = registry.get(one.city) if one.city in registry else None
    return {
        "paper": one,
        "strategy": one,
        "city_name": said(city.names, language_of(get_language())) if city is not None else one.city,
        "simulated": city is not None and city.simulated,
        "forms": FORMS,
    }


@require_safe
def read(request: HttpRequest, number: int) -> HttpResponse:
    """All of the text in the page's language, its figures filled in."""
    one = access_strategy(request.user, number)
    language = language_of(get_language())
    fill = filler(one, language)
    texts = {each.number: each.text for each in one.sections.filter(language=language)}
    sections = [
        (no, title.say(language), html(blocks(texts.get(no, ""), fill), under=2))
        for no, title in enumerate(titles(one), 1)
    ]
    return render(
        request, "strategies/read.html", {**about(one), "sections": sections, "source": source(one, language)}
    )


@require_POST
def step(request: HttpRequest, number: int) -> HttpResponse:
    """Take a step of the procedure."""
    one = access_strategy(request.user, number)
    return stepped(request, one, services.take)


@require_POST
def sign(request: HttpRequest, number: int) -> HttpResponse:
    """Sign what was agreed or approved."""
    one = access_strategy(request.user, number)
    try:
        services.sign(request, one.pk, request.POST.get("position", ""))
    except Impossible as why:
        messages.error(request, str(why))
    else:
        messages.success(request, _("Saved."))
    return redirect(one.address)


@require_safe
def file(request: HttpRequest, number: int, form: str) -> HttpResponse:
    """The document in the page's language, or in `?text=`."""
    one = access_strategy(request.user, number)
    language: Language = language_of(request.GET.get("text") or get_language())
    return answer(document(one, language), form, f"strategy_{one.city}_v{one.version}_{language}")
