"""A source as receiving knows it, and the receipt that its senders get."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol


class Feed(Protocol):
    """What receiving must know of a source."""

    @property
    def name(self) -> str: ...
    @property
    def city(self) -> str: ...
    @property
    def dataset(self) -> str: ...
    @property
    def way(self) -> str: ...
    @property
    def format(self) -> str: ...
    @property
    def rows_at(self) -> str: ...
    @property
    def mapping(self) -> Mapping[str, Any] | None: ...
    @property
    def simulated(self) -> bool: ...


@dataclass(frozen=True)
class Taken:
    """The receipt that a sender gets: its rows are on the disk. What became of them by key is known after the commit.

    Args:
        id: of this receipt.
        received: rows; accepted and quarantined are their sum.
        reasons: of the first refused rows: row (from 1), rules, reason.
        dropped: values under headers that the dataset has no column for, by header; they are kept nowhere.
        skipped: rows that the mapping leaves out.
        repeated: whether the same idempotency key was taken before; then nothing was written now.
    """

    id: str
    received: int
    accepted: int
    quarantined: int
    reasons: Sequence[Mapping[str, Any]] = ()
    dropped: Mapping[str, int] = field(default_factory=dict)
    skipped: int = 0
    repeated: bool = False

    def said(self) -> dict[str, Any]:
        """As JSON says it."""
        return {
            "id": self.id,
            "received": self.received,
            "accepted": self.accepted,
            "quarantined": self.quarantined,
            "skipped": self.skipped,
            "reasons": list(self.reasons),
            "dropped": dict(self.dropped),
            "repeated": self.repeated,
        }
