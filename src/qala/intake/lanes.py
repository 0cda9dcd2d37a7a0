"""What waits to be checked: requests, by feed."""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from concurrent.futures import Future
from dataclasses import dataclass, field
from datetime import datetime

from qala.intake.feed import Feed, Taken
from qala.lake.border.live import Row


@dataclass
class Asked:
    """One request that waits in a lane."""

    rows: Sequence[Row]
    unreadable: Sequence[tuple[str, bytes]]
    received: datetime
    key: str
    replays: str = ""
    lines: Sequence[int] = ()
    answer: Future[Taken] = field(default_factory=Future)

    @property
    def size(self) -> int:
        return len(self.rows) + len(self.unreadable)

    def number(self, at: int) -> int:
        """As the sender counts: the line of a row (the unreadable follow the rows), or its place from 1."""
        return self.lines[at] if self.lines else at + 1


@dataclass(frozen=True)
class Lost:
    """What could not be decoded: why, the bytes, the receipt that its sender gets, its number there."""

    why: str
    content: bytes
    sent: str
    number: int


@dataclass
class Lane:
    feed: Feed
    waiting: deque[Asked] = field(default_factory=deque)
    rows: int = 0
    busy: bool = False
