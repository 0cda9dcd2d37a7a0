"""Cities and regions."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from ninja import Router

from qala import facts
from qala.lake.cities import City
from qala.people.access import may
from qala.portal.api.lists import Limit, Offset, page
from qala.portal.api.shapes import CityOut, Page, RegionOut
from qala.portal.api.troubles import TROUBLES, NotHereError

router = Router(tags=["Cities"])


@router.get("/cities", response={200: Page[CityOut], **TROUBLES})
def cities(
    request: HttpRequest,
    category: str | None = None,
    region: str | None = None,
    limit: Limit = 200,
    offset: Offset = 0,
) -> Any:
    """Rated cities of the registry."""
    shown = [_city(city) for city in facts.lake().cities.all() if may(request.user, "city.see", city=city.code)]
    found = [one for one in shown if category in (None, one.category) and region in (None, one.region)]
    return page(request, found, limit, offset)


@router.get("/cities/{code}", response={200: CityOut, **TROUBLES})
def city(request: HttpRequest, code: str) -> Any:
    """One city."""
    return _city(the_city(request, code))


@router.get("/regions", response={200: list[RegionOut], **TROUBLES})
def all_regions(request: HttpRequest) -> Any:
    """The regions of the country and those that the registry adds, with their rated cities."""
    registry = facts.lake().cities
    return [
        RegionOut(
            code=one.code,
            names=dict(one.names),
            simulated=one.simulated,
            cities=[c.code for c in registry.of_region(one.code)],
        )
        for one in registry.regions().values()
    ]


def the_city(request: HttpRequest, code: str, permission: str = "city.see") -> City:
    """A city that who asks may see.

    Raises:
        NotHereError: there is none, or it may not be seen.
    """
    registry = facts.lake().cities
    if code not in registry or not may(request.user, permission, city=code):
        raise NotHereError(f"There is no city '{code}'.")
    return registry.get(code)


def _city(city: City) -> CityOut:
    return CityOut(
        code=city.code,
        names=dict(city.names),
        region=city.region,
        category=city.category_on(facts.today(city.zone)),
        time_zone=city.zone,
        lat=city.lat,
        lon=city.lon,
        simulated=city.simulated,
        districts=[district.code for district in city.districts],
    )
