"""How many rows a dataset has: by month, by day, by district, by cell. What the public may be told of it."""

from __future__ import annotations

import contextlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Literal

from qala import facts
from qala.datasets import Contract
from qala.lake import DataFile
from qala.places.relations import CELL_RESOLUTION, connection
from qala.portal.data.guard import guarded, hides_persons

By = Literal["month", "day", "district", "cell"]
BYS: tuple[By, ...] = ("month", "day", "district", "cell")


@dataclass(frozen=True)
class Volume:
    """What a table holds of a city (of all).

    Attributes:
        rows: that hold now.
        first_day, last_day: of its files; city-local.
    """

    rows: int
    files: int
    megabytes: float
    first_day: date | None
    last_day: date | None
    version: int


def volume(dataset: str, city: str | None = None) -> Volume:
    """From the table's log alone: nothing is read."""
    snapshot = facts.values().computer.snapshot(dataset)
    files = snapshot.files(city=city)
    return Volume(
        sum(-file.rows if file.retractions else file.rows for file in files),
        len(files),
        round(sum(file.size for file in files) / 1e6, 1),
        min((file.first_day for file in files), default=None),
        max((file.last_day for file in files), default=None),
        snapshot.version,
    )


def possible(contract: Contract) -> tuple[By, ...]:
    """By what rows of a dataset can be counted."""
    place = contract.place
    found: list[By] = ["month", "day"]
    if place.district:
        found.append("district")
    if place.lat and place.lon:
        found.append("cell")
    return tuple(found)


def counts(
    contract: Contract, city: str, by: By, first: date, last: date, *, everything: bool
) -> Mapping[str, int | None]:
    """Rows by month, day, district or H3 cell (resolution 8); None where they are too few to tell.

    Args:
        first, last: city-local days, inclusive; of a registry the rows that held on `last`.
        everything: small numbers too, for who may see rows.
    """
    snapshot = facts.values().computer.snapshot(contract.id)
    registry = contract.kind == "registry"
    files: list[DataFile] = snapshot.files(city=city, first_day=None if registry else first, last_day=last)
    if not files or by not in possible(contract):
        return {}
    place = contract.place
    if registry and by in ("district", "cell"):
        among = f"valid_from <= DATE '{last}' AND coalesce(valid_to, DATE '{last}') >= DATE '{last}'"
    else:
        among = f"day BETWEEN DATE '{first}' AND DATE '{last}'"
    keys = {
        "month": "strftime(day, '%Y-%m')",
        "day": "strftime(day, '%Y-%m-%d')",
        "district": f"coalesce({place.district}, '')",
        "cell": f"cell_of({place.lat}::DOUBLE, {place.lon}::DOUBLE, {CELL_RESOLUTION})",
    }
    there = f" AND {place.lat} IS NOT NULL AND {place.lon} IS NOT NULL" if by == "cell" else ""
    open_ = connection if by == "cell" else type(facts.lake()).connection
    with contextlib.closing(open_(facts.lake())) as con:
        rows = con.execute(
            f"SELECT {keys[by]}, count(*) FROM {snapshot.current_sql(files)} WHERE {among}{there} GROUP BY 1 ORDER BY 1"
        ).fetchall()
    found = {str(name): int(count) for name, count in rows}
    if everything or not hides_persons(contract):
        return found
    return guarded(found)
