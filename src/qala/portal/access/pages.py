"""Walking access of a city: who reaches a school, a clinic, a stop, a park, a shop on foot, and who does not."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from fractions import Fraction
from typing import Any

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from qala import facts
from qala.lake import City
from qala.people.access import access_city_by_code, require_somewhere, visible_cities
from qala.places.walking import Walks
from qala.places.walking_norms import walking_norms
from qala.places.walking_shares import Reached, Underserved, by_district, reached, underserved
from qala.portal.access import queries
from qala.portal.access.figures import map_of
from qala.portal.access.queries import FEWEST_SHOWN, Asked
from qala.ui import formats
from qala.ui.downloads import table_response

_CELLS_ON_A_PAGE = 50
_RIGHT = "map.see"


def index(request: HttpRequest) -> HttpResponse:
    """The cities whose walking access may be seen."""
    require_somewhere(request.user, _RIGHT)
    cities = [
        (city, reverse("access:city", kwargs={"code": city.code})) for city in visible_cities(request.user, _RIGHT)
    ]
    return render(
        request, "portal/access/index.html", {"cities": cities, "law": _law(), "asked_by": walking_norms().asked_by}
    )


def city(request: HttpRequest, code: str) -> HttpResponseBase:
    """One city: shares by kind and minutes, the map, districts, underserved cells; and the same as files."""
    one = access_city_by_code(request.user, code, _RIGHT)
    asked = queries.asked_of(request, one)
    found = queries.walks_of(one, asked.on)
    what = request.GET.get("format", "")
    if what == "geojson":
        return _geojson(request, one, found, asked)
    cells = [] if found.lacking else underserved(found, asked.kind.id, asked.minutes, asked.speed)
    shown = [cell for cell in cells if cell.residents >= FEWEST_SHOWN]
    if what:
        name = f"{one.code}_{asked.kind.id}_underserved_{asked.on.isoformat()}"
        return table_response(request, name, _COLUMNS, _rows(shown))
    context: dict[str, Any] = {
        "city": one,
        "asked": asked,
        "norms": walking_norms(),
        "law": _law(),
        "found": found,
        "simulated": found.simulated or one.simulated,
        "minutes_text": f"{float(asked.minutes):g}",
        "speed_text": f"{float(asked.speed):g}",
    }
    if found.lacking:
        context["lacking"] = [facts.catalogue().contract(dataset) for dataset in found.lacking]
        return render(request, "portal/access/lacking.html", context)
    language = formats.language_of(get_language())
    names = queries.names_of_districts(one, asked.on)
    known = found.facilities[asked.kind.id]
    bands = _bands(found, asked) if known.known else []
    limits = [*asked.bands, *([asked.minutes] if asked.minutes not in asked.bands else [])]
    page = Paginator(shown, _CELLS_ON_A_PAGE).get_page(request.GET.get("page"))
    context |= {
        "tiles": queries.tiles(found, asked),
        "known": known,
        "lost": known.known - known.placed,
        "chosen": reached(found, asked.kind.id, asked.minutes, asked.speed),
        "metres": asked.minutes * asked.speed * 1000 / 60,
        "map": map_of(request, found, asked, bands, language) if bands else None,
        "limits": limits,
        "districts": [
            (formats.said(names.get(row.district or ""), language) or row.district, row.by_minutes)
            for row in by_district(found, asked.kind.id, limits, asked.speed)
        ]
        if known.known
        else [],
        "page": page,
        "cells": [(cell, formats.said(names.get(cell.district or ""), language) or cell.district) for cell in page],
        "far_people": sum(cell.residents for cell in cells),
        "hidden": (len(cells) - len(shown), sum(cell.residents for cell in cells) - sum(c.residents for c in shown)),
        "fewest": FEWEST_SHOWN,
    }
    return render(request, "portal/access/city.html", context)


def _law() -> Any:
    """The function of annex 3 that asks for this, in the edition that the site counts by."""
    asked = walking_norms().asked_by
    initiative = facts.edition().initiatives.get(asked.initiative)
    functions = initiative.functions if initiative else ()
    return functions[asked.function - 1] if len(functions) >= asked.function else None


def _bands(found: Walks, asked: Asked) -> list[tuple[str, Reached]]:
    """(label, people) of the classes of the map: within each band but not the one before, then beyond all."""
    rows: list[tuple[str, Reached]] = []
    before: Fraction | None = None
    so_far = 0
    for band in asked.bands:
        people = reached(found, asked.kind.id, band, asked.speed)
        within = people.reached if people else 0
        values = {"first": f"{before or 0}", "last": f"{band}"}
        rows.append((_("%(first)s–%(last)s minutes") % values, Reached(within - so_far, found.people)))
        before, so_far = band, within
    rows.append((_("over %(last)s minutes") % {"last": before}, Reached(found.people - so_far, found.people)))
    return rows


_COLUMNS = ("cell", "district", "residents", "lat", "lon", "nearest", "metres", "minutes", "street_m")


def _rows(cells: Sequence[Underserved]) -> Iterator[Sequence[Any]]:
    for one in cells:
        minutes = None if one.minutes is None else round(one.minutes, 1)
        yield (
            one.cell, one.district, one.residents, one.lat, one.lon, one.place, one.metres, minutes, one.street_m,
        )  # fmt: skip


def _geojson(request: HttpRequest, one: City, found: Walks, asked: Asked) -> HttpResponse:
    """`what=cells` and `what=facilities` feed the map; without it, the underserved cells as a file."""
    what = request.GET.get("what", "")
    if found.lacking:
        features = []
    elif what == "cells":
        features = queries.cells_as_features(found, asked)
    elif what == "facilities":
        features = queries.facilities_as_features(one, asked)
    else:
        cells = underserved(found, asked.kind.id, asked.minutes, asked.speed)
        features = queries.underserved_as_features([cell for cell in cells if cell.residents >= FEWEST_SHOWN])
    text = json.dumps({"type": "FeatureCollection", "features": features}, ensure_ascii=False, separators=(",", ":"))
    response = HttpResponse(text, content_type="application/geo+json")
    if what not in ("cells", "facilities"):
        name = f"{one.code}_{asked.kind.id}_underserved_{asked.on.isoformat()}.geojson"
        response["Content-Disposition"] = f'attachment; filename="{name}"'
    return response
