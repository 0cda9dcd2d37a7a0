"""The ledger, one delivery, and what was refused."""

from __future__ import annotations

from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from qala import facts
from qala.datasets import WAYS
from qala.people.access import may, require, visible_cities
from qala.portal.data import ledger as books
from qala.portal.data.guard import hides_persons
from qala.standard.problems import Problem
from qala.ui.downloads import table_response, wanted

PAGE = 50


def ledger(request: HttpRequest) -> HttpResponseBase:
    """Every delivery, with the balance of what is shown."""
    require(request.user, "data.see")
    chosen = books.filter_of(request)
    seen = {city.code: city for city in visible_cities(request.user, "data.see")}
    found = [one for one in books.receipts(chosen) if one.city in seen]
    if wanted(request):
        columns = [
            _("Receipt"), _("Received (UTC)"), _("City"), _("Dataset"), _("Source"), _("Way in"), _("Kind"), _("Read"),
            _("Stored"), _("Replaced"), _("Duplicate"), _("Refused"), _("First day"), _("Last day"), _("Undone by"),
        ]  # fmt: skip
        rows = (
            (
                one.id, one.received_at, one.city, one.dataset, one.source, one.way, one.kind, one.read, one.stored,
                one.replaced, one.duplicate, one.quarantined, one.first_day, one.last_day, one.undone_by,
            )
            for one in found
        )  # fmt: skip
        return table_response(request, "ledger", columns, rows)
    page = Paginator(found, PAGE).get_page(request.GET.get("page"))
    contracts = facts.catalogue().contracts
    return render(
        request,
        "portal/data/ledger.html",
        {
            "filter": chosen,
            "page": page,
            "lines": [(one, contracts[one.dataset].name if one.dataset in contracts else one.dataset) for one in page],
            "balance": books.balance(found),
            "cities": list(seen.values()),
            "datasets": sorted(contracts.values(), key=lambda one: one.id),
            "ways": _ways(),
            "kinds": _kinds(),
            "simulated": bool(chosen.city and chosen.city in seen and seen[chosen.city].simulated),
        },
    )


def _ways() -> list[tuple[str, str]]:
    names = {"integration": _("integration"), "file": _("file"), "hand": _("by hand"), "estimated": _("estimated")}
    return [(way, names[way]) for way in WAYS]


def _kinds() -> list[tuple[str, str]]:
    return [
        ("delivery", _("delivery")),
        ("nothing_happened", _("nothing happened")),
        ("undo", _("taken back")),
    ]


def receipt(request: HttpRequest, receipt: str) -> HttpResponseBase:
    """One delivery: what became of its rows, and those that were refused."""
    require(request.user, "data.see")
    lake = facts.lake()
    found = lake.ledger.receipt(receipt)
    if found is None and (holds := lake.ledger.of_sent(receipt)) is not None:
        return redirect("data:receipt", holds)
    if found is None or found.dataset not in lake.catalogue.contracts:
        raise Http404(_("There is no such receipt."))
    require(request.user, "data.see", city=found.city)
    city = lake.cities.get(found.city)
    may_rows = may(request.user, "rows.see", city=found.city)
    limit = 1_000_000 if wanted(request) else 200
    rows = books.quarantined_rows(found, limit) if found.quarantined else []
    if wanted(request):
        require(request.user, "rows.see", city=found.city)
        columns = [_("Row in the source"), _("Rules"), _("Reason"), _("Original text")]
        lines = ((one["row"], one["rules"], one["reason"], one["original"]) for one in rows)
        return table_response(request, f"quarantine-{found.id}", columns, lines)
    contract = lake.catalogue.contract(found.dataset)
    return render(
        request,
        "portal/data/receipt.html",
        {
            "receipt": found,
            "city": city,
            "contract": contract,
            "rows": rows,
            "may_rows": may_rows,
            "personal": hides_persons(contract),
            "ways": dict(_ways()),
            "kinds": dict(_kinds()),
            "simulated": found.simulated,
        },
    )


def quarantine(request: HttpRequest) -> HttpResponseBase:
    """What was refused and why, by dataset and rule."""
    require(request.user, "data.see")
    chosen = books.filter_of(request)
    seen = {city.code: city for city in visible_cities(request.user, "data.see")}
    if chosen.city and chosen.city not in seen:
        raise Problem(_("There is no city with this code."), where="city")
    every = [one for one in books.receipts(chosen) if one.city in seen]
    found = books.refused(every)
    if wanted(request):
        columns = [_("City"), _("Dataset"), _("Rule"), _("Rows"), _("Deliveries")]
        lines = ((one.city, one.dataset, one.rule, one.rows, one.receipts) for one in found)
        return table_response(request, "quarantine", columns, lines)
    contracts = facts.catalogue().contracts
    page = Paginator(found, PAGE).get_page(request.GET.get("page"))
    return render(
        request,
        "portal/data/quarantine.html",
        {
            "filter": chosen,
            "page": page,
            "lines": [(one, contracts[one.dataset].name if one.dataset in contracts else one.dataset) for one in page],
            "balance": books.balance(every),
            "cities": list(seen.values()),
            "named": {code: city.names for code, city in seen.items()},
            "datasets": sorted(contracts.values(), key=lambda one: one.id),
            "simulated": bool(chosen.city and seen[chosen.city].simulated),
        },
    )
