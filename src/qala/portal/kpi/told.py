"""What the public is told of a KPI whose rows are about persons: see `places.disclosure`."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from qala import facts
from qala.lake import City
from qala.places.disclosure import Told, guarded, is_told, last_month_over, told_places
from qala.portal.data.guard import hides_persons
from qala.standard.period import Period
from qala.standard.types import Kpi


class Public:
    """What may be told of a KPI of a city; everything, where `everything` or where its rows are not about persons.

    Args:
        as_of: the last day that counts.
        everything: for who may see rows.
    """

    def __init__(self, city: City, kpi: Kpi, as_of: date, *, everything: bool) -> None:
        self._city, self._kpi = city, kpi
        self._open = everything or not tells_of_persons(kpi)
        # What is simulated is whole from the start: its year may end in our future.
        self._over_by = as_of if city.simulated else min(as_of, facts.today(city.zone))
        self._years: dict[int, Told[str]] = {}

    @property
    def all(self) -> bool:
        """Whether nothing is hidden."""
        return self._open

    @property
    def last_month(self) -> Period:
        """The last month that is over."""
        return last_month_over(self._over_by)

    def district(self, district: str, period: Period) -> bool:
        """Whether a district's number is told for a period."""
        if self._open:
            return True
        return period.last_day <= self._over_by and is_told(self._told_in(period.first_day.year), district, period)

    def by_place(self, period: Period) -> bool:
        """Whether any district's number could be: the period is over and no shorter than a month."""
        return self._open or (period.grain not in ("day", "week") and period.last_day <= self._over_by)

    def days(self, periods: Sequence[Period]) -> frozenset[Period]:
        """Those of a city's days or weeks that are told; longer periods are told whatever they hold."""
        if self._open or not periods or periods[0].grain not in ("day", "week"):
            return frozenset(periods)
        grain = periods[0].grain
        first, last = (Period.of(one.first_day, "month") for one in (periods[0], periods[-1]))
        every, one = [], Period.of(first.first_day, grain)
        while one.first_day <= last.last_day:  # whole months, whatever stretch is asked
            every.append(one)
            one = one.next()
        rows = {period: self._rows(None, period) for period in every}
        shown = guarded(rows, group=lambda period: (period.first_day.year, period.first_day.month))
        return frozenset(period for period in periods if shown[period] is not None)

    def _told_in(self, year: int) -> Told[str]:
        if year not in self._years:
            months = [
                month for month in Period.of(date(year, 1, 1), "year").parts("month") if month.last_day <= self._over_by
            ]
            self._years[year] = told_places(
                {one.code: [self._rows(one.code, month) for month in months] for one in self._city.districts}
            )
        return self._years[year]

    def _rows(self, district: str | None, period: Period) -> int:
        of = facts.values().of(self._city.code, district)
        return of.value(self._kpi, period, max(period.last_day, self._over_by), extras=False).rows


def tells_of_persons(kpi: Kpi) -> bool:
    """Whether any rows behind a KPI are about persons."""
    names = facts.values().catalogue.computations[kpi.id].datasets
    return any(hides_persons(facts.catalogue().contract(name)) for name in names)
