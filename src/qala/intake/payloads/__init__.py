"""Payloads: what sources send, as rows of texts. Pure: no network, no database, no files.

A decoder takes any bytes whatever and either gives rows or raises `Undecodable`; its time and memory are bounded. It
does not judge values: numbers keep their digits, and what is no number is for the border to say.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime

from qala.intake.payloads.chirpstack import chirpstack_rows
from qala.intake.payloads.documents import csv_rows, json_lines, json_rows, xml_rows
from qala.intake.payloads.gtfs_rt import gtfs_rt_rows
from qala.intake.payloads.limits import USUAL, Limits, Row, Undecodable, within_size
from qala.intake.payloads.message import Message
from qala.intake.payloads.ngsi_ld import ngsi_ld_rows
from qala.intake.payloads.open311 import open311_rows
from qala.intake.payloads.senml import senml_rows
from qala.intake.payloads.sensorthings import sensorthings_rows
from qala.intake.payloads.sparkplug_b import Decoded, Gap, NotBornError, SparkplugDecoder, rebirth, sparkplug_rows
from qala.intake.payloads.unpacking import unpacked

__all__ = [
    "KINDS", "USUAL", "Decoded", "Gap", "Limits", "NotBornError", "Row", "SparkplugDecoder", "Undecodable", "decode",
    "rebirth", "unpacked",
]  # fmt: skip

KINDS: Mapping[str, Callable[[Message], list[Row]]] = {
    "json": json_rows,
    "jsonl": json_lines,
    "csv": csv_rows,
    "xml": xml_rows,
    "senml": senml_rows,
    "sparkplug_b": sparkplug_rows,
    "chirpstack": chirpstack_rows,
    "gtfs_rt": gtfs_rt_rows,
    "open311": open311_rows,
    "sensorthings": sensorthings_rows,
    "ngsi_ld": ngsi_ld_rows,
}


def decode(
    kind: str, body: bytes, *, rows_at: str = "", topic: str = "", received: datetime, limits: Limits = USUAL
) -> list[Row]:
    """The rows of one message.

    Args:
        kind: one of `KINDS`.
        body: as it came, without compression (`unpacked`).
        rows_at: dotted path of the array that holds the rows, where the kind does not know it by itself.
        topic: of MQTT, where the kind reads it.
        received: stands in for a time where the standard says so; UTC.

    Raises:
        Undecodable: the body is not of that kind, or beyond the bounds. Nothing else, on any bytes.
    """
    decoder = KINDS.get(kind)
    if decoder is None:
        raise Undecodable(f"messages of the kind {kind!r} are not read", hint="one of " + ", ".join(KINDS))
    within_size(body, limits)
    return decoder(Message(body, received, rows_at, topic, limits))
