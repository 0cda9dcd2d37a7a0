"""What a simulated city plays, and by which door."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Way = Literal["http", "mqtt", "files", "pull"]


@dataclass(frozen=True)
class Part:
    """One system of a city that sends one dataset.

    Attributes:
        least_s: something happens at least every so many seconds, however small the city is.
        at_once: rows that are gathered into one message or file.
        lasts_s: what is opened is over after so long (seconds at the wall), and is sent again as over.
        ends: the column with the time at which it is over.
    """

    dataset: str
    door: Way
    least_s: float
    at_once: int = 1
    lasts_s: tuple[float, float] = (0.0, 0.0)
    ends: str = ""

    def name(self, city: str) -> str:
        """Of the source."""
        return f"live-{city}-{self.dataset}".lower().replace("_", "-").replace(".", "-")


PARTS: tuple[Part, ...] = (
    Part("transport.positions", "pull", 2),
    Part("transport.boardings", "files", 0.5, at_once=20),
    Part("contact_centre.appeals", "http", 6, lasts_s=(30, 120), ends="closed_at"),
    Part("situation_centre.incidents", "http", 15, lasts_s=(40, 160), ends="closed_at"),
    Part("heat.outages", "http", 40, lasts_s=(30, 150), ends="restored_at"),
    Part("water.outages", "http", 50, lasts_s=(30, 150), ends="restored_at"),
    Part("power.outages", "http", 45, lasts_s=(30, 120), ends="restored_at"),
    Part("gas.outages", "http", 60, lasts_s=(30, 120), ends="restored_at"),
    Part("heat.readings", "mqtt", 0.4, at_once=10),
    Part("situation_centre.air_readings", "mqtt", 0.5, at_once=5),
)
