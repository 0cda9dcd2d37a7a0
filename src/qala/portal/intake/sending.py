"""How a source sends: ready lines for a terminal, made of its own settings and of an example row of its dataset."""

from __future__ import annotations

import csv
import io
import json
import os
import shlex
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.utils.translation import gettext as _

from qala.datasets import Column, Contract
from qala.intake.doors.mqtt.broker import VARIABLE, Broker
from qala.intake.doors.mqtt.topics import OWN
from qala.intake.models import Source
from qala.intake.registry import START
from qala.lake.border.mapping import FromHeader, load_mapping
from qala.standard.problems import Problem

_TYPES = {
    "json": "application/json", "jsonl": "application/x-ndjson", "csv": "text/csv", "xml": "application/xml",
    "senml": "application/senml+json", "ngsi_ld": "application/ld+json",
}  # fmt: skip
_BY_TYPE: Mapping[str, Any] = {
    "text": "A1", "whole": 1, "decimal": Decimal("12.5"), "time": "2026-03-01T09:05:00+05:00", "day": "2026-03-01",
    "yes_no": True,
}  # fmt: skip
_SAID_FIRST = 10
"""Optional columns are left out of an example that is as long without them."""


@dataclass(frozen=True)
class Line:
    """A command: what it is for, and itself."""

    title: str
    text: str


def lines(request: HttpRequest, source: Source, contract: Contract, secret: str = "") -> list[Line]:
    """What to type to send a first row; the secret stands in it only on the page that shows it once."""
    secret = secret or f"{START}…"
    if source.door == Source.Door.HTTP:
        return _http(request, source, contract, secret)
    if source.door == Source.Door.MQTT:
        return _mqtt(source, contract, secret)
    return []


def door_address(request: HttpRequest) -> str:
    """Where the intake listens, as a sender reaches it."""
    return settings.PUBLIC_URL or settings.LIVE_URL or request.build_absolute_uri("/").rstrip("/")


def _http(request: HttpRequest, source: Source, contract: Contract, secret: str) -> list[Line]:
    address = f"{door_address(request)}/api/v1/intake/{source.dataset}"
    body = example_message(source, contract)
    data = f"-d {shlex.quote(body)}" if body else "--data-binary @message"
    proof = shlex.quote(f"Authorization: Bearer {secret}")
    kind = _TYPES.get(source.format, "application/octet-stream")
    nothing = json.dumps({"first": "2026-03-01", "last": "2026-03-31"})
    return [
        Line(_("Send a row"), f"curl -H {proof} \\\n     -H 'Content-Type: {kind}' \\\n     {data} \\\n     {address}"),
        Line(
            _("Say that nothing happened"),
            f"curl -H {proof} \\\n     -H 'Content-Type: application/json' \\\n"
            f"     -d {shlex.quote(nothing)} \\\n     {address}/nothing",
        ),
    ]


def _mqtt(source: Source, contract: Contract, secret: str) -> list[Line]:
    host, port, tls = "broker.example.kz", 8883, True
    try:
        broker = Broker.parse(os.environ.get(VARIABLE, ""))
        host, port, tls = broker.host, broker.port, broker.tls
    except Problem:
        pass
    topic = str(source.settings.get("topic") or f"{OWN}/{source.name}/1")
    topic = topic.replace("{", "").replace("}", "").replace("+", "1").replace("#", "1")
    body = example_message(source, contract)
    message = f"-m {shlex.quote(body)}" if body else "-f message"
    certificates = " --cafile ca.pem" if tls else ""
    return [
        Line(
            _("At the broker, once: the source's name is its user, the credential its password"),
            f"mosquitto_passwd -b /etc/mosquitto/passwd {source.name} {shlex.quote(secret)}",
        ),
        Line(
            _("Publish a row"),
            f"mosquitto_pub -V mqttv5 -q 1 -h {host} -p {port}{certificates} \\\n"
            f"     -u {source.name} -P {shlex.quote(secret)} \\\n     -t {shlex.quote(topic)} \\\n     {message}",
        ),
    ]


def example_message(source: Source, contract: Contract) -> str:
    """A message that this source could send; empty for formats that are not written by hand."""
    row = example_row(source, contract)
    if source.format == "csv":
        page = io.StringIO()
        writer = csv.writer(page, lineterminator="\n")
        writer.writerow(row)
        writer.writerow(_text(value) for value in row.values())
        return page.getvalue().rstrip()
    if source.format not in ("json", "jsonl"):
        return ""
    nested: dict[str, Any] = {}
    for header, value in row.items():
        _put(nested, header.split("."), float(value) if isinstance(value, Decimal) else value)
    if source.rows_at:
        outer: dict[str, Any] = {}
        _put(outer, source.rows_at.split("."), [nested])
        nested = outer
    return json.dumps(nested, ensure_ascii=False)


def example_row(source: Source, contract: Contract) -> dict[str, Any]:
    """Headers as the source's mapping has them, with an example value each."""
    said = load_mapping(source.mapping or None, contract).says
    row: dict[str, Any] = {}
    small = len(contract.all_columns) <= _SAID_FIRST
    for name, column in contract.all_columns.items():
        entry = said.columns.get(name)
        if entry is None:
            if small or not column.optional or name in (*contract.key, "registered_at"):
                row[name] = _example(column)
        elif isinstance(entry, str):
            row[entry] = _example(column)
        elif isinstance(entry, FromHeader) and entry.header is not None:
            value = _example(column)
            row[entry.header] = next((k for k, v in (entry.map or {}).items() if v == value), None) or (
                next(iter(entry.map)) if entry.map else value
            )
    return row


def _example(column: Column) -> Any:
    if column.example is not None:
        return column.example.isoformat() if isinstance(column.example, date) else column.example
    if column.one_of:
        return column.one_of[0]
    value = _BY_TYPE[column.type]
    if column.type in ("whole", "decimal"):
        if column.min is not None and value < column.min:
            value = column.min
        if column.max is not None and value > column.max:
            value = column.max
    return value


def _put(into: dict[str, Any], path: list[str], value: Any) -> None:
    for step in path[:-1]:
        inner = into.setdefault(step, {})
        if not isinstance(inner, dict):
            return
        into = inner
    into[path[-1]] = value


def _text(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)
