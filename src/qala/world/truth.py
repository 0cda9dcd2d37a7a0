"""The books of a simulated city: the true value of each KPI, written beside the lake and never read by the engine."""

from __future__ import annotations

import importlib
import json
import math
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from qala.datasets.catalogue import system_folder
from qala.world.faults import faults_of
from qala.world.types import Facts, Truth, World

Row = tuple[str, int]
"""A KPI's row in annex 4 and a rated year: ("2.3", 2026)."""


@dataclass(frozen=True)
class System:
    """A system's simulation: what it records and what its books say."""

    name: str
    record: Callable[[World], Iterator[Facts]]
    books: Callable[[World, Mapping[str, list[Facts]]], Mapping[Any, Truth]]


class Delivered(dict[str, list[Facts]]):
    """Facts by dataset; a dataset of which nothing was delivered is an empty list."""

    def __missing__(self, dataset: str) -> list[Facts]:
        return []


def systems() -> list[System]:
    """Every system that has a `simulate.py`, in the order of their names.

    They are found by name, because systems stand above the world and are not imported from it.
    """
    found: list[System] = []
    for path in sorted(system_folder().glob("*/simulate.py")):
        simulated = importlib.import_module(f"qala.systems.{path.parent.name}.simulate")
        found.append(System(path.parent.name, simulated.record, simulated.books))
    return found


def truths(world: World, facts: Delivered, of: list[System]) -> dict[Row, Truth]:
    """The true value of every row for every rated year, from what was delivered.

    A system's books may leave out the year in their keys when one year is rated.
    """
    out: dict[Row, Truth] = {}
    for system in of:
        for key, truth in system.books(world, facts).items():
            row, year = key if isinstance(key, tuple) else (key, world.rated_year)
            if (row, year) in out:
                raise ValueError(f"two systems have row {row} in their books; the second is {system.name}")
            out[(row, int(year))] = truth
    return dict(sorted(out.items(), key=lambda item: (*map(int, item[0][0].split(".")), item[0][1])))


def _number(value: float | None) -> float | None:
    """JSON knows no NaN; a value that is not a number is none."""
    return None if value is None or math.isnan(value) else float(value)


def write_books(world: World, truth: Mapping[Row, Truth], rows: Mapping[str, int], folder: Path) -> Path:
    """Write `<folder>/<city>.json`: the city, its character and faults, rows recorded by dataset, all true values.

    The file is the same to the last byte for the same city.
    """
    folder.mkdir(parents=True, exist_ok=True)
    values: dict[str, dict[str, Any]] = {}
    for (row, year), entry in truth.items():
        values.setdefault(row, {})[str(year)] = {
            "year": _number(entry.year),
            "status": entry.status,
            "months": {month: _number(value) for month, value in sorted(entry.months.items())},
            "components": {name: _number(value) for name, value in sorted(entry.components.items())},
        }
    content = {
        "simulated": True,
        "city": world.code,
        "name": world.name,
        "category": world.category,
        "character": world.character,
        "seed": world.seed,
        "scale": world.scale,
        "years": list(world.years),
        "population": world.population,
        "networks": sorted(world.networks),
        "faults": faults_of(world),
        "rows": dict(sorted(rows.items())),
        "values": values,
    }
    path = folder / f"{world.code}.json"
    path.write_text(json.dumps(content, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    return path


def read_books(path: Path) -> dict[Row, Truth]:
    """The true values of a file that `write_books` wrote."""
    content = json.loads(path.read_text(encoding="utf-8"))
    return {
        (row, int(year)): Truth(entry["year"], entry["months"], entry["components"], entry["status"])
        for row, by_year in content["values"].items()
        for year, entry in by_year.items()
    }
