"""The newest rows of a dataset as pages show them: what is masked for whoever looks stays masked."""

from __future__ import annotations

import contextlib
from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any

from qala import facts
from qala.datasets import Contract
from qala.portal.data.columns import MASK, Cell, Head, cell_of, heads_of


def newest(
    contract: Contract,
    city: str,
    masked: frozenset[str],
    most: int,
    *,
    columns: Sequence[str] = (),
    until: date | None = None,
) -> tuple[Sequence[Head], list[list[Cell]]]:
    """Some of the newest rows of a city, the newest first; of a registry only what holds on the last day, where one is named.

    Args:
        masked: columns whose values are not told.
        columns: which, in their order; all where none is named.
        until: the city's own last day that is looked at.
    """
    snapshot = facts.values().computer.snapshot(contract.id)
    names = list(columns or contract.all_columns)
    every = snapshot.files(city=city)
    if not every:
        return heads_of(contract, names), []
    listed, key = (", ".join(f'"{name}"' for name in some) for some in (names, contract.key))
    order = f'ORDER BY day DESC, "{contract.counted_on}" DESC, {key} LIMIT {int(most)}'
    last = until or max(file.last_day for file in every)
    first, held = min(file.first_day for file in every), ""
    if contract.kind == "registry" and until is not None:
        held = f"AND coalesce(valid_to, DATE '{until}') >= DATE '{until}'"
    rows: list[tuple[Any, ...]] = []
    with contextlib.closing(facts.lake().connection()) as con:
        for begin in (first,) if contract.kind == "registry" else (last - timedelta(6), last - timedelta(90), first):
            files = snapshot.files(city=city, first_day=begin, last_day=last)
            if files:
                days = f"day BETWEEN DATE '{begin}' AND DATE '{last}'"
                rows = con.execute(
                    f"SELECT {listed} FROM {snapshot.current_sql(files)} WHERE {days} {held} {order}"
                ).fetchall()
            if len(rows) == most or begin <= first:
                break
    return heads_of(contract, names), [
        [
            Cell(MASK) if name in masked and value is not None else cell_of(contract, name, value)
            for name, value in zip(names, row, strict=True)
        ]
        for row in rows
    ]
