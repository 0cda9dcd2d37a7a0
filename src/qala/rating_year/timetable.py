"""The timetable of a rating year: days that count themselves by Kazakhstan's working calendar."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict

from qala.standard.calendar import working_day_after
from qala.standard.problems import Problem
from qala.standard.yaml_file import read_yaml


class _After(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")

    step: str
    working_days: int


class Step(BaseModel):
    """One step as the file says it."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    ours: bool
    name: Mapping[str, str]
    what: Mapping[str, str]
    on: str = ""
    after: _After | None = None
    item: str = ""


@cache
def steps() -> Mapping[str, Step]:
    """Id -> step, in their order."""
    data: dict[str, Any] = read_yaml(Path(__file__).with_name("timetable.yaml")).data
    return {name: Step.model_validate(said) for name, said in data.items()}


@dataclass(frozen=True)
class Dated:
    """A step with its day in one year and category; None where it is switched off."""

    id: str
    step: Step
    day: date | None

    def state(self, today: date, done: bool) -> str:
        """`off`, `done`, `overdue`, `today` or `ahead`."""
        if self.day is None:
            return "off"
        if done:
            return "done"
        return "overdue" if today > self.day else "today" if today == self.day else "ahead"


def dated(year: int, off: frozenset[str] = frozenset(), moved: Mapping[str, date] | None = None) -> tuple[Dated, ...]:
    """The steps of a rated year.

    Args:
        year: the rated year; the days lie in the next.
        off: ids of steps that are switched off; only those that are not the order's can be.
        moved: days that were set by hand.

    Raises:
        Problem: a step of the order is switched off or set later than the order says.
    """
    moved = moved or {}
    found: dict[str, date] = {}
    last = date(year, 12, 31)
    result = []
    for name, step in steps().items():
        if name in off and not step.ours:
            raise Problem(f"The step '{name}' is the order's and cannot be switched off.")
        day = (
            working_day_after(found.get(step.after.step, last), step.after.working_days)
            if step.after
            else _on(year, step)
        )
        if name in moved:
            if step.on and not step.ours and moved[name] > day:
                raise Problem(f"The order wants '{name}' by {day:%d.%m.%Y}.", hint="Choose an earlier day.")
            day = moved[name]
        if name in off:
            found[name] = last  # what follows counts from the step before
            result.append(Dated(name, step, None))
            continue
        found[name] = last = day
        result.append(Dated(name, step, day))
    return tuple(result)


def _on(year: int, step: Step) -> date:
    month, day = map(int, step.on.split("-"))
    return date(year + 1, month, day)
