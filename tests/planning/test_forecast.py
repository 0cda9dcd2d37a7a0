"""Where a year ends: trends on months by hand, the kinds of KPI, and what the score makes of them."""

from __future__ import annotations

from fractions import Fraction
from types import SimpleNamespace
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from qala.planning.forecast import continued, year_end

F = Fraction


def kpi(year: str, compare: str | None = None) -> Any:
    return SimpleNamespace(year=year, compare=compare)


def test_a_straight_line_goes_on_and_one_odd_month_does_not_bend_it() -> None:
    line = [F(10 + 2 * n) for n in range(8)]
    assert continued(line, 2) == [F(26), F(28)]
    odd = [*line[:3], F(900), *line[4:]]
    assert continued(odd, 2) == [F(26), F(28)]
    assert continued([None, None, *line[:3], None], 1) is None, "three months tell no trend"
    assert continued([*line[:3], None, *line[4:]], 1) == [F(26)], "a gap is a gap, not a nought"


def test_nothing_falls_below_nought() -> None:
    assert continued([F(3), F(2), F(1), F(0)], 2) == [F(0), F(0)]


@given(st.lists(st.integers(0, 1000), min_size=4, max_size=12), st.integers(0, 8))
def test_what_stands_still_stays(values: list[int], ahead: int) -> None:
    still = [F(values[0])] * len(values)
    assert continued(still, ahead) == [F(values[0])] * ahead


def test_each_kind_of_year_ends_in_its_own_way() -> None:
    months = [F(n) for n in range(1, 7)]  # January to June: 1 … 6; the trend says 7 … 12
    assert year_end(kpi("last"), None, months, 6) == 12
    assert year_end(kpi("mean_of_months"), None, months, 6) == F(sum(range(1, 13)), 12)
    assert year_end(kpi("pool"), F(7, 2), months, 6) == (F(7, 2) * 6 + sum(range(7, 13))) / 12
    assert year_end(kpi("pool", "baseline"), F(7, 2), months, 6) is None
    assert year_end(kpi("pool"), None, months, 6) is None
    whole = [F(n) for n in range(1, 13)]
    assert year_end(kpi("pool"), F(13, 2), whole, 12) == F(13, 2), "a year that is over is what it is"
