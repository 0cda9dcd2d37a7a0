"""The audit log, as far as one may see it."""

from __future__ import annotations

from collections.abc import Iterator

from django.core.paginator import Paginator
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import render
from django.utils.translation import gettext as _

from qala.people import access, queries
from qala.people.models import AuditEntry
from qala.people.verbs import verb_name, way_name
from qala.ui import downloads

_ON_A_PAGE = 100
_FILTERS = ("who", "verb", "city", "since", "until")


def log(request: HttpRequest) -> HttpResponseBase:
    """Entries, newest first; filters in the address; CSV and XLSX of all that they leave."""
    access.require_somewhere(request.user, "audit.see")
    asked = {name: request.GET.get(name, "") for name in _FILTERS}
    found = queries.audit_of(request.user, asked)
    if downloads.wanted(request):
        return downloads.table_response(request, "audit", _columns(), _rows(found))
    seen = queries.audit_of(request.user, {}).order_by("verb").values_list("verb", flat=True).distinct()
    page = Paginator(found, _ON_A_PAGE).get_page(request.GET.get("page"))
    cities = access.visible_cities(request.user, "audit.see")
    names = {city.code: city.names for city in cities}
    return render(
        request,
        "people/audit.html",
        {
            "asked": asked,
            "page": page,
            "listed": [
                (entry, verb_name(entry.verb), names.get(entry.city, entry.city), way_name(entry.through))
                for entry in page
            ],
            "verbs": sorted(((verb, verb_name(verb)) for verb in seen), key=lambda one: one[1]),
            "cities": cities,
        },
    )


def _columns() -> list[str]:
    return [
        _("When (UTC)"),
        _("Who"),
        _("From where"),
        _("Through"),
        _("Did what"),
        _("Kind of object"),
        _("Object"),
        _("Object in words"),
        _("City"),
        _("Before"),
        _("After"),
    ]


def _rows(found: QuerySet[AuditEntry]) -> Iterator[list[object]]:
    for one in found.iterator():
        yield [
            one.at,
            one.who_said,
            one.address or "",
            one.through,
            one.verb,
            one.kind,
            one.object_id,
            one.object_said,
            one.city,
            "" if one.before is None else str(one.before),
            "" if one.after is None else str(one.after),
        ]
