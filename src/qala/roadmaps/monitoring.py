"""How an approved roadmap goes, from data: functions that live, KPIs against their target, money, what is overdue, and where the
index of this year ends.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction
from typing import Any

from qala import facts
from qala.inventory.queries import asked_functions, objects_of, served
from qala.kits.procedure.models import Paper
from qala.kits.procedure.queries import today_of
from qala.planning import Effect, Standpoint, moved
from qala.planning.forecast import YEAR, with_trends, year_end
from qala.ratings.queries import newest_of
from qala.roadmaps.models import Action, KpiOwner, Roadmap
from qala.roadmaps.queries import effects_of, kpis_of
from qala.scoring import Observation, Profile
from qala.scoring.kpi import greatest
from qala.standard import Edition
from qala.standard.period import Period
from qala.standard.problems import Problem
from qala.standard.types import Kpi

REACHED, NEARER, AWAY, SAME = "reached", "nearer", "away", "same"


@dataclass(frozen=True)
class KpiMove:
    """A KPI that an action is to change.

    Attributes:
        row: of the KPI, or the id of an own indicator.
        base: its value when the roadmap was approved; now: this year, so far; target: what the action says it becomes.
        share: of the way from the base to the target, 0 to 1 and beyond; None where one of the three is not known.
    """

    row: str
    kpi: Kpi
    base: Fraction | None
    now: Fraction | None
    target: Fraction | None
    share: Fraction | None

    @property
    def state(self) -> str:
        if self.share is None:
            return ""
        return REACHED if self.share >= 1 else NEARER if self.share > 0 else SAME if self.share == 0 else AWAY


@dataclass(frozen=True)
class Line:
    """An action and how it goes.

    Attributes:
        live, asked: functions of its base initiative that a system in use serves, of those that the order asks.
        planned, approved, spent: millions of tenge up to and with this year.
        late: `end` beyond its last year and not done, `begin` beyond its first and not begun, else empty.
        doubt: it is said to be done, and data say otherwise.
    """

    action: Action
    live: int
    asked: int
    kpis: tuple[KpiMove, ...]
    planned: Decimal
    approved: Decimal
    spent: Decimal
    late: str
    doubt: bool

    @property
    def overspent(self) -> bool:
        return self.spent > self.approved


def lines_of(roadmap: Roadmap, actions: Sequence[Action], approved_on: date) -> list[Line]:
    """Every action, in the roadmap's sequence."""
    law, today = facts.editions()[roadmap.edition], today_of(roadmap.city)
    asked = asked_functions(law, roadmap.category)
    live = {key for key, some in served(objects_of(roadmap.city)).items() if any(one.live for one in some)}
    values = _Known(roadmap, law, today, approved_on)
    return [_line(one, asked, live, values, today.year) for one in actions]


def _line(one: Action, asked: Mapping[str, Any], live: set[str], values: _Known, year: int) -> Line:
    mine = {key for key, row in asked.items() if row.initiative == one.initiative}
    kpis = tuple(values.move(row, effect) for row, effect in effects_of(one).items() if row in values.kpis)
    ended, begun = one.to_year < year, one.from_year < year
    late = (
        "end"
        if ended and one.progress not in ("done", "stopped")
        else "begin"
        if begun and one.progress == "planned"
        else ""
    )
    doubt = one.progress == "done" and (
        len(mine & live) < len(mine) or any(each.state in (AWAY, SAME) for each in kpis)
    )
    planned, approved, spent = (_until(some, year) for some in (one.money, one.approved, one.spent))
    return Line(one, len(mine & live), len(mine), kpis, planned, approved, spent, late, doubt)


def _until(money: Mapping[str, str], year: int) -> Decimal:
    return sum((Decimal(part) for of, part in money.items() if int(of) <= year), Decimal(0))


class _Known:
    """Values of a city when its roadmap was approved, and now."""

    def __init__(self, roadmap: Roadmap, law: Edition, today: date, approved_on: date) -> None:
        self.city, self.law, self.today, self.approved_on = roadmap.city, law, today, approved_on
        self.profile, self.kpis = _profile(roadmap.city), kpis_of(roadmap)
        self._kept: dict[tuple[str, date], Observation | None] = {}

    def at(self, kpi: Kpi, day: date) -> Observation | None:
        """The year's value up to a day; None where there is none."""
        if (kpi.id, day) not in self._kept:
            found = facts.values().observation(self.city, kpi, day.year, day, self.profile)
            self._kept[kpi.id, day] = found if found.status == "ok" and found.value is not None else None
        return self._kept[kpi.id, day]

    def move(self, row: str, effect: Effect) -> KpiMove:
        """How far a KPI came on the way that an action promises.

        The base is the year before the approval as a whole; where it is not known, the year of the approval up to it.
        """
        kpi = self.kpis[row]
        base = self.at(kpi, date(self.approved_on.year - 1, 12, 31)) or self.at(kpi, self.approved_on)
        now = self.at(kpi, self.today - timedelta(days=1))
        target = None
        with suppress(Problem):  # it promises a change of what was not known
            target = moved(base or Observation(row=row, status="missing"), [effect], greatest(kpi, self.law)).value
        known = base is not None and base.value is not None and now is not None and now.value is not None
        start, here = (base.value if base else None), (now.value if now else None)
        share = None
        if known and start is not None and here is not None and target is not None and target != start:
            share = (here - start) / (target - start)
        return KpiMove(row, kpi, start, here, target, share)


@dataclass(frozen=True)
class Forecast:
    """Where the index of a year ends.

    Attributes:
        stands: if the year's values stay as they are; trend: if the months go on as they went; None where nothing can be scored.
        next_stands, next_planned: of the year after, by the trend, without and with what the roadmap plans to finish this year.
        trends: how many KPIs have one; known: how many have a value this year.
        months: that are over.
    """

    year: int
    day: date
    stands: Fraction | None
    trend: Fraction | None
    next_stands: Fraction | None
    next_planned: Fraction | None
    trends: int
    known: int
    months: int


def forecast(roadmap: Roadmap, actions: Sequence[Action]) -> Forecast:
    """The year-end index of a roadmap's city, by the law's own scoring."""
    law, today = facts.editions()[roadmap.edition], today_of(roadmap.city)
    day, profile = today - timedelta(days=1), _profile(roadmap.city)
    months = _months(day)
    over = sum(month.first_day.year == day.year for month in months)
    values = facts.values().of(roadmap.city)
    seen, ends = {}, {}
    for kpi in law.kpis.values():
        seen[kpi.row] = one = facts.values().observation(roadmap.city, kpi, day.year, day, profile)
        if one.status == "ok" and one.value is not None and not one.components:
            by_month = [values.value(kpi, month, day, profile.ways, extras=False) for month in months]
            end = year_end(kpi, one.value, [each.value if each.status == "ok" else None for each in by_month], over)
            if end is not None:
                ends[kpi.row] = end
    at = Standpoint(law, roadmap.category, day.year, profile, seen)
    due = [one for one in actions if one.to_year <= day.year and one.progress in ("planned", "running")]
    more = [(row, effect) for one in due for row, effect in effects_of(one).items() if row in seen]
    return Forecast(
        day.year, day, at.city(seen, day.year).index, with_trends(at, ends).index,
        with_trends(at, ends, year=day.year + 1).index, with_trends(at, ends, more, day.year + 1).index,
        len(ends), sum(one.status == "ok" for one in seen.values()), over,
    )  # fmt: skip


def _months(day: date) -> list[Period]:
    """The last twelve months that are over, the latest last."""
    found, month = [], Period.of(day, "month")
    if month.last_day > day:
        month = Period.of(month.first_day - timedelta(days=1), "month")
    for _n in range(YEAR):
        found.append(month)
        month = Period.of(month.first_day - timedelta(days=1), "month")
    return found[::-1]


def _profile(city: str) -> Profile:
    """By which readings the city was rated last."""
    found = newest_of(city)
    return Profile() if found is None else found.run.profile


def approval_of(roadmap: Roadmap) -> date | None:
    """When a roadmap came into force first: an amendment does not begin its way anew."""
    first: Paper = roadmap
    while first.amends is not None:
        first = first.amends
    step = first.steps.filter(verb="approve").first()
    return None if step is None else step.day


def owners_of(city: str) -> dict[str, KpiOwner]:
    """Row -> who answers for a KPI of a city."""
    return {one.row: one for one in KpiOwner.objects.filter(city=city).select_related("owner")}


def owned_kpis(law: Edition, category: str) -> list[Kpi]:
    """KPIs of the base initiatives that the order lays on a category."""
    return [kpi for kpi in law.kpis.values() if category in law.initiatives[kpi.initiative].roadmap]
