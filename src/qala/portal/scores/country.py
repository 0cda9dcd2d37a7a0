"""The country's map: cities as points in the colour of their band, over imported outlines or else a grid of degrees."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _

from qala import facts
from qala.lake.outlines import country
from qala.standard import Edition
from qala.ui.maps import Key, MapView, Table

_LEAST_SPAN = 6.0  # degrees that a map of cities shows at least
_MARGIN = 0.12  # of that span, on each side
_GRID = 5  # degrees between lines
_ALL: tuple[float, float, float, float] = (46.0, 40.0, 88.0, 56.0)


@dataclass(frozen=True)
class Point:
    """A city on the map.

    Attributes:
        name, index, band_said, place: as a reader sees them.
        band: its code; None without one.
        url: the page that its popup leads to.
    """

    code: str
    name: str
    index: str
    band: str | None
    band_said: str
    place: str
    url: str


def country_map(
    points: Iterable[Point], edition: Edition, said: Any, heading: int, *, without: str, leads_to: str = ""
) -> MapView | None:
    """Cities as points, coloured by the band of their rating; None where no place is known.

    Args:
        edition: whose bands they are.
        said: says a text in three languages in the page's.
        heading: level of its title.
        without: what having no band means.
        leads_to: how the link of a city's popup is named; its page by default.
    """
    cities = facts.lake().cities
    where = {one.code: (one.lon, one.lat) for one in cities.all() if one.lon is not None and one.lat is not None}
    shown = [one for one in points if one.code in where]
    if not shown:
        return None
    bands = list(edition.scoring["bands"].items())
    number = {name: at for at, (name, _band) in enumerate(bands, 1)}
    colours: list[Any] = ["match", ["get", "band"]]
    for at in number.values():
        colours += [at, f"var(--band-{at})"]
    features = [
        {
            "type": "Feature",
            "geometry": {"type": "Point", "coordinates": list(where[one.code])},
            "properties": {
                "name": one.name,
                "index": one.index,
                "said": one.band_said,
                "place": one.place,
                "band": number.get(one.band or "", 0),
                "url": one.url,
            },
        }
        for one in shown
    ]
    bounds = _bounds([where[one.code] for one in shown])
    ground, ground_layers = _ground()
    names = {
        "text-field": ["get", "name"],
        "text-size": 13,
        "text-variable-anchor": ["top", "bottom", "left", "right"],
        "text-radial-offset": 0.8,
        "text-justify": "auto",
    }
    return MapView(
        id="country",
        title=_("Cities by band"),
        sources={**ground, "cities": {"type": "geojson", "data": {"type": "FeatureCollection", "features": features}}},
        layers=[
            *ground_layers,
            {
                "id": "cities",
                "type": "circle",
                "source": "cities",
                "paint": {
                    "circle-radius": 8,
                    "circle-color": [*colours, "var(--none)"],
                    "circle-stroke-color": "var(--ink)",
                    "circle-stroke-width": 1.25,
                },
            },
            {"id": "names", "type": "symbol", "source": "cities", "layout": names},
        ],
        bounds=bounds,
        legend=[
            *(Key(said(band["name"]), f"band-{number[name]}", "point") for name, band in bands),
            Key(without, "none", "point"),
        ],
        table=Table(
            [_("City"), _("Place"), _("Index"), _("Band")],
            [[one.name, one.place, one.index, one.band_said] for one in shown],
        ),
        popup={
            "cities": [
                ("name", _("City")),
                ("place", _("Place")),
                ("index", _("Index")),
                ("said", _("Band")),
                ("url", leads_to or _("The city's page")),
            ]
        },
        heading=heading,
    )


def _ground() -> tuple[dict[str, Any], list[dict[str, Any]]]:
    """What lies beneath the cities: the outlines of the lake, or a grid of degrees where none were imported."""
    if country(facts.lake().folder / "cities") is not None:
        return {"outlines": {"type": "geojson", "data": reverse("scores:outlines")}}, [
            {"id": "ground", "type": "fill", "source": "outlines", "paint": {"fill-color": "var(--raised)"}},
            {
                "id": "borders",
                "type": "line",
                "source": "outlines",
                "paint": {"line-color": "var(--map-border)", "line-width": 0.8, "line-opacity": 0.7},
            },
        ]
    return {"grid": {"type": "geojson", "data": _grid()}}, [
        {
            "id": "grid",
            "type": "line",
            "source": "grid",
            "paint": {"line-color": "var(--line-strong)", "line-width": 0.8, "line-opacity": 0.6},
        },
    ]


def _grid() -> dict[str, Any]:
    """Meridians and parallels around the country."""
    west, south, east, north = (_GRID * math.floor(edge / _GRID) for edge in _ALL)
    lons, lats = range(west - _GRID, east + 2 * _GRID, _GRID), range(south - _GRID, north + 2 * _GRID, _GRID)
    lines = [[[lon, lats[0]], [lon, lats[-1]]] for lon in lons] + [[[lons[0], lat], [lons[-1], lat]] for lat in lats]
    return {"type": "Feature", "properties": {}, "geometry": {"type": "MultiLineString", "coordinates": lines}}


def _bounds(points: Sequence[tuple[float, float]]) -> tuple[float, float, float, float]:
    """Around the points, with a margin in which their names have room."""
    lons, lats = [lon for lon, _lat in points], [lat for _lon, lat in points]
    wide, high = max(_LEAST_SPAN, max(lons) - min(lons)), max(_LEAST_SPAN / 2, max(lats) - min(lats))
    lon, lat = (min(lons) + max(lons)) / 2, (min(lats) + max(lats)) / 2
    wide, high = wide * (0.5 + _MARGIN), high * (0.5 + _MARGIN)
    return lon - wide, lat - high, lon + wide, lat + high
