"""One edition of the law, loaded: everything that can be asked of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from fractions import Fraction
from pathlib import Path
from typing import Any, Literal

from qala.standard.open_terms import OpenTerm, Parameter
from qala.standard.papers import Act, Crossing, International, Procedure, Term
from qala.standard.problems import Problem
from qala.standard.types import (
    Category,
    Initiative,
    Kpi,
    Norm,
    Reading,
    Slip,
    Sphere,
    Stage,
    Unit,
)

Due = Literal["start", "end"]


class Norms(dict[str, Norm]):
    """The dated norms of norms.yaml, by substance."""

    def on(self, day: date) -> dict[str, Fraction]:
        """Substance -> norm in its unit on a day.

        A norm also holds for days before its first: the year before an edition begins is computed as a base, and
        has no norm of its own.
        """
        return {name: one.norm for name, one in self.items() if one.to_day is None or day <= one.to_day}


@dataclass(frozen=True)
class Edition:
    """An edition as loaded from its folder; mappings keep the order of the files.

    Attributes:
        id: the folder's name, `order_469`.
        folder: where it was read.
        digest: sha256 over all its files; two editions with one digest are the same law.
        act: number, title, days in force, successor, goals, principles.
        kpis: full id -> KPI, in the order's own sequence.
        initiatives: number -> initiative.
    """

    id: str
    folder: Path
    digest: str
    act: Act
    categories: Mapping[str, Category]
    spheres: Mapping[str, Sphere]
    stages: Mapping[str, Stage]
    units: Mapping[str, Unit]
    kpis: Mapping[str, Kpi]
    initiatives: Mapping[int, Initiative]
    open_terms: Mapping[str, OpenTerm]
    readings: Mapping[str, Reading]
    slips: Mapping[str, Slip]
    scoring: Any
    norms: Norms
    procedure: Procedure
    international: International | None
    glossary: Mapping[str, Term]
    crosswalk: tuple[Crossing, ...]
    _rows: Mapping[str, str] = field(repr=False)

    @property
    def from_day(self) -> date:
        """First day in force."""
        return self.act.in_force.from_day

    @property
    def to_day(self) -> date | None:
        """Last day in force; None while it has no end."""
        return self.act.in_force.to_day

    def in_force(self, day: date) -> bool:
        """Whether the edition is in force on a day."""
        return self.from_day <= day and (self.to_day is None or day <= self.to_day)

    @property
    def sections(self) -> tuple[str, ...]:
        """The spheres that annex 5 weighs, in its own sequence."""
        return tuple(self.scoring.get("sections", ()))

    def kpi(self, name: str) -> Kpi:
        """A KPI by its full id (`contact_centre.first_contact_share`) or its row (`2.2`).

        Raises:
            Problem: there is no such KPI; with the nearest names.
        """
        found = self.kpis.get(self._rows.get(name, name))
        if found is None:
            raise Problem(f"There is no KPI '{name}' in {self.id}.", hint=self._nearest(name))
        return found

    def _nearest(self, name: str) -> str:
        from difflib import get_close_matches

        near = get_close_matches(name, [*self.kpis, *self._rows], n=3, cutoff=0.5)
        near += [full for full in self.kpis if full.endswith(f".{name}") and full not in near]
        return f"Did you mean {', '.join(near)}?" if near else "`qala standard search WORD` finds KPIs by their names."

    def category(self, name: str) -> Category:
        """A category by its id; a `Problem` that lists them otherwise."""
        if name not in self.categories:
            raise Problem(f"There is no category '{name}' in {self.id}.", hint=f"One of: {', '.join(self.categories)}.")
        return self.categories[name]

    def stage_of(self, kpi: Kpi, category: str) -> Stage:
        """The stage on which a KPI's initiative begins for a category.

        Where annex 2 does not list the category (scopes other than `annex2`), the initiative's earliest
        stage counts.
        """
        roadmap = self.initiatives[kpi.initiative].roadmap
        if category in roadmap:
            return self.stages[str(roadmap[category].stage)]
        return min((self.stages[str(step.stage)] for step in roadmap.values()), key=lambda stage: stage.due_from)

    def in_scope(self, kpi: Kpi, category: str, scope: str = "annex2") -> bool:
        """Reading S1: whether a KPI binds a category at all, whatever the year."""
        self.category(category)
        if scope not in self.act.scopes:
            raise Problem(f"There is no scope '{scope}' in {self.id}.", hint=f"One of: {', '.join(self.act.scopes)}.")
        rule = self.act.scopes[scope]
        if kpi.row in rule.adds:
            return True
        if rule.by == "target":
            return kpi.has_target(category)
        return category in self.initiatives[kpi.initiative].roadmap

    def due_from(self, kpi: Kpi, category: str, due: Due = "start") -> int:
        """Reading T1: the first rating year in which a KPI is due, by the start or the end of its stage."""
        stage = self.stage_of(kpi, category)
        return stage.due_from if due == "start" else stage.due_from_end

    def due_kpis(self, year: int, category: str, scope: str = "annex2", due: Due = "start") -> tuple[Kpi, ...]:
        """The KPIs due for a category in a year (readings S1, T1), in the order's sequence."""
        return tuple(
            kpi
            for kpi in self.kpis.values()
            if self.in_scope(kpi, category, scope) and year >= self.due_from(kpi, category, due)
        )

    def parameter(self, name: str, day: date, city_value: Any = None, *, category: str | None = None) -> Parameter:
        """An open term's value on a day: the edition's own, or the city's where the term lets a city set it.

        Raises:
            Problem: no such term, no value on that day, or a city's value that is not permitted.
        """
        if name not in self.open_terms:
            raise Problem(f"There is no open term '{name}' in {self.id}.", hint="They stand in open_terms.yaml.")
        term = self.open_terms[name]
        own = term.value(day, category)
        if city_value is None:
            return Parameter(id=name, value=own, unit=term.default.unit, set_by="edition")
        if "city" not in term.set_by:
            raise Problem(
                f"The open term '{name}' may be set by {' or '.join(term.set_by)}, not by a city.",
                hint="Take it out of the city's parameters.",
            )
        if term.permitted is not None and not term.permitted.allows(city_value):
            raise Problem(
                f"{city_value!r} is not permitted for the open term '{name}'.",
                hint=f"Permitted: {term.permitted.say()}.",
            )
        value = tuple(city_value) if isinstance(city_value, list) else city_value
        return Parameter(id=name, value=value, unit=term.default.unit, set_by="city")

    def points(self) -> int:
        """All points of annex 4."""
        return sum(kpi.points for kpi in self.kpis.values())

    def points_due(self, year: int, category: str, scope: str = "annex2", due: Due = "start") -> Fraction:
        """The points of the KPIs due."""
        return Fraction(sum(kpi.points for kpi in self.due_kpis(year, category, scope, due)))
