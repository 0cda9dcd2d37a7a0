"""How fresh the sources of cities are, by the ledger: one look for the whole process, again when the ledger grew."""

from __future__ import annotations

import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import NamedTuple

from qala import facts
from qala.datasets import Contract
from qala.ratings.rated_run import RatedRun
from qala.standard import Kpi
from qala.standard.period import GRAINS, Period
from qala.standard.values import Every, Text

_LOOK_AGAIN_S = 10.0


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
        every: the shortest cadence of its KPIs.
        late: nothing came of the last period of that cadence that is over.
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
    profile = run.profile
    catalogue = facts.catalogue()
    needed: dict[str, list[Kpi]] = {}
    for kpi in run.edition.due_kpis(run.year, run.cities[city].category, profile.scope, profile.due):
        for dataset in catalogue.computations[kpi.id].datasets if kpi.id in catalogue.computations else ():
            needed.setdefault(dataset, []).append(kpi)
    came = _all_that_came().get(city, {})
    days = [one.day for one in came.values() if one.day is not None]
    now = max([facts.today(facts.lake().cities.get(city).zone), *days])  # a simulated city may live ahead of us
    found = []
    for dataset, kpis in needed.items():
        contract, last = catalogue.contract(dataset), came.get(dataset)
        every = min((kpi.every for kpi in kpis), key=GRAINS.index)
        found.append(
            Source(
                dataset,
                contract.name,
                contract.owner,
                every,
                None if last is None or contract.kind == "registry" else last.day,
                None if last is None else last.received_at,
                late(contract, last, every, now),
                tuple(kpi.row for kpi in kpis),
            )
        )
    return tuple(sorted(found, key=lambda one: (not one.late, one.dataset)))


def late(contract: Contract, last: Came | None, every: Every, now: date) -> bool:
    """Whether nothing came of the last period that is over; of a registry, that it never came.

    Args:
        every: how often the order wants the KPIs that need it; a day counts as a week, for not every day has events.
    """
    if last is None:
        return True
    if contract.kind == "registry":
        return False
    current = Period.of(now, "week" if every == "day" else every)
    over = Period.of(current.first_day - timedelta(days=1), current.grain)
    return last.day is None or last.day < over.first_day


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
