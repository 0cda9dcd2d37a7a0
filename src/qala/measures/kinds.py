"""Many sums over rows of one kind each (marks by topic): added up once for every kind, and put together afterwards.

A scan with thirty conditions is planned and run far longer than one that groups by what the conditions ask for.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
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
        kinds = answer["kind"].tolist()
        districts, ways = (
            answer[name].tolist() if name in answer else [constant] * len(kinds)
            for name, constant in (("district", ""), ("way", way))
        )
        each = [(district, its_way, "") for district, its_way in zip(districts, ways, strict=True)]
        places = {place: n for n, place in enumerate(dict.fromkeys(each))}
        lists = answer["at_day"]
        every, found = np.unique(numbers_of(np.concatenate([np.empty(0, "M8[D]"), *lists])), return_inverse=True)
        columns = np.split(found, np.cumsum([len(days) for days in lists], dtype=np.int64))[:-1]
        order = sorted(range(len(sums)), key=lambda n: sums[n].key)
        made_of = [self.made_of[n] for n in order]
        taking = {
            kind: [(n, part) for n, (part, wanted) in enumerate(made_of) if wanted is None or kind in wanted]
            for kind in set(kinds)
        }
        amounts = np.zeros((len(sums), len(places), every.size), dtype=np.int64)
        for row, kind in enumerate(kinds):
            place = places[each[row]]
            for n, part in taking[kind]:  # of one kind and place each day is there once
                amounts[n, place, columns[row]] += answer[f"s{part}"][row]
        block = Block(
            tuple(sums[n].key for n in order),
            np.tile(every, len(places)),
            tuple(places),
            np.repeat(np.arange(len(places), dtype=np.int32), every.size),
            amounts.reshape(len(sums), -1),
        )
        return block.where(block.amounts.any(axis=0))


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
