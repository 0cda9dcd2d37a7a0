"""Many sums over rows of one kind each (marks by topic): added up once for every kind, and put together afterwards.

A scan with thirty conditions is planned and run far longer than one that groups by what the conditions ask for.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt
from sqlglot import exp

from qala.datasets import Contract
from qala.measures.blocks import Answer, Block, numbers_of
from qala.measures.expressions import conditions
from qala.measures.sums import Sum

_MANY = 8  # sums over single kinds, from which on this is worth it…
_FEWER = 4  # …where they are made of so many times fewer: each part is told for every kind


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

    def put_together(self, answer: Answer, sums: Sequence[Sum], way: str = "") -> Block:
        """The sums, out of the answer of a scan of `parts` by kind: a row for each kind and place, with all its days."""
        places, place = _numbered(
            [answer[name].tolist() if name in answer else [constant] * answer["kind"].size
             for name, constant in (("district", ""), ("way", way))]
        )  # fmt: skip
        kinds, kind = _numbered([answer["kind"].tolist()])
        lists = answer["at_day"]
        days = numbers_of(np.concatenate([np.empty(0, "M8[D]"), *lists])).astype(np.int64)
        first = int(days.min(initial=0))
        every = np.flatnonzero(np.bincount(days - first))
        column = np.searchsorted(every, days - first)
        # of one kind and place each day is there once
        row = np.repeat(kind * len(places) + place, [its.size for its in lists])
        by_kind = np.zeros((len(self.parts), len(kinds), len(places) * every.size), dtype=np.int64)
        for n, amounts in enumerate(by_kind):
            amounts.reshape(-1)[row * every.size + column] = np.concatenate([np.empty(0, np.int64), *answer[f"s{n}"]])
        order = sorted(range(len(sums)), key=lambda n: sums[n].key)
        added = np.zeros((len(sums), len(places) * every.size), dtype=np.int64)
        for amounts, (part, wanted) in zip(added, [self.made_of[n] for n in order], strict=True):
            for n, (name,) in enumerate(kinds):
                if wanted is None or name in wanted:
                    amounts += by_kind[part, n]
        block = Block(
            tuple(sums[n].key for n in order),
            np.tile((every + first).astype(np.int32), len(places)),
            tuple((district, its_way, "") for district, its_way in places),
            np.repeat(np.arange(len(places), dtype=np.int32), every.size),
            added,
        )
        return block.where(block.amounts.any(axis=0))


def _numbered(columns: Sequence[Sequence[str]]) -> tuple[list[tuple[str, ...]], npt.NDArray[np.int64]]:
    """The different rows of some columns, and which of them each row is."""
    rows = list(zip(*columns, strict=True))
    number = {row: n for n, row in enumerate(dict.fromkeys(rows))}
    return list(number), np.array([number[row] for row in rows], dtype=np.int64)


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
    return Kinds(column, tuple(parts), tuple(made_of)) if _FEWER * len(parts) <= len(sums) else None


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
