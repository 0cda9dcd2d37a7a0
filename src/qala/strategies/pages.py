"""Pages of strategies: which there are, one of them with its procedure and sections, all of its text, its documents."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from qala import facts
from qala.kits.documents import FORMS, answer
from qala.kits.documents.html import html
from qala.kits.documents.markdown import blocks
from qala.kits.procedure import words
from qala.kits.procedure.queries import open_deadlines, shown, today_of
from qala.kits.procedure.steps import EDITABLE
from qala.people.access import Refused, may, visible_cities
from qala.people.services import Impossible
from qala.roadmaps.models import Roadmap
from qala.standard.values import Language
from qala.strategies import services
from qala.strategies.document import document, source
from qala.strategies.figures import filler
from qala.strategies.models import Strategy
from qala.strategies.queries import (
    LEAD,
    NAMES,
    SEE,
    access_strategy,
    in_the_way,
    sections_of,
    strategies_for,
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
    """Strategies by city: the newest version that one may see, its state, what is due; cities that have none."""
    language = language_of(get_language())
    registry = facts.lake().cities
    newest: dict[str, Strategy] = {}
    for one in strategies_for(request.user):
        newest.setdefault(one.city, one)
    lines = []
    for code, one in newest.items():
        name = said(registry.get(code).names, language) if code in registry else code
        day = today_of(code)
        due = [(words.deadline(each), each.day, each.over(day)) for each in open_deadlines(one)]
        lines.append((name, one, words.state(one.state), due))
    lines.sort(key=lambda line: (not any(over for _words, _day, over in line[3]), line[0]))
    if wanted(request):
        heads = [_("City"), _("Years"), _("Version"), _("State"), _("Due")]
        rows = [
            [name, f"{one.first_year}–{one.last_year}", one.version, str(state[2]), "; ".join(f"{w} {d}" for w, d, _o in due)]
            for name, one, state, due in lines
        ]  # fmt: skip
        return table_response(request, "strategies", heads, rows)
    begun = set(Strategy.objects.values_list("city", flat=True))
    without = [one for one in visible_cities(request.user, LEAD) if one.code not in begun]
    year = facts.today().year
    return render(
        request,
        "strategies/index.html",
        {
            "lines": lines, "years": (year, year + 9),
            "without": [(one.code, said(one.names, language)) for one in without],
        },
    )  # fmt: skip


@require_POST
def begin(request: HttpRequest) -> HttpResponse:
    """Begin a city's strategy: nine empty sections."""
    city = request.POST.get("city", "")
    if city not in {one.code for one in visible_cities(request.user, LEAD)}:
        raise Refused(LEAD, guest=not request.user.is_authenticated)
    try:
        first, last = (int(request.POST.get(name, "")) for name in ("first_year", "last_year"))
        found = services.begin(request, city, first, last)
    except ValueError:
        messages.error(request, _("Years are whole numbers, like 2027."))
        return redirect("strategies:index")
    except Impossible as why:
        messages.error(request, str(why))
        return redirect("strategies:index")
    messages.success(request, _("The strategy is begun with the nine sections of item 21."))
    return redirect("strategies:strategy", found.pk)


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
    try:
        found = services.take(request, one.pk, request.POST.get("verb", ""), request.POST.get("words", ""))
    except Impossible as why:
        messages.error(request, str(why))
        return redirect("strategies:strategy", one.pk)
    messages.success(request, _("Done: %(state)s.") % {"state": words.state(found.state)[2]})
    return redirect("strategies:strategy", found.pk)


@require_safe
def file(request: HttpRequest, number: int, form: str) -> HttpResponse:
    """The document in the page's language, or in `?text=`."""
    one = access_strategy(request.user, number)
    language: Language = language_of(request.GET.get("text") or get_language())
    if form not in FORMS:
        raise Http404
    return answer(document(one, language), form, f"strategy_{one.city}_v{one.version}_{language}")
