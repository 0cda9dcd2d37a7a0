"""Amounts: sums of one city by day, as whole numbers in columns, and the arithmetic that periods need.

An amount is a whole number of 10^-scale units of its `Sum`; a BIGINT holds any that the order's volumes can make, and
an overflow is an error, never a wrap.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from fractions import Fraction

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from qala.measures.sums import Sum
from qala.standard.problems import Problem

PLAIN = pa.schema(
    [
        ("city", pa.string()),
        ("year", pa.int16()),
        ("key", pa.string()),
        ("grain", pa.string()),
        ("at_day", pa.date32()),
        ("district", pa.string()),
        ("way", pa.string()),
        ("component", pa.string()),
        ("amount", pa.int64()),
    ]
)
"""The stored columns."""
_NAMES = pa.dictionary(pa.int32(), pa.string())
SCHEMA = pa.schema([(f.name, _NAMES if f.type == pa.string() else f.type) for f in PLAIN])
"""The same in memory: a few texts, each said once, for hundreds of thousands of rows."""
ALL_WAYS = "*"
_EPOCH = date(1970, 1, 1)


def from_scan(answer: pa.Table, sums: Sequence[Sum], city: str) -> pa.Table:
    """The wide answer of a scan (`s0`, `s1`…) as long rows of `SCHEMA`, noughts left out.

    Raises:
        Problem: an amount that a BIGINT cannot hold.
    """
    answer = answer.combine_chunks()
    if answer.num_rows == 0:
        return SCHEMA.empty_table()
    found = [_whole(answer.column(f"s{index}"), wanted) for index, wanted in enumerate(sums)]
    kept = [np.flatnonzero(amounts) for amounts in found]
    rows = pa.array(np.concatenate(kept))
    sizes = [len(keep) for keep in kept]
    days = answer.column("at_day").cast(pa.date32()).take(rows)
    columns = [
        _spread([city], [len(rows)]),
        pc.year(days).cast(pa.int16()),
        _spread([wanted.key for wanted in sums], sizes),
        _spread([wanted.shape.grain for wanted in sums], sizes),
        days,
        *(_names(answer.column(name)).take(rows) for name in ("district", "way", "component")),
        pa.array(np.concatenate([amounts[keep] for amounts, keep in zip(found, kept, strict=True)])),
    ]
    return pa.table([_one(c) for c in columns], schema=SCHEMA)


def _spread(names: Sequence[str], sizes: Sequence[int]) -> pa.Array:
    """Each name as often as is said."""
    known = {name: number for number, name in enumerate(dict.fromkeys(names))}
    numbers = np.repeat(np.array([known[name] for name in names], dtype=np.int32), sizes)
    return pa.DictionaryArray.from_arrays(numbers, pa.array(list(known), pa.string()))


def _names(column: pa.ChunkedArray) -> pa.Array:
    return _one(pc.fill_null(column.cast(pa.string()), "")).dictionary_encode()


def _one(column: pa.Array | pa.ChunkedArray) -> pa.Array:
    return column.combine_chunks() if isinstance(column, pa.ChunkedArray) else column


def _whole(column: pa.ChunkedArray, wanted: Sum) -> npt.NDArray[np.int64]:
    """Whole numbers as they are; of a decimal column the unscaled 128-bit numbers, checked to fit 64 bits."""
    if pa.types.is_int64(column.type):
        whole: npt.NDArray[np.int64] = pc.fill_null(column, 0).to_numpy()
        return whole
    array = _one(column.cast(pa.decimal128(38, wanted.scale)))
    if isinstance(array, pa.ChunkedArray):
        array = array.chunk(0)
    words = np.frombuffer(array.buffers()[1], dtype=np.int64)[2 * array.offset : 2 * (array.offset + len(array))]
    low, high = words[0::2], words[1::2]
    valid = np.ones(len(array), dtype=bool) if array.null_count == 0 else np.asarray(array.is_valid())
    if np.any(valid & (high != np.where(low < 0, -1, 0))):
        raise Problem(f"a sum over {wanted.shape.dataset} is larger than 2^63; give its columns a larger unit")
    return np.where(valid, low, 0)


def negated(rows: pa.Table) -> pa.Table:
    """The same rows with the opposite sign."""
    return rows.set_column(rows.schema.get_field_index("amount"), "amount", pc.negate(rows.column("amount")))


@dataclass(frozen=True)
class _Series:
    days: npt.NDArray[np.int64]
    through: npt.NDArray[np.int64]  # running sum

    @property
    def total(self) -> int:
        return int(self.through[-1])

    def upto(self, day: int) -> int:
        index = int(np.searchsorted(self.days, day, side="right"))
        return int(self.through[index - 1]) if index else 0

    def on(self, day: int) -> int:
        return self.upto(day) - self.upto(day - 1)


@dataclass(frozen=True)
class CitySums:
    """All sums of one city (or one of its districts), ready for any period.

    Attributes:
        series: (key, component, way) -> amounts by day.
    """

    city: str
    series: Mapping[tuple[str, str, str], _Series] = field(repr=False)
    components: Mapping[str, tuple[str, ...]] = field(repr=False)
    ways: tuple[str, ...] = ()

    @staticmethod
    def of(city: str, rows: Mapping[str, npt.NDArray[np.generic]]) -> CitySums:
        """From columns `key`, `component`, `way`, `at_day` (days since 1970), `amount`, sorted in that order.

        Rows of one key, component, way and day may occur more than once.
        """
        count = len(rows["amount"])
        if count == 0:
            return CitySums(city, {}, {})
        keys, parts, ways = rows["key"], rows["component"], rows["way"]
        turn = np.flatnonzero((keys[1:] != keys[:-1]) | (parts[1:] != parts[:-1]) | (ways[1:] != ways[:-1])) + 1
        bounds = [0, *turn.tolist(), count]
        days = rows["at_day"].astype(np.int64)
        amounts = rows["amount"].astype(np.int64)
        series: dict[tuple[str, str, str], _Series] = {}
        components: dict[str, list[str]] = {}
        for start, end in zip(bounds, bounds[1:], strict=False):
            name = (str(keys[start]), str(parts[start]), str(ways[start]))
            through = np.cumsum(amounts[start:end])
            if float(np.abs(amounts[start:end]).astype(float).sum()) > 9e18:
                raise Problem(f"the sum {name[0]} of {city} is larger than 2^63; give its columns a larger unit")
            series[name] = _Series(days[start:end], through)
            known = components.setdefault(name[0], [])
            if name[1] not in known:
                known.append(name[1])
        used = tuple(sorted({name[2] for name in series} - {ALL_WAYS}))
        return CitySums(city, series, {key: tuple(found) for key, found in components.items()}, used)

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

    def days_with(self, wanted: Sum, first: date, last: date, ways: Iterable[str]) -> npt.NDArray[np.int64]:
        """Days (since 1970) of first…last on which a flow is not nought."""
        found = [s.days[(s.days >= _number(first)) & (s.days <= _number(last))] for s in self._of(wanted, ways, "")]
        return np.unique(np.concatenate(found)) if found else np.empty(0, dtype=np.int64)

    def _of(self, wanted: Sum, ways: Iterable[str], component: str) -> list[_Series]:
        names = [(wanted.key, component, way) for way in ways]
        return [self.series[name] for name in names if name in self.series]


def _number(day: date) -> int:
    return (day - _EPOCH).days
