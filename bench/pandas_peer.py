"""All 118 KPIs against straightforward pandas, each side in a process of its own, so that its memory can be told.

Each process imports what its side needs and no more: pandas and DuckDB are not charged to the side that does without.
"""

from __future__ import annotations

import json
import shutil
import warnings
from typing import Any

from bench.figure import Figure, megabytes, seconds
from bench.places import Place, catalogue, edition, only_city, open_lake
from bench.timing import medians, peak_memory, timed


def ours(place: Place) -> dict[str, Any]:
    """One computation of all from nothing, the compilation of its expressions included."""
    from qala.measures.compute import Computer

    lake = open_lake(place.city)
    city = only_city(lake)
    shutil.rmtree(lake.folder / "sums", ignore_errors=True)
    spent = timed(lambda: Computer(lake, edition(), catalogue()).compute(city))
    return {"seconds": spent, "peak_bytes": peak_memory(), "kpis": len(catalogue().computations)}


def theirs(place: Place) -> dict[str, Any]:
    """One function per KPI, one after another."""
    from bench.frames import centres, families, order, streets
    from bench.frames.reading import KPIS, Source

    assert all((centres, families, order, streets))  # their functions are in KPIS once they are imported
    warnings.simplefilter("ignore")
    lake = open_lake(place.city)
    source = Source(lake, only_city(lake))
    answers = {}

    def run() -> None:
        for name, function in KPIS.items():
            answers[name] = function(source)

    spent = timed(run)
    peak = peak_memory()
    from bench import all_kpis

    # what our side stored before is what these values are held against
    compared = all_kpis.agree(lake, source.city, answers)
    return {"seconds": spent, "peak_bytes": peak, "compared": compared}


def together(sides: dict[str, list[dict[str, Any]]]) -> list[Figure]:
    """The figures out of several runs of both sides."""
    time = medians({name: [run["seconds"] for run in runs] for name, runs in sides.items()})
    memory = {name: max(run["peak_bytes"] for run in runs) for name, runs in sides.items()}
    faster = time["theirs"] / time["ours"]
    part = memory["ours"] / memory["theirs"]
    raw = json.loads(json.dumps(sides))
    kpis = sides["ours"][0]["kpis"]
    return [
        Figure(
            "pandas_time",
            f"the same {kpis}, with planning, in a new process",
            seconds(time["ours"]),
            f"{seconds(time['theirs'])} (straightforward pandas)",
            f"{faster:.1f} × faster",
            "≥ 5 × faster",
            faster >= 5,
            raw,
        ),
        Figure(
            "pandas_memory",
            "its peak memory",
            megabytes(memory["ours"]),
            f"{megabytes(memory['theirs'])} (straightforward pandas)",
            f"1/{1 / part:.1f}",
            "≤ 1/5",
            part <= 0.2,
            raw,
        ),
    ]
