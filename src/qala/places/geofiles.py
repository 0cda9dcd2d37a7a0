"""Files that departments bring to the map: GeoJSON, GeoPackage, CSV with coordinates; read with clear errors."""

from __future__ import annotations

import csv
import io
import json
import math
import re
import sqlite3
import struct
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyproj
import shapely
from shapely.geometry import mapping, shape

from qala.standard.problems import Problem, Problems

MOST_FEATURES = 300_000
MOST_TOLD = 20
"""Errors that are told of one file; more would not be read."""
_DIGITS = 7
_LON = ("lon", "lng", "long", "longitude", "x", "долгота", "бойлық")
_LAT = ("lat", "latitude", "y", "широта", "ендік")
_WKT = ("wkt", "geometry", "geom", "the_geom")
_WGS84 = ("EPSG:4326", "urn:ogc:def:crs:OGC:1.3:CRS84", "urn:ogc:def:crs:EPSG::4326")
_ENVELOPES = (0, 32, 48, 48, 64)
_NUMBER = re.compile(r"^[+-]?\d+([.,]\d+)?$")


class FileProblem(Problem):
    """What is wrong with a file, as a text with places for values, so that a page can say it in its own language.

    Args:
        text: in English, with `%(name)s` for values.
        hint: a text without values.
    """

    def __init__(self, text: str, *, where: str = "", hint: str = "", **values: Any) -> None:
        super().__init__(text % values if values else text, where=where, hint=hint)
        self.text = text
        self.values = values


@dataclass(frozen=True)
class Feature:
    """One object: GeoJSON geometry in degrees (WGS 84), and flat properties (text, number, yes/no, None)."""

    geometry: dict[str, Any]
    properties: dict[str, Any]


def read_layer(name: str, content: bytes) -> list[Feature]:
    """The objects of a file, by its name's ending: `.geojson`, `.json`, `.gpkg`, `.csv`.

    Raises:
        Problems: each with the row and the column, as far as there is one.
        Problem: it is not such a file, or holds no object.
    """
    ending = Path(name.lower()).suffix
    readers = {".geojson": _geojson, ".json": _geojson, ".gpkg": _geopackage, ".csv": _csv}
    if ending not in readers:
        raise FileProblem("This kind of file cannot be read.", where=name, hint="Bring .geojson, .gpkg or .csv.")
    found: list[Feature] = []
    wrong: list[Problem] = []
    for place, row in readers[ending](name, content):
        try:
            found.append(_checked(row, place))
        except Problem as problem:
            wrong.append(problem)
            if len(wrong) >= MOST_TOLD:
                break
        if len(found) > MOST_FEATURES:
            raise FileProblem(
                "The file holds more than %(most)s objects.",
                where=name,
                hint="Split it into layers.",
                most=MOST_FEATURES,
            )
    if wrong:
        raise Problems(wrong, "The file has errors; nothing was taken from it.")
    if not found:
        raise FileProblem("The file holds no objects.", where=name)
    return found


@dataclass
class _Row:
    geometry: Any
    """A shapely geometry in degrees, or what is wrong with it."""
    properties: dict[str, Any]


def _checked(row: _Row, place: str) -> Feature:
    geometry = row.geometry
    if isinstance(geometry, FileProblem):
        raise FileProblem(geometry.text, where=f"{place}{geometry.where}", hint=geometry.hint, **geometry.values)
    if geometry is None or geometry.is_empty:
        raise FileProblem("The object has no geometry.", where=place)
    west, south, east, north = geometry.bounds
    if not (west >= -180 and east <= 180 and south >= -90 and north <= 90):
        raise FileProblem(
            "The coordinates %(west)s, %(south)s are no degrees of longitude and latitude.",
            where=place,
            hint="Bring WGS 84 (EPSG:4326), longitude first, or name the coordinate system in the file.",
            west=round(west, 1),
            south=round(south, 1),
        )
    if geometry.geom_type == "GeometryCollection":
        raise FileProblem("A collection of geometries cannot be drawn.", where=place, hint="Split it into objects.")
    if not geometry.is_valid:
        raise FileProblem("The shape is broken: %(why)s.", where=place, why=shapely.is_valid_reason(geometry))
    return Feature(geojson_of(geometry), row.properties)


def geojson_of(geometry: Any) -> dict[str, Any]:
    """A shapely geometry as GeoJSON, flat, seven digits."""
    flat = shapely.force_2d(geometry)
    said: dict[str, Any] = mapping(shapely.transform(flat, lambda xy: xy.round(_DIGITS)))
    return said


def read_geometry(text: str) -> dict[str, Any]:
    """One geometry that a person wrote: GeoJSON, or `lon, lat`.

    Raises:
        Problem: it is neither, or is no valid shape in degrees.
    """
    pair = re.fullmatch(r"\s*(-?\d+(?:\.\d+)?)\s*[,; ]\s*(-?\d+(?:\.\d+)?)\s*", text)
    try:
        geometry = shapely.Point(float(pair[1]), float(pair[2])) if pair else shape(json.loads(text))
    except (ValueError, KeyError, TypeError, AttributeError, shapely.errors.ShapelyError):
        raise FileProblem("This is no geometry.", hint="Write longitude, latitude, or GeoJSON.") from None
    return _checked(_Row(geometry, {}), "geometry").geometry


def _transformer(crs: Any) -> Any:
    wanted = pyproj.CRS.from_user_input(crs)
    if wanted.equals(pyproj.CRS.from_epsg(4326), ignore_axis_order=True):
        return None
    return pyproj.Transformer.from_crs(wanted, 4326, always_xy=True)


def _moved(geometry: Any, transformer: Any) -> Any:
    if transformer is None or geometry is None:
        return geometry
    moved = shapely.transform(geometry, lambda xy: _stacked(transformer.transform(xy[:, 0], xy[:, 1])))
    return FileProblem("The coordinates lie outside their coordinate system.") if _infinite(moved) else moved


def _stacked(pair: Any) -> Any:
    import numpy as np

    return np.stack(pair, axis=1)


def _infinite(geometry: Any) -> bool:
    return any(not math.isfinite(one) for one in geometry.bounds)


def _flat(value: Any) -> Any:
    if isinstance(value, float) and not math.isfinite(value):
        return None
    return value if isinstance(value, str | int | float | bool | None) else json.dumps(value, ensure_ascii=False)


def _geojson(name: str, content: bytes) -> Iterator[tuple[str, _Row]]:
    try:
        said: Any = json.loads(content.decode("utf-8-sig"))
        kind = said["type"]
        features = said["features"] if kind == "FeatureCollection" else [said] if kind == "Feature" else None
        if not isinstance(features, list):
            raise KeyError
    except UnicodeDecodeError:
        raise FileProblem("The file is not UTF-8 text.", where=name) from None
    except ValueError as error:
        raise FileProblem("The file is not JSON: %(why)s.", where=name, why=error) from None
    except (KeyError, TypeError):
        raise FileProblem("The file is not a GeoJSON FeatureCollection.", where=name) from None
    crs = ((said.get("crs") or {}).get("properties") or {}).get("name")
    try:
        transformer = None if crs in (None, *_WGS84) else _transformer(crs)
    except pyproj.exceptions.CRSError:
        raise FileProblem("The coordinate system %(crs)s is not known.", where=f"{name}: crs", crs=crs) from None
    for at, one in enumerate(features, start=1):
        properties = one.get("properties") if isinstance(one, dict) else None
        try:
            geometry = _moved(shape(one["geometry"]) if one["geometry"] else None, transformer)
        except (KeyError, TypeError, ValueError, AttributeError, IndexError, shapely.errors.ShapelyError):
            geometry = FileProblem("The geometry cannot be read.")
        yield f"{name}, object {at}", _Row(geometry, {str(k): _flat(v) for k, v in (properties or {}).items()})


def _geopackage(name: str, content: bytes) -> Iterator[tuple[str, _Row]]:
    with tempfile.NamedTemporaryFile(suffix=".gpkg") as file:
        file.write(content)
        file.flush()
        with closing(sqlite3.connect(f"file:{file.name}?mode=ro&immutable=1", uri=True)) as con:
            try:
                tables = con.execute("SELECT table_name, column_name, srs_id FROM gpkg_geometry_columns").fetchall()
            except sqlite3.DatabaseError:
                raise FileProblem("The file is not a GeoPackage.", where=name) from None
            for table, column, srs in tables:
                yield from _table_of(con, name, table, column, srs)


def _table_of(con: sqlite3.Connection, name: str, table: str, column: str, srs: int) -> Iterator[tuple[str, _Row]]:
    quoted = table.replace('"', '""')
    known = con.execute(
        "SELECT organization, organization_coordsys_id, definition FROM gpkg_spatial_ref_sys WHERE srs_id = ?", [srs]
    ).fetchone()
    try:
        if srs in (0, -1, 4326) or known is None:
            transformer = None
        else:
            transformer = _transformer(f"{known[0]}:{known[1]}" if known[0].upper() == "EPSG" else known[2])
    except pyproj.exceptions.CRSError:
        raise FileProblem("The coordinate system %(crs)s is not known.", where=f"{name}: {table}", crs=srs) from None
    answer = con.execute(f'SELECT * FROM "{quoted}"')
    names = [one[0] for one in answer.description]
    for at, values in enumerate(answer, start=1):
        row = dict(zip(names, values, strict=True))
        blob = row.pop(column)
        try:
            geometry = None if blob is None else _moved(_from_blob(blob), transformer)
        except (ValueError, IndexError, TypeError, shapely.errors.ShapelyError):
            geometry = FileProblem("The geometry cannot be read.", where=f", column {column}")
        properties = {
            key: None if isinstance(value, bytes) else _flat(value) for key, value in row.items() if key != "fid"
        }
        yield f"{name}: {table}, row {at}", _Row(geometry, properties)


def _from_blob(blob: bytes) -> Any:
    if blob[:2] != b"GP":
        raise ValueError
    return shapely.from_wkb(blob[8 + _ENVELOPES[(blob[3] >> 1) & 7] :])


def _csv(name: str, content: bytes) -> Iterator[tuple[str, _Row]]:
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = content.decode("cp1251", errors="replace")
    head = text.partition("\n")[0]
    delimiter = max(",;\t", key=head.count)
    reader = csv.DictReader(io.StringIO(text), delimiter=delimiter)
    by_lower = {str(one).strip().lower(): one for one in reader.fieldnames or []}
    lon, lat, wkt = (next((by_lower[one] for one in names if one in by_lower), None) for names in (_LON, _LAT, _WKT))
    if wkt is None and (lon is None or lat is None):
        raise FileProblem(
            "No columns with coordinates were found.",
            where=f"{name}, row 1: {', '.join(reader.fieldnames or [])}",
            hint="Name them lon and lat (or longitude and latitude), in degrees.",
        )
    for at, row in enumerate(reader, start=2):
        if not any(row.values()):
            continue
        geometry: Any
        if lon is not None and lat is not None:
            geometry = _point(row, lon, lat)
        else:
            try:
                geometry = shapely.from_wkt(row[str(wkt)])
            except shapely.errors.ShapelyError:
                geometry = FileProblem("The geometry is no WKT.", where=f", column {wkt}")
        own = {str(key): _typed(value) for key, value in row.items() if key not in (None, lon, lat, wkt)}
        yield f"{name}, row {at}", _Row(geometry, own)


def _point(row: dict[str, Any], lon: str, lat: str) -> Any:
    numbers = []
    for column, limit in ((lon, 180), (lat, 90)):
        said = (row[column] or "").strip().replace(",", ".")
        try:
            number = float(said)
        except ValueError:
            return FileProblem("«%(said)s» is no number of degrees.", where=f", column {column}", said=said)
        if not -limit <= number <= limit:
            return FileProblem(
                "%(said)s is not between -%(limit)s and %(limit)s degrees.",
                where=f", column {column}",
                said=said,
                limit=limit,
            )
        numbers.append(number)
    return shapely.Point(*numbers)


def _typed(value: Any) -> Any:
    if not isinstance(value, str) or not value.strip():
        return None
    text = value.strip()
    if not _NUMBER.match(text) or (len(text) > 1 and text[0] == "0" and text[1].isdigit()) or len(text) > 15:
        return {"true": True, "false": False}.get(text.lower(), text)
    number = float(text.replace(",", "."))
    return int(number) if number.is_integer() and "." not in text and "," not in text else number


# writing


def write_geojson(features: Sequence[Feature]) -> bytes:
    """A FeatureCollection."""
    listed = [{"type": "Feature", "geometry": one.geometry, "properties": one.properties} for one in features]
    return json.dumps({"type": "FeatureCollection", "features": listed}, ensure_ascii=False).encode()


def columns_of(features: Sequence[Feature]) -> list[str]:
    """Names of all properties, in the order in which they come."""
    return list(dict.fromkeys(name for one in features for name in one.properties))


def write_csv(features: Sequence[Feature]) -> bytes:
    """A table: `lon` and `lat` where all objects are points, else `wkt`."""
    points = all(one.geometry["type"] == "Point" for one in features)
    names = [name for name in columns_of(features) if name not in ("lon", "lat", "wkt")]
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow([*names, *(("lon", "lat") if points else ("wkt",))])
    for one in features:
        place = one.geometry["coordinates"][:2] if points else [shape(one.geometry).wkt]
        writer.writerow([*(_harmless(one.properties.get(name)) for name in names), *place])
    return ("\ufeff" + out.getvalue()).encode()


def _harmless(value: Any) -> Any:
    """A text that a spreadsheet would take for a formula is kept a text."""
    return f"'{value}" if isinstance(value, str) and value[:1] in ("=", "+", "-", "@") else value


def write_geopackage(features: Sequence[Feature], table: str) -> bytes:
    """A GeoPackage 1.3 with one table in WGS 84."""
    names = [name for name in columns_of(features) if name.lower() not in ("fid", "geom")]
    kinds = {name: _sql_type(one.properties.get(name) for one in features) for name in names}
    quote = {name: '"' + name.replace('"', '""') + '"' for name in [*names, table]}
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "layer.gpkg"
        with closing(sqlite3.connect(path)) as con:
            con.executescript(_SCHEMA)
            west, south, east, north = shapely.total_bounds([shape(one.geometry) for one in features])
            con.execute(
                "INSERT INTO gpkg_contents VALUES (?, 'features', ?, '', strftime('%Y-%m-%dT%H:%M:%fZ'), ?, ?, ?, ?, 4326)",
                [table, table, west, south, east, north],
            )
            con.execute("INSERT INTO gpkg_geometry_columns VALUES (?, 'geom', 'GEOMETRY', 4326, 0, 0)", [table])
            own = "".join(f", {quote[name]} {kinds[name]}" for name in names)
            con.execute(f"CREATE TABLE {quote[table]} (fid INTEGER PRIMARY KEY AUTOINCREMENT, geom BLOB{own})")
            marks = ", ".join("?" for _ in range(len(names) + 1))
            listed = ", ".join(["geom", *(quote[name] for name in names)])
            con.executemany(
                f"INSERT INTO {quote[table]} ({listed}) VALUES ({marks})",
                ([_blob(one.geometry), *(one.properties.get(name) for name in names)] for one in features),
            )
            con.commit()
        return path.read_bytes()


def _sql_type(values: Any) -> str:
    kinds = {type(value) for value in values if value is not None}
    if kinds <= {bool} and kinds:
        return "BOOLEAN"
    if kinds <= {int} and kinds:
        return "INTEGER"
    return "REAL" if kinds <= {int, float} and kinds else "TEXT"


def _blob(geometry: dict[str, Any]) -> bytes:
    return struct.pack("<2sBBi", b"GP", 0, 1, 4326) + bytes(shapely.to_wkb(shape(geometry), byte_order=1))


_SCHEMA = """
PRAGMA application_id = 1196444487;
PRAGMA user_version = 10300;
CREATE TABLE gpkg_spatial_ref_sys (srs_name TEXT NOT NULL, srs_id INTEGER PRIMARY KEY, organization TEXT NOT NULL,
  organization_coordsys_id INTEGER NOT NULL, definition TEXT NOT NULL, description TEXT);
INSERT INTO gpkg_spatial_ref_sys VALUES ('Undefined cartesian', -1, 'NONE', -1, 'undefined', NULL),
  ('Undefined geographic', 0, 'NONE', 0, 'undefined', NULL),
  ('WGS 84', 4326, 'EPSG', 4326, 'GEOGCS["WGS 84",DATUM["WGS_1984",SPHEROID["WGS 84",6378137,298.257223563]],
PRIMEM["Greenwich",0],UNIT["degree",0.0174532925199433],AUTHORITY["EPSG","4326"]]', NULL);
CREATE TABLE gpkg_contents (table_name TEXT PRIMARY KEY, data_type TEXT NOT NULL, identifier TEXT UNIQUE, description TEXT,
  last_change DATETIME NOT NULL, min_x DOUBLE, min_y DOUBLE, max_x DOUBLE, max_y DOUBLE, srs_id INTEGER);
CREATE TABLE gpkg_geometry_columns (table_name TEXT NOT NULL, column_name TEXT NOT NULL, geometry_type_name TEXT NOT NULL,
  srs_id INTEGER NOT NULL, z TINYINT NOT NULL, m TINYINT NOT NULL, PRIMARY KEY (table_name, column_name));
"""
