"""Where a year ends if months go on as they went: the median of slopes (Theil and Sen), which single odd months do not bend."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from fractions import Fraction
from itertools import combinations
from statistics import median

from qala.planning.actions import Effect
from qala.planning.standpoint import Standpoint
from qala.scoring import CityScore
from qala.scoring.observation import ZERO
from qala.standard.types import Kpi

LEAST = 4
"""Months with a value, fewer of which tell no trend."""
YEAR = 12


def continued(months: Sequence[Fraction | None], ahead: int) -> list[Fraction] | None:
    """The values of the months that follow; None where too few are known. Below 0 nothing falls.

    Args:
        months: one after the other, the latest last; None where nothing is known.
    """
    known = [(at, value) for at, value in enumerate(months) if value is not None]
    if len(known) < LEAST:
        return None
    slope = median((later - value) / (after - at) for (at, value), (after, later) in combinations(known, 2))
    begin = median(value - slope * at for at, value in known)
    return [max(begin + slope * at, ZERO) for at in range(len(months), len(months) + ahead)]


def year_end(kpi: Kpi, so_far: Fraction | None, months: Sequence[Fraction | None], over: int) -> Fraction | None:
    """What the year's value comes to; None where no trend can be told.

    A stock is its last month, a mean of months their mean; of what is pooled each month counts alike, since how much will
    happen in the months to come is not known.

    Args:
        so_far: the year's value up to now, of a KPI that is pooled.
        months: up to twelve, the latest that is over last.
        over: months of this year that are over.
    """
    if kpi.compare is not None:
        return None
    ahead = continued(months, YEAR - over)
    if ahead is None:
        return None
    if kpi.year == "last":
        return ahead[-1] if ahead else so_far
    if kpi.year == "mean_of_months":
        of_this_year = months[len(months) - over :] if over else []
        values = [value for value in of_this_year if value is not None] + ahead
        return sum(values, ZERO) / len(values)
    if so_far is None:
        return None
    return (so_far * over + sum(ahead, ZERO)) / YEAR


def with_trends(
    at: Standpoint, ends: Mapping[str, Fraction], more: Iterable[tuple[str, Effect]] = (), year: int | None = None
) -> CityScore:
    """The city's score in a year (that of the standpoint) if KPIs come to these values, and some effects after that.

    Args:
        ends: row -> value of the year.
        more: effects on top; those on a KPI without a value that do not say one are left out.
    """
    moved = Standpoint(
        at.edition,
        at.category,
        at.year,
        at.profile,
        at.with_effects((row, Effect(to=value)) for row, value in ends.items()),
        at.own,
    )
    some = [(row, one) for row, one in more if one.to is not None or moved.seen(row).value is not None]
    return moved.city(moved.with_effects(some), year or at.year)
