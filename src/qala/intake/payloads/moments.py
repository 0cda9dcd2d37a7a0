"""Moments as texts that the border reads: ISO 8601 in UTC."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from functools import lru_cache

_EPOCH = datetime(1970, 1, 1)
_FIRST, _LAST = -62_135_596_800_000_000, 253_402_300_799_999_999  # years 1 to 9999


def iso(moment: datetime) -> str:
    """`2026-03-01T04:05:06.5Z` without the zeros at its end; a naive moment is UTC."""
    moment = moment.astimezone(UTC).replace(tzinfo=None) if moment.tzinfo else moment
    text = moment.isoformat()
    return f"{text.rstrip('0') if moment.microsecond else text}Z"


def from_seconds(seconds: int | Decimal) -> str:
    """POSIX seconds as ISO 8601; what is no moment of the years 1 to 9999 stays its digits, for the border to judge."""
    if isinstance(seconds, Decimal) and (not seconds.is_finite() or abs(seconds) > _LAST):
        return str(seconds)
    return _moment(int(seconds * 1_000_000), str(seconds))


def from_milliseconds(milliseconds: int) -> str:
    """POSIX milliseconds as ISO 8601; what is no moment stays its digits."""
    return _moment(milliseconds * 1000, str(milliseconds))


@lru_cache(4096)  # the readings of a message share their times
def _moment(microseconds: int, digits: str) -> str:
    if not _FIRST <= microseconds <= _LAST:
        return digits
    return iso(_EPOCH + timedelta(microseconds=microseconds))
