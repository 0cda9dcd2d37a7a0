"""The critical path of a roadmap: which actions decide when it ends, and by how many years the others may slip.

By years: what waits for an action begins in a later year than it ends, as `qala plan` counts it. Pure, but for reading
`after` (prefetch it).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from graphlib import TopologicalSorter

from qala.roadmaps.models import Action


@dataclass(frozen=True)
class Slack:
    """How far an action may slip.

    Attributes:
        years: by which it may end later and nothing ends after the roadmap's last year of work; less than 0: there are
            already too few years for it and for what waits for it.
        holds: the action that would be moved first; None: the end of the work itself.
        early: actions that it waits for and that do not end before it begins.
    """

    years: int
    holds: Action | None
    early: tuple[Action, ...]

    @property
    def short(self) -> int:
        """Years that lack."""
        return max(0, -self.years)

    @property
    def critical(self) -> bool:
        return self.years <= 0


def slacks(actions: Sequence[Action]) -> Mapping[int, Slack]:
    """Action -> its slack.

    Raises:
        graphlib.CycleError: actions wait for one another (`services.keep_action` lets none in).
    """
    by_id = {one.pk: one for one in actions}
    waits_for = {one.pk: [each.pk for each in one.after.all() if each.pk in by_id] for one in actions}
    waiting: dict[int, list[Action]] = {number: [] for number in by_id}
    for number, others in waits_for.items():
        for other in others:
            waiting[other].append(by_id[number])
    end = max((one.to_year for one in actions), default=0)
    latest: dict[int, int] = {}
    found: dict[int, Slack] = {}
    for number in reversed(list(TopologicalSorter(waits_for).static_order())):
        one = by_id[number]
        limits = [(latest[each.pk] - len(each.years), each) for each in waiting[number]]
        limit, holds = min(limits, key=lambda line: line[0], default=(end, None))
        latest[number] = min(limit, end)
        early = tuple(by_id[each] for each in waits_for[number] if by_id[each].to_year >= one.from_year)
        found[number] = Slack(latest[number] - one.to_year, holds, early)
    return found


def chain(actions: Sequence[Action], found: Mapping[int, Slack]) -> list[Action]:
    """The longest row of critical actions that wait for one another; empty where none waits for another."""
    ahead: dict[int, list[Action]] = {}
    by_id = {one.pk: one for one in actions}
    for number in TopologicalSorter({one.pk: [each.pk for each in one.after.all()] for one in actions}).static_order():
        if number in by_id and found[number].critical:
            before = [ahead[each.pk] for each in by_id[number].after.all() if each.pk in ahead]
            ahead[number] = [*max(before, key=len, default=[]), by_id[number]]
    longest = max(ahead.values(), key=len, default=[])
    return longest if len(longest) > 1 else []
