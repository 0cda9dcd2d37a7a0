"""Observations of OGC SensorThings 1.1: an answer of its API, or one observation as its MQTT extension publishes it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from qala.intake.payloads.flat import rows_of
from qala.intake.payloads.json_text import Digits, parsed
from qala.intake.payloads.limits import Limits, Row, Undecodable, keys_of, shown
from qala.intake.payloads.message import Message

_IN_TOPIC = re.compile(r"Datastreams\(([^)]{1,200})\)/Observations$")
_INTERVALS = ("phenomenonTime", "validTime")


def sensorthings_rows(message: Message) -> list[Row]:
    """One row an observation: `@iot.id`, `phenomenonTime`, `resultTime`, `result`, and what was expanded with it
    (`Datastream.@iot.id`, `Datastream.ObservedProperty.name`, `FeatureOfInterest.feature.coordinates.0`).

    An interval `a/b` also stands as `phenomenonTime.start` and `phenomenonTime.end`. Datastreams with expanded
    observations, and the data array format (1.1, 12), give the same rows.

    Raises:
        Undecodable: none of these, or the server's own words, if it sent an error.
    """
    document = parsed(message.body, message.limits)
    if message.rows_at:
        return rows_of(document, message.rows_at, message.limits)
    stream = _IN_TOPIC.search(message.topic)
    items = _items(document)
    found = [
        one for number, item in enumerate(items, 1) for one in _observations(item, f"element {number}", message.limits)
    ]
    for one in found:
        if stream and not isinstance(one.get("Datastream"), dict):
            one["Datastream"] = {"@iot.id": stream[1].strip("'")}
        for name in _INTERVALS:
            value = one.get(name)
            if isinstance(value, str) and value.count("/") == 1:
                start, _, end = value.partition("/")
                one[f"{name}.start"], one[f"{name}.end"] = start, end
        one.pop("@iot.selfLink", None)
    return rows_of(found, "", message.limits)


def _items(document: Any) -> list[Any]:
    if isinstance(document, dict):
        if isinstance(document.get("value"), list):
            return list(document["value"])
        if "result" in document or "Observations" in document:
            return [document]
        if "message" in document and "code" in document:
            raise Undecodable(f"the server answered: {shown(document['code'])} {shown(document['message'])}")
    raise Undecodable(
        "these are not observations of SensorThings",
        where="value",
        hint=f"the fields are: {keys_of(document)}" if isinstance(document, dict) else "ask for …/Observations",
    )


def _observations(item: Any, where: str, limits: Limits) -> Iterator[dict[str, Any]]:
    if not isinstance(item, dict):
        raise Undecodable("an observation is an object", where=where)
    if isinstance(item.get("dataArray"), list):
        yield from _data_array(item, where, limits)
    elif isinstance(item.get("Observations"), list):
        around = {key: value for key, value in item.items() if not key.startswith("Observations")}
        for one in item["Observations"]:
            if not isinstance(one, dict):
                raise Undecodable("an observation is an object", where=where)
            yield {**one, "Datastream": around}
    elif "result" in item or "phenomenonTime" in item:
        yield dict(item)
    else:
        raise Undecodable(
            "this is not an observation: it has neither result nor phenomenonTime",
            where=where,
            hint=f"its fields are: {keys_of(item)}",
        )


def _data_array(item: dict[str, Any], where: str, limits: Limits) -> Iterator[dict[str, Any]]:
    names = item.get("components")
    if not isinstance(names, list) or not all(type(name) is str for name in names) or len(set(names)) != len(names):
        raise Undecodable("a data array has its components, each once", where=where)
    if len(names) > limits.columns:
        raise Undecodable(f"a data array has more than {limits.columns} components", where=where)
    stream = item.get("Datastream")
    link = item.get("Datastream@iot.navigationLink")
    named = re.search(r"\(([^)]{1,200})\)", link) if isinstance(link, str) and not isinstance(link, Digits) else None
    if not isinstance(stream, dict):
        stream = {"@iot.id": named[1].strip("'")} if named else None
    for number, cells in enumerate(item["dataArray"], 1):
        if not isinstance(cells, list) or len(cells) != len(names):
            raise Undecodable(
                f"a row of a data array has as many cells as components: {len(names)}", where=f"{where}, row {number}"
            )
        yield {**({"Datastream": stream} if stream else {}), **dict(zip(names, cells, strict=True))}
