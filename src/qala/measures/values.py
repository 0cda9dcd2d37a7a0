"""Values of all cities of a lake, and the observations that the scores are made of."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from fractions import Fraction
from functools import cached_property

from qala.datasets import Catalogue
from qala.lake import Lake
from qala.measures.city_values import CityValues, _ways
from qala.measures.compute import Computer
from qala.measures.indicators import Indicator
from qala.measures.value import Value
from qala.scoring import Observation, Profile
from qala.standard.edition import Edition
from qala.standard.period import Period
from qala.standard.types import Kpi

Corrected = Mapping[str, Mapping[str, int]]
"""City -> dataset -> version of its table."""


class Values:
    """Values of all cities of a lake, out of the stored sums, or computed from pinned table versions."""

    def __init__(
        self,
        lake: Lake,
        edition: Edition,
        catalogue: Catalogue,
        versions: Mapping[str, int] | None = None,
        corrected: Corrected | None = None,
    ) -> None:
        self.lake = lake
        self.edition = edition
        self.computer = Computer(lake, edition, catalogue, versions=None if versions is None else dict(versions))
        self.catalogue = self.computer.catalogue
        self._pinned = versions
        self._corrected = {city: dict(own) for city, own in (corrected or {}).items() if own}
        self._cities: dict[tuple[str, str | None], CityValues] = {}

    def of(self, city: str, district: str | None = None) -> CityValues:
        """Values of a city, or of one of its districts."""
        if city in self._corrected:
            return self._alone(city).of(city, district)
        if (city, district) not in self._cities:
            planner = self.computer.planner(city)
            if self._pinned is not None:
                whole = self.computer.in_memory(city)
                sums = whole if district is None else self.computer.in_memory(city, district=district)
            else:
                whole = self.computer.store.load(city)
                sums = whole if district is None else self.computer.store.load(city, district)
            self._cities[city, district] = CityValues(
                self.lake, self.computer.connection, self.edition, planner, sums, whole
            )
        return self._cities[city, district]

    @cached_property
    def _others(self) -> dict[str, Values]:
        return {}

    def _alone(self, city: str) -> Values:
        """Values of a city of which other versions of some tables hold."""
        if city not in self._others:
            own = {**(self._pinned or {}), **self._corrected[city]}
            self._others[city] = Values(self.lake, self.edition, self.lake.catalogue, own)
        return self._others[city]

    @property
    def kept(self) -> int:
        """How many cities' (and districts') sums are held in memory."""
        return len(self._cities)

    def renew(self) -> None:
        """Forget what was read, so that what was committed since is seen; compiled computations stay."""
        self._cities.clear()
        self.computer.look_again()

    def value(self, city: str, kpi: Kpi, period: Period, as_of: date, profile: Profile | None = None) -> Value:
        """A KPI of a city in a period."""
        return self.of(city).value(kpi, period, as_of, (profile or Profile()).ways)

    def delivered_parts(self, city: str, kpi: Kpi, period: Period) -> list[tuple[Period, bool]]:
        """Every period of the KPI's cadence in a period, those to come too, and whether it counts as delivered (N1, C1)."""
        of = self.of(city)
        figure, ways = of.planner.figures(kpi.id)[0], _ways("all_ways")
        return [(part, of._delivered(figure, part, ways)) for part in of._parts(kpi, period, period.last_day)]

    def observation(self, city: str, kpi: Kpi, year: int, as_of: date, profile: Profile) -> Observation:
        """What the scores need of a KPI of a city in a year."""
        period = Period.of(date(year, 1, 1), "year")
        value = self.of(city).value(kpi, period, as_of, profile.ways)
        return observed(value)

    def versions(self) -> Mapping[str, int]:
        """Dataset id -> version of its table that the values come from."""
        if self._pinned is not None:
            return self._pinned
        found = {name: self.lake.table(name).snapshot().version for name in self.catalogue.contracts}
        return {name: version for name, version in found.items() if version >= 0}

    def corrected(self) -> Corrected:
        """City -> dataset -> version, where a city's own version holds in place of `versions`."""
        return self._corrected

    def at(self, versions: Mapping[str, int], corrected: Corrected | None = None) -> Values:
        """The same out of other versions of the tables, computed from scratch."""
        return Values(self.lake, self.edition, self.lake.catalogue, dict(versions), corrected)

    def datasets(self, kpi: Kpi) -> Sequence[str]:
        """Ids of the datasets that a KPI is measured from."""
        return self.catalogue.computations[kpi.id].datasets

    def kpi(self, name: str) -> Kpi:
        """A KPI of the edition by row or id, or an own indicator by id."""
        return self.computer.indicators.by_id.get(name) or self.edition.kpi(name)

    def own_indicators(self, city: str) -> tuple[Indicator, ...]:
        """What the city or the ministry wants to know of it beside the law; `value` takes each, no score does."""
        return self.computer.indicators.of(city)


def observed(value: Value) -> Observation:
    """A year's value as the scoring wants it."""
    return Observation(
        row=value.row,
        status=value.status,
        value=value.value if value.value is not None else value.projection,
        numerator=value.numerator,
        denominator=value.denominator,
        base=value.base,
        components=value.components,
        delivered=Fraction(value.delivered, value.due) if value.due else Fraction(0),
        flags=value.flags,
        variants=value.variants,
    )
