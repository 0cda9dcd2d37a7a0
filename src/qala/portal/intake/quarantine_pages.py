"""Quarantine: refused rows found, one of them looked at and mended, all of a reason sent again."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from http import HTTPStatus
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from qala import facts
from qala.datasets import Contract
from qala.intake import quarantined, services
from qala.intake.models import Replaying, Source
from qala.intake.payloads import Undecodable, decode
from qala.intake.quarantined import Place, Wanted
from qala.intake.queries import MANAGE, SEE, access_source, may_do, sources_for
from qala.intake.trial import MOST_ROWS, content_of, mapping_of, try_rows
from qala.lake.border.headers import aliases, plain
from qala.lake.border.mapping import FromHeader, LoadedMapping
from qala.lake.landing import Full, now
from qala.lake.quarantine import Original
from qala.people import audit
from qala.people.access import require_somewhere
from qala.portal.data.columns import MASK
from qala.portal.intake.forms import as_yaml, lines
from qala.portal.intake.trials import Tried, shown
from qala.portal.intake.words import rules
from qala.standard.problems import Problem
from qala.ui.downloads import table_response, wanted
from qala.ui.formats import language_of, said
from qala.ui.sent import whole

PAGE = 50
STATUSES = {
    "open": ("warn", "gap", gettext_lazy("waits")),
    "replayed": ("good", "refresh", gettext_lazy("sent again")),
    "dropped": ("quiet", "dash", gettext_lazy("given up")),
}
"""Status → tone, icon, words."""


def wanted_of(request: HttpRequest) -> Wanted:
    """The filters of an address.

    Raises:
        Problem: a day is none.
    """
    get = request.GET
    try:
        day = date.fromisoformat(get["day"]) if get.get("day") else None
    except ValueError:
        raise Problem(_("This is no day."), where="day", hint="2026-03-05") from None
    status = get.get("status", "open")
    return Wanted(
        get.get("city", ""), get.get("source", ""), get.get("dataset", ""), get.get("rule", ""), day,
        status if status in STATUSES else "",
    )  # fmt: skip


@require_safe
def index(request: HttpRequest) -> HttpResponseBase:
    """Refused rows, counted by reason, with every filter in the address."""
    require_somewhere(request.user, SEE)
    asked, language = wanted_of(request), language_of(get_language())
    every = quarantined.deliveries(request.user, replace(asked, source="", dataset="", city="", day=None))
    receipts = quarantined.deliveries(request.user, asked)
    page = whole(request.GET.get("page", "1"), 1) or 1
    download = wanted(request)
    found = quarantined.search(receipts, asked, 0 if download else (page - 1) * PAGE, 100_000 if download else PAGE)
    contracts, registry = facts.catalogue().contracts, facts.lake().cities
    lines = [
        (
            one,
            contracts[one.receipt.dataset].name,
            rules(contracts[one.receipt.dataset], one.rules, language),
            STATUSES[one.status],
            registry.get(one.receipt.city) if one.receipt.city in registry else None,
        )
        for one in found.lines
    ]
    if download:
        columns = [
            _("Received (UTC)"), _("City"), _("Source"), _("Dataset"), _("Delivery"), _("Row"), _("Rules"), _("Why"),
            _("State"),
        ]  # fmt: skip
        rows = (
            (
                one.receipt.received_at, one.receipt.city, one.receipt.source, one.receipt.dataset, one.receipt.id, one.row,
                " ".join(one.rules), "; ".join(rule.text for rule in broken), str(status[2]),
            )
            for one, _name, broken, status, _city in lines
        )  # fmt: skip
        return table_response(request, "quarantine", columns, rows)
    sources = {one.name: one for one in sources_for(request.user)}
    source = sources.get(asked.source)
    datasets = sorted({one.dataset for one in every})
    return render(
        request,
        "portal/intake/quarantine.html",
        {
            "asked": asked,
            "lines": lines,
            "found": found,
            "reasons": [
                (dataset, code, count, contracts[dataset].name, rules(contracts[dataset], [code], language)[0].text)
                for dataset, code, count in found.rules
            ],
            "states": [(code, words, found.states.get(code, 0)) for code, (_t, _i, words) in STATUSES.items()],
            "cities": [(one, registry.get(one).names) for one in sorted({e.city for e in every}) if one in registry],
            "sources": sorted({one.source for one in every}),
            "titles": {name: one.title for name, one in sources.items()},
            "datasets": [(one, said(contracts[one].name, language)) for one in datasets],
            "source": source,
            "may_replay": bool(
                source and asked.status == "open" and found.total and may_do(request.user, MANAGE, source)
            ),
            "page": page,
            "pages": max(1, -(-found.total // PAGE)),
            "works": list(source.replayings.all()[:3]) if source else [],
            "simulated": bool(lines) and all(one.receipt.simulated for one, *_rest in lines),
        },
    )


@require_http_methods(["GET", "POST"])
def row(request: HttpRequest, receipt: str, number: int) -> HttpResponse:
    """One refused row: why, what came, what would become of it; mended and sent again, given up, taken back."""
    acts = request.method == "POST"
    place = quarantined.access_delivery(request.user, receipt, MANAGE if acts else SEE)
    contract = facts.catalogue().contract(place.receipt.dataset)
    original, outcome = quarantined.original(place.receipt, number)
    act = request.POST.get("act", "")
    trial: Tried | None = None
    problem: list[str] = []
    if acts:
        try:
            if act == "try":
                trial = _trial(request, place, contract, original)
            else:
                return _act(request, act, place, original)
        except Full as full:
            problem = [_("Nothing can be taken now: %(why)s") % {"why": full}]
        except Problem as error:
            problem = lines(error)
    answer = _row(request, place, contract, original, outcome, trial, problem)
    answer["Cache-Control"] = "no-store"
    return answer


def _act(request: HttpRequest, act: str, place: Place, original: Original) -> HttpResponse:
    if act == "replay":
        accepted = quarantined.send_again(request, place, [original.row], {original.row: _mended(request, original)})
        if accepted:
            messages.success(request, _("The row was taken in; KPIs follow within seconds."))
        else:
            messages.warning(request, _("It was refused again, and lies in quarantine as a row of its replay."))
    elif act == "drop":
        quarantined.give_up(request, place, original.row)
        messages.success(request, _("Given up: the row stays here, and waits no more."))
    elif act == "reopen":
        quarantined.take_back(request, place, original.row)
        messages.success(request, _("Taken back: the row waits again."))
    elif act == "mapping" and place.source is not None:
        contract = facts.catalogue().contract(place.receipt.dataset)
        text = request.POST.get("mapping_yaml", "")
        what = {"mapping": content_of(mapping_of(text, contract)), "mapping_yaml": text}
        services.change(request, place.source, what)
        work = quarantined.start_replaying(request, place.source, "")
        messages.success(request, _("The mapping is saved; all rows of the source that wait are sent again."))
        return redirect("intake:replaying", work.pk)
    else:
        raise Http404
    return redirect("intake:row", place.receipt.id, original.row)


def _mended(request: HttpRequest, original: Original) -> Mapping[str, str | None]:
    """What was typed: header → text; an empty field of a shown value empties it, of a masked one leaves it."""
    if not original.is_row:
        said = json.loads(request.POST.get("content") or "null")
        if not isinstance(said, dict):
            raise Problem(_('Type the row as a JSON object: {"column": "value"}.'))
        return {str(key): None if value is None else str(value) for key, value in said.items()}
    came = json.loads(original.content)
    found: dict[str, str | None] = {}
    for at, header in enumerate(came):
        typed = request.POST.get(f"v{at}")
        if typed is None or (request.POST.get(f"m{at}") and not typed):
            continue
        if (typed or None) != came[header]:
            found[header] = typed or None
    for at in range(3):
        if header := request.POST.get(f"new{at}", "").strip():
            found[header] = request.POST.get(f"newv{at}") or None
    return found


def _rows(place: Place, original: Original, mended: Mapping[str, str | None]) -> list[dict[str, str | None]]:
    if original.is_row:
        return [{**json.loads(original.content), **mended}]
    if mended:
        return [dict(mended)]
    return decode(place.feed.format, original.content, rows_at=place.feed.rows_at, received=now())


def _trial(request: HttpRequest, place: Place, contract: Contract, original: Original) -> Tried:
    """What would become of the row, mended and under the mapping as it stands in the form; nothing is kept."""
    text = request.POST.get("mapping_yaml", "")
    mended = _mended(request, original) if original.is_row or request.POST.get("content") else {}
    try:
        rows = _rows(place, original, mended)
    except Undecodable as error:
        return Tried(
            try_rows(contract, mapping_of(text, contract), [], "UTC", facts.lake().pseudonyms), troubles=lines(error)
        )
    zone = facts.lake().cities.get(place.receipt.city).zone
    trial = try_rows(contract, mapping_of(text, contract), rows[:MOST_ROWS], zone, facts.lake().pseudonyms)
    hidden = hidden_headers(contract, mapping_of(text, contract), trial.headers)
    masked = [{h: MASK if h in hidden and v is not None else v for h, v in one.items()} for one in trial.decoded]
    return shown(replace(trial, decoded=masked), contract, text, zone)


def _row(
    request: HttpRequest, place: Place, contract: Contract, original: Original, outcome: Mapping[str, Any],
    trial: Tried | None, problem: list[str],
) -> HttpResponse:  # fmt: skip
    language = language_of(get_language())
    receipt, source = place.receipt, place.source
    may_rows = place.may(request.user, "rows.see") or place.may(request.user, MANAGE)
    may_persons = place.may(request.user, "personal.see")
    mapping = mapping_of((source.mapping_yaml or _said(source)) if source else "", contract)
    came: dict[str, str | None] = json.loads(original.content) if original.is_row else {}
    hidden = hidden_headers(contract, mapping, list(came))
    clear = may_persons and bool(request.GET.get("clear"))
    if clear:
        what = f"quarantine:{receipt.id}/{original.row}"
        audit.read(request, what, city=receipt.city, rows=1, columns=sorted(hidden) or ["*"])
    cells = [
        (
            at,
            header,
            MASK if header in hidden and not clear and value is not None else value,
            header in hidden and not clear,
        )
        for at, (header, value) in enumerate(came.items())
    ]
    registry = facts.lake().cities
    return render(
        request,
        "portal/intake/row.html",
        {
            "place": place,
            "receipt": receipt,
            "source": source,
            "contract": contract,
            "city": registry.get(receipt.city) if receipt.city in registry else None,
            "original": original,
            "text": original.content.decode(errors="backslashreplace") if not original.is_row and clear else "",
            "size": len(original.content),
            "broken": rules(contract, original.rules, language),
            "cells": [(at, header, request.POST.get(f"v{at}", value), masked) for at, header, value, masked in cells],
            "content": request.POST.get("content", ""),
            "new": [(at, request.POST.get(f"new{at}", ""), request.POST.get(f"newv{at}", "")) for at in range(3)],
            "mapping_yaml": request.POST.get("mapping_yaml", (source.mapping_yaml or _said(source)) if source else ""),
            "status": STATUSES[original.status],
            "outcome": outcome,
            "may_rows": may_rows,
            "may_clear": may_persons and bool(hidden or not original.is_row) and not clear,
            "may_mend": place.may(request.user, MANAGE) and receipt.undone_by is None,
            "trial": trial,
            "problem": problem,
            "simulated": receipt.simulated,
        },
        status=HTTPStatus.UNPROCESSABLE_ENTITY if problem else HTTPStatus.OK,
    )


def _said(source: Source) -> str:
    return as_yaml({key: value for key, value in source.mapping.items() if key != "dataset"})


def hidden_headers(contract: Contract, mapping: LoadedMapping, headers: list[str] | tuple[str, ...] | Any) -> set[str]:
    """Headers whose values are masked: of personal columns, in expressions, and those that no column takes (they could hold
    anything)."""
    open_columns = {name for name in contract.all_columns if name not in contract.pseudonyms}
    says = mapping.says.columns
    shown_by_name = {
        word for word, column in aliases(contract).items() if column in open_columns and column not in says
    }
    for column, entry in says.items():
        header = entry if isinstance(entry, str) else entry.header if isinstance(entry, FromHeader) else None
        if header is not None:
            (shown_by_name.add if column in open_columns else shown_by_name.discard)(plain(header))
    return {header for header in headers if plain(header) not in shown_by_name}


@require_POST
def replay_all(request: HttpRequest, name: str) -> HttpResponse:
    """All rows of a source that wait for one reason, or for any, by the mapping as it is now."""
    source = access_source(request.user, name, MANAGE)
    work = quarantined.start_replaying(request, source, request.POST.get("rule", ""))
    return redirect("intake:replaying", work.pk)


@require_safe
def replaying(request: HttpRequest, number: int) -> HttpResponse:
    """How a replay goes."""
    work = get_object_or_404(Replaying, pk=number)
    source = access_source(request.user, work.source.name, SEE)
    answer = render(request, "portal/intake/replaying.html", {"work": work, "source": source})
    if work.running:
        answer["Refresh"] = "2"
    return answer
