"""What a city looks like at first sight: outlines of its districts and its main streets, small enough for a slow link."""

from __future__ import annotations

import contextlib
import hashlib
import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import shapely
from shapely.geometry import mapping, shape

from qala.lake import Lake
from qala.lake.durable import write_whole
from qala.places.relations import connection, dictionaries, snapshot

_DETAIL = 900
"""Lines are simplified to about so many steps across the city: more than a screen shows."""
_MAIN = ("motorway", "primary", "secondary")
_MOST_STREETS = 4000
_CODES = ("code", "kato", "id", "district")


def overview(lake: Lake, home: Path, city: str) -> tuple[str, Path]:
    """The overview's version and its file (GeoJSON), made if there is none for the rows as they are now.

    Features: `kind` district (with `id`, `name_kk`, `name_ru`, `name_en`), name (a point for that name: an area is named
    once in every tile that it is cut into) or street (with `road_class`).
    """
    version = _version(lake, city)
    path = home / "tiles" / city / f"overview-{version}.json"
    if not path.exists():
        districts = district_features(lake, city)
        features = [*_simplified([*districts, *_streets(lake, city)]), *map(_name_point, districts)]
        said = json.dumps({"type": "FeatureCollection", "features": features}, ensure_ascii=False)
        for old in path.parent.glob("overview-*.json"):
            old.unlink(missing_ok=True)
        write_whole(path, said.replace(": ", ":").replace(", ", ",").encode())
    return version, path


def district_features(lake: Lake, city: str) -> list[dict[str, Any]]:
    """The districts as they are now, from `city.districts`; where it has no outline, from the city's imported GeoJSON."""
    table = snapshot(lake, "city.districts")
    sql = f"""SELECT district_id, name_kk, name_ru, name_en, outline FROM {table.current_sql(table.files(city))}
              QUALIFY row_number() OVER (PARTITION BY district_id ORDER BY valid_from DESC) = 1 ORDER BY district_id"""
    with contextlib.closing(connection(lake)) as con:
        rows = dictionaries(con, sql)
    found = [
        _feature("district", json.loads(row["outline"]), id=row["district_id"], **_names(row))
        for row in rows
        if row["outline"]
    ]
    return found or _imported(lake, city)


def _name_point(district: dict[str, Any]) -> dict[str, Any]:
    point = shapely.maximum_inscribed_circle(shape(district["geometry"])).coords[0]
    where = {"type": "Point", "coordinates": [round(degrees, 6) for degrees in point]}
    return {"type": "Feature", "geometry": where, "properties": {**district["properties"], "kind": "name"}}


def _names(row: dict[str, Any]) -> dict[str, str]:
    return {f"name_{lang}": row[f"name_{lang}"] or row["name_ru"] for lang in ("kk", "ru", "en")}


def _imported(lake: Lake, city: str) -> list[dict[str, Any]]:
    own = lake.cities.get(city)
    path = lake.folder / "cities" / (own.outline or "")
    if not own.outline or not path.exists():
        return []
    names = {district.code: district.names for district in own.districts}
    found = []
    for feature in json.loads(path.read_text("utf-8"))["features"]:
        said = {"id": feature.get("id"), **(feature.get("properties") or {})}
        code = next((str(said[name]) for name in _CODES if said.get(name)), "")
        known = names.get(code, {})
        found.append(
            _feature(
                "district",
                feature["geometry"],
                id=code,
                **{f"name_{lang}": known.get(lang, code) for lang in ("kk", "ru", "en")},
            )
        )
    return found


def _streets(lake: Lake, city: str) -> Iterable[dict[str, Any]]:
    table = snapshot(lake, "city.streets")
    sql = f"""SELECT road_class, list(geometry) AS lines FROM (
                SELECT road_class, geometry FROM {table.current_sql(table.files(city))}
                WHERE geometry IS NOT NULL AND road_class IN {_MAIN} AND valid_to IS NULL
                ORDER BY array_position({list(_MAIN)}, road_class), edge_id LIMIT {_MOST_STREETS}) GROUP BY road_class"""
    with contextlib.closing(connection(lake)) as con:
        rows = dictionaries(con, sql)
    for row in rows:
        lines = shapely.multilinestrings(shapely.get_parts(shapely.from_geojson(row["lines"])))
        yield _feature("street", mapping(shapely.line_merge(lines)), road_class=row["road_class"])


def _feature(kind: str, geometry: dict[str, Any], **properties: Any) -> dict[str, Any]:
    return {"type": "Feature", "geometry": geometry, "properties": {"kind": kind, **properties}}


def _simplified(features: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The features with so much detail as a screen shows, six digits; neighbours keep their common border."""
    shapes = [shape(feature["geometry"]) for feature in features]
    if not shapes:
        return []
    west, south, east, north = shapely.total_bounds(shapes)
    step = max(east - west, north - south) / _DETAIL
    areas = [at for at, one in enumerate(shapes) if shapely.get_dimensions(one) == 2]
    if areas:
        for at, simple in zip(areas, shapely.coverage_simplify([shapes[at] for at in areas], step), strict=True):
            shapes[at] = simple
    return [
        {
            **feature,
            "geometry": mapping(
                shapely.set_precision(one if at in areas else one.simplify(step), 1e-6, mode="pointwise")
            ),
        }
        for at, (feature, one) in enumerate(zip(features, shapes, strict=True))
    ]


def _version(lake: Lake, city: str) -> str:
    files = [
        Path(file.path).name for name in ("city.districts", "city.streets") for file in snapshot(lake, name).files(city)
    ]
    said = json.dumps([3, sorted(files), lake.cities.get(city).outline])
    return hashlib.sha256(said.encode()).hexdigest()[:12]
