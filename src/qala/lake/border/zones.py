"""City-local time in SQL, from the tables of `zoneinfo` and without a time zone function per row.

The offset of a zone is a step function of time; it is written as a binary tree of CASE over its steps, which costs
next to nothing per row (DuckDB's ICU takes 14 s for 50 million rows). Asia/Almaty: UTC+6 until 2024-03-01 00:00, then +5.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from functools import cache
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from qala.standard.problems import Problem

FIRST, LAST = datetime(1990, 1, 1), datetime(2101, 1, 1)
"""Times outside of these are refused at the border, so that the tables are complete."""


@cache
def _steps(zone: str) -> tuple[tuple[datetime, int], ...]:
    """(UTC moment from which it holds, seconds ahead of UTC), rising; the first holds from `FIRST` and before."""
    try:
        info = ZoneInfo(zone)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise Problem(f"{zone!r} is not an IANA time zone", hint="for example Asia/Almaty or Europe/Berlin") from None

    def offset(moment: datetime) -> int:
        found = moment.replace(tzinfo=UTC).astimezone(info).utcoffset()
        return round(found.total_seconds()) if found is not None else 0

    steps = [(FIRST, offset(FIRST))]
    day = FIRST
    while day < LAST:
        after = day + timedelta(days=7)
        if offset(after) != steps[-1][1]:
            low, high = day, after
            while high - low > timedelta(seconds=1):
                middle = low + (high - low) // 2
                low, high = (middle, high) if offset(middle) == steps[-1][1] else (low, middle)
            high = high.replace(microsecond=0)
            steps.append((high, offset(high)))
            day = high
        else:
            day = after
    return tuple(steps)


def to_local(utc: str, zone: str) -> str:
    """SQL for the city-local TIMESTAMP of a UTC TIMESTAMP expression."""
    return f"({utc} + {_tree(utc, _steps(zone))})"


def to_utc(local: str, zone: str) -> str:
    """SQL for the UTC TIMESTAMP of a city-local TIMESTAMP expression.

    An hour that the clock passed twice is read as its first pass, an hour that it skipped with the offset before the
    change: what `zoneinfo` does with `fold=0`.
    """
    steps = _steps(zone)
    local_steps = [steps[0]]
    for (_, before), (moment, after) in zip(steps, steps[1:], strict=False):
        local_steps.append((moment + timedelta(seconds=max(before, after)), after))
    return f"({local} - {_tree(local, local_steps)})"


def _tree(expression: str, steps: Sequence[tuple[datetime, int]]) -> str:
    if len(steps) == 1:
        return f"INTERVAL ({steps[0][1]}) SECOND"  # in brackets: west of Greenwich it is negative
    middle = len(steps) // 2
    earlier, later = _tree(expression, steps[:middle]), _tree(expression, steps[middle:])
    moment = steps[middle][0].isoformat(sep=" ")
    return f"CASE WHEN {expression} >= TIMESTAMP '{moment}' THEN {later} ELSE {earlier} END"
