"""From what a system recorded to what it sends: trimmed, with the department's clock, and with its faults."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from qala.datasets.types import Contract
from qala.standard.problems import Problem
from qala.world.clock import Days, month_of, year_of
from qala.world.faults import DAYS_LATE, LATE_SHARE, LOOK_BACK, WRONG_SHARE, Manner, Way
from qala.world.types import PREVIOUS_YEAR, Facts, World

Mask = npt.NDArray[np.bool_]

_ARROW = {
    "text": pa.string(),
    "whole": pa.int64(),
    "decimal": pa.float64(),
    "time": pa.timestamp("us", tz="UTC"),
    "day": pa.date32(),
    "yes_no": pa.bool_(),
}


@dataclass(frozen=True)
class Parcel:
    """One delivery: rows of one dataset of one city, sent in one go.

    Attributes:
        way: integration, file or hand.
        part: 1 = first delivery, 2 = late rows and corrections.
        rows: columns of the contract; times are UTC, decimals float64 of the contract's scale.
    """

    city: str
    dataset: str
    way: Way
    part: int
    rows: pa.Table


def local_days(world: World, contract: Contract, facts: Facts) -> Days:
    """The city-local day on which each row is counted."""
    values = np.asarray(facts.columns[contract.counted_on])
    if contract.all_columns[contract.counted_on].type == "day":
        return values.astype("datetime64[D]")
    return world.local_day(values)


def delivered(world: World, contract: Contract, facts: Facts, manner: Manner) -> Facts | None:
    """The rows that ever reach the platform: from the first rated day, months withheld left out. None if none do."""
    if not manner.sends:
        return None
    if contract.kind == "registry":
        return facts
    days = local_days(world, contract, facts)
    keep = np.ones(len(days), dtype=bool)
    first = np.datetime64(date(world.years[0], 1, 1), "D")
    if contract.id not in PREVIOUS_YEAR:
        keep &= days >= first - np.timedelta64(LOOK_BACK.get(contract.id, 0), "D")
    if manner.withheld:
        keep &= ~((year_of(days) >= world.years[0]) & np.isin(month_of(days), sorted(manner.withheld)))
    if keep.all():
        return facts
    return Facts(facts.dataset, {name: np.asarray(values)[keep] for name, values in facts.columns.items()})


def parcels(world: World, contract: Contract, parts: Sequence[Facts], manner: Manner) -> Iterator[Parcel]:
    """What is sent of one dataset, in order, faults included. The last state of every row is the recorded one.

    Raises:
        Problem: a column that the contract does not have, or a required one that is not there.
    """
    rng = world.rng(f"delivery.{contract.id}")
    second: list[pa.Table] = []
    first: list[pa.Table] = []
    for facts in parts:
        if not len(facts):
            continue
        table = arrow_table(contract, facts)
        table = _with_clock(world, contract, facts, table, rng)
        now = np.ones(table.num_rows, dtype=bool)
        if manner.late and contract.kind != "registry":
            chance = rng.random(table.num_rows)
            now = chance >= LATE_SHARE
            wrong = now & (chance < LATE_SHARE + WRONG_SHARE)
            second += [table.filter(pa.array(~now)), _changed(table.filter(pa.array(wrong)))]
            table = _incomplete(contract, table, wrong)
        first += [table.filter(pa.array(now)) if not now.all() else table, *_extra(contract, table, manner, rng)]
    for number, tables in ((1, first), (2, second)):
        kept = [table for table in tables if table.num_rows]
        if kept:
            yield Parcel(world.code, contract.id, manner.way, number, pa.concat_tables(kept, promote_options="default"))


def arrow_table(contract: Contract, facts: Facts) -> pa.Table:
    """Recorded columns as an Arrow table in the contract's types; NaN, NaT and None become empty."""
    known = contract.all_columns
    columns: dict[str, pa.Array] = {}
    for name, values in facts.columns.items():
        if name not in known:
            raise Problem(f"the simulated rows of {contract.id} have a column {name} that the contract has not")
        columns[name] = _arrow(values, known[name].type)
    for name, column in known.items():
        if name not in columns and not column.optional:
            raise Problem(f"the simulated rows of {contract.id} lack the column {name}")
    return pa.table(columns)


def _arrow(values: Any, kind: str) -> pa.Array:
    target = _ARROW[kind]
    array = np.asarray(values)
    if kind == "time":
        return pa.array(array.astype("datetime64[us]")).cast(pa.timestamp("us")).cast(target)
    if kind == "day":
        return pa.array(array.astype("datetime64[D]"), type=target)
    if kind == "whole" and array.dtype.kind == "f":
        return pc.cast(pa.array(array, from_pandas=True), target)
    return pa.array(array, type=target, from_pandas=True)


def _with_clock(world: World, contract: Contract, facts: Facts, table: pa.Table, rng: np.random.Generator) -> pa.Table:
    """`registered_at`: some minutes after the fact, or on the morning after the day of one that has only a day."""
    if "registered_at" in table.column_names:
        return table
    values = np.asarray(facts.columns[contract.counted_on])
    if contract.all_columns[contract.counted_on].type == "day":
        # A registry is kept as the day begins; a day of work is written down at nine on the next morning.
        hour = 0 if contract.kind == "registry" else 33
        start = world.utc(values.astype("datetime64[D]"), np.full(len(values), hour * 3600))
    else:
        start = values.astype("datetime64[us]")
    lag = rng.integers(20, 900, len(values)).astype("timedelta64[s]")
    return table.append_column("registered_at", _arrow(start + lag, "time"))


def _changed(table: pa.Table) -> pa.Table:
    """Corrected rows carry the time of their correction."""
    later = pc.add(table["registered_at"], pa.scalar(DAYS_LATE * 86_400_000_000, pa.duration("us")))
    return table.append_column("changed_at", later) if "changed_at" not in table.column_names else table


def _incomplete(contract: Contract, table: pa.Table, rows: Mask) -> pa.Table:
    """The first state of rows to be corrected: one thing not known yet."""
    fixed = {*contract.key, contract.counted_on, "registered_at", "changed_at"}
    for name, column in contract.columns.items():
        if name in table.column_names and name not in fixed and column.may_be_empty and not column.privacy:
            empty = pa.scalar(None, table[name].type)
            return table.set_column(
                table.column_names.index(name), name, pc.if_else(pa.array(rows), empty, table[name])
            )
    return table


def _extra(contract: Contract, table: pa.Table, manner: Manner, rng: np.random.Generator) -> list[pa.Table]:
    """Rows sent twice, and copies that have lost something they must have."""
    out = []
    for share, spoil in ((manner.twice, False), (manner.broken, True)):
        if not share or contract.kind == "registry":
            continue
        chosen = np.sort(rng.choice(table.num_rows, math.ceil(table.num_rows * share), replace=False))
        copies = table.take(pa.array(chosen))
        if spoil:
            name = _indispensable(contract)
            empty = pa.nulls(copies.num_rows, copies[name].type)
            copies = copies.set_column(copies.column_names.index(name), name, empty)
        out.append(copies)
    return out


def _indispensable(contract: Contract) -> str:
    """A column without which the border must refuse a row: the last that may not be empty."""
    return [name for name, column in contract.columns.items() if not column.optional][-1]


def system_of(dataset: str) -> str:
    """The system that owns a dataset (`water.outages` -> `water`)."""
    return dataset.partition(".")[0]
