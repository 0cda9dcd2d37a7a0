"""When a system has nothing to report, and says so: a receipt of no rows, without which silence would be `missing`."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date

import numpy as np

from qala.datasets.catalogue import Catalogue
from qala.datasets.types import Contract
from qala.standard import Edition
from qala.standard.period import GRAINS, Period
from qala.standard.values import Every
from qala.world.clock import year_of
from qala.world.delivery import local_days
from qala.world.faults import Manner
from qala.world.types import Facts, World


def cadences(catalogue: Catalogue, editions: Iterable[Edition]) -> Mapping[str, Every]:
    """How often each dataset is asked for: the shortest cadence of the KPIs that need it, in any edition."""
    found: dict[str, Every] = {}
    for edition in editions:
        for dataset, kpis in catalogue.needed_by.items():
            wanted = [edition.kpi(kpi).every for kpi in kpis if kpi in edition.kpis]
            shortest = min([*wanted, found.get(dataset, "year")], key=GRAINS.index)
            found[dataset] = shortest
    return found


def silent_periods(
    world: World, contract: Contract, parts: Sequence[Facts], manner: Manner, every: Every
) -> list[tuple[date, date]]:
    """Periods of a cadence in which a delivering system had nothing to record, neighbours run together.

    A period that a withheld month touches is not among them. A dataset that has no rows at all in the years that are
    recorded is silent, not empty: nobody reports for it.
    """
    if contract.kind == "registry" or not manner.sends:
        return []
    recorded = world.days_for(contract.id)
    seen = np.zeros(len(recorded), dtype=bool)
    for facts in parts:
        at = (local_days(world, contract, facts) - recorded[0]).astype(np.int64)
        seen[at[(at >= 0) & (at < len(recorded))]] = True
    if not seen[year_of(recorded) >= world.years[0]].any():
        return []
    found: list[tuple[date, date]] = []
    start = recorded[0].item()
    for year in range(start.year, world.last_day.year + 1):
        for period in Period.of(date(year, 1, 1), "year").parts(every):
            a, b = max((period.first_day - start).days, 0), (period.last_day - start).days + 1
            if seen[a:b].any() or _withheld(world, period, manner):
                continue
            if found and (period.first_day - found[-1][1]).days == 1:
                found[-1] = (found[-1][0], period.last_day)
            else:
                found.append((period.first_day, period.last_day))
    return found


def _withheld(world: World, period: Period, manner: Manner) -> bool:
    if period.last_day.year < world.years[0]:
        return False
    return any(
        month.first_day.month in manner.withheld
        for month in (Period.of(period.first_day, "month"), *period.parts("month"), Period.of(period.last_day, "month"))
    )
