"""Blocks: amounts of several sums side by side, for the days and places that one scan found.

An amount is a whole number of 10^-scale units of its `Sum`; a BIGINT holds any that the order's volumes can make, and
an overflow is an error, never a wrap.
"""

from __future__ import annotations

import itertools
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from qala.measures.sums import Sum
from qala.standard.problems import Problem

Place = tuple[str, str, str]
"""District, way in, component; empty where there is none."""
_LARGEST = np.iinfo(np.int64).max
_LIST = {"keys": pa.string(), "places": pa.string(), "place": pa.int32(), "days": pa.int32(), "amounts": pa.int64()}
_FIELDS = [(name, pa.list_(kind)) for name, kind in _LIST.items()]


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

    def rows(self) -> pa.Table:
        """As long rows, noughts left out: `key`, `at_day`, `district`, `way`, `component`, `amount`."""
        sums, columns = np.nonzero(self.amounts)
        places = [self.places[n] for n in self.place[columns]]
        parts = {name: [place[n] for place in places] for n, name in enumerate(("district", "way", "component"))}
        return pa.table(
            {
                "key": pa.array([self.keys[n] for n in sums], pa.string()),
                "at_day": pa.array(self.days[columns]).cast(pa.date32()),
                **{name: pa.array(values, pa.string()) for name, values in parts.items()},
                "amount": pa.array(self.amounts[sums, columns]),
            }
        )


def from_scan(answer: pa.Table, sums: Sequence[Sum], way: str = "") -> Block:
    """The answer of a scan: `at_day`, and `s0`, `s1`… for the sums; `district`, `way`, `component` where they differ.

    Args:
        way: the way in of all rows, where it is no column.

    Raises:
        Problem: an amount that a BIGINT cannot hold.
    """
    order = sorted(range(len(sums)), key=lambda n: sums[n].key)
    amounts = np.empty((len(sums), answer.num_rows), dtype=np.int64)
    for row, n in enumerate(order):
        amounts[row] = whole_numbers(answer.column(f"s{n}"), sums[n])
    days, places, place = places_of(answer, way)
    block = Block(tuple(sums[n].key for n in order), days, places, place, amounts)
    return block.where(amounts.any(axis=0))


def places_of(
    answer: pa.Table, way: str = ""
) -> tuple[npt.NDArray[np.int32], tuple[Place, ...], npt.NDArray[np.int32]]:
    """The days of a scan's rows, the different places, and which of them each row has."""
    days = one_chunk(answer.column("at_day").cast(pa.date32())).view(pa.int32()).to_numpy()
    names: list[list[str]] = []
    code = np.zeros(answer.num_rows, dtype=np.int32)
    for name, constant in (("district", ""), ("way", way), ("component", "")):
        known, codes = _coded(answer, name, constant)
        names.append(known)
        if codes is not None:
            code = code * len(known) + codes
    every = list(itertools.product(*names))
    found = np.flatnonzero(np.bincount(code, minlength=len(every)))
    number = np.zeros(len(every), dtype=np.int32)
    number[found] = np.arange(found.size)
    return days, tuple((every[n][0], every[n][1], every[n][2]) for n in found.tolist()), number[code]


def _coded(answer: pa.Table, name: str, constant: str) -> tuple[list[str], npt.NDArray[np.int32] | None]:
    """The different texts of a column, and which of them each row has; None where they are all one."""
    if name not in answer.column_names:
        return [constant], None
    column = one_chunk(answer.column(name))
    encoded = (pc.fill_null(column, "") if column.null_count else column).dictionary_encode()
    known: list[str] = encoded.dictionary.to_pylist()
    return (known or [constant]), (encoded.indices.to_numpy() if len(known) > 1 else None)


def one_chunk(column: pa.Array | pa.ChunkedArray) -> pa.Array:
    """A column as one array."""
    if isinstance(column, pa.ChunkedArray):
        return column.chunk(0) if column.num_chunks == 1 else column.combine_chunks()
    return column


def whole_numbers(column: pa.ChunkedArray, wanted: Sum) -> npt.NDArray[np.int64]:
    """Whole numbers as they are; of a decimal column the unscaled 128-bit numbers, checked to fit 64 bits."""
    if pa.types.is_int64(column.type):
        whole: npt.NDArray[np.int64] = (pc.fill_null(column, 0) if column.null_count else column).to_numpy()
        return whole
    array = one_chunk(column.cast(pa.decimal128(38, wanted.scale)))
    words = np.frombuffer(array.buffers()[1], dtype=np.int64)[2 * array.offset : 2 * (array.offset + len(array))]
    low, high = words[0::2], words[1::2]
    valid = np.ones(len(array), dtype=bool) if array.null_count == 0 else np.asarray(array.is_valid())
    if np.any(valid & (high != np.where(low < 0, -1, 0))):
        raise Problem(f"a sum over {wanted.shape.dataset} is larger than 2^63; give its columns a larger unit")
    return np.where(valid, low, 0)


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


def to_bytes(blocks: Sequence[Block], metadata: Mapping[str, bytes]) -> bytes:
    """An Arrow file with a row for each block."""
    flat: dict[str, list[npt.NDArray[np.generic] | list[str]]] = {
        "keys": [list(block.keys) for block in blocks],
        "places": [[part for place in block.places for part in place] for block in blocks],
        "place": [block.place for block in blocks],
        "days": [block.days for block in blocks],
        "amounts": [block.amounts.reshape(-1) for block in blocks],
    }
    schema = pa.schema(_FIELDS, metadata=dict(metadata))
    batch = pa.record_batch([_lists(parts, _LIST[name]) for name, parts in flat.items()], schema=schema)
    sink = pa.BufferOutputStream()
    with pa.ipc.new_file(sink, schema, options=pa.ipc.IpcWriteOptions(compression="lz4")) as writer:
        writer.write_batch(batch)
    content: bytes = sink.getvalue().to_pybytes()
    return content


def _lists(parts: Sequence[npt.NDArray[np.generic] | list[str]], kind: pa.DataType) -> pa.ListArray:
    offsets = pa.array(np.cumsum([0, *(len(part) for part in parts)], dtype=np.int32))
    if pa.types.is_string(kind):
        return pa.ListArray.from_arrays(offsets, pa.array([text for part in parts for text in part], kind))
    values = np.concatenate([np.empty(0, dtype=kind.to_pandas_dtype()), *parts])
    return pa.ListArray.from_arrays(offsets, pa.array(values, kind))


def from_file(reader: pa.ipc.RecordBatchFileReader) -> list[Block]:
    """The blocks of an Arrow file that `to_bytes` made."""
    batch = reader.get_batch(0)
    lists = {name: batch.column(name) for name in _LIST}
    values = {name: lists[name].values for name in _LIST}
    bounds = {name: lists[name].offsets.to_numpy() for name in _LIST}
    blocks = []
    for n in range(batch.num_rows):
        part = {name: values[name][bounds[name][n] : bounds[name][n + 1]] for name in _LIST}
        names = part["places"].to_pylist()
        keys, days = tuple(part["keys"].to_pylist()), part["days"].to_numpy()
        places = tuple(zip(names[::3], names[1::3], names[2::3], strict=True))
        amounts = part["amounts"].to_numpy().reshape(len(keys), len(days))
        blocks.append(Block(keys, days, places, part["place"].to_numpy(), amounts))
    return blocks
