"""The table of steps and its deadlines, against the order's items 26–30 and readings PR1–PR5."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from qala.kits.procedure.steps import IN_FORCE, MOVES, PUBLICATIONS, deadlines, moves
from qala.standard.calendar import is_working_day, working_day_after

DAYS = st.dates(date(2026, 1, 1), date(2028, 6, 1))


@pytest.mark.parametrize(
    ("start", "count", "last"),
    [
        (date(2026, 11, 2), 15, date(2026, 11, 23)),  # three whole weeks
        (date(2026, 11, 6), 3, date(2026, 11, 11)),  # from a Friday
        (date(2026, 12, 15), 3, date(2026, 12, 21)),  # Independence Day, 16 December
        (date(2026, 3, 19), 3, date(2026, 3, 27)),  # Nauryz, 21–23 March, with days moved to the week after
        (date(2026, 12, 31), 3, date(2027, 1, 8)),  # New Year, 1–2 January, and Christmas, 7 January
    ],
)
def test_working_days_of_kazakhstan(start: date, count: int, last: date) -> None:
    assert working_day_after(start, count) == last


@settings(suppress_health_check=[HealthCheck.too_slow], deadline=None)
@given(DAYS, st.integers(1, 40))
def test_a_deadline_is_a_working_day_with_as_many_before_it(start: date, count: int) -> None:
    last = working_day_after(start, count)
    between = [start + timedelta(days=n) for n in range(1, (last - start).days + 1)]
    assert is_working_day(last)
    assert sum(map(is_working_day, between)) == count


def test_the_way_of_the_order() -> None:
    def verbs(state: str) -> set[str]:
        return {one.verb for one in moves(state)}

    assert verbs("draft") == verbs("remarks") == {"submit"}
    assert verbs("submitted") == {"agree", "refuse"}
    assert verbs("agreed") == {"approve"}  # PR2: the minister agrees, then the akim approves
    assert verbs("approved") == {"publish_site", "publish_system", "amend"}
    assert verbs("published") == {"amend"}
    assert {one.verb for one in moves("approved", ["publish_site"])} == {"publish_system", "amend"}


def test_whoever_writes_does_not_judge() -> None:
    judging = {one.verb for one in MOVES if one.right == "judge"}
    assert judging == {"agree", "refuse"}
    assert {one.verb for one in MOVES if one.right == "approve"} == {"approve"}


def test_every_state_leads_on_and_silence_is_no_consent() -> None:
    """PR1: after 15 working days the answer is overdue, and the only ways on are still the ministry's."""
    (answer,) = deadlines("submitted", date(2026, 11, 2))
    assert (answer.day, answer.item, answer.over(date(2026, 11, 24))) == (date(2026, 11, 23), "27", True)
    assert not answer.over(date(2026, 11, 23))
    assert all(moves(one.leads_to) for one in MOVES)
    reached = {one.leads_to for one in MOVES} | {"draft"}
    assert {state for one in MOVES for state in one.states} <= reached


def test_two_publications_within_three_working_days() -> None:
    assert [one.day for one in deadlines("approved", date(2026, 11, 6))] == [date(2026, 11, 11)] * 2
    assert [one.verb for one in deadlines("approved", date(2026, 11, 6), ["publish_site"])] == ["publish_system"]
    assert not deadlines("published", date(2026, 11, 6), PUBLICATIONS)
    assert {"approved", "published"} == IN_FORCE
