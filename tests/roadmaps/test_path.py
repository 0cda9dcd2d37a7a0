"""The critical path against shifting every action by hand."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from qala.roadmaps.path import chain, slacks


def action(number: int, first: int, last: int, *after: Any) -> Any:
    """What `path` reads of an action."""
    return SimpleNamespace(
        pk=number, from_year=first, to_year=last, years=range(first, last + 1), after=SimpleNamespace(all=lambda: after)
    )  # fmt: skip


def test_a_chain_decides_and_what_stands_beside_it_may_slip() -> None:
    one = action(1, 2027, 2027)
    two = action(2, 2028, 2029, one)
    beside = action(3, 2027, 2027)
    last = action(4, 2030, 2030, two, beside)
    alone = action(5, 2027, 2028)
    actions = [one, two, beside, last, alone]
    found = slacks(actions)
    assert [found[each.pk].years for each in actions] == [0, 0, 2, 0, 2]
    assert (found[1].holds, found[3].holds, found[4].holds, found[5].holds) == (two, last, None, None)
    assert chain(actions, found) == [one, two, last]


def test_what_begins_before_it_can_is_told() -> None:
    one = action(1, 2027, 2028)
    two = action(2, 2028, 2028, one)
    found = slacks([one, two])
    assert found[2].early == (one,) and found[1].years == -1 and found[1].short == 1


@pytest.mark.parametrize("actions", [[], [action(1, 2027, 2027)]])
def test_where_nothing_waits_there_is_no_chain(actions: list[Any]) -> None:
    assert chain(actions, slacks(actions)) == []


@st.composite
def plans(draw: st.DrawFn) -> list[Any]:
    """Plans in which nothing begins before it can."""
    made: list[Any] = []
    for number in range(draw(st.integers(1, 7))):
        after = [one for one in made if draw(st.booleans())]
        first = max((one.to_year + 1 for one in after), default=2027) + draw(st.integers(0, 2))
        made.append(action(number, first, first + draw(st.integers(0, 2)), *after))
    return made


def end_if_late(actions: list[Any], late: int, years: int) -> int:
    """When all is over if one action ends later and the others move only when they must."""
    ends: dict[int, int] = {}
    for one in actions:  # in an order in which nothing comes before what it waits for
        first = max([one.from_year, *(ends[each.pk] + 1 for each in one.after.all())])
        ends[one.pk] = first + len(one.years) - 1 + (years if one.pk == late else 0)
    return max(ends.values())


@settings(deadline=None, max_examples=200)
@given(plans())
def test_slack_is_what_moving_the_plan_shows(actions: list[Any]) -> None:
    """With its slack used up the end stays; one year more, and the end is a year later."""
    end = max(one.to_year for one in actions)
    for number, slack in slacks(actions).items():
        assert end_if_late(actions, number, slack.years) == end
        assert end_if_late(actions, number, slack.years + 1) == end + 1
