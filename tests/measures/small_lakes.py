"""Small lakes for the tests of measures: a registered city, rows written as a sender would, amounts as plain numbers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from pathlib import Path
from typing import Any

import pyarrow as pa

from qala.datasets import Catalogue, Way, load_catalogue
from qala.lake import CategoryPeriod, City, IngestRequest, Lake
from qala.lake.receipts import Receipt
from qala.measures.amounts import CitySums
from qala.measures.compute import Computer
from qala.standard.edition import Edition
from qala.standard.loader import editions

CATALOGUE = load_catalogue()
EDITION = editions()["order_469"]
Row = Mapping[str, Any]


def new_lake(folder: Path, *cities: str, category: str = "republican", catalogue: Catalogue = CATALOGUE) -> Lake:
    """A lake with some cities of one category; `T` if none is named."""
    lake = Lake(folder / "lake", catalogue)
    for code in cities or ("T",):
        period = CategoryPeriod.model_validate({"from": date(2000, 1, 1), "category": category, "reason": "a test"})
        names = dict.fromkeys(("kk", "ru", "en"), code)
        lake.cities.add(City(code=code, names=names, zone="Asia/Almaty", categories=(period,), simulated=True))
    return lake


def deliver(lake: Lake, dataset: str, rows: Sequence[Row], city: str = "T", way: Way = "file") -> Receipt:
    """Take in rows that must all be good."""
    request = IngestRequest(city=city, dataset=dataset, source=arrow(rows), source_name="test", way=way)
    receipt = lake.ingest(request)
    assert not receipt.quarantined, receipt.reasons
    return receipt


def arrow(rows: Sequence[Row]) -> pa.Table:
    """Rows as a table of texts, as a file would bring them."""
    names = list(dict.fromkeys(name for row in rows for name in row))
    return pa.table({name: pa.array([_text(row.get(name)) for row in rows], pa.string()) for name in names})


def computer(lake: Lake, edition: Edition = EDITION) -> Computer:
    return Computer(lake, edition, lake.catalogue)


def amounts(sums: CitySums) -> dict[tuple[str, str, str], dict[int, int]]:
    """(key, component, way) -> day since 1970 -> amount, noughts left out."""
    found: dict[tuple[str, str, str], dict[int, int]] = {}
    for name, series in sums.series.items():
        days: dict[int, int] = {}
        before = 0
        for day, through in zip(series.days.tolist(), series.through.tolist(), strict=True):
            days[day] = days.get(day, 0) + through - before
            before = through
        kept = {day: amount for day, amount in days.items() if amount}
        if kept:
            found[name] = kept
    return found


def same_as_from_scratch(lake: Lake, city: str = "T", kpis: Sequence[str] | None = None) -> None:
    """What is stored for a city's present definitions is what a computation from scratch gives, amount by amount."""
    fresh = computer(lake)
    keys = {wanted.key for wanted in fresh.sums(city, kpis)}
    stored = {name: days for name, days in amounts(fresh.store.load(city)).items() if name[0] in keys}
    assert stored == amounts(fresh.in_memory(city, kpis))


def _text(value: Any) -> str | None:
    if value is None:
        return None
    if isinstance(value, bool):
        return str(value).lower()
    return value.isoformat(sep=" ") if isinstance(value, datetime) else str(value)
