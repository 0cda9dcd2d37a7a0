"""What a run needs from whoever measures: values, and the table versions that they came from."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Protocol

from qala.scoring import Observation, Profile
from qala.standard.types import Kpi


class Values(Protocol):
    """Observations out of fixed versions of the lake's tables; the same versions give the same observations."""

    def observation(self, city: str, kpi: Kpi, year: int, as_of: date, profile: Profile) -> Observation:
        """What is known of a KPI of a city in the days of `year` up to and with `as_of`."""

    def versions(self) -> Mapping[str, int]:
        """Dataset id -> version of its table that the observations come from."""

    def corrected(self) -> Mapping[str, Mapping[str, int]]:
        """City -> dataset -> version, where a city's own version holds in place of `versions`."""

    def at(self, versions: Mapping[str, int], corrected: Mapping[str, Mapping[str, int]] | None = None) -> Values:
        """The same out of other versions of the tables, to the end of verifying a run."""

    def datasets(self, kpi: Kpi) -> Sequence[str]:
        """Ids of the datasets that a KPI is measured from; they say why a value differs between two runs."""
