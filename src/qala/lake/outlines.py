"""Outlines of a city's districts and of the country, from GeoJSON."""

from __future__ import annotations

import json
from functools import lru_cache
from pathlib import Path
from typing import Any

from qala.lake.cities import CityDistrict
from qala.lake.durable import write_whole
from qala.standard.problems import Problem

_CODES = ("code", "kato", "id", "district")
_NAMES = {
    "kk": ("name_kk", "name:kk", "name"),
    "ru": ("name_ru", "name:ru", "name"),
    "en": ("name_en", "name:en", "name"),
}


def read_districts(path: Path, folder: Path, city: str) -> tuple[tuple[CityDistrict, ...], str]:
    """Districts of a city from a GeoJSON file, which is copied beside the registry.

    Args:
        path: a FeatureCollection of polygons; each feature has a `code` (or `kato`) and a `name` (or `name_ru`, …).
        folder: of the registry.

    Returns:
        The districts, and the name of the copy.

    Raises:
        Problem: not such a file, or a feature without code or name.
    """
    try:
        said: Any = json.loads(path.read_text("utf-8"))
        features = said["features"]
    except FileNotFoundError:
        raise Problem("there is no such file", where=str(path)) from None
    except (ValueError, KeyError, TypeError):
        raise Problem("the file is not a GeoJSON FeatureCollection", where=str(path)) from None
    found = []
    for at, feature in enumerate(features):
        properties = {**(feature.get("properties") or {})}
        if "id" in feature:
            properties.setdefault("id", feature["id"])
        code = next((str(properties[name]) for name in _CODES if properties.get(name)), None)
        names = {
            language: next((str(properties[key]) for key in keys if properties.get(key)), "")
            for language, keys in _NAMES.items()
        }
        shown = next((name for name in names.values() if name), None)
        if code is None or shown is None:
            raise Problem(
                "a district needs a code and a name",
                where=f"{path}: features[{at}].properties",
                hint="add `code` (the district column of the city's rows holds it) and `name`",
            )
        found.append(CityDistrict(code=code, names={key: name or shown for key, name in names.items()}))
    name = f"{city}.geojson"
    write_whole(folder / name, json.dumps(said, ensure_ascii=False).encode())
    return tuple(found), name


COUNTRY = "outlines.geojson"
"""Name of the country's outlines beside the registry of cities."""
_TOLERANCE = 0.03
_DIGITS = 2


def read_country(path: Path, folder: Path) -> int:
    """Outlines of the country's regions for its map, from a GeoJSON file; drawn beneath the cities.

    They are made coarse (about three kilometres, neighbours keep their common border), so that a page with them stays light.

    Args:
        path: a FeatureCollection of polygons, WGS 84.
        folder: of the registry.

    Returns:
        How many there are.

    Raises:
        Problem: not such a file, or a feature without a polygon.
    """
    import shapely
    from shapely.geometry import mapping, shape

    try:
        features = json.loads(path.read_text("utf-8"))["features"]
    except FileNotFoundError:
        raise Problem("there is no such file", where=str(path)) from None
    except (ValueError, KeyError, TypeError):
        raise Problem("the file is not a GeoJSON FeatureCollection", where=str(path)) from None
    shapes = []
    for at, feature in enumerate(features):
        kind = (feature.get("geometry") or {}).get("type")
        if kind not in ("Polygon", "MultiPolygon"):
            raise Problem(
                f"an outline is a Polygon or a MultiPolygon, not {kind or 'nothing'}", where=f"{path}: features[{at}]"
            )
        shapes.append(shapely.make_valid(shapely.force_2d(shape(feature["geometry"]))))
    if not shapes:
        raise Problem("the file has no outline", where=str(path))
    west, south, east, north = shapely.total_bounds(shapes)
    if west < -180 or east > 180 or south < -90 or north > 90:
        raise Problem("the coordinates are not degrees of WGS 84", where=str(path), hint="convert it to EPSG:4326")
    coarse = shapely.set_precision(shapely.coverage_simplify(shapes, _TOLERANCE), 10.0**-_DIGITS)
    collection = {
        "type": "FeatureCollection",
        "features": [{"type": "Feature", "properties": {}, "geometry": mapping(one)} for one in coarse],
    }
    write_whole(folder / COUNTRY, json.dumps(_rounded(collection), separators=(",", ":")).encode())
    return len(shapes)


def country(folder: Path) -> dict[str, Any] | None:
    """The outlines that were read in, or None.

    Args:
        folder: of the registry.
    """
    try:
        stamp = (folder / COUNTRY).stat().st_mtime_ns
    except FileNotFoundError:
        return None
    return _read(folder / COUNTRY, stamp)


@lru_cache(maxsize=2)
def _read(path: Path, _stamp: int) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(path.read_text("utf-8"))
    return found


def _rounded(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _rounded(one) for key, one in value.items()}
    if isinstance(value, list | tuple):
        return [_rounded(one) for one in value]
    return round(value, _DIGITS) if isinstance(value, float) else value
