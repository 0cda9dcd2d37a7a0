"""How far a pull has read, by a value that rises: a number, a moment, a text.

Rows that share the last value, and rows that appear late within an overlap, are neither lost nor doubled: what was seen at
or after the floor is remembered by its digest, as often as it was seen, and passed over once for each time.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

from qala.intake.payloads.limits import Row
from qala.standard.problems import Problem

Value = int | Decimal | datetime | date | str
"""What may rise. Values of one column are of one type; a moment with a zone is kept in UTC."""

Valued = tuple[Row, Value | None]
"""A row and its value, if it has one."""

MOST_REMEMBERED = 50_000
_DIGEST_BYTES = 12


@dataclass(frozen=True)
class Mark:
    """How far a source has been read.

    Args:
        high: the highest value seen; None before the first row.
        seen: digest of each row at or after the floor -> how often, and its value.
    """

    high: Value | None = None
    seen: Mapping[str, tuple[int, Value]] = field(default_factory=dict)

    def floor(self, overlap: float) -> Value | None:
        """The value from which to read on: `overlap` (seconds for moments and days, else units) below the highest."""
        if self.high is None or isinstance(self.high, str) or not overlap:
            return self.high
        if isinstance(self.high, date):  # a datetime too
            return self.high - timedelta(seconds=overlap)
        return self.high - type(self.high)(overlap)

    @property
    def remembered(self) -> int:
        return sum(count for count, _ in self.seen.values())

    def after(self, rows: Iterable[Valued], overlap: float) -> tuple[list[Row], Mark]:
        """The rows that are new, in their order, and the mark after them.

        Raises:
            Problem: more rows share the floor than can be remembered.
        """
        fresh = self.fresh(rows)
        mark = self.plus(fresh)
        return [row for row, _ in fresh], mark.since(mark.floor(overlap))

    def fresh(self, rows: Iterable[Valued]) -> list[Valued]:
        """Those of the rows that were not seen; one without a value is new each time."""
        passed = {digest: count for digest, (count, _) in self.seen.items()}
        found = []
        for row, value in rows:
            digest = digest_of(row) if passed and value is not None else ""
            if passed.get(digest, 0):
                passed[digest] -= 1
            else:
                found.append((row, value))
        return found

    def plus(self, rows: Iterable[Valued]) -> Mark:
        """With these rows seen too."""
        seen, high = dict(self.seen), self.high
        for row, value in rows:
            if value is not None:
                digest = digest_of(row)
                seen[digest] = (seen[digest][0] + 1 if digest in seen else 1, value)
                high = value if high is None else max(high, value)
        return Mark(high, seen)

    def since(self, floor: Value | None) -> Mark:
        """Without the rows before the floor.

        Raises:
            Problem: too many are left to be remembered.
        """
        seen = self.seen
        if floor is not None:
            seen = {digest: one for digest, one in seen.items() if one[1] >= floor}  # type: ignore[operator]
        if sum(count for count, _ in seen.values()) > MOST_REMEMBERED:
            raise Problem(
                f"more than {MOST_REMEMBERED} rows share the value {floor}, or lie within the overlap",
                hint="choose a column that rises with each row, or a shorter overlap",
            )
        return Mark(self.high, seen)

    def said(self) -> dict[str, Any]:
        """As JSON keeps it."""
        kind, high = _written(self.high)
        return {
            "kind": kind,
            "high": high,
            "seen": {key: [n, _written(value)[1]] for key, (n, value) in self.seen.items()},
        }

    @classmethod
    def of(cls, said: Mapping[str, Any] | None) -> Mark:
        """From what `said` gave; an empty one is the beginning."""
        if not said or said.get("high") is None:
            return cls()
        kind = str(said["kind"])
        seen = {key: (int(n), _read(kind, value)) for key, (n, value) in said.get("seen", {}).items()}
        return cls(_read(kind, said["high"]), seen)


def digest_of(row: Row) -> str:
    """A short name of a row's content."""
    text = json.dumps(row, sort_keys=True, ensure_ascii=False)
    return hashlib.blake2b(text.encode("utf-8", "surrogatepass"), digest_size=_DIGEST_BYTES).hexdigest()


def utc(moment: datetime) -> datetime:
    """A moment with a zone in UTC; one without stays as it is."""
    return moment.astimezone(UTC) if moment.tzinfo else moment


def _written(value: Value | None) -> tuple[str, str | None]:
    if value is None:
        return "", None
    if isinstance(value, datetime):
        return "moment", utc(value).isoformat()
    if isinstance(value, date):
        return "day", value.isoformat()
    return {int: "whole", Decimal: "decimal"}.get(type(value), "text"), str(value)


def _read(kind: str, text: str) -> Value:
    if kind == "moment":
        return datetime.fromisoformat(text)
    if kind == "day":
        return date.fromisoformat(text)
    if kind in ("whole", "decimal"):
        return int(text) if kind == "whole" else Decimal(text)
    return text
