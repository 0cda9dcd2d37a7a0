"""What every decoder keeps to: one kind of error, and bounds that no sender can talk it out of."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from qala.standard.problems import Problem

Row = dict[str, str | None]
"""One row as it came: header -> text, or None where there is nothing."""

_SHOWN = 60
_LONG_NUMBER = re.compile(r"\d{7,}")


class Undecodable(Problem):
    """A body that is not what its source promised, or is too big: what, where and how to mend it."""


@dataclass(frozen=True)
class Limits:
    """Bounds of one decoded body. Memory and time are bounded by them, whatever the bytes.

    Args:
        size: bytes of the body, unpacked.
        rows: rows that it may give.
        cells: headers and values of all rows together; fields around an array count once for each of its elements.
        columns: headers of one row.
        depth: objects and arrays inside one another.
        listed: the longest array that becomes numbered headers; a longer one stays JSON text in one cell.
    """

    size: int = 16 << 20
    rows: int = 100_000
    cells: int = 2_000_000
    columns: int = 1000
    depth: int = 64
    listed: int = 16


USUAL = Limits()


class Counted:
    """Rows collected within the bounds.

    Raises:
        Undecodable: from `add`, where a bound is passed.
    """

    def __init__(self, limits: Limits) -> None:
        self.rows: list[Row] = []
        self._limits = limits
        self._cells = 0

    def add(self, row: Row) -> None:
        limits = self._limits
        self._cells += len(row)
        if len(row) > limits.columns or self._cells > limits.cells or len(self.rows) >= limits.rows:
            raise self._too_much(row)
        self.rows.append(row)

    def _too_much(self, row: Row) -> Undecodable:
        limits, where = self._limits, f"row {len(self.rows) + 1}"
        if len(row) > limits.columns:
            return Undecodable(
                f"a row has {len(row)} fields; at most {limits.columns} are read",
                where=where,
                hint="if an array inside it holds the rows, name it: rows at",
            )
        return Undecodable(
            f"more than {limits.rows} rows or {limits.cells} values in one message",
            where=where,
            hint="send smaller messages, or the whole as a file",
        )


def within_size(body: bytes, limits: Limits) -> None:
    """Refuse a body that is empty or too big.

    Raises:
        Undecodable: it is.
    """
    if not body:
        raise Undecodable("the message is empty", hint="send the rows, or nothing at all")
    if len(body) > limits.size:
        raise Undecodable(
            f"the message has {len(body)} bytes; at most {limits.size} are read",
            hint="send smaller messages, or the whole as a file",
        )


def shown(value: object) -> str:
    """A value for a message: short, on one line, printable, and without digits that could be somebody's number."""
    text = _LONG_NUMBER.sub("…", value if isinstance(value, str) else repr(value))
    text = text if text.isprintable() else text.encode("unicode_escape").decode("ascii")
    return text if len(text) <= _SHOWN else text[:_SHOWN] + "…"


def keys_of(value: object) -> str:
    """The keys of a mapping for a hint."""
    return ", ".join(shown(key) for key in list(value)[:20]) if isinstance(value, Mapping) else ""
