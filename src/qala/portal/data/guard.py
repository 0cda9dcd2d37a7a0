"""What the public is not told: counts so small that they point at persons."""

from __future__ import annotations

from collections.abc import Mapping

from qala.datasets import Contract
from qala.places.relations import SMALLEST


def guarded[Name](counts: Mapping[Name, int], least: int = SMALLEST) -> dict[Name, int | None]:
    """The counts with those below `least` hidden (None); nought is told, for it is nobody.

    One hidden count alone could be had by subtracting the others from their total: then the next smallest is hidden too.
    """
    hidden = {name for name, count in counts.items() if 0 < count < least}
    others = [name for name, count in counts.items() if count >= least]
    if len(hidden) == 1 and others:
        hidden.add(min(others, key=lambda name: counts[name]))
    return {name: None if name in hidden else count for name, count in counts.items()}


def hides_persons(contract: Contract) -> bool:
    """Whether rows are about persons: the contract has columns that are kept as keyed hashes only."""
    return bool(contract.pseudonyms)


def personal_columns(contract: Contract) -> frozenset[str]:
    """Columns that are masked unless somebody may see them: the hashes, and of such rows the exact place too."""
    place = {name for name in (contract.place.lat, contract.place.lon) if name}
    return frozenset({*contract.pseudonyms, *(place if hides_persons(contract) else ())})
