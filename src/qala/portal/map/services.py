"""Changing departments' layers: every change is a version with its author, and none is ever lost."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.db import transaction
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext as _
from shapely.geometry import shape

from qala.people import audit
from qala.places import geofiles
from qala.portal.map.models import Feature, Layer, LayerVersion
from qala.portal.map.own_queries import features_at
from qala.portal.map.styles import LayerStyle
from qala.standard import Problem

_CHUNK = 2000


@transaction.atomic
def create_layer(request: HttpRequest, layer: Layer, features: Sequence[geofiles.Feature], note: str) -> Layer:
    """Keep a new layer as a draft with its first version."""
    layer.save()
    audit.wrote(request, "create_layer", layer, after=audit.said(layer))
    return replace_all(request, layer, features, note)


@transaction.atomic
def replace_all(request: HttpRequest, layer: Layer, features: Sequence[geofiles.Feature], note: str) -> Layer:
    """Put other objects in the place of all that the layer has."""
    layer = _held(layer)
    number = layer.version + 1
    layer.columns = geofiles.columns_of(features)
    features_at(layer).update(until=number)
    first = (layer.features.order_by("-key").values_list("key", flat=True).first() or 0) + 1
    _add(layer, number, [(first + at, one.geometry, one.properties) for at, one in enumerate(features)])
    return _close(request, layer, number, note)


@transaction.atomic
def change_object(
    request: HttpRequest, layer: Layer, key: int | None, geometry: dict[str, Any], properties: dict[str, Any], seen: int
) -> Feature:
    """Change an object, or add one (`key` None).

    Args:
        seen: the layer's version that the author looked at.

    Raises:
        Problem: somebody else changed the same object since.
    """
    layer = _held(layer)
    number = layer.version + 1
    if key is None:
        key = (layer.features.order_by("-key").values_list("key", flat=True).first() or 0) + 1
        note = _("Object %(key)s added") % {"key": key}
    else:
        _end(layer, key, number, seen)
        note = _("Object %(key)s changed") % {"key": key}
    _add(layer, number, [(key, geometry, properties)])
    _close(request, layer, number, note)
    return layer.features.get(key=key, since=number)


@transaction.atomic
def delete_object(request: HttpRequest, layer: Layer, key: int, seen: int) -> Layer:
    """Take an object out; its history stays."""
    layer = _held(layer)
    number = layer.version + 1
    _end(layer, key, number, seen)
    return _close(request, layer, number, _("Object %(key)s deleted") % {"key": key})


@transaction.atomic
def bring_back(request: HttpRequest, layer: Layer, version: int) -> Layer:
    """Make what an earlier version held the newest version.

    Raises:
        Problem: there is no such version.
    """
    layer = _held(layer)
    if not layer.versions.filter(number=version).exists():
        raise Problem(_("There is no version %(number)s.") % {"number": version})
    number = layer.version + 1
    wanted = {one.key: one for one in features_at(layer, version)}
    now = {one.key: one for one in features_at(layer)}
    same = {key for key, one in wanted.items() if key in now and now[key].pk == one.pk}
    layer.features.filter(pk__in=[one.pk for key, one in now.items() if key not in same]).update(until=number)
    _add(layer, number, [(key, one.geometry, one.properties) for key, one in wanted.items() if key not in same])
    return _close(request, layer, number, _("Version %(number)s brought back") % {"number": version})


@transaction.atomic
def restyle(request: HttpRequest, layer: Layer, style: LayerStyle) -> None:
    """Change how it is drawn."""
    before, layer.style = layer.style, style.model_dump()
    layer.save(update_fields=["style", "changed_at"])
    audit.wrote(request, "restyle_layer", layer, before, layer.style)


@transaction.atomic
def describe(request: HttpRequest, layer: Layer, before: dict[str, Any]) -> None:
    """Keep changed names, owner and audience."""
    layer.save()
    audit.wrote(request, "describe_layer", layer, before, audit.said(layer))


@transaction.atomic
def publish(request: HttpRequest, layer: Layer) -> None:
    """Show a draft, or bring back a layer that was withdrawn."""
    before = layer.state
    layer.published_at, layer.withdrawn_at = layer.published_at or timezone.now(), None
    layer.save()
    audit.wrote(request, "publish_layer", layer, {"state": before}, {"state": layer.state})


@transaction.atomic
def withdraw(request: HttpRequest, layer: Layer) -> None:
    """Take a layer off the map; nothing is deleted."""
    before, layer.withdrawn_at = layer.state, timezone.now()
    layer.save()
    audit.wrote(request, "withdraw_layer", layer, {"state": before}, {"state": layer.state})


def _held(layer: Layer) -> Layer:
    return Layer.objects.select_for_update(of=("self",)).get(pk=layer.pk)


def _end(layer: Layer, key: int, number: int, seen: int) -> None:
    now = layer.features.filter(key=key, until=None).first()
    if now is None or now.since > seen:
        raise Problem(_("Somebody else has changed this object meanwhile. Look at it again, then repeat your change."))
    now.until = number
    now.save(update_fields=["until"])


def _add(layer: Layer, number: int, found: Sequence[tuple[int, dict[str, Any], dict[str, Any]]]) -> None:
    rows = []
    for key, geometry, properties in found:
        west, south, east, north = shape(geometry).bounds
        rows.append(
            Feature(
                layer=layer, key=key, since=number, geometry=geometry, properties=properties,
                west=west, south=south, east=east, north=north,
            )
        )  # fmt: skip
    Feature.objects.bulk_create(rows, batch_size=_CHUNK)


def _close(request: HttpRequest, layer: Layer, number: int, note: str) -> Layer:
    before, layer.version = layer.version, number
    layer.save(update_fields=["version", "columns", "changed_at"])
    author = request.user if request.user.is_authenticated else None
    count = features_at(layer).count()
    LayerVersion.objects.create(layer=layer, number=number, note=note[:300], objects_count=count, made_by=author)
    after = {"version": number, "objects": count, "note": note}
    audit.wrote(request, "change_layer", layer, {"version": before}, after)
    return layer
