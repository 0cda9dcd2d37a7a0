"""A lake with one city and two small contracts, and what tests ask of it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from qala.datasets import Catalogue, load_catalogue
from qala.lake import City, Lake, Receipt

CITY = "750000000"
VISITS = "trial.visits"
TAPS = "trial.taps"

Take = Callable[..., Receipt]


def trial_catalogue() -> Catalogue:
    return load_catalogue([Path(__file__).parent / "trial"])


def trial_lake(folder: Path, catalogue: Catalogue | None = None) -> Lake:
    lake = Lake(folder, catalogue or trial_catalogue())
    lake.cities.add(City(code=CITY, names={"ru": "Алматы", "kk": "Алматы", "en": "Almaty"}, zone="Asia/Almaty"))
    return lake


def current(lake: Lake, dataset: str, *columns: str, version: int | None = None) -> list[dict[str, Any]]:
    """Current rows of a dataset."""
    snapshot = lake.table(dataset).snapshot(version)
    connection = lake.connection()
    try:
        wanted = list(columns) or None
        found = connection.execute(f"SELECT * FROM {snapshot.current_sql(snapshot.files(), wanted)}")
        names = [column[0] for column in found.description]
        return [dict(zip(names, row, strict=True)) for row in found.fetchall()]
    finally:
        connection.close()


def refused(lake: Lake, receipt: Receipt) -> list[dict[str, Any]]:
    connection = lake.connection()
    try:
        return lake.quarantine.rows(connection, receipt.dataset, receipt.city, receipt.id, 1000)
    finally:
        connection.close()
