"""How many objects of a layer there are in each district, or in each H3 cell."""

from __future__ import annotations

import contextlib
from datetime import date

from qala.lake import Lake
from qala.places.layers import Layer
from qala.places.relations import CELL_RESOLUTION, SMALLEST, columns_of, connection, relation, snapshot

FINEST = 10


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
    if not any(snapshot(lake, name).files(city) for name in layer.datasets):
        return {}
    guarded = layer.guarded(lake.catalogue)
    with contextlib.closing(connection(lake)) as con:
        source = relation(lake, layer, city)
        columns = columns_of(con, source)
        needed = {"district"} if by == "district" else {"lat", "lon"}
        if not needed <= set(columns):
            return {}
        there = " AND ".join(f"{name} IS NOT NULL" for name in sorted(needed))
        rows = con.execute(
            f"""SELECT {by} AS place, count(DISTINCT object) FROM {source}
                WHERE {there} AND first_day <= $2 AND coalesce(last_day, DATE '9999-12-31') >= $1 GROUP BY 1 ORDER BY 1""",
            [first, last],
        ).fetchall()
    return {str(place): None if guarded and count < SMALLEST else int(count) for place, count in rows}
