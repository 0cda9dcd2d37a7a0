"""What distances on foot say about people: shares by kind and minutes, by district, and the cells that are left out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

import numpy as np
import numpy.typing as npt

from qala.places.walking import Walks
from qala.places.walking_norms import metres_in


@dataclass(frozen=True)
class Reached:
    """How many of some people are near enough.

    Attributes:
        reached, people: persons.
    """

    reached: int
    people: int

    @property
    def share(self) -> Fraction | None:
        """From 0 to 1; None where there are no people."""
        return Fraction(self.reached, self.people) if self.people else None


@dataclass(frozen=True)
class DistrictReached:
    """A district (None: cells without one) and its people by each limit of minutes."""

    district: str | None
    by_minutes: tuple[Reached, ...]


@dataclass(frozen=True)
class Underserved:
    """A cell whose people are farther than the limit from the nearest facility.

    Attributes:
        metres: on foot to the nearest facility; None where none can be reached.
        place: its name.
        minutes: the same way at the speed asked for.
        street_m: to the nearest street; None where none is within reach, which says that streets are missing.
    """

    cell: str
    district: str | None
    residents: int
    lat: float
    lon: float
    metres: float | None
    place: str | None
    minutes: float | None
    street_m: float | None


def reached(
    found: Walks, kind: str, minutes: Fraction, speed_kmh: Fraction, of: npt.NDArray[np.bool_] | None = None
) -> Reached | None:
    """How many people of all cells, or of those in `of`, are within minutes of a kind.

    None where the city's registry holds no facility of the kind: that is not known, which is not zero.
    """
    if not found.facilities[kind].known:
        return None
    near = found.metres(kind) <= _limit(minutes, speed_kmh)
    among = np.ones(len(near), dtype=bool) if of is None else of
    return Reached(int(found.residents[near & among].sum()), int(found.residents[among].sum()))


def by_district(found: Walks, kind: str, minutes: Sequence[Fraction], speed_kmh: Fraction) -> list[DistrictReached]:
    """The same for each district that the cells name, by its code; cells that name none come last."""
    codes = found.cells.column("district").to_pylist()
    rows = []
    for code in sorted({code or "" for code in codes}, key=lambda code: (not code, code)):
        here = np.array([(other or "") == code for other in codes])
        people = [reached(found, kind, limit, speed_kmh, here) for limit in minutes]
        rows.append(DistrictReached(code or None, tuple(one for one in people if one is not None)))
    return rows


def underserved(found: Walks, kind: str, minutes: Fraction, speed_kmh: Fraction) -> list[Underserved]:
    """Populated cells beyond the limit, those with the most people first."""
    metres = found.metres(kind)
    far = np.flatnonzero((metres > _limit(minutes, speed_kmh)) & (found.residents > 0))
    order = far[np.lexsort((metres[far], -found.residents[far]))]
    a_minute = float(metres_in(Fraction(1), speed_kmh))
    rows = found.cells.take(order).to_pylist()
    return [
        Underserved(
            row["cell"],
            row["district"],
            row["residents"],
            row["lat"],
            row["lon"],
            row[f"{kind}_m"],
            row[f"{kind}_place"],
            None if row[f"{kind}_m"] is None else row[f"{kind}_m"] / a_minute,
            row["street_m"],
        )
        for row in rows
    ]


def _limit(minutes: Fraction, speed_kmh: Fraction) -> float:
    return float(metres_in(minutes, speed_kmh))
