"""The public ledger: every delivery, what became of each of its rows, and why."""

from __future__ import annotations

import contextlib
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.http import HttpRequest
from django.utils.translation import gettext as _

from qala import facts
from qala.datasets import WAYS
from qala.lake.receipts import Receipt
from qala.standard.problems import Problem

KINDS = ("delivery", "nothing_happened", "undo")
_MOST_QUARANTINE = 1_000_000


@dataclass(frozen=True)
class Filter:
    """Which receipts: all where a field is empty."""

    city: str = ""
    dataset: str = ""
    way: str = ""
    kind: str = ""
    first: date | None = None
    last: date | None = None
    refused: bool = False


def filter_of(request: HttpRequest) -> Filter:
    """The filters of an address.

    Raises:
        Problem: a day is none.
    """
    get = request.GET
    try:
        days = [date.fromisoformat(get[name]) if get.get(name) else None for name in ("from", "to")]
    except ValueError:
        raise Problem(_("This is no day."), where="from, to", hint="2026-03-05") from None
    way, kind = get.get("way", ""), get.get("kind", "")
    return Filter(
        get.get("city", ""),
        get.get("dataset", ""),
        way if way in WAYS else "",
        kind if kind in KINDS else "",
        days[0],
        days[1],
        get.get("refused") == "1",
    )


def receipts(wanted: Filter) -> list[Receipt]:
    """Receipts that pass, the newest first."""
    if wanted.dataset and wanted.dataset not in facts.catalogue().contracts:
        return []
    found = facts.lake().ledger.receipts(wanted.dataset or None, wanted.city or None)
    kept = [
        one
        for one in found
        if (not wanted.way or one.way == wanted.way)
        and (not wanted.kind or one.kind == wanted.kind)
        and (wanted.first is None or one.received_at.date() >= wanted.first)
        and (wanted.last is None or one.received_at.date() <= wanted.last)
        and (not wanted.refused or one.quarantined)
    ]
    return sorted(kept, key=lambda one: one.id, reverse=True)


@dataclass(frozen=True)
class Balance:
    """received = stored + replaced + duplicate + quarantined, over some receipts; what was undone is left out."""

    deliveries: int
    read: int
    stored: int
    replaced: int
    duplicate: int
    quarantined: int
    undone: int

    @property
    def holds(self) -> bool:
        """Whether nothing is lost and nothing invented."""
        return self.read == self.stored + self.replaced + self.duplicate + self.quarantined


def balance(found: Iterable[Receipt]) -> Balance:
    """The sums of some receipts."""
    every = list(found)
    kept = [one for one in every if one.undone_by is None and one.kind != "undo"]

    def total(name: str) -> int:
        return sum(getattr(one, name) for one in kept)

    return Balance(
        total("stands_for"),
        total("read"),
        total("stored"),
        total("replaced"),
        total("duplicate"),
        total("quarantined"),
        sum(one.undone_by is not None for one in every),
    )


@dataclass(frozen=True)
class Refused:
    """Why rows of a dataset of a city were refused."""

    city: str
    dataset: str
    rule: str
    rows: int
    receipts: int


def refused(found: Iterable[Receipt]) -> list[Refused]:
    """Reasons by dataset and rule, the most first."""
    rows: Counter[tuple[str, str, str]] = Counter()
    times: Counter[tuple[str, str, str]] = Counter()
    for one in found:
        if one.undone_by is None:
            for rule, count in one.reasons.items():
                rows[one.city, one.dataset, rule] += count
                times[one.city, one.dataset, rule] += 1
    return [Refused(*key, count, times[key]) for key, count in rows.most_common()]


def quarantined_rows(receipt: Receipt, limit: int = 200) -> Sequence[dict[str, Any]]:
    """Refused rows of a delivery: row number in the source, rules, reason, original text (personal values are hashed)."""
    lake = facts.lake()
    with contextlib.closing(lake.connection()) as con:
        return lake.quarantine.rows(con, receipt.dataset, receipt.city, receipt.id, min(limit, _MOST_QUARANTINE))
