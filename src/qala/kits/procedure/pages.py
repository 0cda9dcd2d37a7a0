"""What the pages of all papers of the procedure do alike: list them by city, begin one, take a step."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from qala import facts
from qala.kits.procedure import words
from qala.kits.procedure.models import Paper
from qala.kits.procedure.queries import open_deadlines, papers_for, today_of
from qala.people.access import Refused, visible_cities
from qala.people.services import Impossible
from qala.ui.formats import language_of, said


def listed(request: HttpRequest, model: type[Paper], span: int) -> dict[str, Any]:
    """What `procedure/list.html` and `procedure/begin.html` say.

    Args:
        span: years that a new paper is proposed to reach beyond this one.

    Returns:
        lines: by city the newest version that one may see, its state and what is due, the overdue first;
        without: cities that have none and that the reader leads; years: first and last of a new one.
    """
    language = language_of(get_language())
    registry = facts.lake().cities
    newest: dict[str, Paper] = {}
    for one in papers_for(request.user, model):
        newest.setdefault(one.city, one)
    lines = []
    for code, one in newest.items():
        name = said(registry.get(code).names, language) if code in registry else code
        day = today_of(code)
        due = [(words.deadline(each), each.day, each.over(day)) for each in open_deadlines(one)]
        lines.append((name, one, words.state(one.state), due))
    lines.sort(key=lambda line: (not any(over for _words, _day, over in line[3]), line[0]))
    begun = set(model._default_manager.values_list("city", flat=True))
    without = [one for one in visible_cities(request.user, f"{model.PART}.lead") if one.code not in begun]
    year = facts.today().year
    return {
        "part": model.PART,
        "begin_url": f"{model.PART}:begin",
        "lines": lines,
        "years": (year, year + span),
        "without": [(one.code, said(one.names, language)) for one in without],
    }


def as_table(found: dict[str, Any]) -> tuple[list[str], list[list[Any]]]:
    """Heads and rows of the list, for downloads."""
    rows = [
        [
            name,
            f"{one.first_year}–{one.last_year}",
            one.version,
            str(state[2]),
            "; ".join(f"{w} {d:%d.%m.%Y}" for w, d, _o in due),
        ]
        for name, one, state, due in found["lines"]
    ]
    return [_("City"), _("Years"), _("Version"), _("State"), _("Due")], rows


def begun(request: HttpRequest, model: type[Paper], begin: Callable[[str, int, int], Paper], told: str) -> HttpResponse:
    """Begin a city's paper with the years of the form; its page, or the list with what is wrong."""
    lead, index = f"{model.PART}.lead", f"{model.PART}:index"
    city = request.POST.get("city", "")
    if city not in {one.code for one in visible_cities(request.user, lead)}:
        raise Refused(lead, guest=not request.user.is_authenticated)
    try:
        fields: list[Any] = [model._meta.get_field(name) for name in ("first_year", "last_year")]
        first, last = (one.clean(request.POST.get(one.name, ""), None) for one in fields)
    except ValidationError as why:
        messages.error(request, " ".join([_("Years are whole numbers, like 2027."), *why.messages]))
        return redirect(index)
    try:
        found = begin(city, first, last)
    except Impossible as why:
        messages.error(request, str(why))
        return redirect(index)
    messages.success(request, told)
    return redirect(found.address)


def stepped[P: Paper](request: HttpRequest, paper: P, take: Callable[[HttpRequest, int, str, str], P]) -> HttpResponse:
    """Take the step that the form names; the page of the paper that holds then, or of this one with what is wrong."""
    try:
        found = take(request, paper.pk, request.POST.get("verb", ""), request.POST.get("words", ""))
    except Impossible as why:
        messages.error(request, str(why))
        return redirect(paper.address)
    messages.success(request, _("Done: %(state)s.") % {"state": words.state(found.state)[2]})
    return redirect(found.address)
