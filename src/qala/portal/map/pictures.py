"""A city's outlines as inline SVG: what is seen before any script runs, and without one."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator
from typing import Any

from django.utils.html import escape, format_html
from django.utils.safestring import SafeString, mark_safe
from shapely.geometry import shape

_WIDTH = 1000


def bounds_of(
    features: Iterable[dict[str, Any]], lon: float | None, lat: float | None
) -> tuple[float, float, float, float]:
    """West, south, east, north of features; about the city's centre where there are none."""
    boxes = [shape(one["geometry"]).bounds for one in features]
    if not boxes:
        lon, lat = lon or 67.0, lat or 48.0
        return lon - 0.15, lat - 0.1, lon + 0.15, lat + 0.1
    west, south, east, north = zip(*boxes, strict=True)
    return min(west), min(south), max(east), max(north)


def outlines(
    features: list[dict[str, Any]],
    bounds: tuple[float, float, float, float],
    name: str,
    title: str,
    points: Iterable[tuple[str, float, float]] = (),
) -> SafeString:
    """Districts with their names, main streets, and the objects of the chosen small layers.

    Args:
        features: of `places.overview`; name: which property is the name.
        title: what the picture shows, for who does not see it.
        points: token of the colour, longitude, latitude.
    """
    west, south, east, north = bounds
    squeeze = math.cos(math.radians((south + north) / 2))
    scale = _WIDTH / max((east - west) * squeeze, 1e-9)
    height = max(1, round((north - south) * scale))

    def at(point: Iterable[float]) -> str:
        lon, lat = tuple(point)[:2]
        return f"{(lon - west) * squeeze * scale:.0f},{(north - lat) * scale:.0f}"

    parts = []
    for feature in sorted(features, key=lambda one: one["properties"]["kind"]):
        if feature["properties"]["kind"] == "name":
            continue
        kind = feature["properties"]["kind"]
        drawn = "".join(
            f"M{'L'.join(at(point) for point in line)}{'Z' if kind == 'district' else ''}"
            for line in _lines(feature["geometry"])
        )
        parts.append(f'<path class="{"district" if kind == "district" else "street"}" d="{drawn}"/>')
    for feature in features:
        if feature["properties"]["kind"] == "name":
            x, y = at(feature["geometry"]["coordinates"]).split(",")
            parts.append(f'<text x="{x}" y="{y}">{escape(feature["properties"].get(name) or "")}</text>')
    for token, lon, lat in points:
        x, y = at((lon, lat)).split(",")
        parts.append(f'<circle class="key-{token}" cx="{x}" cy="{y}" r="5"/>')
    return format_html(
        '<svg class="map-outlines" viewBox="-10 -10 {} {}" role="img" aria-label="{}">{}</svg>',
        _WIDTH + 20,
        height + 20,
        title,
        mark_safe("".join(parts)),
    )


def _lines(geometry: dict[str, Any]) -> Iterator[list[list[float]]]:
    depth = {"LineString": 0, "Polygon": 1, "MultiLineString": 1, "MultiPolygon": 2}.get(geometry["type"], -1)
    if depth == 0:
        yield geometry["coordinates"]
    elif depth == 1:
        yield from geometry["coordinates"]
    elif depth == 2:
        for polygon in geometry["coordinates"]:
            yield from polygon
