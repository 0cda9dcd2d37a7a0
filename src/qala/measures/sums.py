"""What is added up: one `Sum` is one number per city, day, district and way in; a `Shape` says which scan makes it.

Form `flow`     rows dated by a day; adds up over any days.
Form `stock`    a registry as its signed changes (+ on the first day a row holds, − on the day after its last);
                the running sum through a day is the stock of that day.
Form `objects`  a registry's rows that also worked, or were seen, during a period: one number per period, does not add up.
Form `distinct` different values of a column in a period: one number per period, does not add up.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from typing import Literal

from sqlglot import exp

from qala.measures.expressions import canonical

Form = Literal["flow", "stock", "objects", "distinct"]
Grain = Literal["day", "week", "month", "quarter", "year"]


@dataclass(frozen=True)
class Grouping:
    """`within`: columns that make a group inside a day, and named sums of a group (bound SQL, our spelling)."""

    by: tuple[str, ...]
    let: tuple[tuple[str, str], ...]
    where: str
    trees: tuple[tuple[str, exp.Expr], ...] = field(compare=False, repr=False)
    where_tree: exp.Expr | None = field(compare=False, repr=False, default=None)


@dataclass(frozen=True)
class Since:
    """`since_previous`: groups of columns, the time column, and how many days back a previous row may lie."""

    by: tuple[tuple[str, ...], ...]
    on: str
    days: int
    where: str
    where_tree: exp.Expr | None = field(compare=False, repr=False, default=None)


@dataclass(frozen=True)
class Seen:
    """`alive` or `matched`: what another dataset must say of an object for it to count.

    With `minutes`, Σ minutes of the period × `share_of` ≥ `share` × minutes of the period; without, a row in the
    period or in its last `days` days (over a registry: a row that holds on the period's last day).
    """

    of: str
    on: str
    dated: str
    minutes: str | None = None
    share: int = 0
    share_of: int = 1
    days: int | None = None
    where: str = ""
    contract_version: int = 1
    where_tree: exp.Expr | None = field(compare=False, repr=False, default=None)


@dataclass(frozen=True)
class Shape:
    """Everything that two sums must share to be made by one scan."""

    dataset: str
    form: Form
    dated: str
    component: str | None = None
    grouping: Grouping | None = None
    since: Since | None = None
    seen: Seen | None = None
    grain: Grain = "day"

    @property
    def linear(self) -> bool:
        """Whether the sum over new rows, signs included, may simply be added to what is stored."""
        return self.form in ("flow", "stock") and self.grouping is None and self.since is None

    @property
    def scanned(self) -> Shape:
        """The shape less the named sums of its groups: shapes that agree in it can be made by one scan."""
        return self if self.grouping is None else replace(self, grouping=replace(self.grouping, let=(), trees=()))

    @property
    def passes(self) -> int:
        """As many times as long a scan takes as one over the same rows that looks for no previous ones."""
        return 1 + len(self.since.by) if self.since else 1

    @property
    def datasets(self) -> tuple[str, ...]:
        return (self.dataset, self.seen.of) if self.seen else (self.dataset,)


@dataclass(frozen=True)
class Sum:
    """One number to add up.

    Attributes:
        amount: the expression summed; None counts rows.
        condition: rows that count; None for all.
        seen: whether the shape's `seen` must hold as well (the numerator of a share of objects).
        distinct: the column of form `distinct`.
        scale: amounts are stored as whole units of 10^-scale.
        contract_version: part of the identity, so that a changed contract is computed again.
    """

    shape: Shape
    amount: exp.Expr | None = field(compare=False, repr=False)
    condition: exp.Expr | None = field(compare=False, repr=False)
    scale: int
    contract_version: int
    seen: bool = False
    distinct: str | None = None
    key: str = field(init=False, default="")

    def __post_init__(self) -> None:
        text = "\x1f".join(
            (
                repr(self.shape), canonical(self.amount), canonical(self.condition), str(self.scale),
                str(self.contract_version), str(self.seen), self.distinct or "",
            )
        )  # fmt: skip
        object.__setattr__(self, "key", hashlib.sha256(text.encode()).hexdigest()[:16])

    @property
    def trees(self) -> list[exp.Expr]:
        """All expressions that its scan is made of."""
        grouping, since, seen = self.shape.grouping, self.shape.since, self.shape.seen
        found = [self.amount, self.condition, *(tree for _, tree in (grouping.trees if grouping else ()))]
        found += [part.where_tree for part in (grouping, since, seen) if part is not None]
        return [tree for tree in found if tree is not None]

    def __hash__(self) -> int:
        return hash(self.key)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Sum) and other.key == self.key


def one_scan_each(sums: Iterable[Sum]) -> Iterator[tuple[Shape, list[Sum]]]:
    """Sums of one `Shape.scanned`, by the shape that one scan can make: named sums of groups are put together.

    Those that give one name to different things are made by scans of their own.
    """
    made: list[tuple[Shape, list[Sum]]] = []
    for wanted in sums:
        for index, (shape, found) in enumerate(made):
            both = _together(shape, wanted.shape)
            if both is not None:
                made[index] = both, [*found, wanted]
                break
        else:
            made.append((wanted.shape, [wanted]))
    yield from made


def _together(one: Shape, other: Shape) -> Shape | None:
    if one.grouping is None or other.grouping is None or one == other:
        return one if one == other else None
    let = {**dict(one.grouping.let), **dict(other.grouping.let)}
    if any(let[name] != text for shape in (one.grouping, other.grouping) for name, text in shape.let):
        return None
    trees = {**dict(one.grouping.trees), **dict(other.grouping.trees)}
    return replace(one, grouping=replace(one.grouping, let=tuple(let.items()), trees=tuple(trees.items())))
