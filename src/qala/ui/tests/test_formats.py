"""Values as the three languages write them."""

from datetime import UTC, date, datetime
from decimal import Decimal
from fractions import Fraction

import pytest

from qala.standard.period import Period
from qala.standard.problems import Problem
from qala.ui import formats

THIN, HARD = "\u202f", "\u00a0"


@pytest.mark.parametrize(
    ("value", "digits", "kk", "en"),
    [
        (1234567.891, 1, f"1{THIN}234{THIN}567,9", "1,234,567.9"),
        (Fraction(1, 3), 2, "0,33", "0.33"),
        (Decimal("-4.75"), 1, "\u22124,8", "\u22124.8"),
        (2.675, 2, "2,68", "2.68"),  # as it is written, not as binary has it
        (0, 0, "0", "0"),
        (None, 1, "—", "—"),
        (float("nan"), 1, "—", "—"),
        ("", 1, "—", "—"),
        (93.14, None, "93,14", "93.14"),
    ],
)
def test_a_number_is_written_as_the_language_does(value, digits, kk, en):
    assert formats.number(value, digits, "kk") == kk
    assert formats.number(value, digits, "en") == en


def test_a_change_has_its_sign_and_nought_has_none():
    assert formats.number(2.4, 1, "ru", sign=True) == "+2,4"
    assert formats.number(0, 1, "ru", sign=True) == "0,0"


def test_per_cent_stands_apart_in_kazakh_and_russian():
    assert formats.percent(93.14, 1, "kk") == f"93,1{HARD}%"
    assert formats.percent(93.14, 1, "en") == "93.1%"


def test_a_share_that_is_not_all_is_never_written_as_all():
    assert formats.share(Fraction(9999, 10000), 1, "en") == "99.9%"
    assert formats.share(1, 1, "en") == "100%"
    assert formats.share(Fraction(1, 100000), 1, "en").startswith("<")


@pytest.mark.parametrize(
    ("language", "medium", "long"),
    [
        ("kk", f"2026{HARD}ж. 5 нау.", f"2026{HARD}ж. 5 наурыз"),
        ("ru", f"5 мар. 2026{HARD}г.", f"5 марта 2026{HARD}г."),
        ("en", "5 Mar 2026", "5 March 2026"),
    ],
)
def test_a_day_is_written_in_words(language, medium, long):
    assert formats.day(date(2026, 3, 5), language) == medium
    assert formats.day("2026-03-05", language, "long") == long
    assert formats.day(date(2026, 3, 5), language, "short") == "05.03.2026"


def test_a_moment_is_told_by_the_clock_of_the_city():
    late = datetime(2026, 3, 5, 20, 30, tzinfo=UTC)
    assert formats.moment(late, "en", "Asia/Almaty") == "6 Mar 2026, 01:30"
    assert formats.moment(late.replace(tzinfo=None), "en", "UTC") == "5 Mar 2026, 20:30"


@pytest.mark.parametrize(
    ("text", "kk", "ru", "en"),
    [
        ("2026", "2026 жыл", "2026 год", "2026"),
        ("2026-Q1", f"2026{HARD}ж. І тоқсан", f"1-й квартал 2026{HARD}г.", "1st quarter 2026"),
        ("2026-03", f"2026{HARD}ж. наурыз", f"март 2026{HARD}г.", "March 2026"),
        ("2026-W09", f"2026{HARD}ж. 9-апта", f"9-я неделя 2026{HARD}г.", "Week 9, 2026"),
        ("2026-03-05", f"2026{HARD}ж. 5 нау.", f"5 мар. 2026{HARD}г.", "5 Mar 2026"),
    ],
)
def test_a_period_is_written_in_words(text, kk, ru, en):
    found = Period.parse(text)
    assert (formats.period(found, "kk"), formats.period(text, "ru"), formats.period(found, "en")) == (kk, ru, en)


def test_a_text_that_is_no_period_is_refused():
    with pytest.raises(Problem):
        formats.period("March", "en")


def test_a_text_of_the_law_is_said_in_the_language_or_in_what_there_is():
    assert formats.said({"ru": "город", "kk": "қала", "en": "city"}, "kk") == "қала"
    assert formats.said({"ru": "город"}, "kk") == "город"
    assert formats.said("plain", "kk") == "plain"
    assert formats.said(None, "kk") == ""


def test_a_language_that_is_not_ours_is_kazakh():
    assert [formats.language_of(code) for code in ("ru-KZ", "de", None, "en")] == ["ru", "kk", "kk", "en"]
