"""Pages of one section: its text and figures, saving while others write, both texts of a conflict, history, comments."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from qala.kits.documents.html import html
from qala.kits.documents.markdown import blocks
from qala.kits.procedure.steps import EDITABLE
from qala.people.access import may, require
from qala.people.services import Impossible
from qala.strategies import services
from qala.strategies.document import source
from qala.strategies.figures import OFFERED, filler
from qala.strategies.models import Comment, Section, Version
from qala.strategies.pages import LOOKS, about
from qala.strategies.queries import COMMENT, LEAD, NAMES, SEE, access_section, access_version, changes, titles
from qala.ui.formats import language_of

SHOWN = 200
"""Versions on one page of history."""


@require_safe
def section(request: HttpRequest, strategy: int, number: int, language: str) -> HttpResponse:
    """A section as it reads; to whoever may write it with its text, to whoever may comment with a form for that."""
    return _page(request, access_section(request.user, strategy, number, language))


def _page(request: HttpRequest, one: Section, text: str | None = None, status: int = 200, **more: Any) -> HttpResponse:
    paper, written = one.strategy, one.text if text is None else text
    sees = may(request.user, SEE, city=paper.city)
    drafted = paper.state in EDITABLE
    return render(
        request,
        "strategies/section.html",
        {
            **about(paper),
            **_named(one),
            "text": written,
            "shown": html(blocks(written, filler(paper, language_of(one.language))), under=2),
            "writes": drafted and may(request.user, LEAD, city=paper.city),
            "comments_on": drafted and may(request.user, COMMENT, city=paper.city),
            "sees": sees,
            "offered": list(OFFERED.items()),
            "states": [(code, words) for code, words in Section.STATES.items() if code != "empty"],
            "comments": one.comments.select_related("by", "done_by") if sees else [],
            "beside": one.versions.filter(beside=True, settled=False).select_related("by") if sees else [],
            "source": source(paper, language_of(get_language())),
            **more,
        },
        status=status,
    )


def _named(one: Section) -> dict[str, Any]:
    names = titles(one.strategy)
    where = [one.strategy_id, one.number]
    return {
        "section": one,
        "title": names[one.number - 1].say(language_of(get_language())),
        "languages": [(code, name, reverse("strategies:section", args=[*where, code])) for code, name in NAMES.items()],
        "look": LOOKS[one.state],
        "previous": one.number - 1 or None,
        "next": one.number + 1 if one.number < len(names) else None,
    }


@require_POST
def save(request: HttpRequest, strategy: int, number: int, language: str) -> HttpResponse:
    """Keep a text; what another saved meanwhile stays, and this one is kept beside it (409)."""
    one = access_section(request.user, strategy, number, language, LEAD)
    aside = request.headers.get("X-Autosave") == "1"
    text = request.POST.get("text", "")
    try:
        settles = int(request.POST.get("settles") or 0) or None
        found = services.save(request, one, text, int(request.POST.get("rests_on", "")), settles)
    except ValueError:
        raise Http404 from None
    except Impossible as why:
        if aside:
            return JsonResponse({"said": str(why)}, status=422)
        return _page(request, one, text, 422, wrong=str(why))
    if found.beside is not None:
        both = reverse("strategies:beside", args=[strategy, number, language, found.beside.pk])
        if aside:
            by = str(found.section.changed_by or "")
            told = _("%(who)s saved another text meanwhile. Yours is kept beside it.") % {"who": by}
            return JsonResponse({"said": told, "both": both, "both_said": _("See both texts")}, status=409)
        return redirect(both)
    if aside:
        return JsonResponse({"saved": found.section.saved})
    messages.success(request, _("Saved."))
    return redirect("strategies:section", strategy, number, language)


@require_POST
def mark(request: HttpRequest, strategy: int, number: int, language: str) -> HttpResponse:
    """Say how far the section is."""
    one = access_section(request.user, strategy, number, language, LEAD)
    try:
        services.mark(request, one, request.POST.get("state", ""))
    except Impossible as why:
        messages.error(request, str(why))
    else:
        messages.success(request, _("Saved."))
    return redirect("strategies:section", strategy, number, language)


@require_POST
def comment(request: HttpRequest, strategy: int, number: int, language: str) -> HttpResponse:
    """Say something of the section."""
    one = access_section(request.user, strategy, number, language, COMMENT)
    try:
        services.comment(request, one, request.POST.get("text", ""), request.POST.get("passage", ""))
    except Impossible as why:
        messages.error(request, str(why))
    except ValidationError as why:
        messages.error(request, " ".join(why.messages))
    return redirect(reverse("strategies:section", args=[strategy, number, language]) + "#comments")


@require_POST
def finish_comment(request: HttpRequest, number: int) -> HttpResponse:
    """Say that a comment is answered."""
    found = get_object_or_404(Comment.objects.select_related("section__strategy"), pk=number)
    one = found.section
    access_section(request.user, one.strategy_id, one.number, one.language, LEAD)
    services.finish_comment(request, found)
    return redirect(reverse("strategies:section", args=[one.strategy_id, one.number, one.language]) + "#comments")


@require_safe
def history(request: HttpRequest, strategy: int, number: int, language: str) -> HttpResponse:
    """Who wrote what when, and what changed in a version (`?version=`)."""
    one = access_section(request.user, strategy, number, language)
    require(request.user, SEE, city=one.strategy.city)
    versions = list(one.versions.select_related("by")[:SHOWN])
    asked = request.GET.get("version", "")
    chosen = access_version(request.user, one, int(asked)) if asked.isdecimal() else versions[0] if versions else None
    before = None if chosen is None else _before(chosen)
    return render(
        request,
        "strategies/history.html",
        {
            **about(one.strategy), **_named(one), "versions": versions, "chosen": chosen, "before": before,
            "changes": [] if chosen is None else changes(before.text if before else "", chosen.text),
            "writes": one.strategy.state in EDITABLE and may(request.user, LEAD, city=one.strategy.city),
        },
    )  # fmt: skip


def _before(one: Version) -> Version | None:
    """The text that stood before a version."""
    return one.section.versions.filter(beside=False, pk__lt=one.pk).first()


def beside(request: HttpRequest, strategy: int, number: int, language: str, version: int) -> HttpResponse:
    """Both texts of a conflict: the one that stands, the one that is kept beside it, and what differs."""
    one = access_section(request.user, strategy, number, language)
    found = access_version(request.user, one, version)
    if request.method == "POST":
        require(request.user, LEAD, city=one.strategy.city)
        services.settle(request, one, found.pk)
        messages.success(request, _("The text stands as it is; the other one stays in the history."))
        return redirect("strategies:section", strategy, number, language)
    return render(
        request,
        "strategies/beside.html",
        {
            **about(one.strategy), **_named(one), "version": found, "changes": changes(one.text, found.text),
            "writes": one.strategy.state in EDITABLE and may(request.user, LEAD, city=one.strategy.city),
        },
    )  # fmt: skip
