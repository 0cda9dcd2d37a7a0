"""How many rows a dataset has: by month, by day, by district, by cell. What the public may be told of it."""

from __future__ import annotations

import contextlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, Literal

from qala import facts
from qala.datasets import Contract
from qala.lake import DataFile
from qala.places.disclosure import guarded, last_month_over, told_places
from qala.places.relations import CELL_RESOLUTION, connection
from qala.portal.data.guard import hides_persons, restricted_columns
from qala.standard.period import Period

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
    if place.lat and place.lon and not restricted_columns(contract):
        found.append("cell")
    return tuple(found)


@dataclass(frozen=True)
class Counts:
    """Rows by month, day, district or cell; None where they are too few to tell.

    Attributes:
        first, last: the days that were counted, which for the public may be fewer than were asked.
    """

    rows: Mapping[str, int | None]
    first: date
    last: date


def counts(contract: Contract, city: str, by: By, first: date, last: date, *, everything: bool) -> Counts:
    """Rows by month, day, district or H3 cell (resolution 8).

    The public is told of rows about persons by `places.disclosure`: by cell the last month that is over, by district whole
    months that are, the rest with every small number hidden in its month or year, whatever stretch is asked.

    Args:
        first, last: city-local days, inclusive; of a registry the rows that held on `last`.
        everything: small numbers too, for who may see rows.
    """
    nothing = Counts({}, first, last)
    if by not in possible(contract):
        return nothing
    if everything or not hides_persons(contract):
        return Counts(_counted(contract, city, by, first, last), first, last)
    wide = volume(contract.id, city)
    if wide.first_day is None or wide.last_day is None:
        return nothing
    if by in ("month", "day"):
        every = _counted(contract, city, by, wide.first_day, wide.last_day)
        told = guarded(every, group=(lambda day: day[:7]) if by == "day" else lambda _: None)
        return Counts(
            {name: n for name, n in told.items() if f"{first}"[: len(name)] <= name <= f"{last}"}, first, last
        )
    over = last_month_over(min(last, max(wide.last_day, facts.today())))
    if contract.kind == "registry":
        held = _counted(contract, city, by, over.first_day, over.last_day)
        return Counts(guarded(held), over.last_day, over.last_day)
    if by == "cell":
        found = _by_place(contract, city, by, over.first_day, over.last_day)
        cells = {cell: (n, district) for (cell, _month), (n, district) in found.items()}
        shown = guarded({cell: n for cell, (n, _) in cells.items()}, group=lambda cell: cells[cell][1])
        return Counts(shown, over.first_day, over.last_day)
    start = Period.of(max(first, wide.first_day), "month")
    begin = start.first_day if start.first_day >= first else start.next().first_day
    return Counts(_told_districts(contract, city, begin, over.last_day), begin, over.last_day)


def _told_districts(contract: Contract, city: str, first: date, last: date) -> dict[str, int | None]:
    """District -> the sum of its told months and years from one day (a month's first) to another (a month's last)."""
    shown: dict[str, int | None] = {}
    for year in range(first.year, last.year + 1):
        whole = Period.of(date(year, 1, 1), "year")
        months = [str(month) for month in whole.parts("month")]
        found = _by_place(contract, city, "district", whole.first_day, whole.last_day)
        rows = {
            district: [found[district, month][0] if (district, month) in found else 0 for month in months]
            for district in sorted({district for district, _ in found})
        }
        told = told_places(rows)
        entire = first <= whole.first_day and whole.last_day <= last
        among = [f"{first:%Y-%m}" <= month <= f"{last:%Y-%m}" for month in months]
        for district, numbers in rows.items():
            is_told = district in (told.by_year if entire else told.by_month)
            before = shown.get(district, 0)
            here = sum(n for n, wanted in zip(numbers, among, strict=True) if wanted)
            shown[district] = None if before is None or not is_told else before + here
    return shown


def _by_place(contract: Contract, city: str, by: By, first: date, last: date) -> dict[tuple[str, str], tuple[int, str]]:
    """Place and month -> rows, and the district of most of them."""
    district = f"coalesce({contract.place.district}, '')" if contract.place.district else "''"
    columns = f"strftime(day, '%Y-%m'), count(*), coalesce(mode({district}), '')"
    return {(str(p), str(m)): (int(n), str(d)) for p, m, n, d in _grouped(contract, city, by, first, last, columns, 2)}


def _counted(contract: Contract, city: str, by: By, first: date, last: date) -> dict[str, int]:
    return {str(name): int(n) for name, n in _grouped(contract, city, by, first, last, "count(*)", 1)}


def _grouped(
    contract: Contract, city: str, by: By, first: date, last: date, columns: str, keys: int
) -> list[tuple[Any, ...]]:
    """The place or time that rows are counted by, then the columns; grouped by the first `keys` of them, in order."""
    snapshot = facts.values().computer.snapshot(contract.id)
    registry = contract.kind == "registry"
    files: list[DataFile] = snapshot.files(city=city, first_day=None if registry else first, last_day=last)
    if not files:
        return []
    place = contract.place
    if registry and by in ("district", "cell"):
        among = f"valid_from <= DATE '{last}' AND coalesce(valid_to, DATE '{last}') >= DATE '{last}'"
    else:
        among = f"day BETWEEN DATE '{first}' AND DATE '{last}'"
    names = {
        "month": "strftime(day, '%Y-%m')",
        "day": "strftime(day, '%Y-%m-%d')",
        "district": f"coalesce({place.district}, '')",
        "cell": f"cell_of({place.lat}::DOUBLE, {place.lon}::DOUBLE, {CELL_RESOLUTION})",
    }
    there = f" AND {place.lat} IS NOT NULL AND {place.lon} IS NOT NULL" if by == "cell" else ""
    open_ = connection if by == "cell" else type(facts.lake()).connection
    numbers = ", ".join(str(n + 1) for n in range(keys))
    with contextlib.closing(open_(facts.lake())) as con:
        found: list[tuple[Any, ...]] = con.execute(
            f"SELECT {names[by]}, {columns} FROM {snapshot.current_sql(files)} WHERE {among}{there}"
            f" GROUP BY {numbers} ORDER BY {numbers}"
        ).fetchall()
    return found
