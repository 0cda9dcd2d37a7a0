"""Layers of departments, as somebody may see them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.db.models import Q, QuerySet
from django.http import Http404
from django.utils.translation import gettext as _

from qala.people.access import Refused, Somebody, may, may_somewhere
from qala.people.models import Organisation
from qala.places import geofiles
from qala.portal.map.models import Feature, Layer
from qala.portal.map.styles import LayerStyle

AS_GEOJSON = 3000
"""A layer of at most so many objects goes to the browser whole; a larger one as tiles."""


def may_edit(user: Somebody, layer: Layer) -> bool:
    """Whether somebody may change a layer: in its city, or in the organisation that owns it."""
    return may(user, "layers.edit", city=layer.city, organisation=layer.owner_id)


def may_see(user: Somebody, layer: Layer) -> bool:
    """Whether somebody may see a layer that is published; drafts and withdrawn ones are for its editors."""
    if may_edit(user, layer):
        return True
    if layer.state != "published" or not may(user, "map.see", city=layer.city):
        return False
    own = layer.owner_id is not None and getattr(user, "organisation_id", None) == layer.owner_id
    return (
        layer.shown_to == Layer.Audience.PUBLIC
        or own
        or may(user, "rows.see", city=layer.city, organisation=layer.owner_id)
    )


def access_layer(user: Somebody, number: int, *, edit: bool = False) -> Layer:
    """A layer; 404 where there is none that the user may see, `Refused` where they may not change it."""
    found = Layer.objects.select_related("owner").filter(pk=number).first()
    if found is None or not may_see(user, found):
        if found is not None and found.state == "published":
            raise Refused("layers.edit" if edit else "rows.see", guest=not user.is_authenticated)
        raise Http404(_("There is no such layer."))
    if edit and not may_edit(user, found):
        raise Refused("layers.edit", guest=not user.is_authenticated)
    return found


def layers_for(user: Somebody, city: str | None = None) -> list[Layer]:
    """All layers that somebody may see, those of a city if it is named."""
    found = Layer.objects.select_related("owner")
    if city:
        found = found.filter(city=city)
    return [layer for layer in found if may_see(user, layer)]


def owners_for(user: Somebody, city: str) -> list[Organisation]:
    """The organisations in whose name somebody may publish in a city."""
    if not may_somewhere(user, "layers.edit"):
        return []
    of_city = Organisation.objects.filter(Q(city=city) | Q(city=""), is_active=True)
    return [one for one in of_city if may(user, "layers.edit", city=city, organisation=one.pk)]


def features_at(layer: Layer, version: int | None = None) -> QuerySet[Feature]:
    """The objects of a version (default: the one that is shown)."""
    if version is None or version == layer.version:
        return layer.features.filter(until=None)
    return layer.features.filter(since__lte=version).filter(Q(until=None) | Q(until__gt=version))


def as_files_say(layer: Layer) -> list[geofiles.Feature]:
    """The layer's objects as a file holds them, their columns in order."""
    names = columns(layer)
    return [
        geofiles.Feature(one.geometry, {name: one.properties.get(name) for name in names})
        for one in features_at(layer).iterator(chunk_size=2000)
    ]


def geojson(layer: Layer) -> dict[str, Any]:
    """What the map draws: `id` is the object's key."""
    features = [
        {"type": "Feature", "geometry": one.geometry, "properties": {**one.properties, "id": one.key}}
        for one in features_at(layer).iterator(chunk_size=2000)
    ]
    return {"type": "FeatureCollection", "features": features}


def columns(layer: Layer) -> list[str]:
    """Names of the columns that its objects have now, in the file's order."""
    names: dict[str, None] = dict.fromkeys(layer.columns)
    for properties in features_at(layer).values_list("properties", flat=True)[:2000]:
        names.update(dict.fromkeys(properties))
    return list(names)


def bounds(layer: Layer) -> tuple[float, float, float, float] | None:
    """The box of its objects, or None where it has none."""
    from django.db.models import Max, Min

    box = features_at(layer).aggregate(w=Min("west"), s=Min("south"), e=Max("east"), n=Max("north"))
    if box["w"] is None:
        return None
    margin = 0.002
    return box["w"] - margin, box["s"] - margin, box["e"] + margin, box["n"] + margin


def style_of(layer: Layer) -> LayerStyle:
    """Its look."""
    return LayerStyle.model_validate(layer.style)


def shapes(layer: Layer) -> set[str]:
    """Which kinds of geometry it has."""
    return set(features_at(layer).values_list("geometry__type", flat=True).distinct())


def shape_word(kinds: set[str]) -> str:
    """point, line, area or mixed."""
    words = {
        {"P": "point", "L": "line"}.get(kind.removeprefix("Multi")[0], "") if "Polygon" not in kind else "area"
        for kind in kinds
    }
    return words.pop() if len(words) == 1 else "mixed"


def history_of(layer: Layer, key: int) -> Sequence[Feature]:
    """Every state of an object, the newest first."""
    return list(layer.features.filter(key=key).order_by("-since"))
