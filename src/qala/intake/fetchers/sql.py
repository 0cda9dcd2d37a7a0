"""Pulling rows from a database: those past the last value of a column that rises."""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Mapping, Sequence
from contextlib import closing
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any

from pydantic import Field

from qala.intake.fetchers.addresses import checked_addresses, checked_connection
from qala.intake.fetchers.engines import ENGINES, Engine, Target
from qala.intake.fetchers.fetched import Fetched, Secret, Settings, Turn, read_settings
from qala.intake.fetchers.rising import Mark, Value, Valued, utc
from qala.intake.payloads.floats import float64
from qala.intake.payloads.limits import shown
from qala.intake.payloads.moments import iso
from qala.standard.problems import Problem

_ORDERED_ALIKE = re.compile(r"[0-9T:.Z/ -]+")
"""Texts that every database orders as we do."""


class SqlSettings(Settings):
    """A query, and the column of it that rises.

    Args:
        engine: one of `ENGINES`.
        query: a SELECT without ORDER BY; it becomes a sub-query.
        rising: a column of it: a number or a moment that new rows have higher; `changed_at` brings changes too. Rows where
            it is empty are not seen. Empty: the whole query each time.
        overlap: how far below the highest value is read again, in the column's units, or seconds for moments: transactions
            that end late leave their rows there. What was seen already is passed over.
        batch: rows a turn.
        tls: whether the connection must be encrypted and the certificate right.
    """

    engine: str
    host: str = Field(min_length=1, max_length=255)
    port: int = Field(default=0, ge=0, le=65_535)
    database: str = Field(min_length=1, max_length=255)
    user: str
    password: Secret | None = None
    query: str = Field(min_length=1, max_length=20_000)
    rising: str = Field(default="", max_length=128)
    overlap: float = Field(default=0, ge=0)
    batch: int = Field(default=10_000, ge=1, le=100_000)
    tls: bool = False
    within_s: int = Field(default=300, ge=1, le=7200)


def fetch_sql(said: Mapping[str, Any], position: Mapping[str, Any], turn: Turn) -> Fetched:
    """A batch of rows past the position, in the order of the rising column.

    Raises:
        Problem: the settings are wrong, the database does not answer or refuses the query; nothing is passed over then.
    """
    settings = read_settings(SqlSettings, said)
    engine = ENGINES.get(settings.engine)
    if engine is None:
        raise Problem(
            f"there is no engine {settings.engine!r}", where="settings: engine", hint="one of " + ", ".join(ENGINES)
        )
    mark = Mark.of(position.get("mark"))
    floor = mark.floor(settings.overlap)
    wanted = settings.batch + mark.remembered if settings.rising else settings.batch + 1
    names, found = _read(settings, engine, _query(settings, engine, floor, wanted), floor, turn)
    if len(set(names)) < len(names):
        raise Problem(
            "the query has two columns of one name", where="settings: query", hint="rename with AS: " + ", ".join(names)
        )
    rows = [{name: cell(value) for name, value in zip(names, values, strict=True)} for values in found]
    if not settings.rising:
        if len(rows) > settings.batch:
            raise Problem(
                f"the query gives more than {settings.batch} rows",
                where="settings: query",
                hint="name a column that rises, or a greater batch",
            )
        return Fetched({}, rows)
    at = _place(names, settings.rising)
    valued: list[Valued] = [(row, _value(values[at])) for row, values in zip(rows, found, strict=True)]
    fresh, mark = mark.after(valued, settings.overlap)
    return Fetched({"mark": mark.said()}, fresh, more=len(rows) >= wanted)


def _query(settings: SqlSettings, engine: Engine, floor: Value | None, wanted: int) -> str:
    """The query of the settings, past the floor, in order, and no longer than wanted."""
    inner = settings.query.strip().rstrip(";")
    order, condition = engine.unordered, ""
    if settings.rising:
        left, right = engine.quote[0], engine.quote[1]
        if right in settings.rising or not settings.rising.isprintable():
            raise Problem(f"{shown(settings.rising)} is no name of a column", where="settings: rising")
        name = f"{left}{settings.rising}{right}"
        order = f"ORDER BY {name}"
        condition = f"WHERE {name} IS NOT NULL" if floor is None else f"WHERE {name} >= {engine.value}"
    if floor is not None and "%" in engine.value:
        inner = inner.replace("%", "%%")
    return f"SELECT * FROM ({inner}\n) {engine.named}q {condition} {engine.cut.format(order=order, n=wanted)}"


def _read(
    settings: SqlSettings, engine: Engine, query: str, floor: Value | None, turn: Turn
) -> tuple[list[str], list[Sequence[Any]]]:
    target = _target(settings, engine, turn)
    where = f"{settings.engine}: {settings.host}, {settings.database}"
    try:
        connection = engine.connect(target)
    except Problem:
        raise
    except Exception as error:  # noqa: BLE001  each driver has its own
        raise Problem(f"the database does not answer: {_said(error)}", where=where) from None
    try:
        with closing(connection), closing(connection.cursor()) as cursor:
            for statement in engine.begin:
                cursor.execute(statement.format(seconds=settings.within_s))
            cursor.execute(query, *(() if floor is None else ((floor,),)))
            return [str(column[0]) for column in cursor.description], list(cursor.fetchall())
    except Exception as error:  # noqa: BLE001  each driver has its own
        raise Problem(f"the database refuses the query: {_said(error)}", where=where) from None


def _target(settings: SqlSettings, engine: Engine, turn: Turn) -> Target:
    port = settings.port or engine.port
    try:
        addresses = tuple(checked_addresses(settings.host, port, turn.allowed))
    except OSError as error:
        raise Problem(
            f"the name {shown(settings.host)} is not known", where="settings: host", hint=str(error)
        ) from None
    return Target(
        host=settings.host,
        port=port,
        database=settings.database,
        user=settings.user,
        password="" if settings.password is None else turn.opened(settings.password),
        tls=settings.tls,
        seconds=settings.within_s,
        addresses=addresses,
        socket=lambda: checked_connection(settings.host, port, turn.allowed, min(settings.within_s, 30)),
    )


def _place(names: Sequence[str], rising: str) -> int:
    at = [number for number, name in enumerate(names) if name.casefold() == rising.casefold()]
    if not at:
        raise Problem(
            f"the query has no column {rising!r}", where="settings: rising", hint="it has: " + ", ".join(names)
        )
    return at[0]


def cell(value: Any) -> str | None:
    """A value of a driver as a text that the border reads; None for NULL.

    A moment without a zone stays without one: the mapping says whose it is.
    """
    if value is None or isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        return float64(value)
    if isinstance(value, Decimal):
        return f"{value:f}" if value.is_finite() else str(value)
    if isinstance(value, datetime):
        return iso(value) if value.tzinfo else value.isoformat(sep=" ")
    if isinstance(value, timedelta):
        return f"{Decimal(value // timedelta(microseconds=1)) / 1_000_000:f}"
    if isinstance(value, (date, time)):
        return value.isoformat()
    if isinstance(value, (bytes, bytearray, memoryview)):
        return base64.b64encode(bytes(value)).decode("ascii")
    if isinstance(value, (dict, list, tuple)):
        return json.dumps(value, ensure_ascii=False, default=cell)
    return str(value)


def _value(value: Any) -> Value:
    if isinstance(value, datetime):
        return utc(value)
    if isinstance(value, str) and _ORDERED_ALIKE.fullmatch(value):
        return value
    if isinstance(value, bool) or not isinstance(value, (int, Decimal, date)):
        raise Problem(
            f"this column cannot rise: {shown(cell(value))}",
            where="settings: rising",
            hint="choose a whole or decimal number, a moment, a day, or a text of digits",
        )
    return value


def _said(error: Exception) -> str:
    """What a driver says, on one line."""
    parts = [str(part) for part in error.args if isinstance(part, (str, int))] or [type(error).__name__]
    return " ".join(" ".join(parts).split())[:300]
