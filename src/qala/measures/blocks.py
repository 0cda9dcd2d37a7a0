"""Blocks: amounts of several sums side by side, for the days and places that one scan found.

An amount is a whole number of 10^-scale units of its `Sum`; a BIGINT holds any that the order's volumes can make, and
an overflow is an error, never a wrap.
"""

from __future__ import annotations

import itertools
import json
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from qala.measures.sums import Sum
from qala.standard.problems import Problem

Place = tuple[str, str, str]
"""District, way in, component; empty where there is none."""
Answer = Mapping[str, npt.NDArray[Any]]
"""What a query answers, by column: whole numbers, days as `datetime64`, texts as objects; 0 and "" where one is empty."""
_LARGEST = np.iinfo(np.int64).max
_KINDS = ("i1", "i2", "i4", "i8")
_LARGEST_OF_KIND = [np.iinfo(kind).max for kind in _KINDS]
_EPOCH = date(1970, 1, 1)


class Amount(NamedTuple):
    """One amount of one sum."""

    key: str
    at_day: date
    district: str
    way: str
    component: str
    amount: int


@dataclass(frozen=True)
class Block:
    """A table of amounts: a row for each sum, a column for each day and place in which any of them has one.

    Attributes:
        keys: of the sums, in order.
        days: city-local, since 1970, by column.
        places: those that occur.
        place: index into `places`, by column.
        amounts: sums × columns.
    """

    keys: tuple[str, ...]
    days: npt.NDArray[np.int32]
    places: tuple[Place, ...]
    place: npt.NDArray[np.int32]
    amounts: npt.NDArray[np.int64]

    def negated(self) -> Block:
        """The same with the opposite sign."""
        return replace(self, amounts=-self.amounts)

    def only(self, keys: Iterable[str]) -> Block:
        """The rows of some sums."""
        wanted = set(keys)
        rows = [row for row, key in enumerate(self.keys) if key in wanted]
        if len(rows) == len(self.keys):
            return self
        return replace(self, keys=tuple(self.keys[row] for row in rows), amounts=self.amounts[rows])

    def where(self, columns: npt.NDArray[np.bool_]) -> Block:
        """Some of the columns."""
        if columns.all():
            return self
        return replace(self, days=self.days[columns], place=self.place[columns], amounts=self.amounts[:, columns])

    def of_district(self, district: str | None) -> Block:
        """The columns of one district; of all of them where it is None. District is no part of their places any more."""
        places = tuple(("", way, component) for _, way, component in self.places)
        if district is None:
            return replace(self, places=places)
        among = np.array([place[0] == district for place in self.places], dtype=bool)
        return replace(self.where(among[self.place]), places=places)

    def rows(self) -> Iterator[Amount]:
        """One by one, noughts left out."""
        for row, column in np.argwhere(self.amounts).tolist():
            day = _EPOCH + timedelta(days=int(self.days[column]))
            district, way, component = self.places[self.place[column]]
            yield Amount(self.keys[row], day, district, way, component, int(self.amounts[row, column]))


def from_scan(answer: Answer, sums: Sequence[Sum], way: str = "") -> Block:
    """The answer of a scan: `at_day`, and `s0`, `s1`… for the sums; `district`, `way`, `component` where they differ.

    Args:
        way: the way in of all rows, where it is no column.
    """
    order = sorted(range(len(sums)), key=lambda n: sums[n].key)
    days = numbers_of(answer["at_day"])
    amounts = np.array([answer[f"s{n}"] for n in order], dtype=np.int64)
    places, place = _places(answer, way, days.size)
    block = Block(tuple(sums[n].key for n in order), days, places, place, amounts)
    return block.where(amounts.any(axis=0))


def numbers_of(days: npt.NDArray[Any]) -> npt.NDArray[np.int32]:
    """Days as numbers since 1970."""
    return days.astype("datetime64[D]").astype(np.int32)


def _places(answer: Answer, way: str, size: int) -> tuple[tuple[Place, ...], npt.NDArray[np.int32]]:
    """The different places of a scan's rows, and which of them each row has."""
    districts, district = _coded(answer, "district", "")
    ways, way_of = _coded(answer, "way", way)
    components, component = _coded(answer, "component", "")
    code = np.broadcast_to((district * len(ways) + way_of) * len(components) + component, size)
    every = list(itertools.product(districts, ways, components))
    found = np.flatnonzero(np.bincount(code, minlength=len(every)))
    number = np.zeros(len(every), dtype=np.int32)
    number[found] = np.arange(found.size)
    return tuple(every[n] for n in found.tolist()), number[code]


def _coded(answer: Answer, name: str, constant: str) -> tuple[list[str], npt.NDArray[np.int32]]:
    """The different texts of a column, and which of them each row has; one for all where there is no such column."""
    texts = answer[name].tolist() if name in answer else [constant]
    number = {text: n for n, text in enumerate(dict.fromkeys(texts))}
    return list(number), np.fromiter(map(number.__getitem__, texts), np.int32, len(texts))


def folded(blocks: Iterable[Block]) -> list[Block]:
    """The same amounts with each sum in one block, and there each day and place once, in order; noughts left out.

    Raises:
        Problem: an amount that a BIGINT cannot hold.
    """
    by_keys: dict[tuple[str, ...], list[Block]] = defaultdict(list)
    for block in blocks:
        by_keys[block.keys].append(block)
    homes: dict[str, list[tuple[str, ...]]] = defaultdict(list)
    for keys in by_keys:
        for key in keys:
            homes[key].append(keys)
    together: dict[tuple[tuple[str, ...], ...], list[str]] = defaultdict(list)
    for key, its in homes.items():
        together[tuple(its)].append(key)
    found = [_added([block.only(keys) for home in its for block in by_keys[home]]) for its, keys in together.items()]
    return [block for block in found if block.days.size]


def _added(blocks: Sequence[Block]) -> Block:
    """Blocks of the same sums as one, sorted by place and day."""
    places = sorted({place for block in blocks for place in block.places})
    number = {place: n for n, place in enumerate(places)}
    place = np.concatenate([np.array([number[p] for p in b.places], dtype=np.int64)[b.place] for b in blocks])
    days = np.concatenate([block.days for block in blocks]).astype(np.int64)
    if not days.size:
        return blocks[0].where(np.zeros(blocks[0].days.size, dtype=bool))
    first, span = int(days.min()), int(days.max()) - int(days.min()) + 1
    code = place * span + (days - first)
    order = np.argsort(code, kind="stable")
    code = code[order]
    starts = np.concatenate([[0], np.flatnonzero(code[1:] != code[:-1]) + 1])
    amounts = np.concatenate([block.amounts for block in blocks], axis=1)[:, order]
    if starts.size < code.size:
        _fits(amounts)
        amounts = np.add.reduceat(amounts, starts, axis=1)
    code = code[starts]
    added = Block(
        blocks[0].keys, (code % span + first).astype(np.int32), tuple(places), (code // span).astype(np.int32), amounts
    )
    return added.where(amounts.any(axis=0))


def _fits(amounts: npt.NDArray[np.int64]) -> None:
    if np.abs(amounts.astype(np.float64)).sum(axis=1).max(initial=0) >= _LARGEST:
        raise Problem("a sum is larger than 2^63; give the columns of its dataset a larger unit")


def packed(blocks: Sequence[Block]) -> list[bytes]:
    """Blocks as bytes: what they are, told in JSON, then their numbers; a row of amounts takes as many bytes as it needs."""
    told, numbers = [], []
    for block in blocks:
        largest = np.maximum(block.amounts.max(axis=1, initial=0), ~block.amounts.min(axis=1, initial=0))
        kinds = np.searchsorted(_LARGEST_OF_KIND, largest)
        told.append((block.keys, block.places, int(block.days.size), kinds.tolist()))
        numbers += [block.days.tobytes(), block.place.tobytes()]
        numbers += [block.amounts[kinds == n].astype(kind).tobytes() for n, kind in enumerate(_KINDS)]
    heading = json.dumps(told, separators=(",", ":"), ensure_ascii=False).encode()
    return [len(heading).to_bytes(8), heading, *numbers]


def unpacked(content: bytes | memoryview) -> list[Block]:
    """The blocks that were `packed`."""
    at = 8 + int.from_bytes(content[:8])
    told, blocks = json.loads(bytes(content[8:at])), []

    def take(kind: str, count: int) -> npt.NDArray[Any]:
        nonlocal at
        taken = np.frombuffer(content, kind, count, at)
        at += taken.nbytes
        return taken

    for keys, places, columns, kinds in told:
        days, place = take("i4", columns), take("i4", columns)
        amounts = np.empty((len(keys), columns), np.int64)
        for n, kind in enumerate(_KINDS):
            rows = np.flatnonzero(np.equal(kinds, n))
            amounts[rows] = take(kind, rows.size * columns).reshape(rows.size, columns)
        named = tuple((district, way, component) for district, way, component in places)
        blocks.append(Block(tuple(keys), days, named, place, amounts))
    return blocks
