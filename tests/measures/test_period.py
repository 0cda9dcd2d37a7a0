from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qala.standard.period import GRAINS, Period
from qala.standard.problems import Problem

DAYS = st.dates(date(1990, 1, 10), date(2100, 1, 1))


@pytest.mark.parametrize(
    ("text", "first", "last"),
    [
        ("2026", date(2026, 1, 1), date(2026, 12, 31)),
        ("2026-Q1", date(2026, 1, 1), date(2026, 3, 31)),
        ("2028-02", date(2028, 2, 1), date(2028, 2, 29)),
        ("2026-W01", date(2025, 12, 29), date(2026, 1, 4)),
        ("2026-03-05", date(2026, 3, 5), date(2026, 3, 5)),
    ],
)
def test_reads_what_it_writes(text: str, first: date, last: date) -> None:
    period = Period.parse(text)
    assert (period.first_day, period.last_day, str(period)) == (first, last, text)


@pytest.mark.parametrize("text", ["", "26", "2026-13", "2026-Q5", "2026-W60", "2026-02-30", "March"])
def test_says_what_a_period_looks_like(text: str) -> None:
    with pytest.raises(Problem, match="is not a period"):
        Period.parse(text)


@given(DAYS, st.sampled_from(GRAINS))
def test_a_period_holds_its_day_and_meets_the_next(day: date, grain: str) -> None:
    period = Period.of(day, grain)  # type: ignore[arg-type]
    assert period.first_day <= day <= period.last_day
    assert period.next().first_day == period.last_day + timedelta(days=1)
    assert Period.parse(str(period)) == period


@given(DAYS)
def test_months_tile_a_year(day: date) -> None:
    year = Period.of(day, "year")
    months = list(year.parts("month"))
    assert [m.first_day.month for m in months] == list(range(1, 13))
    assert sum(m.days for m in months) == year.days


@given(DAYS)
def test_every_week_belongs_to_one_year(day: date) -> None:
    """Weeks are due in the year in which they end, so that each is due once."""
    years = range(day.year - 1, day.year + 2)
    weeks = [w for y in years for w in Period.parse(str(y)).parts("week")]
    assert len(weeks) == len(set(weeks))
    assert all(a.next() == b for a, b in zip(weeks, weeks[1:], strict=False))


@given(DAYS, st.sampled_from(["day", "month", "quarter", "year"]))
def test_the_year_before_is_the_same_stretch(day: date, grain: str) -> None:
    period = Period.of(day, grain)  # type: ignore[arg-type]
    before = period.year_before()
    assert before.first_day.year == period.first_day.year - 1
    assert before.grain == period.grain
