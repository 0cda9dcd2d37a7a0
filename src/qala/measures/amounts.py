"""Sums of one city, ready for the arithmetic that periods need."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from fractions import Fraction

import numpy as np
import numpy.typing as npt

from qala.measures.blocks import Block, folded
from qala.measures.sums import Sum
from qala.standard.problems import Problem

ALL_WAYS = "*"
_EPOCH = date(1970, 1, 1)
_LARGEST = np.iinfo(np.int64).max


@dataclass(frozen=True)
class _Series:
    days: npt.NDArray[np.int64]
    through: npt.NDArray[np.int64]  # running sum

    @property
    def total(self) -> int:
        return int(self.through[-1])

    def upto(self, day: int) -> int:
        index = int(self.days.searchsorted(day, "right"))  # the method: half the time of numpy's function
        return int(self.through[index - 1]) if index else 0

    def on(self, day: int) -> int:
        return self.upto(day) - self.upto(day - 1)


@dataclass(frozen=True)
class CitySums:
    """All sums of one city (or one of its districts), ready for any period.

    Attributes:
        series: (key, component, way) -> amounts by day; days without an amount are left out.
        district: None for the whole city.
        files: names of the files that they were read from, in order.
    """

    city: str
    series: Mapping[tuple[str, str, str], _Series] = field(repr=False)
    components: Mapping[str, tuple[str, ...]] = field(repr=False)
    ways: tuple[str, ...] = ()
    district: str | None = None
    files: tuple[str, ...] = field(default=(), repr=False)

    @staticmethod
    def of(city: str, blocks: Iterable[Block], district: str | None = None, files: Iterable[str] = ()) -> CitySums:
        """Out of blocks, which may say the same day and place more than once."""
        series: dict[tuple[str, str, str], _Series] = {}
        for block in folded([one.of_district(district) for one in blocks]):
            days = block.days.astype(np.int64)
            turns = np.flatnonzero(np.diff(block.place)) + 1
            for start, end in zip([0, *turns.tolist()], [*turns.tolist(), days.size], strict=True):
                _, way, component = block.places[block.place[start]]
                for key, amounts in zip(block.keys, block.amounts[:, start:end], strict=True):
                    kept = np.flatnonzero(amounts)
                    if kept.size:
                        series[key, component, way] = _running(days[start:end][kept], amounts[kept], key, city)
        return _with_names(city, series, district, tuple(files))

    def plus(self, blocks: Iterable[Block], files: Iterable[str]) -> CitySums:
        """The same with what further blocks add."""
        series = dict(self.series)
        for name, more in CitySums.of(self.city, blocks, self.district).series.items():
            known = series.pop(name, None)
            both = more if known is None else _both(known, more, name[0], self.city)
            if both is not None:
                series[name] = both
        return _with_names(self.city, series, self.district, (*self.files, *files))

    def flow(self, wanted: Sum, first: date, last: date, ways: Iterable[str], component: str = "") -> Fraction:
        """Σ over the days first…last."""
        low, high = _number(first) - 1, _number(last)
        total = sum(s.upto(high) - s.upto(low) for s in self._of(wanted, ways, component))
        return Fraction(total, 10**wanted.scale)

    def stock(self, wanted: Sum, day: date, ways: Iterable[str], component: str = "") -> Fraction:
        """What holds on a day: the running sum of a registry's changes."""
        total = sum(s.upto(_number(day)) for s in self._of(wanted, ways, component))
        return Fraction(total, 10**wanted.scale)

    def of_period(self, wanted: Sum, first_day: date, ways: Iterable[str], component: str = "") -> Fraction:
        """The one number that a form which does not add up has for the period beginning on a day."""
        total = sum(s.on(_number(first_day)) for s in self._of(wanted, ways, component))
        return Fraction(total, 10**wanted.scale)

    def any_day(self, wanted: Sum, first: date, last: date, ways: Iterable[str]) -> bool:
        """Whether a flow is not nought on any of the days first…last."""
        ends = (_number(first), _number(last) + 1)
        found = (s.days.searchsorted(ends) for s in self._of(wanted, ways, ""))
        return any(first < after for first, after in found)

    def _of(self, wanted: Sum, ways: Iterable[str], component: str) -> list[_Series]:
        names = [(wanted.key, component, way) for way in ways]
        return [self.series[name] for name in names if name in self.series]


def _with_names(
    city: str, series: Mapping[tuple[str, str, str], _Series], district: str | None, files: tuple[str, ...]
) -> CitySums:
    components: dict[str, set[str]] = {}
    for key, component, _ in series:
        components.setdefault(key, set()).add(component)
    ways = tuple(sorted({way for _, _, way in series} - {ALL_WAYS}))
    named = {key: tuple(sorted(found)) for key, found in components.items()}
    return CitySums(city, series, named, ways, district, files)


def _running(days: npt.NDArray[np.int64], amounts: npt.NDArray[np.int64], key: str, city: str) -> _Series:
    if np.abs(amounts.astype(np.float64)).sum() >= _LARGEST:
        raise Problem(f"the sum {key} of {city} is larger than 2^63; give its columns a larger unit")
    return _Series(days, np.cumsum(amounts))


def _both(one: _Series, other: _Series, key: str, city: str) -> _Series | None:
    """Two series added up; None where nothing is left."""
    days, place = np.unique(np.concatenate([one.days, other.days]), return_inverse=True)
    amounts = np.zeros(days.size, dtype=np.int64)
    np.add.at(amounts, place, np.concatenate([np.diff(s.through, prepend=0) for s in (one, other)]))
    kept = np.flatnonzero(amounts)
    return _running(days[kept], amounts[kept], key, city) if kept.size else None


def _number(day: date) -> int:
    return (day - _EPOCH).days
