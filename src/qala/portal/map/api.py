"""What the map's script asks for: tiles, outlines, found objects, values by place."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime
from http import HTTPStatus
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.cache import cache
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.urls import reverse
from django.utils.translation import get_language
from django.views.decorators.gzip import gzip_page
from django.views.decorators.http import require_safe

from qala import facts
from qala.lake import City
from qala.people import audit
from qala.people.access import access_city_by_code, may, require
from qala.places import objects
from qala.places.layers import Layer, layers
from qala.places.overview import overview
from qala.places.tiles import TileFile, open_tiles
from qala.places.tilesets import FIRST_ZOOM, LAST_ZOOM, Tileset, build, name_of, tileset
from qala.portal.map.jobs import ask_for_tiles
from qala.portal.map.queries import city_layers, days_of, shading
from qala.standard import Problem
from qala.ui import formats

TILE = "application/vnd.mapbox-vector-tile"
_FOREVER = "max-age=31536000, immutable"
_VERSION = re.compile(r"^[0-9a-f]{12}$")
_READ_AGAIN_S = 3600


@require_safe
def catalogue(request: HttpRequest) -> HttpResponse:
    """Every layer of the lake and the address of its TileJSON; `{city}` stands for a city's code."""
    root = request.build_absolute_uri(request.path)
    listed = [
        {
            "id": name,
            "name": one.name.model_dump(),
            "tilejson": f"{root}{{city}}/{name_of(one, cells=one.guarded(facts.catalogue()))}.json",
        }
        for name, one in layers().items()
    ]
    return JsonResponse({"layers": listed})


@require_safe
def tile_json(request: HttpRequest, city: str, layer: str) -> HttpResponse:
    """TileJSON 3.0 of a layer; 202 with `percent` while its first tiles are being made."""
    one, cells = access_layer(request, city, layer)
    wanted = tileset(facts.lake(), settings.HOME, one, city, cells=cells)
    if not wanted.ready and wanted.at_once:
        wanted = build(facts.lake(), settings.HOME, one, city, cells=cells)
    elif not wanted.ready:
        ask_for_tiles(city, one.id, cells=cells)
    shown = wanted.path if wanted.ready else wanted.older
    if shown is None:
        return JsonResponse({"percent": wanted.percent or 0}, status=HTTPStatus.ACCEPTED)
    file = open_tiles(shown)
    answer = JsonResponse(_described(request, wanted, shown, one, file))
    public = not cells and not one.guarded(facts.catalogue()) and not one.restricted
    answer["Cache-Control"] = "no-cache" if public else "private, no-store"
    return answer


def _described(request: HttpRequest, wanted: Tileset, shown: Path, layer: Layer, file: TileFile) -> dict[str, Any]:
    version = shown.stem.rpartition("-")[2]
    root = request.build_absolute_uri(reverse("tiles:root"))
    return {
        "tilejson": "3.0.0",
        "name": wanted.layer,
        "tiles": [f"{root}{wanted.city}/{wanted.layer}/{{z}}/{{x}}/{{y}}.mvt?v={version}"],
        "vector_layers": [{"id": layer.id, "fields": dict.fromkeys(layer.show, "")}],
        "minzoom": file.zooms[0] or FIRST_ZOOM,
        "maxzoom": file.zooms[1] or LAST_ZOOM,
        "bounds": file.bounds or (-180, -85, 180, 85),
        "version": version,
        "newest": wanted.ready,
        "percent": None if wanted.ready else wanted.percent or 0,
    }


@require_safe
def tile(request: HttpRequest, city: str, layer: str, z: int, x: int, y: int) -> HttpResponse:
    """One vector tile. With `?v=` it never changes; without, it is the newest that is made."""
    one, cells = access_layer(request, city, layer)
    version = request.GET.get("v", "")
    if not _VERSION.match(version):
        found = tileset(facts.lake(), settings.HOME, one, city, cells=cells)
        path = found.path if found.ready else found.older
    else:
        path = settings.HOME / "tiles" / city / f"{name_of(one, cells=cells)}-{version}.pmtiles"
    public = (cells or not one.guarded(facts.catalogue())) and not one.restricted
    return tile_response(request, path, z, x, y, lasting=bool(version), public=public)


def tile_response(
    request: HttpRequest, path: Path | None, z: int, x: int, y: int, *, lasting: bool, public: bool
) -> HttpResponse:
    """A tile out of a file as it is stored, 204 where there is nothing, 404 where the file is gone."""
    if path is None:
        raise Http404
    etag = f'"{path.stem}-{z}-{x}-{y}"'
    if request.headers.get("If-None-Match") == etag:
        return HttpResponse(status=HTTPStatus.NOT_MODIFIED)
    try:
        file = open_tiles(path)
    except FileNotFoundError:
        raise Http404 from None
    zipped = file.gzipped and "gzip" in request.headers.get("Accept-Encoding", "")
    stored = file.tile(z, x, y) if zipped else file.plain(z, x, y)
    answer = HttpResponse(stored or b"", content_type=TILE, status=HTTPStatus.OK if stored else HTTPStatus.NO_CONTENT)
    if zipped and stored:
        answer["Content-Encoding"] = "gzip"
    answer["Vary"] = "Accept-Encoding"
    answer["ETag"] = etag
    answer["Cache-Control"] = f"{'public' if public else 'private'}, {_FOREVER if lasting else 'no-cache'}"
    return answer


@gzip_page
@require_safe
def now(request: HttpRequest, city: str, layer: str) -> HttpResponse:
    """What a live layer shows now, as GeoJSON."""
    one, cells = access_layer(request, city, layer)
    if one.live is None or cells:
        raise Http404
    answer = JsonResponse(objects.now(facts.lake(), one, city, datetime.now(UTC)), content_type="application/geo+json")
    answer["Cache-Control"] = "no-store"
    return answer


@gzip_page
@require_safe
def first_sight(request: HttpRequest, city: str) -> HttpResponse:
    """Outlines of districts and main streets, as GeoJSON."""
    access_city_by_code(request.user, city, "map.see")
    version, path = overview(facts.lake(), settings.HOME, city)
    etag = f'"{version}"'
    if request.headers.get("If-None-Match") == etag:
        return HttpResponse(status=HTTPStatus.NOT_MODIFIED)
    answer = HttpResponse(path.read_bytes(), content_type="application/geo+json")
    answer["ETag"], answer["Cache-Control"] = etag, f"public, {_FOREVER}" if "v" in request.GET else "no-cache"
    return answer


@require_safe
def search(request: HttpRequest, city: str) -> HttpResponse:
    """Objects whose number, name or address holds `q`."""
    return JsonResponse({"found": found_objects(request, city, request.GET.get("q", ""))})


def found_objects(request: HttpRequest, city: str, text: str) -> list[dict[str, Any]]:
    """The same, for pages."""
    access_city_by_code(request.user, city, "map.see")
    open_layers = [one.layer for one in city_layers(request.user, city) if one.rows and not one.cells]
    language = get_language() or "kk"
    return [
        {
            "layer": one.layer,
            "layer_name": layers()[one.layer].name.say(language),
            "object": one.object,
            "title": one.title,
            "lon": one.lon,
            "lat": one.lat,
            "url": reverse("map:object", args=[city, one.layer, one.object]),
        }
        for one in objects.search(facts.lake(), city, open_layers, text[:100])
    ]


@gzip_page
@require_safe
def values_by_place(request: HttpRequest, city: str) -> HttpResponse:
    """GeoJSON of districts or cells with a metric's values on a day."""
    one = access_city_by_code(request.user, city, "map.see")
    try:
        by = "cell" if request.GET.get("by") == "cell" else "district"
        language = formats.language_of(get_language())
        found = shading(request.user, one, request.GET.get("metric", ""), by, day_asked(request, one), language)
    except Problem as problem:
        return JsonResponse({"title": problem.message}, status=HTTPStatus.BAD_REQUEST)
    said = {
        "name": found.name,
        "period": formats.period(found.period, language),
        "unit": found.unit,
        "note": found.note,
        "by": found.by,
    }
    return JsonResponse({**said, "geojson": found.geojson(city)})


def day_asked(request: HttpRequest, city: City) -> date:
    """The day of `?on=`, else today, but not after the last day of which anything is known."""
    first, last = days_of(city.code)
    try:
        return date.fromisoformat(request.GET["on"])
    except (KeyError, ValueError):
        return max(first, min(last, facts.today(city.zone)))


def access_layer(request: HttpRequest, city: str, name: str) -> tuple[Layer, bool]:
    """A layer, and whether it is its cells; 404 if there is none, refused where its rows name persons.

    A look at rows that name persons is written into the log, once an hour for each reader and layer.
    """
    access_city_by_code(request.user, city, "map.see")
    base, cells = (name.removesuffix("-cells"), True) if name.endswith("-cells") else (name, False)
    one = layers().get(base)
    guarded = one is not None and one.guarded(facts.catalogue())
    if one is None or (cells and not guarded):
        raise Http404
    if one.restricted:
        require(request.user, "restricted.see", city=city)
    if guarded and not cells:
        require(request.user, "personal.see", city=city)
        if cache.add(f"map-read-{request.user.pk}-{city}-{name}", True, _READ_AGAIN_S):
            audit.read(request, f"map_layer:{name}", city=city, rows=None, columns=("lat", "lon"))
    return one, cells


def sees_persons(request: HttpRequest, city: str) -> bool:
    """Whether who asks may see rows that name persons."""
    return may(request.user, "personal.see", city=city)
