"""A layer of the map on a board: its objects where they are few and open, else how many there are by district."""

from __future__ import annotations

from typing import Any

from django.utils.translation import get_language
from django.utils.translation import gettext as _

from qala import facts
from qala.lake import City
from qala.people.access import Somebody
from qala.places import counts
from qala.places.overview import district_features
from qala.portal.board.layout import Item
from qala.portal.map.queries import CityLayer, city_layers, first_points
from qala.standard.period import Period
from qala.ui import formats
from qala.ui.maps import Key, MapView, Table

_SHADES = ("heat-1", "heat-2", "heat-3", "heat-4", "heat-5")


def layer_map(item: Item, city: City, day: Any, user: Somebody) -> MapView | None:
    """The layer as the reader may see it; None where it is not open to them, or the city has sent no outlines."""
    one = next((x for x in city_layers(user, city.code) if x.id == item.layer), None)
    features = district_features(facts.lake(), city.code)
    if one is None or not features:
        return None
    language = formats.language_of(get_language())
    month = Period.of(day, "month")
    days = (month.first_day, month.last_day) if one.events or one.cells else (day, day)
    by_district = counts.by_district(facts.lake(), one.layer, city.code, *days)
    points = first_points([one], city.code, day)
    sources: dict[str, Any] = {
        "districts": {"type": "geojson", "data": {"type": "FeatureCollection", "features": features}}
    }
    edge = {"id": "edge", "type": "line", "source": "districts", "paint": {"line-color": "var(--ink)", "line-width": 1}}
    rows = []
    for feature in features:
        number = by_district.get(feature["properties"]["id"], None if by_district else 0)
        feature["properties"]["rows"] = number
        name = formats.said(
            {lang: feature["properties"].get(f"name_{lang}", "") for lang in ("kk", "ru", "en")}, language
        )
        rows.append(
            (name or str(feature["properties"]["id"]), "—" if number is None else formats.number(number, 0, language))
        )
    if points:
        sources["objects"] = {"type": "geojson", "data": _points(points)}
        layers: list[Any] = [
            edge,
            *({**_dots(token), "id": f"dots-{token}"} for token in dict.fromkeys(p[0] for p in points)),
        ]
        legend = one.legend(language)
    else:
        layers, legend = [_fill([n for n in by_district.values() if n]), edge], _shades(by_district, language)
    return MapView(
        id=f"map-{item.id}",
        title=one.layer.name.say(language),
        sources=sources,
        layers=layers,
        bounds=bounds_of(features),
        table=Table([_("District"), _count_head(one, month, language)], rows),
        legend=legend,
        heading=0,
    )


def bounds_of(features: list[dict[str, Any]]) -> tuple[float, float, float, float]:
    """West, south, east and north of outlines, in degrees."""
    from shapely.geometry import shape
    from shapely.ops import unary_union

    west, south, east, north = unary_union([shape(one["geometry"]) for one in features]).bounds
    return (west, south, east, north)


def _count_head(one: CityLayer, month: Period, language: Any) -> str:
    if one.events or one.cells:
        return _("Rows, %(period)s") % {"period": formats.period(month, language)}
    return _("Objects")


def _points(points: list[tuple[str, float, float]]) -> dict[str, Any]:
    features = [
        {"type": "Feature", "properties": {"token": token}, "geometry": {"type": "Point", "coordinates": [lon, lat]}}
        for token, lon, lat in points
    ]
    return {"type": "FeatureCollection", "features": features}


def _dots(token: str) -> dict[str, Any]:
    paint = {
        "circle-radius": 4,
        "circle-color": f"var(--{token})",
        "circle-stroke-width": 1,
        "circle-stroke-color": "var(--paper)",
    }
    return {"type": "circle", "source": "objects", "filter": ["==", ["get", "token"], token], "paint": paint}


def _edges(numbers: list[int]) -> list[int]:
    """Upper ends of four classes below the greatest number; fewer where there are few numbers."""
    most = max(numbers, default=0)
    return sorted({max(1, round(most * part / 5)) for part in range(1, 5)} if most else set())


def _fill(numbers: list[int]) -> dict[str, Any]:
    edges = _edges(numbers)
    colour: Any = f"var(--{_SHADES[0]})"
    if edges:
        steps = [part for at, edge in enumerate(edges) for part in (edge, f"var(--{_SHADES[at + 1]})")]
        colour = ["step", ["coalesce", ["get", "rows"], 0], f"var(--{_SHADES[0]})", *steps]
    return {"id": "area", "type": "fill", "source": "districts", "paint": {"fill-color": colour, "fill-opacity": 0.7}}


def _shades(by_district: Any, language: Any) -> list[Key]:
    edges = _edges([n for n in by_district.values() if n])
    said = [formats.number(edge, 0, language) for edge in edges]
    labels = (
        [f"< {said[0]}", *(f"{a}–{b}" for a, b in zip(said, said[1:], strict=False)), f"≥ {said[-1]}"] if said else []
    )
    return [Key(label, _SHADES[at]) for at, label in enumerate(labels)]
