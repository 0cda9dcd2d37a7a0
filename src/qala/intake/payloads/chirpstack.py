"""Uplinks of LoRaWAN devices as ChirpStack 4 sends them in JSON."""

from __future__ import annotations

from decimal import Decimal, InvalidOperation
from typing import Any

from qala.intake.payloads.flat import rows_of
from qala.intake.payloads.json_text import parsed
from qala.intake.payloads.limits import Row, Undecodable, shown
from qala.intake.payloads.message import Message

_VERSION_3 = ("applicationID", "devEUI", "objectJSON")


def chirpstack_rows(message: Message) -> list[Row]:
    """One row an uplink: the event as it is, with dotted headers (`deviceInfo.devEui`, `object.temperature`).

    Of the gateways that heard it, the loudest stands as `rx.gatewayId`, `rx.rssi`, `rx.snr`, `rx.location.…`, and their
    number as `rx.gateways`. A device that sends several readings at once names the array: rows at `object.readings`.
    Other events (join, status, ack, log) give no rows.

    Raises:
        Undecodable: not such an event; protobuf instead of JSON; an event of ChirpStack 3.
    """
    event = message.topic.rpartition("/event/")[2] if "/event/" in message.topic else ""
    if event and event != "up":
        return []
    if message.body.lstrip(b"\xef\xbb\xbf \t\r\n")[:1] != b"{":
        raise Undecodable(
            "this is not JSON", hint="in ChirpStack's integration choose the JSON encoding (json = true), not protobuf"
        )
    document = parsed(message.body, message.limits)
    if not isinstance(document, dict) or not isinstance(document.get("deviceInfo"), dict):
        old = isinstance(document, dict) and any(key in document for key in _VERSION_3)
        raise Undecodable(
            "this is an event of ChirpStack 3" if old else "this is not an event of ChirpStack 4: it has no deviceInfo",
            hint="take it as plain JSON with a mapping" if old else "",
        )
    if not event and "fCnt" not in document and "rxInfo" not in document:
        return []
    heard = document.pop("rxInfo", None)
    gateways: list[dict[str, Any]] = []
    if isinstance(heard, list):
        gateways = [one for one in heard if isinstance(one, dict)]
    loudest: dict[str, Any] = max(gateways, key=_loudness) if gateways else {}
    document["rx"] = {**loudest, "gateways": str(len(gateways))}
    return rows_of(document, message.rows_at, message.limits)


def _loudness(gateway: dict[str, Any]) -> tuple[Decimal, Decimal]:
    return _number(gateway.get("rssi")), _number(gateway.get("snr"))


def _number(value: Any) -> Decimal:
    try:
        number = Decimal(value) if isinstance(value, str) else Decimal("-Infinity")
    except InvalidOperation:
        raise Undecodable(f"the signal {shown(value)} of a gateway is no number") from None
    return Decimal("-Infinity") if number.is_nan() else number
