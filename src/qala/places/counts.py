"""How many objects a layer has in all, in each district, or in each H3 cell. What was counted is kept until its rows change."""

from __future__ import annotations

import contextlib
from collections import OrderedDict
from datetime import UTC, date, datetime

from qala.lake import Lake
from qala.places.disclosure import guarded, last_month_over, told_places
from qala.places.layers import Layer
from qala.places.relations import CELL_RESOLUTION, columns_of, connection, relation, rows_known, snapshot, version
from qala.standard.period import Period

FINEST = 10
_KEPT = 400
_counted: OrderedDict[tuple[str, ...], dict[tuple[str, str], int]] = OrderedDict()


def in_all(lake: Lake, layer: Layer, city: str) -> int:
    """About how many objects the layer has: from the files' names alone, but for a layer of some of its dataset's rows."""
    known = rows_known(lake, layer, city)
    if not known or not layer.where:
        return known
    found = _counts(lake, layer, city, date.min, date.max, "''")
    return found.get(("", ""), 0)


def by_district(lake: Lake, layer: Layer, city: str, first: date, last: date) -> dict[str, int | None]:
    """District code -> rows that held, or happened, on days first … last; None where there are too few to tell.

    Of guarded layers whole months that are over are counted (`disclosure`); empty for a layer whose rows name no district.
    """
    if not layer.guarded(lake.catalogue):
        return {place: n for (place, _), n in _counts(lake, layer, city, first, last, "district").items()}
    month = told_month(lake, layer, city, last)
    year = Period.of(month.first_day, "year")
    months = [one for one in year.parts("month") if one.last_day <= _end(lake, layer, city)]
    rows = _counts(lake, layer, city, year.first_day, year.last_day, "district", monthly=True)
    places = sorted({place for place, _ in rows})
    told = told_places({place: [rows.get((place, str(one)), 0) for one in months] for place in places})
    return {place: rows.get((place, str(month)), 0) if place in told.by_month else None for place in places}


def by_cell(
    lake: Lake, layer: Layer, city: str, first: date, last: date, resolution: int = CELL_RESOLUTION
) -> dict[str, int | None]:
    """H3 cell -> the same. Guarded layers are never cut finer than `CELL_RESOLUTION`, and small cells are left out."""
    if not layer.guarded(lake.catalogue):
        cell = f"cell_of(lat::DOUBLE, lon::DOUBLE, {min(int(resolution), FINEST)})"
        return {name: n for (name, _), n in _counts(lake, layer, city, first, last, cell).items()}
    month = told_month(lake, layer, city, last)
    cell = f"cell_of(lat::DOUBLE, lon::DOUBLE, {min(int(resolution), CELL_RESOLUTION)})"
    rows = {name: n for (name, _), n in _counts(lake, layer, city, month.first_day, month.last_day, cell).items()}
    return {name: n for name, n in guarded(rows).items() if n is not None}


def _end(lake: Lake, layer: Layer, city: str) -> date:
    """Today, or the last day of which there are rows, where that is later (what is simulated is whole from the start)."""
    days = [file.last_day for file in snapshot(lake, layer.dataset).files(city)]
    return max([datetime.now(UTC).date(), *days])


def told_month(lake: Lake, layer: Layer, city: str, last: date) -> Period:
    """The month that is counted of a guarded layer: the one that holds a day, or the last that is over."""
    return last_month_over(min(Period.of(last, "month").last_day, _end(lake, layer, city)))


def _counts(
    lake: Lake, layer: Layer, city: str, first: date, last: date, by: str, *, monthly: bool = False
) -> dict[tuple[str, str], int]:
    """Place and month (empty where `monthly` is not asked) -> rows."""
    key = (str(lake.folder), layer.id, city, str(first), str(last), by, str(monthly), version(lake, layer, city))
    if key not in _counted:
        _counted[key] = _count(lake, layer, city, first, last, by, monthly=monthly)
        while len(_counted) > _KEPT:
            _counted.popitem(last=False)
    return _counted[key]


def _count(
    lake: Lake, layer: Layer, city: str, first: date, last: date, by: str, *, monthly: bool
) -> dict[tuple[str, str], int]:
    if not any(snapshot(lake, name).files(city) for name in layer.datasets):
        return {}
    with contextlib.closing(connection(lake)) as con:
        source = relation(lake, layer, city)
        columns = columns_of(con, source)
        needed = {"district": {"district"}, "''": set()}.get(by, {"lat", "lon"})
        if not needed <= set(columns):
            return {}
        there = " AND ".join(["true", *(f"{name} IS NOT NULL" for name in sorted(needed))])
        month = "strftime(first_day, '%Y-%m')" if monthly else "''"
        rows = con.execute(
            f"""SELECT {by} AS place, {month} AS month, count(DISTINCT object) FROM {source}
                WHERE {there} AND first_day <= $2 AND coalesce(last_day, DATE '9999-12-31') >= $1
                GROUP BY 1, 2 ORDER BY 1, 2""",
            [first, last],
        ).fetchall()
    return {(str(place), str(month)): int(count) for place, month, count in rows}
