"""Entities of NGSI-LD (ETSI GS CIM 009), normalized, concise or simplified; and of NGSI v2, which looks alike."""

from __future__ import annotations

from typing import Any

from qala.intake.payloads.flat import put
from qala.intake.payloads.json_text import parsed
from qala.intake.payloads.limits import Counted, Limits, Row, Undecodable, keys_of, shown
from qala.intake.payloads.message import Message

# attribute type -> where its value is (clause 4.5)
_HOLDERS = {
    "Property": "value",
    "GeoProperty": "value",
    "Relationship": "object",
    "LanguageProperty": "languageMap",
    "VocabProperty": "vocab",
    "VocabularyProperty": "vocab",
    "JsonProperty": "json",
    "ListProperty": "valueList",
    "ListRelationship": "objectList",
}
_GEOMETRIES = frozenset({"Point", "MultiPoint", "LineString", "MultiLineString", "Polygon", "MultiPolygon"})
_META = frozenset(
    {"observedAt", "unitCode", "createdAt", "modifiedAt", "datasetId", "deletedAt", "previousValue", "instanceId"}
)
_ATTRIBUTES_DEEP = 8


def ngsi_ld_rows(message: Message) -> list[Row]:
    """One row an entity: `id`, `type`, and each attribute's value under its name, however it was represented.

    What belongs to an attribute follows it: `temperature.observedAt`, `temperature.unitCode`. A relationship's value is
    the id that it points to; texts by language are `name.kk`; a point is `location.coordinates.0` (longitude) and `.1`.
    Of several instances of one attribute, the one without `datasetId` has the plain header, others `name[datasetId]`. A
    notification gives its entities, with its `notifiedAt` and `subscriptionId`. `@context` is left out.

    Raises:
        Undecodable: no entities, or the broker's own words, if it sent an error.
    """
    document = parsed(message.body, message.limits)
    around: Row = {}
    if message.rows_at:
        document = _at(document, message.rows_at)
    if isinstance(document, dict) and isinstance(document.get("data"), list):
        for key in ("notifiedAt", "subscriptionId"):
            if isinstance(document.get(key), str):
                around[key] = str(document[key])
        document = document["data"]
    entities = document if isinstance(document, list) else [document]
    found = Counted(message.limits)
    for number, entity in enumerate(entities, 1):
        try:
            found.add(_entity(entity, message.limits) | around)
        except Undecodable as error:
            error.where = error.where or f"entity {number}"
            raise
    return found.rows


def _at(document: Any, rows_at: str) -> Any:
    for step in rows_at.split("."):
        if not isinstance(document, dict) or step not in document:
            raise Undecodable(f"there is nothing at {shown(rows_at)}", hint=f"the fields are: {keys_of(document)}")
        document = document[step]
    return document


def _entity(entity: Any, limits: Limits) -> Row:
    if not isinstance(entity, dict):
        raise Undecodable("an entity is an object")
    if "id" not in entity and "@id" not in entity:
        if "title" in entity or "error" in entity:
            said = " ".join(shown(entity[key]) for key in ("title", "error", "detail", "description") if key in entity)
            raise Undecodable(f"the broker answered: {said}")
        raise Undecodable("an entity has an id", hint=f"its fields are: {keys_of(entity)}")
    row: Row = {}
    for key, value in entity.items():
        if key == "@context":
            continue
        if key.removeprefix("@") in ("id", "type"):
            put(row, key.removeprefix("@"), value, limits)
        else:
            _attribute(row, key, value, limits, _ATTRIBUTES_DEEP)
    return row


def _attribute(row: Row, header: str, value: Any, limits: Limits, deep: int) -> None:
    if isinstance(value, list) and value and all(isinstance(one, dict) and _holder(one) for one in value):
        for at, one in enumerate(value):
            named = one.get("datasetId")
            number = str(at) if at else ""
            instance = named if isinstance(named, str) else number
            _attribute(row, f"{header}[{instance}]" if instance else header, one, limits, deep)
        return
    holder = _holder(value) if isinstance(value, dict) else None
    if holder is None or deep <= 0:
        put(row, header, _bare(value), limits)
        return
    put(row, header, _bare(value.get(holder)), limits)
    for key, inner in value.items():
        if key == holder or key == "type" or (key == "metadata" and not inner):
            continue
        if key == "metadata" and isinstance(inner, dict):  # NGSI v2
            for name, one in inner.items():
                _attribute(row, f"{header}.{name}", one, limits, deep - 1)
        else:
            _attribute(row, f"{header}.{key}", inner, limits, deep - 1)


def _holder(attribute: dict[str, Any]) -> str | None:
    """The key that holds an attribute's value, or None where the object is itself a value."""
    kind = attribute.get("type")
    if isinstance(kind, str):
        if kind in _GEOMETRIES and "coordinates" in attribute:
            return None
        holder = _HOLDERS.get(kind, "value")
        return holder if holder in attribute else None
    present = [key for key in ("value", "object", "languageMap", "vocab", "json") if key in attribute]
    if len(present) != 1:
        return None
    only = present[0]  # concise: the type is left out, but something is said of the value
    said = _META & attribute.keys() or any(isinstance(inner, dict) for key, inner in attribute.items() if key != only)
    return only if only != "value" or said else None


def _bare(value: Any) -> Any:
    """`{"@type": "DateTime", "@value": …}` as its value."""
    if isinstance(value, dict) and "@value" in value and set(value) <= {"@type", "@value"}:
        return value["@value"]
    return value
