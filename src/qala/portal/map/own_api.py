"""Objects of departments' layers for the map's script: GeoJSON while they are few, tiles when they are many."""

from __future__ import annotations

import json
import tempfile
from http import HTTPStatus
from pathlib import Path

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.urls import reverse
from django.views.decorators.gzip import gzip_page
from django.views.decorators.http import require_safe

from qala.lake.durable import held
from qala.places.tiles import open_tiles
from qala.places.tilesets import LAST_ZOOM, make_tiles, progress_of
from qala.portal.map.api import tile_response
from qala.portal.map.jobs import ask_for_own_tiles
from qala.portal.map.models import Layer
from qala.portal.map.own_queries import access_layer, features_at, geojson

AT_ONCE = 20_000


@gzip_page
@require_safe
def own_geojson(request: HttpRequest, number: int, version: int) -> HttpResponse:
    """All objects of the layer's newest version."""
    layer = access_layer(request.user, number)
    if version != layer.version:
        raise Http404
    etag = f'"{number}-{version}"'
    if request.headers.get("If-None-Match") == etag:
        return HttpResponse(status=HTTPStatus.NOT_MODIFIED)
    answer = HttpResponse(json.dumps(geojson(layer), ensure_ascii=False), content_type="application/geo+json")
    answer["ETag"], answer["Cache-Control"] = etag, "private, max-age=31536000, immutable"
    return answer


@require_safe
def own_tile_json(request: HttpRequest, number: int) -> HttpResponse:
    """TileJSON of a large layer; 202 while its tiles are being made."""
    layer = access_layer(request.user, number)
    path = path_of(layer)
    if not path.exists():
        if features_at(layer).count() > AT_ONCE:
            ask_for_own_tiles(layer.pk)
            return JsonResponse({"percent": progress_of(path) or 0}, status=HTTPStatus.ACCEPTED)
        build_own(layer)
    file = open_tiles(path)
    root = request.build_absolute_uri(reverse("tiles:root"))
    said = {
        "tilejson": "3.0.0",
        "tiles": [f"{root}own/{layer.pk}/{layer.version}/{{z}}/{{x}}/{{y}}.mvt"],
        "vector_layers": [{"id": "own", "fields": {}}],
        "minzoom": file.zooms[0],
        "maxzoom": file.zooms[1] or LAST_ZOOM,
        "bounds": file.bounds or (-180, -85, 180, 85),
    }
    return JsonResponse(said)


@require_safe
def own_tile(request: HttpRequest, number: int, version: int, z: int, x: int, y: int) -> HttpResponse:
    """A tile of a large layer."""
    layer = access_layer(request.user, number)
    if version != layer.version:
        raise Http404
    return tile_response(request, path_of(layer), z, x, y, lasting=True, public=False)


def path_of(layer: Layer) -> Path:
    """Where the tiles of the layer's newest version are."""
    return Path(settings.HOME) / "tiles" / "own" / f"{layer.pk}-{layer.version}.pmtiles"


def build_own(layer: Layer) -> None:
    """Make the tiles of the layer's newest version; those of earlier ones are removed."""
    path = path_of(layer)
    path.parent.mkdir(parents=True, exist_ok=True)
    with held(path.with_suffix(".lock")):
        if path.exists():
            return
        with tempfile.NamedTemporaryFile("w", suffix=".geojsonl", dir=path.parent) as lines:
            count = 0
            for one in features_at(layer).iterator(chunk_size=2000):
                feature = {"type": "Feature", "geometry": one.geometry, "properties": {**one.properties, "id": one.key}}
                lines.write(json.dumps(feature, ensure_ascii=False) + "\n")
                count += 1
            lines.flush()
            make_tiles(Path(lines.name), path, "own", count)
    for old in path.parent.glob(f"{layer.pk}-*.pmtiles"):
        if old != path:
            old.unlink(missing_ok=True)
