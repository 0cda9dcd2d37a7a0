"""What one object measured through time: its readings added up by hour or day on the city's own clock.

The local day and hour of a row are fixed when it lands, so that no clock is asked here. Only where the clocks of the city were
put back within the days that are asked does the moment itself tell the repeated hour from the first.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import cache
from typing import Any, Literal
from zoneinfo import ZoneInfo

from qala.datasets import Contract
from qala.lake.table import Snapshot
from qala.standard.problems import Problem

Every = Literal["hour", "day"]
LONGEST = {"hour": 800, "day": 8000}
"""Days that one answer may span."""
OBJECTS = 200
"""Objects that a list of them names."""


@dataclass(frozen=True)
class Question:
    """Which readings, and how they are added up.

    Attributes:
        of: column -> its value; all columns of `object_columns`, for a contract that names none at least one text column.
        value: the column with the number; None counts rows only.
        first, last: city-local days, inclusive.
    """

    of: Mapping[str, str]
    value: str | None
    every: Every
    first: date
    last: date


@dataclass(frozen=True)
class Readings:
    """A series, a column each; an hour or day without a row is not in it.

    Attributes:
        at: ISO 8601: the day, or the hour's beginning on the city's clock with its offset.
        count: rows that have the number (of a question without one: rows).
        mean, min, max, sum: of the number; empty for a question without one.
    """

    at: Sequence[str]
    count: Sequence[int]
    mean: Sequence[float]
    min: Sequence[float]
    max: Sequence[float]
    sum: Sequence[float]


def object_columns(contract: Contract) -> tuple[str, ...]:
    """What tells one object from another: the key without the time, in contracts whose key is an object and a time."""
    if contract.kind == "registry" or contract.counted_on not in contract.key:
        return ()
    return tuple(name for name in contract.key if name != contract.counted_on)


def number_columns(contract: Contract) -> tuple[str, ...]:
    """Columns of which there is a mean: numbers that are no coordinates."""
    place = (contract.place.lat, contract.place.lon)
    return tuple(
        name
        for name, column in contract.columns.items()
        if column.type in ("whole", "decimal") and name not in place and name not in contract.key
    )


def steps(contract: Contract) -> tuple[Every, ...]:
    """By what rows can be added up: those that have a time by hour, too."""
    return ("hour", "day") if contract.all_columns[contract.counted_on].type == "time" else ("day",)


def check(contract: Contract, asked: Question) -> None:
    """Refuse what cannot be answered.

    Raises:
        Problem: what, which parameter, and what would do.
    """
    if contract.kind == "registry":
        raise Problem(
            f"{contract.id} is a register: its rows hold for days and are no readings.",
            where="dataset", hint="ask a dataset of readings or events",
        )  # fmt: skip
    if asked.every not in steps(contract):
        raise Problem(f"Rows of {contract.id} have a day and no time.", where="every", hint="every=day")
    wanted = object_columns(contract)
    texts = [name for name, column in contract.columns.items() if column.type == "text"]
    for name in asked.of:
        if name not in (wanted or texts):
            raise Problem(
                f"No object of {contract.id} is told by {name!r}.", where="of", hint=_example(wanted or texts)
            )
    missing = [name for name in wanted if name not in asked.of] or ([] if asked.of else texts[:1])
    if missing:
        raise Problem(
            f"Which object? {', '.join(missing)} is not said.", where="of", hint=_example(wanted or texts[:1])
        )
    numbers = number_columns(contract)
    if asked.value is not None and asked.value not in numbers:
        hint = f"value={' or '.join(numbers)}" if numbers else "leave value out: rows are counted"
        raise Problem(f"{asked.value!r} is no number of {contract.id}.", where="value", hint=hint)
    if asked.last < asked.first:
        raise Problem("`from` is after `to`.", where="from, to")
    if (asked.last - asked.first).days >= LONGEST[asked.every]:
        raise Problem(
            f"More than {LONGEST[asked.every]} days by {asked.every}.", where="from, to",
            hint="ask for fewer days" + ("" if asked.every == "day" else ", or for every=day"),
        )  # fmt: skip


def readings(con: Any, snapshot: Snapshot, city: str, zone: str, asked: Question) -> Readings:
    """The series of one object.

    Args:
        con: a connection of the lake.
        zone: of the city's clock.

    Raises:
        Problem: see `check`.
    """
    contract = snapshot.contract
    check(contract, asked)
    files = snapshot.files(city=city, first_day=asked.first, last_day=asked.last)
    if not files:
        return Readings([], [], [], [], [], [])
    by_hour = asked.every == "hour"
    turns = clocks_put_back(zone, asked.first, asked.last) if by_hour else {}
    when = f'"{contract.counted_on}"'
    later = " OR ".join(f"day = DATE '{day}' AND {when} >= TIMESTAMP '{at}'" for day, at in turns.items())
    keys = {"day": "day"} | ({"hour": "hour"} if by_hour else {}) | ({"later": f"({later})"} if turns else {})
    by = ", ".join(keys)
    sums = {"count": "count(*)"}
    where = [f'"{name}" = $of{n}' for n, name in enumerate(asked.of)]
    if asked.value:
        number = f'"{asked.value}"'
        sums |= {name: f"{name}({number})" for name in ("min", "max", "sum")}
        where.append(f"{number} IS NOT NULL")
    # files hold whole days, most of them all the days that are asked: then the day need not be compared row by row
    if any(file.first_day < asked.first or file.last_day > asked.last for file in files):
        where.append(f"day BETWEEN DATE '{asked.first}' AND DATE '{asked.last}'")
    read = ["day", *asked.of, *(["hour"] if by_hour else []), *([asked.value] if asked.value else [])]
    read += [contract.counted_on] if turns else []
    grouped = ", ".join(f"{sql} AS {name}" for name, sql in (keys | sums).items())
    told = ["day::VARCHAR AS day", *list(keys)[1:], "count"]
    if asked.value:
        told += [
            "round(sum / count, 6)::DOUBLE AS mean",
            *(f"{name}::DOUBLE AS {name}" for name in ("min", "max", "sum")),
        ]
    found = con.execute(
        f"SELECT {', '.join(told)} FROM (SELECT {grouped} FROM {snapshot.current_sql(files, list(dict.fromkeys(read)))} "
        f"WHERE {' AND '.join(where)} GROUP BY {by} ORDER BY {by})",
        {f"of{n}": value for n, value in enumerate(asked.of.values())},
    ).fetchnumpy()
    columns = {name: values.tolist() for name, values in found.items()}
    at = columns["day"]
    if by_hour:
        at = _hours(at, columns["hour"], columns.get("later"), ZoneInfo(zone))
    return Readings(at, columns["count"], *(columns.get(name, []) for name in ("mean", "min", "max", "sum")))


def objects(con: Any, snapshot: Snapshot, city: str) -> list[tuple[str, ...]]:
    """Objects of a city that measured on the last day of which there are rows, in order; at most `OBJECTS`."""
    columns = object_columns(snapshot.contract)
    files = snapshot.files(city=city)
    if not columns or not files:
        return []
    last = max(file.last_day for file in files)
    newest = snapshot.files(city=city, first_day=last, last_day=last)
    listed = ", ".join(f'"{name}"' for name in columns)
    found = con.execute(
        f"SELECT DISTINCT {listed} FROM {snapshot.current_sql(newest, ['day', *columns])} WHERE day = $last "
        f"ORDER BY ALL LIMIT {OBJECTS}",
        {"last": last},
    ).fetchall()
    return [tuple(str(value) for value in row) for row in found]


def clocks_put_back(zone: str, first: date, last: date) -> dict[date, datetime]:
    """City-local day -> the moment (UTC, naive) at which the city's clocks were put back on it."""
    clock, found = ZoneInfo(zone), {}
    for number in range((last - first).days + 1):
        day = first + timedelta(days=number)
        ends = (datetime(day.year, day.month, day.day, h, 59, tzinfo=clock).utcoffset() for h in (0, 23))
        if len({*ends, datetime(day.year, day.month, day.day, 23, 59, tzinfo=clock, fold=1).utcoffset()}) == 1:
            continue
        for hour in range(24):
            once, again = (datetime(day.year, day.month, day.day, hour, tzinfo=clock, fold=fold) for fold in (0, 1))
            if (was := once.utcoffset()) and (now := again.utcoffset()) and was > now:
                found[day] = again.astimezone(UTC).replace(tzinfo=None)
                break
    return found


def _hours(days: Sequence[str], hours: Sequence[int], later: Sequence[bool] | None, clock: ZoneInfo) -> list[str]:
    """Beginnings of hours, with the offset of the clock; most days have one offset."""
    ends: dict[str, Sequence[str]] = {}
    found = []
    for n, (day, hour) in enumerate(zip(days, hours, strict=True)):
        known = ends.get(day)
        if known is None:
            known = ends[day] = _ends(day, clock)
        if known:
            found.append(day + known[hour])
        else:
            fold = int(later is not None and later[n])
            found.append(datetime.fromisoformat(f"{day}T{hour:02}:00:00").replace(tzinfo=clock, fold=fold).isoformat())
    return found


def _ends(day: str, clock: ZoneInfo) -> Sequence[str]:
    """What the hours of a day end in, after the day itself; empty on a day on which the clocks are changed."""
    begin, end = (datetime.fromisoformat(f"{day}T{text}").replace(tzinfo=clock) for text in ("00:00", "23:59"))
    return _of_offset(begin.isoformat()[19:]) if begin.utcoffset() == end.replace(fold=1).utcoffset() else ()


@cache
def _of_offset(offset: str) -> Sequence[str]:
    return tuple(f"T{hour:02}:00:00{offset}" for hour in range(24))


def _example(columns: Sequence[str]) -> str:
    return "&".join(f"of={name}:…" for name in columns) or "there is no column that tells objects"
