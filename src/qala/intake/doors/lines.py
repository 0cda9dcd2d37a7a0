"""JSON lines, one by one: a broken line lies in quarantine by itself, under its own number."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from qala.intake.payloads import Row, Undecodable, decode


@dataclass
class Lines:
    """What a text came to.

    Args:
        unreadable: why, and the line.
        lines: the line of each row and then of each of the unreadable, from 1; empty where rows are numbered by their place.
    """

    rows: list[Row] = field(default_factory=list)
    unreadable: list[tuple[str, bytes]] = field(default_factory=list)
    lines: list[int] = field(default_factory=list)


def lines_of(content: bytes, *, rows_at: str = "", received: datetime) -> Lines:
    """The rows of JSON lines; empty lines are counted and are no rows."""
    found, broken = Lines(), []
    for number, line in enumerate(content.splitlines(), start=1):
        if line.strip():
            try:
                rows = decode("json", line, rows_at=rows_at, received=received)
            except Undecodable as error:
                found.unreadable.append((error.message, line))
                broken.append(number)
                continue
            found.rows += rows
            found.lines += [number] * len(rows)
    found.lines += broken
    return found
