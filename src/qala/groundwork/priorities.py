"""Which base initiatives come first (item 20): what people need, what KPIs lack, which functions no system has, whose turn it is.

Ours, not the order's: the priority is the mean of the three parts that are known, each 0 to 1; initiatives whose years of annex 2
have begun stand before the others.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from fractions import Fraction

from qala import facts
from qala.groundwork.needs import Need, shares
from qala.inventory.queries import asked_functions, elsewhere, objects_of, served
from qala.lake import City
from qala.ratings.queries import Rated, newest_of
from qala.roadmaps.models import Action, Roadmap
from qala.standard.types import FunctionRow, Initiative


@dataclass(frozen=True)
class Priority:
    """One base initiative.

    Attributes:
        stage, from_year: of annex 2 for the city's category; begun: whether its years have begun.
        need: its part of all needs, of the largest part; gap: points of its KPIs that are not earned, of those scored;
        silent: KPIs that are due without a score; lacking: functions without a system in use, of those asked.
        All parts 0 to 1, None where they are not known.
    """

    initiative: Initiative
    stage: int
    from_year: int
    begun: bool
    need: Fraction | None
    gap: Fraction | None
    silent: int
    live: int
    asked: int

    @property
    def lacking(self) -> Fraction | None:
        return Fraction(self.asked - self.live, self.asked) if self.asked else None

    @property
    def priority(self) -> Fraction:
        known = [part for part in (self.need, self.gap, self.lacking) if part is not None]
        return sum(known, Fraction(0)) / len(known) if known else Fraction(0)


def priorities(city: City, day: date, found: Sequence[Need]) -> list[Priority]:
    """Base initiatives of the city's category, the first to be solved first."""
    law, category, at = facts.edition(), city.category_on(day), newest_of(city.code)
    parts = shares(found)
    most = max(parts.values(), default=None)
    asked = asked_functions(law, category)
    live = {key for one in objects_of(city.code) if one.live for key in one.functions}
    rows = []
    for number, one in law.initiatives.items():
        step = one.roadmap.get(category or "")
        if step is None:
            continue
        own = [key for key, row in asked.items() if row.initiative == number]
        gap, silent = _gap(at, {kpi.row for kpi in law.kpis.values() if kpi.initiative == number})
        rows.append(
            Priority(
                one, step.stage, step.from_year, step.from_year <= day.year,
                parts.get(one.system, Fraction(0)) / most if most else None, gap, silent,
                len(live & set(own)), len(own),
            )
        )  # fmt: skip
    return sorted(rows, key=lambda row: (not row.begun, -row.priority, row.initiative.no))


def _gap(at: Rated | None, rows: set[str]) -> tuple[Fraction | None, int]:
    if at is None:
        return None, 0
    own = [one for one in at.score.kpis if one.row in rows]
    scored = [(one.points, one.score) for one in own if one.score is not None]
    points = sum(weight for weight, _score in scored)
    lost = sum((weight * (1 - score) for weight, score in scored), Fraction(0))
    return (Fraction(lost) / points if points else None), sum(one.status == "missing" for one in own)


@dataclass(frozen=True)
class Gap:
    """A function of annex 3 that is asked and no system in use serves.

    Attributes:
        coming: objects that are planned or being built for it; action: of the roadmap that brings its initiative.
        elsewhere: how many solutions other cities run for it.
    """

    key: str
    function: FunctionRow
    stage: int
    from_year: int
    to_year: int
    coming: Sequence[str]
    action: Action | None
    elsewhere: int


def gaps(city: City, day: date, roadmap: Roadmap | None) -> list[Gap]:
    """The gap list of a city, in the order of annex 3."""
    law, category = facts.edition(), city.category_on(day)
    here, others = served(objects_of(city.code)), elsewhere(city.code)
    actions: Mapping[int | None, Action] = (
        {one.initiative: one for one in roadmap.actions.select_related("owner")} if roadmap else {}
    )
    found = []
    for key, row in asked_functions(law, category).items():
        own = here.get(key, [])
        if any(one.live for one in own):
            continue
        step = law.initiatives[row.initiative].roadmap[category or ""]
        found.append(
            Gap(
                key, row, step.stage, step.from_year, step.to_year, [one.name for one in own],
                actions.get(row.initiative), len({one.pk for one in others.get(key, [])}),
            )
        )  # fmt: skip
    return found
