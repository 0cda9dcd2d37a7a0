"""What each source is to send, what came, and what is late."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from qala import facts
from qala.datasets import Contract
from qala.lake import City
from qala.lake.receipts import Receipt
from qala.lake.what_to_send import Due, checklist
from qala.ratings import queries as ratings
from qala.standard.period import Period
from qala.standard.values import Every

_CADENCE: Mapping[str, Every] = {"minute": "day", "hour": "day"}
"""Rows are dated by days, so what comes more often than daily is late by days."""


@dataclass(frozen=True)
class Source:
    """One dataset of one city.

    Attributes:
        contract: of the dataset.
        needed_by: KPI rows that are due and computed from it.
        way: of the last delivery.
        last: the last delivery; None where nothing ever came.
        last_day: newest city-local day with rows, or that a source said had none; None for a registry.
        late_days: since when it is late: days past the day by which the next delivery was due; 0 if it is not.
        rows: of the city now.
        quarantined: rows refused in deliveries that hold.
        stopped: the way in of today's last delivery, other than integration, is said.
    """

    contract: Contract
    needed_by: tuple[str, ...]
    last: Receipt | None
    last_day: date | None
    late_days: int
    rows: int
    quarantined: int

    @property
    def state(self) -> str:
        """`never`, `late` or `in_time`."""
        if self.last is None:
            return "never"
        return "late" if self.late_days else "in_time"


def due(city: City, year: int) -> list[Due]:
    """The datasets that a city is to send for a year: behind KPIs that are due then."""
    edition, values = facts.edition(), facts.values()
    category = city.category_on(date(year, 12, 31)) or city.categories[-1].category
    needed: dict[str, list[str]] = {}
    for kpi in edition.due_kpis(year, category):
        for dataset in values.datasets(kpi):
            needed.setdefault(dataset, []).append(kpi.row)
    return checklist(facts.catalogue(), needed)


def counted_to(city: City, year: int) -> date:
    """The last day that counts as past: today, or the last day of the published run where that is later."""
    today = facts.today(city.zone)
    found = ratings.run_of(city.code, year)
    return today if found is None else max(today, found[1].as_of)


def sources(city: City, year: int) -> list[Source]:
    """Every dataset due, with what came last of it; the latest first."""
    day = counted_to(city, year)
    found = [_source(city, one, day) for one in due(city, year)]
    order = {"never": 0, "late": 1, "in_time": 2}
    return sorted(found, key=lambda one: (order[one.state], -one.late_days, one.contract.id))


def _source(city: City, wanted: Due, today: date) -> Source:
    lake, contract = facts.lake(), wanted.contract
    receipts = [r for r in lake.ledger.receipts(contract.id, city.code) if r.kind != "undo" and r.undone_by is None]
    files = facts.values().computer.snapshot(contract.id).files(city=city.code)
    days = [file.last_day for file in files] + [r.zero_period[1] for r in receipts if r.zero_period]
    last = max(receipts, key=lambda r: r.received_at, default=None)
    newest = min(max(days), today) if days and contract.kind != "registry" else None
    return Source(
        contract,
        wanted.needed_by,
        last,
        newest,
        days_late(contract, newest, last, today),
        sum(-file.rows if file.retractions else file.rows for file in files),
        sum(r.quarantined for r in receipts),
    )


def days_late(contract: Contract, newest: date | None, last: Receipt | None, today: date) -> int:
    """Days by which the next delivery is late.

    After the period of the contract's own cadence that follows the newest day there is one day's time to deliver it.
    A registry is not late: nothing new need have happened.
    """
    if contract.kind == "registry" or newest is None or last is None:
        return 0
    grain = _CADENCE.get(contract.arrives.every, contract.arrives.every)
    period = Period.of(newest, _every(grain))
    missing = period if period.last_day > newest else period.next()
    return max(0, (today - missing.last_day - timedelta(days=1)).days)


def _every(grain: str) -> Every:
    known: Mapping[str, Every] = {"day": "day", "week": "week", "month": "month", "quarter": "quarter", "year": "year"}
    return known[grain]


def last_delivery(found: Sequence[Source]) -> datetime | None:
    """When the last delivery of all came, UTC."""
    return max((one.last.received_at for one in found if one.last is not None), default=None)
