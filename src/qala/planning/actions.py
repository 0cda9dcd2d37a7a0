"""Candidate actions as a person writes them: cost by year of work, what must come before, what each changes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from fractions import Fraction
from graphlib import CycleError, TopologicalSorter
from pathlib import Path
from typing import Annotated

from pydantic import AfterValidator, Field, model_validator

from qala.scoring.observation import ZERO
from qala.standard.problems import Problem, Problems
from qala.standard.values import Exact, Frozen, Strict, Words
from qala.standard.yaml_file import YamlFile, read_yaml


def _not_negative(value: Fraction) -> Fraction:
    if value < 0:
        raise ValueError("a sum of money is not negative")
    return value


Money = Annotated[Exact, AfterValidator(_not_negative)]


class Effect(Strict):
    """What an action makes of one KPI's yearly value when it is done; exactly one of the three.

    Attributes:
        to: the value that it brings, in the KPI's unit; of a KPI without data the value that data will show.
        by: what it adds (a fall is negative), in the KPI's unit.
        by_percent: what it adds, in percent of today's value; of a vector, of each component.
    """

    to: Money | None = None
    by: Exact | None = None
    by_percent: Annotated[Exact, Field(ge=-100)] | None = None

    @model_validator(mode="after")
    def _one(self) -> Effect:
        if sum(one is not None for one in (self.to, self.by, self.by_percent)) != 1:
            raise ValueError("an effect is exactly one of to, by, by_percent")
        return self


class Action(Strict):
    """One thing that a city could do.

    Attributes:
        cost: by year of work, the first year first; its length is how long the work takes.
        upkeep: of every later year.
        not_before: the first year in which it may begin.
        done_by: the last year in which its work may end.
        after: actions that must be finished before it begins.
        instead_of: actions that are not done if it is.
        must: it is done in any case (an obligation, a contract).
        effects: row or id of a KPI, or id of an own indicator -> what becomes of it in the years after the work. None of an
            action that others wait for, or that must be done.
    """

    name: Words
    cost: Annotated[tuple[Money, ...], Field(min_length=1)]
    upkeep: Money = ZERO
    not_before: int | None = None
    done_by: int | None = None
    after: tuple[str, ...] = ()
    instead_of: tuple[str, ...] = ()
    must: bool = False
    effects: Frozen[Effect] = Field(default_factory=dict, validate_default=True)

    @property
    def years(self) -> int:
        """How many years the work takes."""
        return len(self.cost)


class PlanFile(Strict):
    """A file of actions, as it stands.

    Attributes:
        money: in what money is told, as a text: `million tenge`.
        budget: year -> what can be spent in it. What is left over in a year is not carried on.
        outcomes: row or id of a KPI, or id of an own indicator -> what it weighs among what the city wants.
        until: the last year whose effects count; the year after the last budget by default.
        actions: by a short name.
    """

    money: Words
    budget: Annotated[Frozen[Money], Field(min_length=1)]
    outcomes: Annotated[Frozen[Annotated[Exact, Field(gt=0)]], Field(min_length=1)]
    until: int | None = None
    actions: Annotated[Frozen[Action], Field(min_length=1)]


@dataclass(frozen=True)
class Plan:
    """A plan to choose from; KPIs by their row, own indicators by their id.

    Attributes:
        budget: year -> money, years without a gap.
        years: in which effects count, from the first year of the budget.
    """

    money: str
    budget: Mapping[int, Fraction]
    weights: Mapping[str, Fraction]
    years: range
    actions: Mapping[str, Action]
    effects: Mapping[str, Mapping[str, Effect]]

    def starts(self, action: str) -> range:
        """Years in which an action can begin so that it ends within the budget's years."""
        found = self.actions[action]
        first, last = min(self.budget), max(self.budget)
        return range(max(first, found.not_before or first), min(last, found.done_by or last) - found.years + 2)


def read_plan(path: Path, known: Mapping[str, str]) -> Plan:
    """Read a file of actions.

    Args:
        known: every name by which a KPI or an own indicator may be called -> the row or id that it stands for.

    Raises:
        Problem, Problems: whatever is wrong, with file, line and path.
    """
    file = read_yaml(path)
    says = file.check(PlanFile, file.mapping())
    wrong = list(_wrong(file, says, known))
    if len(wrong) == 1:
        raise wrong[0]
    if wrong:
        raise Problems(wrong, f"{len(wrong)} things are wrong in {path}.")
    budget = {int(year): money for year, money in sorted(says.budget.items())}
    return Plan(
        says.money,
        budget,
        {known[name]: weight for name, weight in says.outcomes.items()},
        range(min(budget), (says.until or max(budget) + 1) + 1),
        says.actions,
        {name: {known[kpi]: one for kpi, one in action.effects.items()} for name, action in says.actions.items()},
    )


def _wrong(file: YamlFile, says: PlanFile, known: Mapping[str, str]) -> Iterator[Problem]:
    years = [int(year) for year in says.budget if year.isdecimal() and len(year) == 4]
    if len(years) != len(says.budget):
        yield file.problem("A budget is told by year.", "budget", hint="Write `2027: 400`.")
    elif sorted(years) != list(range(min(years), max(years) + 1)):
        yield file.problem("The budget has a gap between its years.", "budget", hint="Write `2028: 0` where none is.")
    elif says.until is not None and says.until <= min(years):
        yield file.problem(
            "Nothing that is done can have an effect by then.", "until", hint=f"A year after {min(years)}."
        )
    yield from _unknown(file, ("outcomes",), says.outcomes, known)
    for name, action in says.actions.items():
        yield from _unknown(file, ("actions", name, "effects"), action.effects, known)
        for field in ("after", "instead_of"):
            for number, other in enumerate(getattr(action, field)):
                if other not in says.actions or other == name:
                    hint = f"One of: {', '.join(one for one in says.actions if one != name)}."
                    yield file.problem(
                        f"There is no other action '{other}'.", "actions", name, field, number, hint=hint
                    )
    try:
        TopologicalSorter({name: action.after for name, action in says.actions.items()}).prepare()
    except CycleError as error:
        ring = " → ".join(reversed(error.args[1]))
        yield file.problem(f"Actions wait for one another: {ring}.", "actions", hint="Take one `after` out.")


def _unknown(
    file: YamlFile, steps: tuple[str, ...], named: Mapping[str, object], known: Mapping[str, str]
) -> Iterator[Problem]:
    seen: dict[str, str] = {}
    for name in named:
        if name not in known:
            hint = 'A row of annex 4 in quotes (`"2.1"`), a KPI\'s id, or the id of an own indicator (`own.…`).'
            yield file.problem(f"There is no KPI '{name}'.", *steps, name, hint=hint)
        elif (other := seen.setdefault(known[name], name)) != name:
            yield file.problem(
                f"'{name}' is '{other}', which is there already.", *steps, name, hint="Keep one of the two."
            )
