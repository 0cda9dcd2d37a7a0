"""What an analysis finds, as plain values."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal, NamedTuple

from qala.robustness.assumptions import Assumptions


class Range(NamedTuple):
    """Between `low` and `high` lie nine draws of ten (by `Assumptions.tail`), half of them up to `median`."""

    low: float
    median: float
    high: float


class CityRange(NamedTuple):
    """One city over all draws.

    Attributes:
        city: its code.
        place, final: as rated.
        places, finals: of the draws; `places.low` is the better end.
        mean: of the places.
        bands: id of a band -> its probability; bands that no draw reaches are left out.
    """

    city: str
    place: int
    final: float
    places: Range
    finals: Range
    mean: float
    bands: Mapping[str, float]


class Shift(NamedTuple):
    """What one change alone does to the places.

    Attributes:
        kind: `reading`, `term`, `profile`, `silent`, `without_kpi`, `without_initiative`, `without_section`.
        id: of the reading, term, profile, KPI's row, initiative or section.
        mean: mean of the places by which the cities move.
        most: by how many the city moves that moves furthest; negative: to a better place.
        city: that city; "" if none moves.
        moved: how many cities change their place.
        bands: how many change their band.
    """

    kind: str
    id: str
    mean: float
    most: int
    city: str
    moved: int
    bands: int


FactorKind = Literal["reading", "terms", "weights", "points", "silent", "error"]


class Influence(NamedTuple):
    """Sobol indices of one factor for the mean rank shift.

    Attributes:
        kind, id: `id` is the reading's; "" of the others.
        first: the share of the variance that the factor explains by itself; with a 95 % interval.
        total: with all that it does together with others.
    """

    kind: FactorKind
    id: str
    first: float
    first_low: float
    first_high: float
    total: float
    total_low: float
    total_high: float


@dataclass(frozen=True, slots=True)
class Robustness:
    """The whole analysis of one category.

    Attributes:
        category: its id.
        assumptions: by which it was made.
        cities: those that have a place, the best first.
        above: for cities i and j in this order, the share of the draws in which i has a better place than j.
        shifts: single changes, those that move most first.
        influences: the strongest first; empty where no place ever changes.
        mean_shift: mean over cities and draws of the places by which a draw differs from the rating.
    """

    category: str
    assumptions: Assumptions
    cities: tuple[CityRange, ...]
    above: tuple[tuple[float, ...], ...]
    shifts: tuple[Shift, ...]
    influences: tuple[Influence, ...]
    mean_shift: float

    def city(self, code: str) -> CityRange | None:
        """A city's line; None for a city without a place."""
        return next((one for one in self.cities if one.city == code), None)

    def probability_above(self, one: str, other: str) -> float:
        """The share of the draws in which a city has a better place than another; KeyError without a place."""
        at = {line.city: number for number, line in enumerate(self.cities)}
        return self.above[at[one]][at[other]]

    def shifts_of(self, *kinds: str) -> tuple[Shift, ...]:
        """Single changes of some kinds."""
        return tuple(one for one in self.shifts if one.kind in kinds)
