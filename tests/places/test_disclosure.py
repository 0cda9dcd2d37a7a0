"""What the public is told of small numbers: nothing by itself, nothing by subtraction."""

from __future__ import annotations

from datetime import date
from itertools import product

from hypothesis import given
from hypothesis import strategies as st

from qala.places.disclosure import SMALLEST, guarded, is_told, last_month_over, told_places
from qala.standard.period import Period

COUNTS = st.dictionaries(st.integers(0, 30), st.one_of(st.integers(0, 6), st.integers(0, 40)))


@given(COUNTS)
def test_no_small_number_is_told_nor_can_be_subtracted(counts: dict[int, int]) -> None:
    told = guarded(counts)
    assert all(told[name] in (None, count) for name, count in counts.items())
    assert all(count is None or count == 0 or count >= SMALLEST for count in told.values())
    hidden = [counts[name] for name, count in told.items() if count is None]
    if hidden and len(hidden) < len(counts):  # then the sum is known: of at least two, each of which may be many things
        assert len(hidden) > 1
        assert sum(hidden) - sum(1 for n in hidden if n) >= SMALLEST - 1


@given(COUNTS)
def test_whoever_knows_the_sum_still_cannot_tell_any_hidden_number(counts: dict[int, int]) -> None:
    """By going through every assignment that the public numbers leave open (small cases, a least of two)."""
    small = {name: min(count, 3) for name, count in list(counts.items())[:5]}
    told = guarded(small, 2)
    hidden = [name for name, count in told.items() if count is None]
    if len(hidden) == len(small) and sum(small.values()) < 2:
        return  # the sum itself is too small to be told
    rest = sum(small[name] for name in hidden)
    noughts = len(hidden) == len(small)  # else nought is told
    open_to = [
        values for values in product(range(0 if noughts else 1, rest + 1), repeat=len(hidden)) if sum(values) == rest
    ]
    for n, name in enumerate(hidden):
        assert len({values[n] for values in open_to}) > 1, (small, name)


MONTHS = st.lists(st.one_of(st.integers(0, 8), st.integers(0, 60)), min_size=12, max_size=12)


@given(st.dictionaries(st.sampled_from("abcdef"), MONTHS, min_size=1))
def test_no_month_of_a_district_is_the_rest_of_a_year_or_of_the_city(rows: dict[str, list[int]]) -> None:
    told = told_places(rows)
    assert told.by_month <= told.by_year, "whose months are told, their year is the sum"
    for place in told.by_month:
        assert all(n == 0 or n >= SMALLEST for n in rows[place])
    for place in told.by_year:
        assert sum(rows[place]) == 0 or sum(rows[place]) >= SMALLEST
    for shown, left in ((told.by_month, range(12)), (told.by_year, None)):
        untold = [rows[place] for place in rows if place not in shown]
        if untold and shown:  # the city less what is told
            assert len(untold) > 1
            sums = [sum(months) for months in zip(*untold, strict=True)]
            for n in sums if left is not None else [sum(sums)]:
                assert n == 0 or n >= SMALLEST


def test_by_place_nothing_is_told_by_day_or_week() -> None:
    told = told_places({"a": [9] * 12, "b": [9] * 12})
    assert all(is_told(told, "a", Period.parse(one)) for one in ("2026", "2026-Q1", "2026-03"))
    assert not any(is_told(told, "a", Period.parse(one)) for one in ("2026-03-05", "2026-W09"))


def test_only_what_is_over_is_told_by_place() -> None:
    assert str(last_month_over(date(2026, 3, 31))) == "2026-03"
    assert str(last_month_over(date(2026, 3, 30))) == "2026-02"
    assert str(last_month_over(date(2026, 1, 1))) == "2025-12"
