"""Boards: the list of a city, a board as a page and on a wall, its items one by one, and the builder."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable
from functools import wraps
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from qala import facts
from qala.lake import City
from qala.people.access import Refused, access_city_by_code, require, visible_cities
from qala.people.models import Organisation
from qala.portal.board import builder, items, queries, services
from qala.portal.board.items import At
from qala.portal.board.layout import Item
from qala.portal.board.models import Board
from qala.standard.problems import Problem
from qala.ui.problems import line
from qala.ui.sent import whole

Page = Callable[..., HttpResponse]


def boards(request: HttpRequest) -> HttpResponse:
    """Cities and their boards; `?city=` chooses one."""
    cities = visible_cities(request.user, "board.see")
    code = request.GET.get("city") or (cities[0].code if len(cities) == 1 else "")
    city = access_city_by_code(request.user, code, "board.see") if code else None
    spheres = facts.edition().spheres
    shown = queries.boards(request.user, city.code) if city else []
    context = {
        "cities": cities,
        "city": city,
        "boards": [(one, spheres.get(one.sphere), owner_of(one)) for one in shown],
        "may_edit": city is not None and _may_begin(request, city.code),
        "archived": Board.objects.filter(city=code).exclude(archived_at=None)
        if city and queries.may_edit(request.user, city.code)
        else [],
        "simulated": city is not None and city.simulated,
    }
    return render(request, "portal/board/list.html", context)


def board(request: HttpRequest, code: str, name: str) -> HttpResponse:
    """A board; `?wall=1` fills the screen, `?on=` stands at another day, `?version=` shows another version."""
    city, shown = _the_board(request, code, name)
    at = At(city, queries.day_of(city, request.GET.get("on", "")), request.user)
    context = {
        "board": shown,
        "city": city,
        "at": at,
        "wall": bool(request.GET.get("wall")),
        "owner": owner_of(shown),
        "state": _state(shown, at),
        "items": [(one, items.watches(one), *_inside(request, one, at)) for one in shown.items],
        "live": not request.GET.get("on") and not request.GET.get("version"),
        "may_edit": queries.may_edit(request.user, code, shown.board.organisation if shown.board else None),
        "simulated": city.simulated,
    }
    return render(request, "portal/board/board.html", context)


def item(request: HttpRequest, code: str, name: str, item: str) -> HttpResponse:
    """One item's inside, as the page fetches it again and again; 304 where nothing changed."""
    city, shown = _the_board(request, code, name)
    found = next((one for one in shown.items if one.id == item), None)
    if found is None:
        raise Http404
    at = At(city, queries.day_of(city, request.GET.get("on", "")), request.user)
    inside, tag = _inside(request, found, at)
    same = request.headers.get("If-None-Match") == tag
    answer = HttpResponse(status=304) if same else HttpResponse(inside)
    answer["ETag"] = tag
    answer["Cache-Control"] = "no-cache"
    answer["Qala-Board"] = _state(shown, at)
    return answer


def edit(request: HttpRequest, code: str, name: str) -> HttpResponse:
    """The builder: what stands where. Works as a form without scripts; with them items are moved by hand or by keys.

    It goes on from the newest version, or from the one of `?version=`. What is sent with `preview` is shown and not kept.
    """
    city, shown = _the_board(request, code, name, editing=True)
    seen: list[Any] = []
    given = [one.model_dump(mode="json") for one in shown.items]
    note = ""
    if request.method == "POST":
        given, note = builder.items_of(request.POST), request.POST.get("note", "")
        if "preview" in request.POST:
            try:
                at = At(city, queries.day_of(city), request.user)
                seen = [(one, *_inside(request, one, at)) for one in queries.checked(given)]
            except Problem as problem:
                messages.error(request, line(problem))
        elif "add" not in request.POST:
            try:
                own = _own(request, shown, code)
                version = services.save(request, own, given, note)
                if "publish" in request.POST:
                    services.publish(request, own, version.number)
                    messages.success(request, _("Version %(number)s is published.") % {"number": version.number})
                else:
                    messages.success(request, _("Version %(number)s is saved as a draft.") % {"number": version.number})
                return redirect("board:board", code, own.name)
            except Problem as problem:
                messages.error(request, line(problem))
        else:
            given.append(builder.new_item(request.POST.get("kind", ""), given))
    context = {
        "city": city,
        "board": shown,
        "seen": seen,
        "fields": [builder.form_of(one) for one in given],
        "kinds": builder.kinds(),
        "choices": builder.choices(),
        "note": note,
        "versions": shown.board.versions.select_related("made_by")[:50] if shown.board else [],
        "simulated": city.simulated,
    }
    return render(request, "portal/board/edit.html", context, status=200)


def new(request: HttpRequest, code: str) -> HttpResponse:
    """A new board, empty or as a copy of another."""
    city = access_city_by_code(request.user, code, "board.see")
    owners, all_of_it = queries.owners(request.user, code), queries.may_edit(request.user, code)
    if not owners:
        require(request.user, "boards.edit", city=code)
    if request.method == "POST":
        keeper = whole(request.POST.get("organisation", ""))
        require(request.user, "boards.edit", city=code, organisation=keeper)
        title = {lang: request.POST.get(f"title_{lang}", "").strip()[:120] for lang in ("kk", "ru", "en")}
        source = queries.board(request.user, code, request.POST.get("copy", ""))
        given = [one.model_dump(mode="json", exclude_defaults=True) for one in source.items] if source else []
        try:
            name = builder.name_of(request.POST.get("name", ""))
            made = services.create(
                request, code, name, builder.titled(title), request.POST.get("sphere", ""), given, keeper
            )
            return redirect("board:edit", code, made.name)
        except Problem as problem:
            messages.error(request, line(problem))
    context = {
        "city": city,
        "boards": queries.boards(request.user, code),
        "owners": owners,
        "whole": all_of_it,
        "spheres": facts.edition().spheres.items(),
        "given": request.POST,
        "simulated": city.simulated,
    }
    return render(request, "portal/board/new.html", context)


def _changing(change: Callable[[HttpRequest, Board], str]) -> Page:
    """A POST that changes a board of its own city, says so, and goes back to it."""

    @require_POST
    @wraps(change)
    def page(request: HttpRequest, code: str, name: str) -> HttpResponse:
        access_city_by_code(request.user, code, "board.see")
        own = Board.objects.filter(city=code, name=name).select_related("published").first()
        if own is None:
            raise Http404
        require(request.user, "boards.edit", city=code, organisation=own.organisation)
        try:
            messages.success(request, change(request, own))
        except Problem as problem:
            messages.error(request, line(problem))
        if own.archived_at is not None:
            return redirect(reverse("board:list") + f"?city={code}")
        return redirect("board:board", code, name)

    return page


@_changing
def publish(request: HttpRequest, own: Board) -> str:
    """Show a version to everybody."""
    number = _number(request)
    services.publish(request, own, number)
    return _("Version %(number)s is published.") % {"number": number}


@_changing
def withdraw(request: HttpRequest, own: Board) -> str:
    """Hide the board again."""
    services.withdraw(request, own)
    return _("The board is a draft again.")


@_changing
def restore(request: HttpRequest, own: Board) -> str:
    """An earlier version as the newest."""
    version = services.restore(request, own, _number(request))
    return _("It is version %(number)s now, a draft until it is published.") % {"number": version.number}


@_changing
def archive(request: HttpRequest, own: Board) -> str:
    """Off the list."""
    services.archive(request, own)
    return _("The board is taken off. It can be brought back from the list.")


@_changing
def bring_back(request: HttpRequest, own: Board) -> str:
    """On the list again."""
    services.archive(request, own, back=True)
    return _("The board is back.")


@require_POST
def note_alarm(request: HttpRequest, code: str) -> HttpResponse:
    """Take note of a breached target."""
    access_city_by_code(request.user, code, "board.see")
    if not queries.may_note(request.user, code):
        raise Refused("alarms.note", guest=request.user.is_anonymous)
    try:
        services.note_alarm(
            request,
            code,
            request.POST.get("row", "")[:80],
            request.POST.get("period", "")[:12],
            request.POST.get("note", ""),
        )
        messages.success(request, _("Noted."))
    except Problem as problem:
        messages.error(request, line(problem))
    board = request.POST.get("board") or "overview"
    return redirect("board:board", code, board)


def _the_board(request: HttpRequest, code: str, name: str, *, editing: bool = False) -> tuple[City, queries.Shown]:
    city = access_city_by_code(request.user, code, "board.see")
    asked = request.GET.get("version", "")
    if editing and not asked:
        shown = queries.newest(request.user, code, name) or queries.board(request.user, code, name)
    else:
        shown = queries.board(request.user, code, name, whole(asked))
    if shown is None:
        raise Http404
    if editing:
        require(request.user, "boards.edit", city=code, organisation=shown.board.organisation if shown.board else None)
    return city, shown


def _may_begin(request: HttpRequest, code: str) -> bool:
    return queries.may_edit(request.user, code) or bool(queries.owners(request.user, code))


def owner_of(shown: queries.Shown) -> Any:
    """Names of the organisation that keeps a board; None for the akimat as a whole, or a board that every city has."""
    number = shown.board.organisation if shown.board else None
    found = Organisation.objects.filter(pk=number).first() if number else None
    return found.names if found else None


def _own(request: HttpRequest, shown: queries.Shown, code: str) -> Board:
    """The board to save to: a board that every city has becomes the city's own when it is changed."""
    if shown.board is not None:
        return shown.board
    return services.create(request, code, shown.name, shown.title, shown.sphere)


def _number(request: HttpRequest) -> int:
    version = whole(request.POST.get("version", ""))
    if version is None:
        raise Problem(_("Say which version."))
    return version


def _state(shown: queries.Shown, at: At) -> str:
    """What changes with the layout and with the day: a page of another state is loaded anew."""
    said = repr((at.day, shown.title, [one.model_dump(mode="json") for one in shown.items]))
    return hashlib.sha256(said.encode()).hexdigest()[:16]


def _inside(request: HttpRequest, one: Item, at: At) -> tuple[str, str]:
    """What an item shows, and its tag: the same as long as a reader sees the same."""
    said = render_to_string("portal/board/item.html", {"one": _safely(one, at)}, request)
    seen = re.sub(r' name="csrfmiddlewaretoken" value="[^"]*"', "", said)  # masked anew in every answer
    return said, f'"{hashlib.sha256(seen.encode()).hexdigest()[:24]}"'


def _safely(one: Item, at: At) -> dict[str, Any]:
    """An item that cannot be shown says why, and the others stay."""
    try:
        return items.shown(one, at)
    except Problem as problem:
        return {"item": one, "template": "portal/board/items/trouble.html", "heading": one.title, "problem": problem}
