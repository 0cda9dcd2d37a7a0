"""Local time, holidays and the rhythm of a year in a simulated city."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

import holidays
import numpy as np
import numpy.typing as npt

Days = npt.NDArray[np.datetime64]
"""datetime64[D], city-local."""

Times = npt.NDArray[np.datetime64]
"""datetime64[us], UTC."""

_ZERO = np.datetime64(0, "D")
_MICRO = 1_000_000


@lru_cache(maxsize=64)
def holidays_of(first: int, last: int) -> frozenset[date]:
    """Kazakhstan's days off from year `first` to year `last`: national days, both religious ones, and days
    moved.

    A holiday that falls on a weekend moves its day off to the next working day (Labour Code, article 85),
    and the government may move single days; both are in the `holidays` package (country KZ). The weekend
    days that such a move turns into working ones are not listed there and count as days off here, as in the
    engine's `is_working_day`.
    """
    return frozenset(holidays.country_holidays("KZ", years=range(first, last + 1)))


def day_range(first: date, last: date) -> Days:
    """Every day from `first` to `last`, both included."""
    return np.arange(np.datetime64(first, "D"), np.datetime64(last, "D") + np.timedelta64(1, "D"))


def weekday_of(days: Days) -> npt.NDArray[np.int64]:
    """0 = Monday … 6 = Sunday (1 January 1970 was a Thursday)."""
    return np.asarray(((days - _ZERO).astype(np.int64) + 3) % 7)


def month_of(days: Days) -> npt.NDArray[np.int64]:
    """1 … 12."""
    return np.asarray(days.astype("datetime64[M]").astype(np.int64) % 12 + 1)


def year_of(days: Days) -> npt.NDArray[np.int64]:
    """The calendar year."""
    return np.asarray(days.astype("datetime64[Y]").astype(np.int64) + 1970)


def month_names(days: Days) -> npt.NDArray[np.str_]:
    """`YYYY-MM` of each day."""
    return np.asarray(np.datetime_as_string(days.astype("datetime64[M]"), unit="M"))


@lru_cache(maxsize=16)
def _changes(zone: str) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
    """(UTC seconds from which an offset holds, offset in seconds) of a zone, 2015 to 2040, exact to the
    hour.
    """
    info = ZoneInfo(zone)
    at = datetime(2015, 1, 1, tzinfo=UTC)
    starts, offsets = [-(2**60)], [_offset(at, info)]
    while at.year < 2041:
        later = at + timedelta(days=1)
        if _offset(later, info) != offsets[-1]:
            hour = next(
                moment
                for moment in (at + timedelta(hours=h) for h in range(1, 25))
                if _offset(moment, info) != offsets[-1]
            )
            starts.append(int(hour.timestamp()))
            offsets.append(_offset(hour, info))
        at = later
    return np.array(starts, dtype=np.int64), np.array(offsets, dtype=np.int64)


def _offset(moment: datetime, zone: ZoneInfo) -> int:
    shift = moment.astimezone(zone).utcoffset()
    return 0 if shift is None else int(shift.total_seconds())


def to_utc(days: Days, seconds: npt.ArrayLike, zone: str) -> Times:
    """UTC times of local wall-clock times.

    Args:
        days: city-local days.
        seconds: seconds after local midnight, broadcast against `days`; fractions become microseconds and
            values beyond a day run on into the following days.
        zone: IANA name.

    An hour that the clock shows twice is taken as the first; one that it skips as the time before the change.
    """
    starts, offsets = _changes(zone)
    micro = np.rint(np.asarray(seconds, dtype=np.float64) * _MICRO).astype(np.int64)
    local = (np.asarray(days, dtype="datetime64[D]") - _ZERO).astype(np.int64) * (86400 * _MICRO) + micro
    # The change is found in local time by the offset that held before it.
    before = np.concatenate([offsets[:1], offsets[:-1]])
    index = np.searchsorted(starts + before, local // _MICRO, side="right") - 1
    return (local - offsets[np.maximum(index, 0)] * _MICRO).astype("datetime64[us]")


def to_local(times: Times, zone: str) -> Times:
    """Local wall-clock times (datetime64[us]) of UTC times; NaT stays NaT."""
    starts, offsets = _changes(zone)
    empty = np.isnat(times)
    whole = times.astype("datetime64[s]").astype(np.int64)
    index = np.searchsorted(starts, np.where(empty, 0, whole), side="right") - 1
    shift = (offsets[index] * _MICRO).astype("timedelta64[us]")
    return np.asarray(times.astype("datetime64[us]") + shift)


WEEK = np.array([1.12, 1.08, 1.05, 1.05, 1.07, 0.86, 0.77])
"""Share of an average day from Monday to Sunday."""

YEAR = np.array([0.94, 0.97, 1.02, 1.03, 1.02, 0.99, 0.94, 0.95, 1.03, 1.05, 1.04, 1.02])
"""Share of an average day from January to December."""

HOLIDAY = 0.62
"""What a day off that is not a weekend keeps of its ordinary volume."""


def spread(
    per_month: float, days: Days, days_off: frozenset[date], noise: npt.NDArray[np.float64], flat: bool
) -> npt.NDArray[np.int64]:
    """Rows per day so that **every whole month** has at least `per_month` rows and the least of them has
    just that.

    Args:
        per_month: rows a month, already scaled.
        days: the days to fill.
        days_off: holidays.
        noise: one standard normal number per day; four percent of it is used.
        flat: no weekly and seasonal shape (devices do not rest on Sundays).
    """
    if per_month <= 0 or len(days) == 0:
        return np.zeros(len(days), dtype=np.int64)
    shape = np.ones(len(days))
    if not flat:
        shape = WEEK[weekday_of(days)] * YEAR[month_of(days) - 1]
        off = np.isin(days, np.array(sorted(days_off), dtype="datetime64[D]"))
        shape = np.where(off & (weekday_of(days) < 5), shape * HOLIDAY, shape)
    shape = shape * np.clip(1 + 0.04 * noise, 0.8, 1.2)
    months = np.unique(days.astype("datetime64[M]"), return_inverse=True)[1]
    sums = np.bincount(months, weights=shape)
    whole = np.bincount(months) >= 28
    least = sums[whole].min() if whole.any() else sums.sum() * 30 / len(days)
    # One row more, because rounding the running sum may take one away from a month.
    running = np.rint(np.cumsum(shape * ((per_month + 1) / least))).astype(np.int64)
    return np.diff(running, prepend=0)
