"""Rows that a simulated city recorded, made anew: they happen now, under numbers of their own."""

from __future__ import annotations

import random
from collections.abc import Mapping
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from qala.intake.playing.parts import Part
from qala.lake import Lake

Row = dict[str, Any]
_MOST = 3000
_DAYS = 28


class Stock:
    """What a system of a city recorded lately; given out one after the other, again from the start when all are through.

    Args:
        run: of this play, so that its numbers are nobody else's.
        speed: how many times as fast as in life the time between two moments of a row passes.
    """

    def __init__(self, lake: Lake, city: str, part: Part, run: int, speed: float, until: datetime) -> None:
        self.part, self.contract = part, lake.catalogue.contract(part.dataset)
        self._run, self._speed, self._given = run, speed, 0
        snapshot = lake.table(part.dataset).snapshot()
        files = snapshot.files(city=city)
        self.rows: list[Row] = []
        self.a_day = 0.0
        if not files:
            return
        columns = list(self.contract.all_columns)
        named = ", ".join(f'"{name}"' for name in columns)
        with lake.connection() as con:
            found = con.execute(
                f"SELECT {named}, day FROM {snapshot.current_sql(files)} WHERE day <= $1 ORDER BY day DESC, _key LIMIT {_MOST}",
                [until.date()],
            ).fetchall()
        self.rows = [dict(zip(columns, row[:-1], strict=True)) for row in reversed(found)]
        if found:
            self.a_day = len(found) / ((found[0][-1] - found[-1][-1]).days + 1)

    def next(self, now: datetime) -> Row:
        """The next row, as if it happened at a moment (UTC)."""
        row = dict(self.rows[self._given % len(self.rows)])
        self._given += 1
        contract = self.contract
        begun = row[contract.counted_on]
        for name, column in contract.all_columns.items():
            if row[name] is None:
                continue
            if column.type == "time":
                row[name] = now + (row[name] - begun) / self._speed
            elif column.type == "day":
                row[name] = now.date()
        row["registered_at"], row["changed_at"] = now, None
        number = contract.key[0]
        if contract.kind == "events" and len(contract.key) == 1:
            whole = contract.all_columns[number].type == "whole"
            count = self._run % 10**9 * 10**6 + self._given
            row[number] = count if whole else f"live-{self._run:x}-{self._given}"
        if self.part.ends:
            row[self.part.ends] = None
            if "status" in row:
                row["status"] = "open"
            if "duplicate_of" in row:
                row["duplicate_of"] = None
        return row

    def over(self, row: Row, now: datetime) -> Row:
        """The same, over at a moment (UTC)."""
        ended = {**row, self.part.ends: max(now, row[self.contract.counted_on]), "changed_at": now}
        if "status" in ended:
            ended["status"] = "resolved"
        return ended

    def broken(self, row: Row, chance: random.Random) -> Row:
        """A copy that the border must refuse: what it cannot do without is missing or no value of its kind."""
        wanted = [
            name for name, column in self.contract.columns.items() if not column.optional and column.type != "text"
        ]
        name = chance.choice(wanted)
        return {**row, name: None if chance.random() < 0.5 else "no value"}


def said(row: Mapping[str, Any]) -> dict[str, Any]:
    """A row as JSON says it; times in UTC."""
    return {name: _said(value) for name, value in row.items() if value is not None}


def _said(value: Any) -> Any:
    if isinstance(value, datetime):
        return f"{value.replace(tzinfo=None).isoformat(timespec='milliseconds')}Z"
    if isinstance(value, Decimal):
        return format(value, "f")
    return value if isinstance(value, (str, int, bool)) else str(value)


def drifted(row: Mapping[str, Any], contract_columns: Mapping[str, Any], by: timedelta) -> Row:
    """The row of a system whose clock is wrong by so much."""
    return {
        name: value + by if isinstance(value, datetime) and name in contract_columns else value
        for name, value in row.items()
    }
