"""What annex 5 and the readings say about scores, taken out of the edition's `scoring.yaml`. No number stands here."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache
from typing import Any

from qala.standard.edition import Edition
from qala.standard.problems import Problem
from qala.standard.values import exact


@dataclass(frozen=True, slots=True)
class ScoringLaw:
    """The numbers of one edition.

    Attributes:
        weights: section -> W, in the edition's sequence.
        scale: the index of a city that reaches every target.
        cap: the greatest final score (D2).
        bands: (lower bound, id), the best first (E1).
        quantum: to which scores are compared with bands and with one another (E1, E2).
        minimal_change: ε of R6, percent.
        first_year: the first rating year (R4b).
        rated_from, provisional_from, section_floor: coverage (C1), 0 to 1.
        bonus_points, bonus_indicators: D1.
    """

    weights: Mapping[str, Fraction]
    scale: Fraction
    cap: Fraction
    bands: tuple[tuple[Fraction, str], ...]
    quantum: Fraction
    minimal_change: Fraction
    first_year: int
    rated_from: Fraction
    provisional_from: Fraction
    section_floor: Fraction
    bonus_points: Fraction
    bonus_indicators: int

    def band(self, final: Fraction) -> str:
        """The id of the band of a final score (E1): lower bounds belong to the band, after quantising."""
        reached = quantised(final, self.quantum)
        for lower, name in self.bands:
            if reached >= lower:
                return name
        raise ValueError(f"no band holds {float(final)}")


def quantised(value: Fraction, quantum: Fraction) -> Fraction:
    """The nearest multiple of the quantum; halfway goes up."""
    above, below = value.as_integer_ratio()
    step, part = quantum.as_integer_ratio()
    return Fraction((2 * above * part + below * step) // (2 * below * step) * step, part)


def scoring_law(edition: Edition) -> ScoringLaw:
    """The scoring numbers of an edition, read once.

    Raises:
        Problem: something is missing from its `scoring.yaml` or is not a number.
    """
    return _read(_Key(edition))


class _Key:
    """An edition as a key: the same files are the same law."""

    def __init__(self, edition: Edition) -> None:
        self.edition = edition
        self._own = (edition.id, edition.digest, str(edition.folder))

    def __hash__(self) -> int:
        return hash(self._own)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Key) and self._own == other._own


@lru_cache(maxsize=16)
def _read(key: _Key) -> ScoringLaw:
    edition = key.edition
    said = edition.scoring
    sections = _at(edition, said, "sections")
    bands = _at(edition, said, "bands")
    law = ScoringLaw(
        weights={name: _number(edition, said, "sections", name, "weight") for name in sections},
        scale=_number(edition, said, "maximum"),
        cap=_number(edition, said, "maximum"),
        bands=tuple(
            sorted(((_number(edition, said, "bands", name, "at_least"), name) for name in bands), reverse=True)
        ),
        quantum=_number(edition, said, "quantum"),
        minimal_change=_number(edition, said, "minimal_change"),
        first_year=int(_number(edition, said, "first_rating_year")),
        rated_from=_number(edition, said, "coverage", "rated_from", "value"),
        provisional_from=_number(edition, said, "coverage", "provisional_from", "value"),
        section_floor=_number(edition, said, "coverage", "section_floor", "value"),
        bonus_points=_number(edition, said, "bonus", "points"),
        bonus_indicators=int(_number(edition, said, "bonus", "least_indicators")),
    )
    strange = sorted({kpi.section for kpi in edition.kpis.values()} - set(law.weights))
    if strange:
        raise Problem(
            f"The section '{strange[0]}' has KPIs and no weight.", where=f"{edition.folder}/scoring.yaml: sections"
        )
    if not law.weights or min(law.weights.values()) <= 0 or law.quantum <= 0:
        raise Problem("Weights and the quantum are above 0.", where=f"{edition.folder}/scoring.yaml")
    return law


def _at(edition: Edition, said: Any, *path: str) -> Any:
    found = said
    for depth, step in enumerate(path, 1):
        if not isinstance(found, Mapping) or step not in found:
            raise Problem(
                f"'{step}' is missing from the scoring rules.",
                where=f"{edition.folder}/scoring.yaml: {'.'.join(path[:depth])}",
            )
        found = found[step]
    return found


def _number(edition: Edition, said: Any, *path: str) -> Fraction:
    found = _at(edition, said, *path)
    try:
        return exact(found)
    except ValueError as error:
        raise Problem(f"{error}.", where=f"{edition.folder}/scoring.yaml: {'.'.join(path)}") from None
