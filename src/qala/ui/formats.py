"""Numbers, shares, days, times and periods as one of the three languages writes them. Pure functions."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from datetime import UTC, date, datetime
from decimal import Decimal
from fractions import Fraction
from functools import cache
from typing import Any, Literal
from zoneinfo import ZoneInfo

from babel.dates import format_date, format_skeleton, format_timedelta

from qala.reports.language import HARD, NOTHING, Speaker
from qala.standard.period import Period
from qala.standard.values import LANGUAGES, Language

Quantity = int | float | Decimal | Fraction
Length = Literal["short", "medium", "long"]

_LOCALE: Mapping[Language, str] = {"kk": "kk", "ru": "ru", "en": "en_GB"}
_WEEK: Mapping[Language, str] = {
    "kk": "{year}\u00a0ж. {week}-апта",
    "ru": "{week}-я неделя {year}\u00a0г.",
    "en": "Week {week}, {year}",
}
_YEAR: Mapping[Language, str] = {"kk": "{year} жыл", "ru": "{year} год", "en": "{year}"}


def language_of(code: str | None) -> Language:
    """kk, ru or en; kk where a code is none of them (`ru-KZ` is ru)."""
    short = (code or "").split("-")[0]
    return short if short in LANGUAGES else "kk"


def locale_of(language: Language) -> str:
    """The CLDR locale of a language; English dates stand day first."""
    return _LOCALE[language]


@cache
def _speaker(language: Language) -> Speaker:
    return Speaker(language)


def exact(value: Quantity | str | None) -> Fraction | None:
    """The same number without loss (a float by its shortest digits); None for nothing, infinity and what is no number."""
    if value is None or value == "" or isinstance(value, bool):
        return None
    if isinstance(value, float):
        return Fraction(repr(value)) if math.isfinite(value) else None
    try:
        return Fraction(value)
    except (ValueError, TypeError, OverflowError, ZeroDivisionError):
        return None


def number(
    value: Quantity | str | None,
    digits: int | None,
    language: Language,
    *,
    sign: bool = False,
    beside: Iterable[Quantity] = (),
) -> str:
    """A number with so many decimals (None: about four digits, no idle noughts); a dash where there is none.

    Args:
        beside: targets that it stands next to: it gets more decimals rather than be rounded to one.
    """
    found = exact(value)
    if found is None:
        return NOTHING
    speaker = _speaker(language)
    limits = [limit for limit in map(exact, beside) if limit is not None]
    if digits is None:
        return speaker.short(found, sign=sign, beside=limits)
    return speaker.number(found, digits, sign=sign, beside=limits)


def percent(value: Quantity | str | None, digits: int | None, language: Language, *, sign: bool = False) -> str:
    """A number that is in per cent already, with the sign as the language sets it."""
    said = number(value, digits, language, sign=sign)
    return said if said == NOTHING else _speaker(language).percent(said)


def amount(value: Quantity | str | None, unit: str, digits: int | None, language: Language) -> str:
    """A number with its unit, "%" or a symbol; no unit where it is empty."""
    if unit == "%":
        return percent(value, digits, language)
    said = number(value, digits, language)
    return said if said == NOTHING or not unit else f"{said}{HARD}{unit}"


def share(value: Quantity | str | None, digits: int, language: Language) -> str:
    """A share of one as per cent. What is not all is never written as all, nor as nothing."""
    found = exact(value)
    return NOTHING if found is None else _speaker(language).share(found, digits)


def day(value: date | datetime | str | None, language: Language, length: Length = "medium") -> str:
    """A day; of a time with a zone the day that it has there."""
    if value is None or value == "":
        return NOTHING
    if isinstance(value, str):
        value = date.fromisoformat(value)
    if length == "short":
        return f"{value:%d.%m.%Y}"
    return _long(value, language) if length == "long" else _dated("yMMMd", value, language)


def moment(value: datetime | None, language: Language, zone: str) -> str:
    """A time, told in UTC (naive counts as UTC), as the clock of a zone shows it: day, hours and minutes."""
    if value is None:
        return NOTHING
    aware = value if value.tzinfo is not None else value.replace(tzinfo=UTC)
    local = aware.astimezone(ZoneInfo(zone))
    return f"{_dated('yMMMd', local, language)}, {local:%H:%M}"


def ago(value: datetime | None, language: Language, now: datetime) -> str:
    """How long ago (or until) a time is: «3 күн бұрын»."""
    if value is None:
        return NOTHING
    aware = value if value.tzinfo is not None else value.replace(tzinfo=UTC)
    return format_timedelta(aware - now, add_direction=True, locale=_LOCALE[language])


def period(value: Period | str | None, language: Language) -> str:
    """A period: «2026 ж. наурыз», «1-й квартал 2026 г.», «Week 9, 2026».

    Raises:
        Problem: a text that is no period.
    """
    if value is None or value == "":
        return NOTHING
    found = Period.parse(value) if isinstance(value, str) else value
    if found.grain == "week":
        iso = found.first_day.isocalendar()
        return _WEEK[language].format(year=iso.year, week=iso.week)
    if found.grain == "year":
        return _YEAR[language].format(year=found.first_day.year)
    if found.grain == "day":
        return day(found.first_day, language)
    return _dated("yQQQQ" if found.grain == "quarter" else "yMMMM", found.first_day, language)


def _dated(skeleton: str, value: date, language: Language) -> str:
    """By CLDR; its narrow spaces, which stick a year to its «ж.», made whole ones."""
    return format_skeleton(skeleton, value, locale=_LOCALE[language]).replace("\u202f", HARD)


def _long(value: date, language: Language) -> str:
    return format_date(value, "long", locale=_LOCALE[language]).replace("\u202f", HARD)


def short_period(value: Period | str, language: Language) -> str:
    """A period under a chart's axis, its year left out where the others tell it: «нау.», «9», «5 нау.»."""
    found = Period.parse(value) if isinstance(value, str) else value
    if found.grain in ("year", "week"):
        return str(found.first_day.year if found.grain == "year" else found.first_day.isocalendar().week)
    if found.grain == "quarter":
        return format_date(found.first_day, "QQQ", locale=_LOCALE[language])
    skeleton = {"day": "MMMd", "month": "MMM"}[found.grain]
    return _dated(skeleton, found.first_day, language)


def said(text: Any, language: Language) -> str:
    """One text of the law or a registry in a language: a mapping or an object with ru, kk, en; a plain text as it is."""
    if text is None:
        return ""
    if isinstance(text, str):
        return text
    found = text.get(language) if isinstance(text, Mapping) else getattr(text, language, None)
    if found:
        return str(found)
    others = (text.get(one) if isinstance(text, Mapping) else getattr(text, one, None) for one in LANGUAGES)
    return str(next((one for one in others if one), text))


__all__ = [
    "HARD",
    "NOTHING",
    "ago",
    "amount",
    "day",
    "exact",
    "language_of",
    "locale_of",
    "moment",
    "number",
    "percent",
    "period",
    "said",
    "share",
    "short_period",
]
