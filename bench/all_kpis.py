"""All 118 KPIs of a year of one republican city, against one SQL query per KPI."""

from __future__ import annotations

import math
import shutil
from collections import Counter
from collections.abc import Iterable
from datetime import date
from functools import partial

import duckdb

from bench import analyst
from bench.figure import Figure, megabytes, seconds
from bench.places import Place, catalogue, edition, only_city, open_lake
from bench.simulated import YEAR
from bench.timing import interleaved, medians, peak_memory
from qala.lake import Lake
from qala.measures.compute import Computer
from qala.measures.values import Values
from qala.standard.period import Period

MANY = 6
"""From how many KPIs on a dataset has a figure of its own."""
_TOLERANCE = 1e-6  # the analyst divides as floats, and one formula rounds to millionths
_PEER = "one SQL query per KPI"


def measure(place: Place) -> list[Figure]:
    lake = open_lake(place.city)
    city = only_city(lake)
    computer = Computer(lake, edition(), catalogue())
    queries = analyst.queries()
    peer = analyst.connect(lake, city)

    def afresh(kpis: Iterable[str] | None = None, *, extras: bool = False) -> None:
        shutil.rmtree(lake.folder / "sums", ignore_errors=True)
        computer.compute(city, kpis, extras=extras)

    afresh(extras=True)  # the computations of a category are compiled once a process, as the analyst's are written once
    peak = peak_memory()
    answers = {kpi: analyst.answer(peer, query) for kpi, query in queries.items()}
    compared = agree(lake, city, answers)
    found = interleaved(
        place.sizes.repeats,
        ours=afresh,
        analyst=lambda: _run(peer, queries.values()),
        with_extras=lambda: afresh(extras=True),
    )
    figures = [_figure("all_kpis", f"all {len(queries)} KPIs of a republican city's year", found, 2.0)]
    figures[0].raw |= {"peak_bytes": peak, "values_compared": compared}
    figures[0].ours += f", {megabytes(peak)}"
    everything = medians(found)["with_extras"]
    figures.append(
        Figure(
            "all_kpis_with_extras",
            "the same with all figures beside them and all variants (the analyst has none)",
            seconds(everything),
            seconds(medians(found)["analyst"]),
            f"{medians(found)['analyst'] / everything:.1f} × faster",
        )
    )
    for dataset, kpis in many().items():
        found = interleaved(
            place.sizes.repeats,
            ours=partial(afresh, kpis),
            analyst=partial(_run, peer, [queries[kpi] for kpi in kpis]),
        )
        figures.append(_figure("all_kpis_of_one_dataset", f"the {len(kpis)} over {dataset}", found, 3.5))
    return figures


def _figure(name: str, what: str, found: dict[str, list[float]], least: float) -> Figure:
    middle = medians(found)
    faster = middle["analyst"] / middle["ours"]
    return Figure(
        name,
        what,
        seconds(middle["ours"]),
        f"{seconds(middle['analyst'])} ({_PEER})",
        f"{faster:.1f} × faster",
        f"≥ {least:g} × faster",
        faster >= least,
        {"seconds": found},
    )


def _run(connection: duckdb.DuckDBPyConnection, queries: Iterable[str]) -> None:
    for query in queries:
        analyst.answer(connection, query)


def many() -> dict[str, list[str]]:
    """Datasets with six or more KPIs that are made of its events alone, with those KPIs.

    What divides by the events of another dataset is left out: there both sides would read that one as well.
    """
    contracts = catalogue().contracts
    of = {
        kpi: entry.default.of
        for kpi, entry in catalogue().computations.items()
        if all(d == entry.default.of or contracts[d].kind == "registry" for d in entry.default.datasets)
    }
    counts = Counter(of.values())
    return {
        dataset: [kpi for kpi, its in of.items() if its == dataset]
        for dataset, count in counts.most_common()
        if count >= MANY
    }


def agree(lake: Lake, city: str, answers: dict[str, analyst.Answer]) -> int:
    """Both have the same values: of the year, and of each month or quarter. Returns how many were compared.

    Raises:
        AssertionError: naming the first values that differ.
    """
    values = Values(lake, edition(), catalogue()).of(city)
    compared = 0
    for kpi_id, answer in answers.items():
        kpi = edition().kpi(kpi_id)
        year = Period.of(date(YEAR, 1, 1), "year")
        grain = kpi.every if kpi.every in ("quarter", "year") else "month"
        for number, period in enumerate([year, *(year.parts(grain) if grain != "year" else ())]):
            value = values.value(kpi, period, date(YEAR + 1, 12, 31), extras=False)
            ours = value.change if kpi.compare else value.value
            theirs = answer.get(number)
            if ours is None and not theirs:
                continue  # nothing happened: the analyst's count is nought or no row at all
            assert ours is not None and theirs is not None, (kpi_id, str(period), value.status, ours, theirs)
            assert math.isclose(float(ours), theirs, rel_tol=_TOLERANCE, abs_tol=_TOLERANCE), (
                kpi_id, str(period), float(ours), theirs,
            )  # fmt: skip
            compared += 1
    return compared
