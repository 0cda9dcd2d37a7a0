"""A city as it stands: what is known of it, and what the law makes of that in the years to come."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from functools import cached_property

from qala.planning.actions import Effect
from qala.scoring import CityRules, CityScore, Observation, Profile
from qala.scoring.kpi import greatest
from qala.scoring.observation import ONE, ZERO
from qala.scoring.targets import Invalid, Missing, scorer
from qala.standard.edition import Edition
from qala.standard.problems import Problem
from qala.standard.types import Kpi, Rule


@dataclass(frozen=True)
class Own:
    """An own indicator of the city: its target, and its value in the year (None = not known)."""

    kpi: Kpi
    rule: Rule
    value: Fraction | None


@dataclass(frozen=True)
class Standpoint:
    """What is known of a city in a closed year, and the law of the years to come.

    The years to come are scored as if all else stayed as it is, by the edition that is loaded; a KPI counts from the year
    in which its stage makes it due (T1).

    Attributes:
        observations: of the year, by row.
        own: own indicators by id.
    """

    edition: Edition
    category: str
    year: int
    profile: Profile
    observations: Mapping[str, Observation]
    own: Mapping[str, Own] = field(default_factory=dict)

    @cached_property
    def _rules(self) -> dict[int, CityRules]:
        return {}

    def rules(self, year: int) -> CityRules:
        """The law for the city in a year; bases are there, so that no first year excuses their absence."""
        if year not in self._rules:
            self._rules[year] = CityRules(self.edition, self.category, year, self.profile, first_year=self.year)
        return self._rules[year]

    def known(self) -> dict[str, str]:
        """Every name of a KPI or own indicator -> its row, or the indicator's id."""
        found = {name: kpi.row for kpi in self.edition.kpis.values() for name in (kpi.row, kpi.id)}
        return found | {name: name for name in self.own}

    def seen(self, name: str) -> Observation:
        """What is known of a KPI or an own indicator."""
        if name in self.own:
            value = self.own[name].value
            return Observation(row=name, value=value) if value is not None else Observation(row=name, status="missing")
        return self.observations.get(name) or Observation(row=name, status="missing")

    def score(self, name: str, seen: Observation, year: int) -> Fraction:
        """The score in a year if this were known; 0 where the law gives none (missing, not due, no target)."""
        if name not in self.own:
            return self.rules(year).kpi(name).score(seen).score or ZERO
        try:
            return scorer(self.own[name].rule, minimal=ONE, most=self.most(name))(seen).score
        except (Missing, Invalid):
            return ZERO

    def most(self, name: str) -> Fraction | None:
        """The greatest value that can be (V1), in the unit."""
        kpi = self.own[name].kpi if name in self.own else self.edition.kpi(name)
        return greatest(kpi, self.edition)

    def with_effects(self, effects: Iterable[tuple[str, Effect]]) -> dict[str, Observation]:
        """Observations of the KPIs of the law after these effects; own indicators are left out."""
        by_name: dict[str, list[Effect]] = {}
        for name, effect in effects:
            by_name.setdefault(name, []).append(effect)
        changed = {
            name: moved(self.seen(name), some, self.most(name))
            for name, some in by_name.items()
            if name not in self.own
        }
        return {**self.observations, **changed}

    def city(self, observations: Mapping[str, Observation], year: int) -> CityScore:
        """The whole city's score in a year."""
        return self.rules(year).score(observations)


def moved(seen: Observation, effects: Iterable[Effect], most: Fraction | None = None) -> Observation:
    """What is known after some effects. Each is counted from today's value, and they add up; the result stays within what can be.

    Raises:
        Problem: an effect that has nothing to start from, or cannot be told for a vector.
    """
    some = list(effects)
    if not some:
        return seen
    if seen.components:
        return _vector(seen, some)
    brings = [one.to for one in some if one.to is not None]
    if seen.value is None:
        if not brings:
            raise Problem(
                f"{seen.row} has no value that could change.", hint="Say `to:` with the value that data will show."
            )
        if len(brings) > 1:
            raise Problem(
                f"{seen.row} has no value yet, and two actions bring one.", hint="Leave `to:` to one of them."
            )
        now, total = brings[0], brings[0]
    else:
        now = seen.value
        total = now + sum((to - now for to in brings), ZERO)
    total += sum((one.by for one in some if one.by is not None), ZERO)
    total += sum((now * one.by_percent / 100 for one in some if one.by_percent is not None), ZERO)
    value = max(total, ZERO) if most is None else min(max(total, ZERO), most)
    delivered = seen.delivered if seen.value is not None else ONE
    return Observation(row=seen.row, value=value, base=seen.base, delivered=delivered)


def _vector(seen: Observation, effects: list[Effect]) -> Observation:
    percent = ZERO
    for one in effects:
        if one.by_percent is None:
            raise Problem(
                f"{seen.row} has several components.", hint="Say `by_percent:`, which holds for each of them."
            )
        percent += one.by_percent
    left = max(1 + percent / 100, ZERO)
    components = {name: None if value is None else value * left for name, value in seen.components.items()}
    return Observation(row=seen.row, components=components, norms=seen.norms, base=seen.base, delivered=seen.delivered)
