"""A measurer for tests: observations by table version, kept in memory."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from fractions import Fraction

from qala.scoring import Observation, Profile
from qala.standard import Kpi

F = Fraction
Rows = Mapping[str, Mapping[str, Observation]]  # city -> row -> observation


class FakeValues:
    """Each system has one table, `<system>.facts`; a version is an index into the history."""

    def __init__(
        self, history: Sequence[Rows], version: int | None = None, moved: Sequence[str] = ("contact_centre",)
    ) -> None:
        self.history = list(history)
        self.version = len(self.history) - 1 if version is None else version
        self.moved = tuple(moved)
        self.asked: list[tuple[str, str, int, date, str]] = []

    def observation(self, city: str, kpi: Kpi, year: int, as_of: date, profile: Profile) -> Observation:
        self.asked.append((city, kpi.row, year, as_of, str(profile)))
        found = self.history[self.version].get(city, {}).get(kpi.row)
        return found or Observation(row=kpi.row, status="missing", delivered=F(0))

    def versions(self) -> Mapping[str, int]:
        return {"roads.facts": 0, **{f"{system}.facts": self.version for system in self.moved}}

    def corrected(self) -> Mapping[str, Mapping[str, int]]:
        return {}

    def at(self, versions: Mapping[str, int], corrected: object = None) -> FakeValues:
        return FakeValues(self.history, versions[f"{self.moved[0]}.facts"], self.moved)

    def datasets(self, kpi: Kpi) -> Sequence[str]:
        return (f"{kpi.system}.facts",)


def contact_centre(first: Fraction | int = 90, wait: Fraction | int = 30) -> dict[str, Observation]:
    """What a district centre owes in 2026: initiative 2, all targets met but two."""
    values = {"2.1": wait, "2.2": first, "2.3": 7, "2.4": 5000, "2.5": 20, "2.6": 48, "2.7": 10}
    return {row: Observation(row=row, value=F(value)) for row, value in values.items()}
