"""Many sums over rows of one kind each (marks by topic): added up once for every kind, and put together afterwards.

A scan with thirty conditions is planned and run far longer than one that groups by what the conditions ask for.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from sqlglot import exp

from qala.datasets import Contract
from qala.measures.blocks import Block, one_chunk, places_of, whole_numbers
from qala.measures.expressions import conditions
from qala.measures.sums import Sum

_MANY = 8  # sums over single kinds, from which on this is worth it
_SHORT = np.iinfo(np.int16).max  # kinds that fit two bytes are sorted in no time
_NONE = "\0"  # stands for an empty kind: no condition asks for it


@dataclass(frozen=True)
class Kinds:
    """How sums are made of sums by kind.

    Attributes:
        column: whose values are the kinds.
        parts: the sums that the scan adds up for each kind.
        made_of: for each sum, its part and the kinds that it takes; None takes all.
    """

    column: str
    parts: tuple[Sum, ...]
    made_of: tuple[tuple[int, frozenset[str] | None], ...]

    def put_together(self, answer: pa.Table, sums: Sequence[Sum], way: str = "") -> Block:
        """The sums, out of the answer of a scan of `parts` with a column `kind`; see `blocks.from_scan`."""
        days, places, place = places_of(answer, way)
        kinds = one_chunk(pc.fill_null(answer.column("kind"), _NONE)).dictionary_encode()
        kind, names = kinds.indices.to_numpy(), kinds.dictionary.to_pylist()
        first = int(days.min(initial=0))
        span = int(days.max(initial=0)) - first + 1
        code = place.astype(np.int64) * span + (days - first)
        if len(places) * span <= code.size:  # most days and places occur: nothing need be sorted to know them
            found, column = np.arange(len(places) * span), code
        else:
            found, column = np.unique(code, return_inverse=True)
        parts = [whole_numbers(answer.column(f"s{n}"), part) for n, part in enumerate(self.parts)]
        by_kind = np.argsort(kind.astype(np.int16) if len(names) < _SHORT else kind, kind="stable")
        turns = np.cumsum([0, *np.bincount(kind, minlength=len(names))])
        rows_of = {name: by_kind[turns[n] : turns[n + 1]] for n, name in enumerate(names)}
        order = sorted(range(len(sums)), key=lambda n: sums[n].key)
        amounts = np.zeros((len(sums), found.size), dtype=np.int64)
        for row, n in enumerate(order):
            part, wanted = self.made_of[n]
            for name in names if wanted is None else wanted & rows_of.keys():
                rows = rows_of[name]  # of one kind each day and place is there once
                amounts[row, column[rows]] += parts[part][rows]
        block = Block(
            tuple(sums[n].key for n in order), (found % span + first).astype(np.int32), places,
            (found // span).astype(np.int32), amounts,
        )  # fmt: skip
        return block.where(amounts.any(axis=0))


def kinds_of(sums: Sequence[Sum], contract: Contract) -> Kinds | None:
    """The kinds that most conditions of a plain scan ask for; None where it is not worth it."""
    shape = sums[0].shape
    if not shape.linear or shape.form != "flow" or shape.component is not None:
        return None
    asked: dict[str, int] = defaultdict(int)
    for wanted in sums:
        for column in {found[0] for found in map(_kind, conditions(wanted.condition)) if found}:
            known = contract.all_columns.get(column)
            asked[column] += known is not None and bool(known.one_of)
    column = max(asked, key=lambda name: asked[name], default="")
    if asked[column] < _MANY:
        return None
    parts: dict[Sum, int] = {}
    made_of: list[tuple[int, frozenset[str] | None]] = []
    for wanted in sums:
        part, taken = _without(wanted, column)
        made_of.append((parts.setdefault(part, len(parts)), taken))
    return Kinds(column, tuple(parts), tuple(made_of)) if 2 * len(parts) <= len(sums) else None


def _without(wanted: Sum, column: str) -> tuple[Sum, frozenset[str] | None]:
    """The sum without its first condition on the column, and the kinds of that condition."""
    every = conditions(wanted.condition)
    for n, condition in enumerate(every):
        found = _kind(condition)
        if found and found[0] == column:
            rest = [*every[:n], *every[n + 1 :]]
            return replace(wanted, condition=exp.and_(*rest, copy=True) if rest else None), found[1]
    return wanted, None


def _kind(tree: exp.Expr) -> tuple[str, frozenset[str]] | None:
    """The column and the texts of `column = 'text'` or `column in ('text', …)`."""
    if not isinstance(tree, exp.EQ | exp.In) or not isinstance(tree.this, exp.Column):
        return None
    texts = tree.expressions if isinstance(tree, exp.In) else [tree.expression]
    if not texts or not all(isinstance(text, exp.Literal) and text.is_string for text in texts):
        return None
    return tree.this.name, frozenset(text.name for text in texts)
