"""Kazakhstan's working calendar: Monday to Friday, less the holidays (and the days off that the government moves)."""

from __future__ import annotations

import json
from collections.abc import Iterable
from datetime import date, timedelta
from functools import cache
from pathlib import Path

_KEPT = Path(__file__).parent / "holidays.json"  # written by scripts/holiday_file.py


@cache
def _kept() -> dict[str, list[str]]:
    known: dict[str, list[str]] = json.loads(_KEPT.read_text())
    return known


@cache
def _of_year(year: int) -> frozenset[date]:
    if str(year) in _kept():
        return frozenset(map(date.fromisoformat, _kept()[str(year)]))
    import holidays  # brings every country along: 20 MB and a fifth of a second

    return frozenset(holidays.country_holidays("KZ", years=year))


def non_working_days(years: Iterable[int]) -> tuple[date, ...]:
    """National and religious holidays of some years and the days to which their day off is moved, in order.

    Source: articles 84 and 85 of the Labour Code as the `holidays` package holds them, working days that the government
    swaps by decree included as far as they are announced.
    """
    return tuple(sorted(day for year in years for day in _of_year(year)))


def is_working_day(day: date) -> bool:
    """Whether a day is Monday to Friday and no holiday."""
    return day.weekday() < 5 and day not in _of_year(day.year)


def working_day_after(day: date, count: int) -> date:
    """The count-th working day after a day; the day itself does not count."""
    while count:
        day += timedelta(days=1)
        count -= is_working_day(day)
    return day
