"""Layers of the map: what there is, and where its vector tiles are."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from ninja import Router

from qala.people.access import require
from qala.portal.api.cities import the_city
from qala.portal.api.lists import Limit, Offset, page
from qala.portal.api.shapes import LayerOut, Page, words
from qala.portal.api.troubles import TROUBLES
from qala.portal.map.queries import city_layers

router = Router(tags=["Layers"])


@router.get("/cities/{code}/layers", response={200: Page[LayerOut], **TROUBLES})
def layers(request: HttpRequest, code: str, limit: Limit = 200, offset: Offset = 0) -> Any:
    """Layers of a city out of the lake; `cells` tells that the public sees them by H3 cell only."""
    the_city(request, code)
    require(request.user, "map.see", city=code)
    found = [
        LayerOut(
            city=code,
            id=one.id,
            name=words(one.layer.name),
            dataset=one.layer.dataset,
            geometry=one.layer.shape,
            rows=one.rows,
            cells=one.cells,
            tiles=f"/tiles/{code}/{one.id}.json" if one.rows else None,
        )
        for one in city_layers(request.user, code)
    ]
    return page(request, found, limit, offset)
