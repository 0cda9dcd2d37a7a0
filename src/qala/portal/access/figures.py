"""The map of walking access: cells by how far their people walk, the facilities, districts and main streets beneath."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from urllib.parse import urlencode

from django.http import HttpRequest
from django.urls import NoReverseMatch, reverse
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from qala.places.walking import Walks
from qala.places.walking_shares import Reached
from qala.portal.access.queries import Asked
from qala.standard.values import Language
from qala.ui import formats
from qala.ui.maps import Key, MapView, Table

_COLOURS = ("band-1", "band-2", "band-3", "band-4", "band-5")
_MARGIN = 0.004  # degrees about the outermost cells


def map_of(
    request: HttpRequest, found: Walks, asked: Asked, bands: Sequence[tuple[str, Reached]], language: Language
) -> MapView:
    """The map; its sources are files of this page, so that the page itself stays light.

    Args:
        bands: (label, people) of each class, the nearest first, for the table beside.
    """
    lat, lon = found.cells.column("lat").to_pylist(), found.cells.column("lon").to_pylist()
    known = [(y, x) for y, x in zip(lat, lon, strict=True) if y is not None and x is not None]
    south, north = min(y for y, _x in known), max(y for y, _x in known)
    west, east = min(x for _y, x in known), max(x for _y, x in known)
    colours = [part for level in range(len(asked.bands) + 1) for part in (level, f"var(--{_COLOURS[level]})")]
    paint = {
        "fill-color": ["match", ["get", "class"], *colours, "var(--band-5)"],
        "fill-opacity": 0.72,
        "fill-outline-color": "var(--map-land)",
    }
    sources = {
        "cells": {"type": "geojson", "data": _file(request, asked, "cells")},
        "facilities": {"type": "geojson", "data": _file(request, asked, "facilities")},
    }
    layers: list[dict[str, Any]] = [{"id": "cells", "type": "fill", "source": "cells", "paint": paint}]
    outlines = _overview(found.city)
    if outlines:
        sources["overview"] = {"type": "geojson", "data": outlines}
        for kind, width in (("street", 0.8), ("district", 1.6)):
            layers.append(
                {
                    "id": kind,
                    "type": "line",
                    "source": "overview",
                    "filter": ["==", ["get", "kind"], kind],
                    "paint": {"line-color": "var(--soft)", "line-width": width, "line-opacity": 0.7},
                }
            )
    layers.append(
        {
            "id": "facilities",
            "type": "circle",
            "source": "facilities",
            "paint": {
                "circle-radius": ["interpolate", ["linear"], ["zoom"], 9, 2, 15, 6],
                "circle-color": "var(--ink)",
                "circle-stroke-color": "var(--paper)",
                "circle-stroke-width": 1,
            },
        }
    )
    legend = [Key(label, _COLOURS[at]) for at, (label, _people) in enumerate(bands)]
    legend.append(Key(formats.said(asked.kind.name, language), "ink", "point"))
    rows = [
        [label, formats.number(one.reached, 0, language), formats.share(one.share, 1, language)] for label, one in bands
    ]
    return MapView(
        id="walking-map",
        title=_("How far to walk: %(kind)s") % {"kind": formats.said(asked.kind.name, language)},
        sources=sources,
        layers=layers,
        bounds=(west - _MARGIN, south - _MARGIN, east + _MARGIN, north + _MARGIN),
        table=Table([pgettext("access", "Walk"), pgettext("access", "People"), pgettext("access", "Share")], rows),
        legend=legend,
        popup={
            "cells": [("residents", pgettext("access", "People")), ("metres", _("Metres")), ("place", _("Nearest"))],
            "facilities": [("place", formats.said(asked.kind.name, language))],
        },
        note=_("One cell is a hexagon of the H3 grid; its people are taken to stand in its middle."),
        heading=2,
    )


def _file(request: HttpRequest, asked: Asked, what: str) -> str:
    query = {"kind": asked.kind.id, "speed": f"{float(asked.speed):g}", "on": asked.on.isoformat()}
    return f"{request.path}?{urlencode({**query, 'format': 'geojson', 'what': what})}"


def _overview(city: str) -> str:
    try:
        return reverse("tiles:overview", kwargs={"city": city})
    except NoReverseMatch:
        return ""
