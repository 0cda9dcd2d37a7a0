"""Incidents of what is sent: what is wrong, since when, who was told, who looks after it; and secrets of settings."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from qala import facts
from qala.intake import balancing, incidents, services
from qala.intake.models import Incident, SentCount, Source
from qala.intake.queries import MANAGE, SEE, access_source
from qala.people.access import may, require, require_somewhere
from qala.standard.problems import Problem
from qala.ui.downloads import table_response, wanted
from qala.ui.problems import line

PAGE = 50


@require_safe
def index(request: HttpRequest) -> HttpResponseBase:
    """What is wrong now, and what was; filters in the address."""
    require_somewhere(request.user, SEE)
    get = request.GET
    every = incidents.incidents_for(request.user)
    found = every
    if get.get("state", "open") == "open":
        found = found.filter(closed_at=None)
    for name in ("kind", "city"):
        if get.get(name):
            found = found.filter(**{name: get[name]})
    if get.get("source"):
        found = found.filter(source__name=get["source"])
    if wanted(request):
        columns = [
            _("Kind"),
            _("City"),
            _("Dataset"),
            _("Source"),
            _("Since (UTC)"),
            _("Over (UTC)"),
            _("Noted by"),
            _("Note"),
        ]
        rows = (
            (
                one.get_kind_display(), one.city, one.dataset or (one.source.dataset if one.source else ""),
                one.source.name if one.source else "", one.opened_at, one.closed_at, str(one.seen_by or ""), one.note,
            )
            for one in found
        )  # fmt: skip
        return table_response(request, "incidents", columns, rows)
    registry = facts.lake().cities
    page = Paginator(found, PAGE).get_page(get.get("page"))
    return render(
        request,
        "portal/intake/incidents.html",
        {
            "page": page,
            "lines": [
                (one, registry.get(one.city) if one.city in registry else None, _may_note(request, one)) for one in page
            ],
            "kinds": Incident.Kind.choices,
            "open": every.filter(closed_at=None).count(),
            "state": get.get("state", "open"),
        },
    )


def _may_note(request: HttpRequest, one: Incident) -> bool:
    return may(request.user, MANAGE, **_place(one))


def _place(one: Incident) -> dict[str, Any]:
    place: dict[str, Any] = {"city": one.city} if one.city else {}
    return place | ({"organisation": one.source.owner_id} if one.source and one.source.owner_id else {})


@require_POST
def note(request: HttpRequest, number: int) -> HttpResponse:
    """Take note of one."""
    found = get_object_or_404(Incident.objects.select_related("source"), pk=number)
    require(request.user, MANAGE, **_place(found))
    incidents.take_note(request, found, request.POST.get("note", ""))
    messages.success(request, _("Noted."))
    return redirect("intake:incidents")


@require_POST
def secret(request: HttpRequest, name: str) -> HttpResponse:
    """Put a secret of a source's settings down, or forget one; it is never shown."""
    source = access_source(request.user, name, MANAGE)
    called = request.POST.get("name", "").strip()
    if request.POST.get("act") == "forget":
        try:
            services.forget_secret(request, source, called)
        except Problem as problem:
            messages.error(request, line(problem))
        else:
            messages.success(request, _("The secret is forgotten."))
    elif not request.POST.get("value"):
        messages.error(request, _("A secret needs a value."))
    else:
        try:
            services.keep_secret(request, source, called, request.POST["value"])
        except Problem as problem:
            messages.error(request, line(problem))
        else:
            messages.success(request, _("The secret is kept, sealed; nobody can read it here again."))
    return redirect("intake:source", name)


@dataclass(frozen=True)
class SecretLine:
    """A secret: its name, whether the settings ask for it, whether it is there."""

    name: str
    asked: bool
    there: bool


def secrets_of(source: Source) -> list[SecretLine]:
    """The secrets that a source's settings name, and those that are there."""
    there, asked = set(services.secrets_of_sources().names(source.name)), set(_asked(source.settings))
    return [SecretLine(name, name in asked, name in there) for name in sorted(there | asked)]


def _asked(value: Any) -> list[str]:
    if isinstance(value, Mapping):
        if set(value) == {"secret"} and isinstance(value["secret"], str):
            return [value["secret"]]
        return [name for one in value.values() for name in _asked(one)]
    return [name for one in value for name in _asked(one)] if isinstance(value, list) else []


def counts_of(source: Source, most: int = 10) -> list[tuple[SentCount, int]]:
    """A source's own counts, the newest first, each with what was received."""
    lake = facts.lake()
    return [(one, balancing.received(lake, one)) for one in source.counts.all()[:most]]
