"""One message, and what a decoder has to know of it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from qala.intake.payloads.limits import USUAL, Limits


@dataclass(frozen=True)
class Message:
    """A body as it came, without its compression.

    Args:
        rows_at: dotted path of the array that holds the rows, where the kind does not know it by itself.
        topic: of MQTT.
        received: UTC.
    """

    body: bytes
    received: datetime
    rows_at: str = ""
    topic: str = ""
    limits: Limits = USUAL
