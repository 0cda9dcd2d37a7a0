"""Outlines of a city's districts, from its own GeoJSON."""

from __future__ import annotations

import json
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
