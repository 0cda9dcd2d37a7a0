"""Which datasets are about persons or tell restricted places, and what of their rows is masked. What counts of them the
public is told says `places.disclosure`."""

from __future__ import annotations

from functools import cache

from qala.datasets import Contract
from qala.people.access import Somebody, may
from qala.places.layers import layers


def hides_persons(contract: Contract) -> bool:
    """Whether rows are about persons: the contract has columns that are kept as keyed hashes only, or the map tells its
    places by cell only."""
    return bool(contract.pseudonyms) or contract.id in _told_by_cell()


@cache
def _told_by_cell() -> frozenset[str]:
    return frozenset(one.dataset for one in layers().values() if one.guard == "cells")


def personal_columns(contract: Contract) -> frozenset[str]:
    """Columns that are masked unless somebody may see them: the hashes, and of such rows the exact place too."""
    place = {name for name in (contract.place.lat, contract.place.lon) if name}
    return frozenset({*contract.pseudonyms, *(place if hides_persons(contract) else ())})


def restricted_columns(contract: Contract) -> frozenset[str]:
    """Columns that tell which and where the objects of a restricted layer are: masked in every row of the register, so that
    what is masked does not point at them."""
    found = [one for one in layers().values() if one.restricted and one.dataset == contract.id]
    names = {name for one in found for name in (one.title, contract.place.lat, contract.place.lon) if name}
    return frozenset(names)


def masked_columns(contract: Contract, user: Somebody, city: str, *, personal: bool = False) -> frozenset[str]:
    """What is masked for somebody in rows of a city.

    Args:
        personal: whether the personal columns stand open, to whoever may see them.
    """
    found = frozenset() if personal else personal_columns(contract)
    return found if may(user, "restricted.see", city=city) else found | restricted_columns(contract)
