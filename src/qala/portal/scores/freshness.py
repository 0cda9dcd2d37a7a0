"""How fresh the sources of cities are, by the ledger: one look for the whole process, again when the ledger grew."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import NamedTuple

from qala import facts
from qala.datasets import Contract
from qala.ratings.rated_run import RatedRun
from qala.standard.period import Period
from qala.standard.values import Every, Text

_LOOK_AGAIN_S = 10.0
_GRAIN: Mapping[str, Every] = {"minute": "day", "hour": "day"}


class Came(NamedTuple):
    """The newest that came of a dataset from a city.

    Attributes:
        day: the newest city-local day that rows or a report of nothing speak of.
        received_at: when the last delivery came, UTC.
    """

    day: date | None
    received_at: datetime


@dataclass(frozen=True)
class Source:
    """A dataset that a city owes, and how fresh it is.

    Attributes:
        day: the newest day that it speaks of; None for a registry, and where nothing came.
        late: nothing came of the last two periods of its cadence that are over.
        rows: KPIs of the year that are computed from it, as rows of annex 4.
    """

    dataset: str
    name: Text
    owner: Text
    every: str
    day: date | None
    received_at: datetime | None
    late: bool
    rows: tuple[str, ...]


def sources(run: RatedRun, city: str) -> tuple[Source, ...]:
    """The datasets behind the KPIs that are due of a rated city, the late ones first."""
    category = run.cities[city].category
    profile = run.profile
    catalogue = facts.catalogue()
    due = run.edition.due_kpis(run.year, category, profile.scope, profile.due)
    rows: dict[str, list[str]] = {}
    for kpi in due:
        for dataset in catalogue.computations[kpi.id].datasets if kpi.id in catalogue.computations else ():
            rows.setdefault(dataset, []).append(kpi.row)
    return owed(city, rows)


def owed(city: str, rows: Mapping[str, Iterable[str]]) -> tuple[Source, ...]:
    """The same for chosen datasets: dataset -> rows of annex 4."""
    came = _all_that_came().get(city, {})
    days = [one.day for one in came.values() if one.day is not None]
    now = max([facts.today(facts.lake().cities.get(city).zone), *days])
    catalogue = facts.catalogue()
    found = []
    for dataset, needed in rows.items():
        contract, last = catalogue.contract(dataset), came.get(dataset)
        found.append(
            Source(
                dataset,
                contract.name,
                contract.owner,
                contract.arrives.every,
                None if last is None or contract.kind == "registry" else last.day,
                None if last is None else last.received_at,
                late(contract, last, now),
                tuple(needed),
            )
        )
    return tuple(sorted(found, key=lambda one: (not one.late, one.dataset)))


def late(contract: Contract, last: Came | None, now: date) -> bool:
    """Whether nothing came of the last two periods that are over; of a registry, that it never came."""
    if last is None:
        return True
    if contract.kind == "registry":
        return False
    every: Every = _GRAIN.get(contract.arrives.every) or contract.arrives.every  # type: ignore[assignment]
    current = Period.of(now, every)
    before = Period.of(date.fromordinal(current.first_day.toordinal() - 1), every)
    before_that = Period.of(date.fromordinal(before.first_day.toordinal() - 1), every)
    return last.day is None or last.day < before_that.first_day


_lock = threading.Lock()
_seen: tuple[object, float, Mapping[str, Mapping[str, Came]]] = (None, 0.0, {})


def _all_that_came() -> Mapping[str, Mapping[str, Came]]:
    """City -> dataset -> the newest that came."""
    global _seen
    mark, looked, found = _seen
    if time.monotonic() - looked < _LOOK_AGAIN_S and mark is not None and mark[0] == facts.run_store().folder:  # type: ignore[index]
        return found
    with _lock:
        ledger = facts.lake().ledger
        now = (facts.run_store().folder, *((p.name, p.stat().st_size) for p in sorted(ledger.folder.glob("*.jsonl"))))
        found = _read() if now != _seen[0] else _seen[2]
        _seen = (now, time.monotonic(), found)
    return found


def _read() -> dict[str, dict[str, Came]]:
    found: dict[str, dict[str, Came]] = {}
    for one in facts.lake().ledger.receipts():
        if one.kind == "undo" or one.undone_by is not None:
            continue
        day = one.zero_period[1] if one.zero_period else one.last_day
        of_city = found.setdefault(one.city, {})
        old = of_city.get(one.dataset)
        days = [each for each in (day, old.day if old else None) if each is not None]
        moments = [one.received_at, *((old.received_at,) if old else ())]
        of_city[one.dataset] = Came(max(days, default=None), max(moments))
    return found
