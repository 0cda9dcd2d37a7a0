"""Sparkplug B (Eclipse Sparkplug 3.0): metrics as rows, names and types kept from the BIRTH, lost messages told."""

from __future__ import annotations

import base64
from collections import OrderedDict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from google.protobuf.message import DecodeError

from qala.intake.payloads import sparkplug_schema as schema
from qala.intake.payloads.floats import float32, float64
from qala.intake.payloads.limits import USUAL, Counted, Limits, Row, Undecodable, shown, within_size
from qala.intake.payloads.message import Message
from qala.intake.payloads.moments import from_milliseconds, iso
from qala.intake.payloads.protobuf_wire import fields
from qala.intake.payloads.sparkplug_arrays import array_text
from qala.intake.payloads.unpacking import unpacked

_NAMESPACE = "spBv1.0"
_COMPRESSED = "SPBV1.0_COMPRESSED"
_BIRTHS, _DATA = ("NBIRTH", "DBIRTH"), ("NDATA", "DDATA")
_OTHER = ("NDEATH", "DDEATH", "NCMD", "DCMD", "STATE")
_NOT_FACTS = ("bdSeq", "Node Control/", "Device Control/")
_SEQUENCE = 256
_METRIC_BYTES = 1 << 20
_METRICS_KEPT = 1_000_000
_PROPERTIES_DEEP = 8
_TEMPLATES_DEEP = 16


class NotBornError(Undecodable):
    """A metric by alias, or without its type, of a node whose BIRTH was not seen: ask for a rebirth, then replay.

    Args:
        node: group and edge node.
    """

    def __init__(self, node: tuple[str, str], what: str) -> None:
        group, name = node
        super().__init__(
            f"{what}: the BIRTH of this node was not seen",
            where=f"group {shown(group)}, node {shown(name)}",
            hint=f"publish Node Control/Rebirth = true to {_NAMESPACE}/{group}/NCMD/{name}, then replay",
        )
        self.node = node


@dataclass(frozen=True)
class Gap:
    """Messages of a node that did not come: `expected` to `got` - 1, around 256."""

    node: tuple[str, str]
    expected: int
    got: int

    @property
    def missing(self) -> int:
        return (self.got - self.expected) % _SEQUENCE


@dataclass(frozen=True)
class Decoded:
    """What a message held.

    Args:
        rows: one for each metric, for each row of a data set, for each metric of a template.
        gap: what is missing before it, if anything; the host asks for a rebirth then.
        kind: its type in the topic: NBIRTH, NDATA, …
    """

    rows: list[Row]
    kind: str
    gap: Gap | None = None


@dataclass
class _Node:
    names: dict[int, str] = field(default_factory=dict)
    types: dict[tuple[str, str], int] = field(default_factory=dict)  # by device and metric
    next_seq: int | None = None

    @property
    def size(self) -> int:
        return len(self.names) + len(self.types)


@dataclass(frozen=True)
class _Topic:
    node: tuple[str, str]
    kind: str
    device: str


class SparkplugDecoder:
    """Decodes the messages of many nodes, in the order in which they come.

    What it keeps is what the BIRTH messages said: give it the last NBIRTH and DBIRTHs of a node, and it knows that node.
    It forgets the nodes not heard of for longest when it knows a million metrics.
    """

    def __init__(self) -> None:
        self._nodes: OrderedDict[tuple[str, str], _Node] = OrderedDict()
        self._kept = 0

    def decode(self, topic: str, body: bytes, received: datetime, limits: Limits = USUAL) -> Decoded:
        """Decode one message.

        Args:
            topic: `spBv1.0/group/NDATA/node/device`; empty for a pasted sample, whose metrics must have names.
            received: stands in where neither metric nor message has a time; UTC.

        Raises:
            NotBornError: an alias or a type that no BIRTH has told.
            Undecodable: not a Sparkplug B message, or beyond the bounds.
        """
        where = _topic(topic)
        if where.kind in _OTHER:
            if where.kind == "NDEATH" and where.node in self._nodes:
                self._nodes[where.node].next_seq = None
            return Decoded([], where.kind)
        within_size(body, limits)
        message = _Message.read(body, limits)
        metrics = [_metric(piece, at) for at, piece in enumerate(message.metrics, 1)]
        node = self._nodes.get(where.node) or _Node()
        gap = None
        if where.kind in _BIRTHS:
            node = self._born(where, node, metrics)
        if where.kind == "NBIRTH":
            node.next_seq = None
        reading = _Reading(where, message, node, received, Counted(limits))
        for metric in metrics:
            reading.metric(metric)
        if message.seq is not None and where.kind:
            if node.next_seq is not None and message.seq not in (node.next_seq, (node.next_seq - 1) % _SEQUENCE):
                gap = Gap(where.node, node.next_seq, message.seq)
            node.next_seq = (message.seq + 1) % _SEQUENCE
        return Decoded(reading.found.rows, where.kind, gap)

    def forget_sequences(self) -> None:
        """Miss nothing before the next message of each node: after a pause in which messages come again."""
        for node in self._nodes.values():
            node.next_seq = None

    def _born(self, where: _Topic, old: _Node, metrics: list[Any]) -> _Node:
        node = _Node() if where.kind == "NBIRTH" else old
        before = old.size if where.node in self._nodes else 0
        for metric in metrics:
            if metric.HasField("alias"):
                node.names[metric.alias] = metric.name
            node.types[where.device, metric.name] = metric.datatype
        self._kept += node.size - before
        self._nodes[where.node] = node
        self._nodes.move_to_end(where.node)
        while self._kept > _METRICS_KEPT and len(self._nodes) > 1:
            self._kept -= self._nodes.popitem(last=False)[1].size
        return node


def sparkplug_rows(message: Message) -> list[Row]:
    """One message by itself: for samples, and for nodes that send names and types with every metric."""
    return SparkplugDecoder().decode(message.topic, message.body, message.received, message.limits).rows


def rebirth(node: tuple[str, str], now: datetime) -> tuple[str, bytes]:
    """Topic and payload of the command by which a host asks a node for its BIRTH (3.0, chapter 5)."""
    payload = schema.Payload(timestamp=int(now.timestamp() * 1000))
    payload.metrics.add(name="Node Control/Rebirth", datatype=schema.DATA_TYPES.index("Boolean"), boolean_value=True)
    return f"{_NAMESPACE}/{node[0]}/NCMD/{node[1]}", payload.SerializeToString()


def _topic(topic: str) -> _Topic:
    if not topic:
        return _Topic(("", ""), "", "")
    parts = topic.split("/")
    parts = parts[parts.index(_NAMESPACE) + 1 :] if _NAMESPACE in parts else []
    if len(parts) == 2 and parts[0] == "STATE":
        return _Topic(("", ""), "STATE", "")
    if len(parts) not in (3, 4) or parts[1] not in (*_BIRTHS, *_DATA, *_OTHER):
        raise Undecodable(
            "the topic is not one of Sparkplug B", where=shown(topic), hint=f"{_NAMESPACE}/group/NDATA/node/device"
        )
    return _Topic((parts[0], parts[2]), parts[1], parts[3] if len(parts) == 4 else "")


@dataclass
class _Message:
    metrics: list[bytes] = field(default_factory=list)
    timestamp: int | None = None
    seq: int | None = None
    uuid: bytes = b""
    body: bytes = b""

    @staticmethod
    def read(body: bytes, limits: Limits, packed: bool = True) -> _Message:
        found = _Message()
        for number, value in fields(body):
            if number == 2 and isinstance(value, bytes):
                found.metrics.append(value)
            elif number == 1 and isinstance(value, int):
                found.timestamp = value
            elif number == 3 and isinstance(value, int):
                found.seq = value % _SEQUENCE
            elif number == 4 and isinstance(value, bytes):
                found.uuid = value
            elif number == 5 and isinstance(value, bytes):
                found.body = value
            elif number <= 5:
                raise Undecodable("this is not a Sparkplug B message", where=f"field {number}")
            if len(found.metrics) > limits.rows:
                raise Undecodable(f"more than {limits.rows} metrics in one message", hint="send smaller messages")
        if found.uuid == _COMPRESSED.encode():
            if not packed:
                raise Undecodable("the message is compressed twice")
            encoding = "gzip" if found.body.startswith(b"\x1f\x8b") else "deflate"
            return _Message.read(unpacked(found.body, encoding, limits), limits, packed=False)
        return found


def _metric(piece: bytes, number: int) -> Any:
    if len(piece) > _METRIC_BYTES:
        raise Undecodable(f"a metric has more than {_METRIC_BYTES} bytes", where=f"metric {number}")
    try:
        return schema.Metric.FromString(piece)
    except (DecodeError, UnicodeDecodeError):
        raise Undecodable("this is not a Sparkplug B metric", where=f"metric {number}") from None


class _Reading:
    """One message becoming rows."""

    def __init__(self, where: _Topic, message: _Message, node: _Node, received: datetime, found: Counted) -> None:
        self.where, self.node, self.found = where, node, found
        self.sent = iso(received) if message.timestamp is None else from_milliseconds(message.timestamp)
        self.always: Row = {
            "group_id": where.node[0] or None,
            "edge_node_id": where.node[1] or None,
            "device_id": where.device or None,
            "message_type": where.kind or None,
            "seq": None if message.seq is None else str(message.seq),
        }

    def metric(
        self, metric: Any, before: str = "", extra: Mapping[str, str | None] | None = None, deep: int = 0
    ) -> None:
        name = metric.name
        if not name and metric.HasField("alias"):
            name = self.node.names.get(metric.alias, "")
            if not name:
                raise NotBornError(self.where.node, f"the alias {metric.alias} is not known")
        if not name:
            raise Undecodable("a metric has neither name nor alias")
        if not before and name.startswith(_NOT_FACTS):
            return
        kind = metric.datatype or (0 if before else self.node.types.get((self.where.device, name), 0))
        row = {
            **self.always,
            "metric": before + name,
            "datatype": schema.DATA_TYPES[kind] if 0 < kind < len(schema.DATA_TYPES) else None,
            "value": None,
            "timestamp": from_milliseconds(metric.timestamp) if metric.HasField("timestamp") else self.sent,
            "is_historical": _word(metric.is_historical),
            "is_transient": _word(metric.is_transient),
            **(extra or {}),
        }
        if metric.HasField("properties"):
            row.update(_properties(metric.properties, "properties.", _PROPERTIES_DEEP))
        if metric.HasField("metadata"):
            row.update({f"metadata.{one.name}": _any(value) for one, value in metric.metadata.ListFields()})
        which = metric.WhichOneof("value")
        if metric.is_null or which is None:
            self.found.add(row)
        elif which == "dataset_value":
            for cells in _dataset(metric.dataset_value):
                self.found.add({**row, **cells})
        elif which == "template_value":
            self._template(metric.template_value, row, deep)
        else:
            row["value"] = self._scalar(metric, which, kind)
            self.found.add(row)

    def _template(self, template: Any, row: Row, deep: int) -> None:
        if deep >= _TEMPLATES_DEEP:
            raise Undecodable("templates are nested too deep")
        if template.is_definition:
            return
        extra: Row = {"template_ref": template.template_ref or None}
        for one in template.parameters:
            extra[f"parameters.{one.name}"] = _value(one, one.WhichOneof("value"), one.type)
        for inner in template.metrics:
            self.metric(inner, f"{row['metric']}/", extra, deep + 1)

    def _scalar(self, metric: Any, which: str, kind: int) -> str:
        if not kind and (metric.int_value >> 31 or metric.long_value >> 63):
            raise NotBornError(
                self.where.node, f"the type of {shown(metric.name)} is not known, and its sign hangs on it"
            )
        return _value(metric, which, kind) or ""


def _value(holder: Any, which: str | None, kind: int) -> str | None:
    """The one value of a metric, property, parameter or cell as text."""
    if which is None:
        return None
    value = getattr(holder, which)
    if which == "float_value":
        return float32(value)
    if which == "double_value":
        return float64(value)
    if which == "boolean_value":
        return _word(value)
    if which == "bytes_value":
        return array_text(value, kind) or base64.b64encode(value).decode("ascii")
    if which in ("int_value", "long_value"):
        if kind == schema.DATETIME:
            return from_milliseconds(value)
        bits = schema.SIGNED.get(kind)
        if bits:
            value &= (1 << bits) - 1
            value -= (value >> (bits - 1)) << bits
        return str(value)
    return str(value)


def _dataset(dataset: Any) -> Iterator[Row]:
    names, types = list(dataset.columns), list(dataset.types)
    if len(types) != len(names) or len(set(names)) != len(names):
        raise Undecodable(f"a data set has {len(names)} columns and {len(types)} types; each column has its own name")
    for number, one in enumerate(dataset.rows, 1):
        if len(one.elements) != len(names):
            raise Undecodable(
                f"a row of a data set has {len(one.elements)} cells, not {len(names)}", where=f"data set row {number}"
            )
        yield {
            f"value.{name}": _value(cell, cell.WhichOneof("value"), kind)
            for name, kind, cell in zip(names, types, one.elements, strict=True)
        }


def _properties(properties: Any, before: str, deep: int) -> Row:
    if deep <= 0:
        raise Undecodable("properties are nested too deep")
    found: Row = {}
    if len(properties.keys) != len(properties.values) or len(set(properties.keys)) != len(properties.keys):
        raise Undecodable("a metric has properties without values, values without keys, or a key twice")
    for key, value in zip(properties.keys, properties.values, strict=True):
        which = value.WhichOneof("value")
        if which == "propertyset_value":
            found.update(_properties(value.propertyset_value, f"{before}{key}.", deep - 1))
        elif which == "propertysets_value":
            for at, one in enumerate(value.propertysets_value.propertyset):
                found.update(_properties(one, f"{before}{key}.{at}.", deep - 1))
        else:
            found[before + key] = None if value.is_null else _value(value, which, value.type)
    return found


def _word(value: bool) -> str:
    return "true" if value else "false"


def _any(value: Any) -> str:
    return _word(value) if isinstance(value, bool) else str(value)
