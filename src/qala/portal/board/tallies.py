"""How many rows boards tell: with every small number about persons hidden from who may not see rows, as dataset pages do it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from qala import facts
from qala.people.access import Somebody, may
from qala.places.disclosure import SMALLEST
from qala.portal.board import queries
from qala.portal.data import volumes
from qala.portal.data.guard import hides_persons


@dataclass(frozen=True)
class Tally:
    """Rows of a stretch of days.

    Attributes:
        number: of the days that are told; None where none of them is.
        hidden: days that are too small to be told and are not in it.
    """

    number: int | None
    hidden: int = 0


def by_day(user: Somebody, city: str, dataset: str, first: date, last: date) -> Mapping[date, int | None]:
    """Day -> rows, None where too few to tell. A registry has one entry: what holds on the last day."""
    contract, everything = facts.catalogue().contract(dataset), may(user, "rows.see", city=city)
    if contract.kind == "registry":
        held = queries.held(city, dataset, last)
        few = not everything and hides_persons(contract) and 0 < held < SMALLEST
        return {last: None if few else held}
    found = volumes.counts(contract, city, "day", first, last, everything=everything).rows
    return {date.fromisoformat(day): rows for day, rows in found.items()}


def tally(user: Somebody, city: str, dataset: str, first: date, last: date) -> Tally:
    """Rows of days first … last."""
    found = by_day(user, city, dataset, first, last)
    told = [rows for rows in found.values() if rows is not None]
    hidden = len(found) - len(told)
    return Tally(None if hidden and not told else sum(told), hidden)
