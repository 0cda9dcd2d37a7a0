"""Kazakhstan's working calendar: Monday to Friday, less the holidays (and the days off that the government moves)."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from functools import cache


@cache
def _of_year(year: int) -> frozenset[date]:
    import holidays  # slow to load, and most commands never ask

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
