"""What the order asks of a city and by when: the steps of its procedure that have a deadline."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date
from typing import Literal

from qala.standard import Edition
from qala.standard.papers import Deadline, Step
from qala.standard.values import Text

When = Literal["day", "each_year", "after", "passed"]
_ORDER: dict[When, int] = {"day": 0, "each_year": 1, "after": 2, "passed": 3}


@dataclass(frozen=True)
class Obligation:
    """One step with a deadline.

    Attributes:
        who: names of the actors.
        when: a `day` that comes, `each_year` without a day, so many working days `after` another step, or `passed`.
        day: the next day; of what has passed, that day.
        reported: the year that is reported on, where the day depends on one.
        after: the step that starts the working days.
    """

    step: Step
    who: tuple[Text, ...]
    when: When
    day: date | None = None
    reported: int | None = None
    working_days: int | None = None
    after: Step | None = None

    @property
    def item(self) -> int:
        """The item of the order in which it stands: `35(2)` is in 35."""
        return int(re.match(r"\d+", self.step.item)[0])  # type: ignore[index]  # an item begins with its number


def obligations(edition: Edition, today: date) -> tuple[Obligation, ...]:
    """Every step with a deadline: what comes next first, what has passed last."""
    steps = {step.id: step for step in edition.procedure.steps}
    found = [_obligation(edition, steps, step, step.deadline, today) for step in steps.values() if step.deadline]
    return tuple(sorted(found, key=lambda one: (_ORDER[one.when], one.day or date.max, one.step.item)))


def _obligation(edition: Edition, steps: dict[str, Step], step: Step, deadline: Deadline, today: date) -> Obligation:
    who = tuple(edition.procedure.actors[name] for name in step.who)
    if deadline.on is not None:
        return Obligation(step, who, "day" if deadline.on >= today else "passed", deadline.on)
    if deadline.by is not None:
        month, day = (int(part) for part in deadline.by.split("-"))
        year = today.year if date(today.year, month, day) >= today else today.year + 1
        return Obligation(step, who, "day", date(year, month, day), year - (deadline.year == "next"))
    if deadline.working_days is not None:
        after = None if deadline.after is None else steps.get(deadline.after)
        return Obligation(step, who, "after", working_days=deadline.working_days, after=after)
    return Obligation(step, who, "each_year")
