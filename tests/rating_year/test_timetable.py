"""Days of a rating year that count themselves."""

from __future__ import annotations

from datetime import date

import pytest

from qala.rating_year.timetable import dated, steps
from qala.standard import Problem
from qala.standard.calendar import is_working_day, working_day_after


def days(**kwargs: object) -> dict[str, date | None]:
    return {one.id: one.day for one in dated(2026, **kwargs)}  # type: ignore[arg-type]


def test_the_steps_follow_each_other_and_the_rating_is_formed_by_31_january() -> None:
    found = days()
    assert list(found) == list(steps())
    assert found["forming"] == date(2027, 1, 31)
    known = [day for day in found.values() if day is not None]
    assert known == sorted(known)
    assert found["data_freeze"] == date(2027, 1, 10)
    assert found["preliminary"] == date(2027, 1, 12)  # a Sunday, then Monday and Tuesday
    assert found["objections"] == date(2027, 1, 19)
    assert all(is_working_day(found[name]) for name in ("preliminary", "objections", "decisions", "recomputation"))  # type: ignore[arg-type]


def test_holidays_are_no_working_days() -> None:
    assert working_day_after(date(2026, 12, 31), 1) == date(2027, 1, 5)  # holidays, a Sunday, a day off


def test_our_steps_are_switched_off_and_what_follows_counts_on() -> None:
    found = days(off=frozenset({"objections", "decisions"}))
    assert found["objections"] is None and found["decisions"] is None
    assert found["recomputation"] == date(2027, 1, 13)


def test_the_orders_own_steps_stay() -> None:
    with pytest.raises(Problem, match="cannot be switched off"):
        days(off=frozenset({"forming"}))
    with pytest.raises(Problem, match=r"by 31\.01\.2027"):
        days(moved={"forming": date(2027, 2, 3)})
    assert days(moved={"forming": date(2027, 1, 25)})["publication"] == date(2027, 1, 26)


def test_a_step_stands_as_the_day_and_the_people_say() -> None:
    step = dated(2026)[0]
    assert step.day is not None
    assert step.state(date(2027, 1, 1), done=False) == "ahead"
    assert step.state(step.day, done=False) == "today"
    assert step.state(date(2027, 1, 11), done=False) == "overdue"
    assert step.state(date(2027, 1, 11), done=True) == "done"
