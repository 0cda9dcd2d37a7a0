"""The holidays that are kept in a file are those of the package that they come from."""

from __future__ import annotations

from datetime import date

import holidays

from qala.standard.calendar import _kept, is_working_day, non_working_days


def test_holidays_that_are_kept_are_those_of_the_package() -> None:
    for year, days in _kept().items():
        known = sorted(holidays.country_holidays("KZ", years=int(year)))
        assert days == [day.isoformat() for day in known], f"{year}: run scripts/holiday_file.py"


def test_a_year_that_is_not_kept_is_asked_for() -> None:
    assert "2045" not in _kept()
    assert date(2045, 12, 16) in non_working_days([2045])


def test_working_days() -> None:
    assert is_working_day(date(2026, 3, 20)) and not is_working_day(date(2026, 3, 23)), "Nauryz"
    assert not is_working_day(date(2026, 3, 28)), "a Saturday"
