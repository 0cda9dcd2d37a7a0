"""A source and rows for trials of the intake."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from trial_lake import CITY, VISITS


@dataclass(frozen=True)
class TrialFeed:
    """A source that needs no database."""

    name: str = "front-desk"
    city: str = CITY
    dataset: str = VISITS
    door: str = "http"
    way: str = "integration"
    format: str = "json"
    rows_at: str = ""
    mapping: dict[str, Any] | None = None
    simulated: bool = False
    paused: bool = False
    every: int = 0
    settings: dict[str, Any] = field(default_factory=dict)


def row(number: object, **other: str | None) -> dict[str, str | None]:
    """A good row of `trial.visits`."""
    came: dict[str, str | None] = {
        "visit_id": str(number), "came_at": "2026-03-01 09:05", "kind": "short", "persons": "2", "citizen": "850101300123",
    }  # fmt: skip
    return {**came, **other}
