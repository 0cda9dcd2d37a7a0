"""GTFS Realtime 2.0: vehicle positions, trip updates and alerts as rows."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from google.protobuf.descriptor import FieldDescriptor
from google.protobuf.message import DecodeError
from google.transit import gtfs_realtime_pb2 as realtime

from qala.intake.payloads.floats import float32, float64
from qala.intake.payloads.limits import Counted, Row, Undecodable, shown
from qala.intake.payloads.message import Message
from qala.intake.payloads.moments import from_seconds
from qala.intake.payloads.protobuf_wire import fields

_KINDS = ("vehicle", "trip_update", "alert")
_ENTITY_BYTES = 1 << 20
_TIMES = frozenset({"timestamp", "time", "start", "end", "feed_end"})


def gtfs_rt_rows(message: Message) -> list[Row]:
    """Rows of a feed, named as its fields are (`trip.trip_id`, `position.latitude`); times are UTC.

    A vehicle position is one row; a trip update one for each stop (`stop.stop_id`, `stop.arrival.time`), or one if it
    names none; an alert one for each thing that it is about (`about.route_id`), its texts by language
    (`header_text.kk`). Each has `entity`, `entity_id`, `is_deleted`, `feed_timestamp`, `incrementality`.

    Args:
        rows_at: which of them: `vehicle`, `trip_update` or `alert`; all if empty.

    Raises:
        Undecodable: not a feed, or beyond the bounds.
    """
    if message.rows_at not in ("", *_KINDS):
        raise Undecodable(
            f"a feed has no {shown(message.rows_at)}", where="rows at", hint="one of " + ", ".join(_KINDS)
        )
    found = Counted(message.limits)
    header: Row | None = None
    waiting: list[bytes] = []
    for number, value in fields(message.body):
        if number not in (1, 2):
            continue
        if not isinstance(value, bytes):
            raise Undecodable("this is not a GTFS Realtime feed", where=f"field {number}")
        if number == 1:
            header = _header(value)
        elif len(waiting) >= message.limits.rows:
            raise Undecodable(f"more than {message.limits.rows} entities in one feed")
        else:
            waiting.append(value)
    if header is None:
        raise Undecodable("this is not a GTFS Realtime feed: it has no header", hint="is it JSON, or an error page?")
    for at, piece in enumerate(waiting, 1):
        if len(piece) > _ENTITY_BYTES:
            raise Undecodable(f"an entity has more than {_ENTITY_BYTES} bytes", where=f"entity {at}")
        for row in _entity(_parsed(realtime.FeedEntity, piece, f"entity {at}"), message.rows_at, header):
            found.add(row)
    return found.rows


def _parsed(kind: Any, piece: bytes, where: str) -> Any:
    try:
        return kind.FromString(piece)
    except (DecodeError, UnicodeDecodeError):
        raise Undecodable("this is not a GTFS Realtime feed", where=where) from None


def _header(piece: bytes) -> Row:
    header = _parsed(realtime.FeedHeader, piece, "header")
    return {
        "feed_timestamp": from_seconds(header.timestamp) if header.HasField("timestamp") else None,
        "incrementality": realtime.FeedHeader.Incrementality.Name(header.incrementality),
    }


def _entity(entity: Any, wanted: str, header: Row) -> Iterator[Row]:
    for kind in _KINDS:
        if wanted not in ("", kind) or not entity.HasField(kind):
            continue
        message = getattr(entity, kind)
        always: Row = {
            "entity": kind,
            "entity_id": _utf8(entity.id),
            "is_deleted": "true" if entity.is_deleted else "false",
            **header,
        }
        if kind == "vehicle":
            yield always | _flat(message, "", {"multi_carriage_details"})
        elif kind == "trip_update":
            around = always | _flat(message, "", {"stop_time_update"})
            for stop in message.stop_time_update:
                yield around | _flat(stop, "stop.", set())
            if not message.stop_time_update:
                yield around
        else:
            around = always | _alert(message)
            for about in message.informed_entity:
                yield around | _flat(about, "about.", set())
            if not message.informed_entity:
                yield around
    if entity.is_deleted and not any(entity.HasField(kind) for kind in _KINDS) and not wanted:
        yield {"entity": None, "entity_id": _utf8(entity.id), "is_deleted": "true", **header}


def _alert(alert: Any) -> Row:
    row = _flat(alert, "", {"active_period", "informed_entity"})
    periods = list(alert.active_period)
    row["active_from"] = from_seconds(min(one.start for one in periods)) if _all(periods, "start") else None
    row["active_until"] = from_seconds(max(one.end for one in periods)) if _all(periods, "end") else None
    row["active_periods"] = str(len(periods))
    return row


def _all(periods: list[Any], field: str) -> bool:
    return bool(periods) and all(one.HasField(field) for one in periods)


def _flat(message: Any, before: str, without: set[str]) -> Row:
    row: Row = {}
    for field, value in message.ListFields():
        name = before + field.name
        if field.name in without or field.is_extension:
            continue
        if field.message_type is None:
            row[name] = _list(field, value) if field.is_repeated else _text(field, value)
        elif field.message_type.name in ("TranslatedString", "TranslatedImage"):
            row.update(_translations(value, name))
        elif not field.is_repeated:
            row.update(_flat(value, f"{name}.", set()))
    return row


def _translations(value: Any, name: str) -> Row:
    if hasattr(value, "localized_image"):
        said = [(one.language, one.url) for one in value.localized_image]
    else:
        said = [(one.language, one.text) for one in value.translation]
    return {f"{name}.{_utf8(language) or 'und'}": _utf8(text) for language, text in said}


def _utf8(value: str | bytes) -> str:
    """The library gives bytes where what should be a text is none."""
    if isinstance(value, bytes):
        raise Undecodable("a text of the feed is not in UTF-8", where=shown(repr(value)))
    return value


def _list(field: Any, values: Any) -> str:
    return ",".join(_text(field, value) for value in values)


def _text(field: Any, value: Any) -> str:
    if field.type == FieldDescriptor.TYPE_ENUM:
        known = field.enum_type.values_by_number.get(value)
        return known.name if known else str(value)
    if field.type == FieldDescriptor.TYPE_FLOAT:
        return float32(value)
    if field.type == FieldDescriptor.TYPE_DOUBLE:
        return float64(value)
    if field.type == FieldDescriptor.TYPE_BOOL:
        return "true" if value else "false"
    if field.name in _TIMES and field.cpp_type in (FieldDescriptor.CPPTYPE_INT64, FieldDescriptor.CPPTYPE_UINT64):
        return from_seconds(value)
    return _utf8(value) if field.type == FieldDescriptor.TYPE_STRING else str(value)
