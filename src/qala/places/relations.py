"""The rows of a layer as SQL, and a mark that changes with them."""

from __future__ import annotations

import hashlib
import json
import math
import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import h3
from duckdb import DuckDBPyConnection

from qala.lake import Lake
from qala.lake.table import Snapshot
from qala.places.layers import Layer

CELL_RESOLUTION = 8
"""H3 cells of about 0.7 km²: what the public is told of guarded layers."""
_METRES_PER_DEGREE = 111_320
_RULE = 2
"""Of what cells tell the public: another number has the tiles of guarded layers made anew."""

_seen: dict[str, tuple[int, Snapshot]] = {}


def snapshot(lake: Lake, dataset: str) -> Snapshot:
    """The dataset's table now; opened again only when its log has grown."""
    folder = lake.folder / "tables" / dataset
    try:
        mark = (folder / "_delta_log").stat().st_mtime_ns
    except FileNotFoundError:
        mark = 0
    known = _seen.get(str(folder))
    if known is None or known[0] != mark:
        known = (mark, lake.table(dataset).snapshot())
        _seen[str(folder)] = known
    return known[1]


def version(lake: Lake, layer: Layer, city: str) -> str:
    """A mark of what the layer shows of a city: another when its rows or its declaration change."""
    files = [Path(file.path).name for name in layer.datasets for file in snapshot(lake, name).files(city)]
    rule = _RULE if layer.guarded(lake.catalogue) else None
    said = json.dumps([layer.model_dump(mode="json"), sorted(files), rule], sort_keys=True)
    return hashlib.sha256(said.encode()).hexdigest()[:12]


def rows_known(lake: Lake, layer: Layer, city: str) -> int:
    """About how many rows the layer has, from the files' names alone."""
    own = snapshot(lake, layer.dataset).files(city)
    return sum(file.rows - 2 * file.retractions for file in own)


def connection(lake: Lake) -> Any:
    """A connection that knows the shapes which layers are made of: `square`, `disc`, `cell_of`, `cell_outline`."""
    found = lake.connection()
    found.execute(
        f"""
        CREATE MACRO metres_east(lat) AS {_METRES_PER_DEGREE} * cos(radians(lat));
        CREATE MACRO ring(lon, lat, radius, corners, turn) AS to_json({{'type': 'Polygon', 'coordinates': [
          list_transform(range(0, corners + 1), lambda i: [
            round(lon + radius * sin(2 * pi() * (i % corners) / corners + turn) / metres_east(lat), 6),
            round(lat + radius * cos(2 * pi() * (i % corners) / corners + turn) / {_METRES_PER_DEGREE}, 6)])]}})::VARCHAR;
        CREATE MACRO square(lon, lat, side) AS ring(lon, lat, side / sqrt(2), 4, {math.pi / 4});
        CREATE MACRO disc(lon, lat, radius) AS ring(lon, lat, radius, 24, 0);
        """
    )
    found.create_function("cell_of", _cell_of, ["DOUBLE", "DOUBLE", "INTEGER"], "VARCHAR", type="native")
    found.create_function("cell_outline", cell_outline, ["VARCHAR"], "VARCHAR", type="native")
    return found


def relation(lake: Lake, layer: Layer, city: str) -> str:
    """A FROM-able of the layer's rows with the columns `object` (the key as one text), `first_day`, `last_day`.

    `last_day` is empty while a row still holds. A layer without any delivery gives no rows.
    """
    contract = lake.catalogue.contract(layer.dataset)

    def current(name: str) -> str:
        table = snapshot(lake, name)
        return table.current_sql(table.files(city))

    inner = re.sub(r"\{([a-z_]+\.[a-z_]+)\}", lambda found: current(found[1]), layer.sql or f"FROM {{{layer.dataset}}}")
    key = ", '/', ".join(f'"{name}"' for name in layer.keys(contract))
    if contract.kind == "registry":
        days = "valid_from AS first_day, valid_to AS last_day"
    elif layer.until:
        days = f'day AS first_day, greatest(day, CAST("{layer.until}" AS DATE)) AS last_day'
    else:
        days = "day AS first_day, day AS last_day"
    where = f" WHERE {layer.where}" if layer.where else ""
    return f"(SELECT *, concat({key}) AS object, {days} FROM ({inner}){where})"


def geometry_sql(layer: Layer, columns: Sequence[str]) -> str:
    """GeoJSON text of a row's geometry, empty where the row has none."""
    if layer.cell:
        return f"cell_outline({layer.cell})"
    point = (
        "CASE WHEN lat IS NOT NULL AND lon IS NOT NULL "
        """THEN '{"type":"Point","coordinates":[' || lon || ',' || lat || ']}' END"""
        if "lat" in columns and "lon" in columns
        else None
    )
    if layer.geometry in columns and layer.shape != "point":
        return f"coalesce({layer.geometry}, {point})" if point and layer.shape == "mixed" else layer.geometry
    return point or "NULL"


def columns_of(con: DuckDBPyConnection, relation_sql: str) -> list[str]:
    """Names of a relation's columns."""
    return [str(row[0]) for row in con.execute(f"DESCRIBE SELECT * FROM {relation_sql}").fetchall()]


def dictionaries(con: DuckDBPyConnection, sql: str, parameters: Sequence[Any] = ()) -> list[dict[str, Any]]:
    """Rows of a query as dictionaries."""
    answer = con.execute(sql, list(parameters))
    names = [column[0] for column in answer.description or ()]
    return [dict(zip(names, row, strict=True)) for row in answer.fetchall()]


def cell_outline(cell: str) -> str:
    """GeoJSON of an H3 cell."""
    ring = [[round(lon, 6), round(lat, 6)] for lat, lon in h3.cell_to_boundary(cell)]
    return json.dumps({"type": "Polygon", "coordinates": [[*ring, ring[0]]]})


def _cell_of(lat: float, lon: float, resolution: int) -> str:
    return str(h3.latlng_to_cell(lat, lon, resolution))
