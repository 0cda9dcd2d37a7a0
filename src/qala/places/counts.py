"""How many objects a layer has in all, in each district, or in each H3 cell. What was counted is kept until its rows change."""

from __future__ import annotations

import contextlib
from collections import OrderedDict
from datetime import date

from qala.lake import Lake
from qala.places.layers import Layer
from qala.places.relations import (
    CELL_RESOLUTION,
    SMALLEST,
    columns_of,
    connection,
    relation,
    rows_known,
    snapshot,
    version,
)

FINEST = 10
_KEPT = 400
_counted: OrderedDict[tuple[str, ...], dict[str, int | None]] = OrderedDict()


def in_all(lake: Lake, layer: Layer, city: str) -> int:
    """About how many objects the layer has: from the files' names alone, but for a layer of some of its dataset's rows."""
    known = rows_known(lake, layer, city)
    if not known or not layer.where:
        return known
    found = _counts(lake, layer, city, date.min, date.max, "''")
    return found.get("") or 0


def by_district(lake: Lake, layer: Layer, city: str, first: date, last: date) -> dict[str, int | None]:
    """District code -> rows that held, or happened, on days first … last; None where there are too few to tell.

    Empty for a layer whose rows name no district.
    """
    return _counts(lake, layer, city, first, last, "district")


def by_cell(
    lake: Lake, layer: Layer, city: str, first: date, last: date, resolution: int = CELL_RESOLUTION
) -> dict[str, int | None]:
    """H3 cell -> the same. Guarded layers are never cut finer than `CELL_RESOLUTION`, and small cells are left out."""
    finest = CELL_RESOLUTION if layer.guarded(lake.catalogue) else FINEST
    cell = f"cell_of(lat::DOUBLE, lon::DOUBLE, {min(int(resolution), finest)})"
    told = _counts(lake, layer, city, first, last, cell)
    return {name: count for name, count in told.items() if count is not None}


def _counts(lake: Lake, layer: Layer, city: str, first: date, last: date, by: str) -> dict[str, int | None]:
    key = (str(lake.folder), layer.id, city, str(first), str(last), by, version(lake, layer, city))
    if key not in _counted:
        _counted[key] = _count(lake, layer, city, first, last, by)
        while len(_counted) > _KEPT:
            _counted.popitem(last=False)
    return _counted[key]


def _count(lake: Lake, layer: Layer, city: str, first: date, last: date, by: str) -> dict[str, int | None]:
    if not any(snapshot(lake, name).files(city) for name in layer.datasets):
        return {}
    guarded = layer.guarded(lake.catalogue)
    with contextlib.closing(connection(lake)) as con:
        source = relation(lake, layer, city)
        columns = columns_of(con, source)
        needed = {"district": {"district"}, "''": set()}.get(by, {"lat", "lon"})
        if not needed <= set(columns):
            return {}
        there = " AND ".join(["true", *(f"{name} IS NOT NULL" for name in sorted(needed))])
        rows = con.execute(
            f"""SELECT {by} AS place, count(DISTINCT object) FROM {source}
                WHERE {there} AND first_day <= $2 AND coalesce(last_day, DATE '9999-12-31') >= $1 GROUP BY 1 ORDER BY 1""",
            [first, last],
        ).fetchall()
    return {str(place): None if guarded and count < SMALLEST else int(count) for place, count in rows}
