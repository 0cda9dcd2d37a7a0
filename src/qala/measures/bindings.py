"""What `:names` stand for in a city: limits of its category, open terms of the edition, values that the city filed."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from fractions import Fraction
from typing import Any

from qala.measures.expressions import MICROSECONDS, Bound
from qala.standard.edition import Edition
from qala.standard.problems import Problem
from qala.standard.types import Kpi


@dataclass(frozen=True)
class Stretch:
    """A stretch of days in which nothing that matters to the expressions changes for a city.

    Attributes:
        first: first day; None is "since ever".
        category: the city's category.
        filed: open terms that the city set by an act, id -> value.
    """

    first: date | None
    category: str
    filed: tuple[tuple[str, Any], ...] = ()


@dataclass(frozen=True)
class Context:
    """All that fills in the expressions for one city (or for every city that is alike)."""

    edition: Edition
    stretches: tuple[Stretch, ...]
    own: Mapping[str, Kpi] = field(default_factory=dict, compare=False)  # own indicators, by id

    def kpi(self, name: str) -> Kpi:
        """A KPI of the edition by id or row, or an own indicator by id."""
        return self.own[name] if name in self.own else self.edition.kpi(name)

    def bind(self, kpi: Kpi | None, name: str, stretch: Stretch, choice: str | None, component: str | None) -> Bound:
        """The value of `:name`; times in microseconds.

        Args:
            choice: None for the default; the id of a limit or open term whose variant (strict end) is asked for,
                with `#0`, `#1`… where a term has several variants.
            component: the component column, for `:norm`.
        """
        day = stretch.first or self.edition.from_day
        if name == "norm":
            return Bound(dict(self.norms(day)), component)
        if kpi is not None and name in kpi.limits:
            limit = kpi.limits[name]
            if stretch.category not in limit.values:
                raise Problem(f"the limit '{name}' of {kpi.id} is not given for the category '{stretch.category}'")
            strict = choice == name and stretch.category in limit.strict
            value = limit.strict[stretch.category] if strict else limit.values[stretch.category]
            return Bound(_in_microseconds(value, limit.unit))
        if name not in self.edition.open_terms:
            raise Problem(f"':{name}' is neither a limit of the KPI nor an open term of {self.edition.id}")
        term = self.edition.open_terms[name]
        day = max(day, term.from_day)
        chosen, _, index = (choice or "").partition("#")
        if chosen == name and term.variant is not None:
            value = term.value(day, stretch.category, variant=True)
            return Bound(_in_microseconds(value[int(index)] if index else value, term.default.unit))
        filed = dict(stretch.filed).get(name)
        parameter = self.edition.parameter(name, day, filed, category=stretch.category)
        if parameter.value is None:
            raise Problem(f"the open term '{name}' has words and no value, so ':{name}' cannot be computed with")
        return Bound(_in_microseconds(parameter.value, parameter.unit))

    def norms(self, day: date) -> Mapping[str, Fraction]:
        """Daily norms by pollutant that hold on a day."""
        return self.edition.norms.on(day)

    def choices(self, kpi: Kpi, name: str) -> list[str]:
        """The variants that a limit or an open term has, as `choice`s for `bind`."""
        if name in kpi.limits:
            strict = kpi.limits[name].strict
            return [name] if any(s.category in strict for s in self.stretches) else []
        term = self.edition.open_terms.get(name)
        if term is None or term.variant is None or term.variant.value is None:
            return []
        several = isinstance(term.variant.value, tuple) and not isinstance(term.default.value, tuple)
        return [f"{name}#{i}" for i in range(len(term.variant.value))] if several else [name]

    def days(self, name: str) -> int:
        """An open term that is a number of days (look-back, reporting window): the larger of default and variant."""
        term = self.edition.open_terms[name]
        values = [term.default.value, term.variant.value if term.variant else None]
        unit = MICROSECONDS[term.default.unit or "day"]
        numbers: list[Any] = []
        for value in values:
            numbers.extend(value if isinstance(value, tuple) else [value])
        return max(math.ceil(Fraction(v) * unit / MICROSECONDS["day"]) for v in numbers if v is not None)


def _in_microseconds(value: Any, unit: str | None) -> Any:
    if unit is not None and unit in MICROSECONDS and isinstance(value, int | Fraction):
        return int(Fraction(value) * MICROSECONDS[unit])
    return value


def stretches(changes: Sequence[Stretch]) -> tuple[Stretch, ...]:
    """Stretches in order, those equal to the one before left out."""
    kept: list[Stretch] = []
    for change in sorted(changes, key=lambda s: s.first or date.min):
        if not kept or (kept[-1].category, kept[-1].filed) != (change.category, change.filed):
            kept.append(change)
    return tuple(kept)
