"""Tiles that are too many to be made while somebody waits."""

from __future__ import annotations

from django.conf import settings
from procrastinate.contrib.django import app
from procrastinate.exceptions import AlreadyEnqueued

from qala import facts
from qala.places.layers import layers
from qala.places.tilesets import build


@app.task(name="map.build_tiles", queue="tiles")
def build_tiles(city: str, layer: str, cells: bool) -> None:
    """Make the tiles of a layer of the lake as its rows are now."""
    build(facts.lake(), settings.HOME, layers()[layer], city, cells=cells)


def ask_for_tiles(city: str, layer: str, *, cells: bool) -> None:
    """Have them made, once, however often it is asked."""
    lock = f"tiles {city} {layer} {cells}"
    try:
        build_tiles.configure(queueing_lock=lock, lock=lock).defer(city=city, layer=layer, cells=cells)
    except AlreadyEnqueued:
        return


@app.task(name="map.build_own_tiles", queue="tiles")
def build_own_tiles(layer: int) -> None:
    """Make the tiles of a department's layer."""
    from qala.portal.map.models import Layer
    from qala.portal.map.own_api import build_own

    found = Layer.objects.filter(pk=layer).first()
    if found is not None:
        build_own(found)


def ask_for_own_tiles(layer: int) -> None:
    """Have them made, once, however often it is asked."""
    lock = f"tiles own {layer}"
    try:
        build_own_tiles.configure(queueing_lock=lock, lock=lock).defer(layer=layer)
    except AlreadyEnqueued:
        return
