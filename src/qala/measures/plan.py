"""From the words of `kpis.yaml` to sums: which numbers must be added up for a KPI, and how they make its value."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import Literal

from sqlglot import exp

from qala.datasets import Beside, Catalogue, Computation, Contract, Denominator, Figure
from qala.datasets.computation import Within
from qala.measures import expressions as ex
from qala.measures.bindings import Context
from qala.measures.sums import Grain, Grouping, Seen, Shape, Since, Sum
from qala.measures.typist import scale_of
from qala.standard.problems import Problem
from qala.standard.types import Kpi

DenominatorAt = Literal["period_end", "month_end", "year_start"]
GROUP_ROWS = "_rows"  # the hidden count of rows in each group


@dataclass(frozen=True)
class FigurePlan:
    """The sums behind one figure.

    Attributes:
        name: "" for the KPI itself, `+name` for a figure beside it, `@name` for a variant.
        numerator, denominator: what is divided; no denominator means that the numerator is the value.
        rows: how many rows were counted.
        at: for a stock in the denominator, the day at which it is taken.
        unit: id of the unit; its factor multiplies the quotient.
        datasets: what must have been delivered.
        carried: rows that say what the figure needs; where none does, nothing was delivered.
        by_component: whether the sums come per component (reading R9, R10).
    """

    kpi: str
    name: str
    numerator: Sum
    denominator: Sum | None
    rows: Sum
    at: DenominatorAt
    unit: str
    datasets: tuple[str, ...]
    by_component: bool
    carried: Sum | None = None

    @property
    def sums(self) -> tuple[Sum, ...]:
        return tuple(s for s in (self.numerator, self.denominator, self.rows, self.carried) if s is not None)


class Planner:
    """Compiles computations for one context; what is asked twice is compiled once."""

    def __init__(self, catalogue: Catalogue, context: Context) -> None:
        self.catalogue = catalogue
        self.context = context
        self._figures: dict[str, tuple[FigurePlan, ...]] = {}
        self._delivered: dict[str, Sum] = {}

    def figures(self, kpi_id: str) -> tuple[FigurePlan, ...]:
        """The KPI's own figure first, then those beside it, then its variants."""
        if kpi_id not in self._figures:
            self._figures[kpi_id] = tuple(self._compile(kpi_id))
        return self._figures[kpi_id]

    def delivered(self, dataset: str) -> Sum:
        """Rows of a dataset by its own day (a stock of rows for a registry): what tells silence from nothing happened."""
        if dataset not in self._delivered:  # asked for every day of every value
            contract = self.catalogue.contract(dataset)
            form: Literal["flow", "stock"] = "stock" if contract.kind == "registry" else "flow"
            shape = Shape(dataset, form, "valid" if form == "stock" else "day")
            self._delivered[dataset] = Sum(shape, None, None, 0, contract.version)
        return self._delivered[dataset]

    def _compile(self, kpi_id: str) -> Iterable[FigurePlan]:
        kpi = self.context.kpi(kpi_id)
        entry = self.catalogue.computations.get(kpi.id)
        if entry is None:
            raise Problem(f"{kpi.id} is not computed by any system", hint="add it to the system's kpis.yaml")
        where = self.catalogue.where(kpi.id)
        own = entry.default
        compiler = _Compiler(self.catalogue, self.context, kpi, where)
        yield compiler.figure("", own, kpi.unit)
        for name, beside in entry.beside.items():
            yield compiler.figure(f"+{name}", beside, beside.unit or kpi.unit)
        for name in entry.variants:
            yield compiler.figure(f"@{name}", entry.variant(name), kpi.unit)
        for name in sorted(compiler.names_used):
            for choice in self.context.choices(kpi, name):
                yield replace(compiler, choice=choice).figure(f"@{choice}", own, kpi.unit)


@dataclass
class _Compiler:
    catalogue: Catalogue
    context: Context
    kpi: Kpi
    where: str
    choice: str | None = None

    def __post_init__(self) -> None:
        self.names_used: set[str] = set()

    def figure(self, name: str, entry: Computation | Beside, unit: str) -> FigurePlan:
        contract = self.catalogue.contract(entry.of)
        shape, scope = self._shape(entry, contract)
        condition = None if entry.within else self._tree(entry.where, scope, entry, shape)
        kind = entry.kind
        plain = replace(shape, since=None)  # `where` does not ask what a row came after
        rows = self._rows(plain, condition, contract)
        denominator: Sum | None = None
        if kind == "share":
            both = _both(condition, self._tree(entry.share, scope, entry, shape))
            numerator = self._sum(shape, None, both, contract, seen=shape.seen is not None)
            denominator = self._sum(plain, None, condition, contract)
        elif kind == "mean":
            amount = self._tree(entry.mean, scope, entry, shape)
            assert amount is not None
            present = _both(condition, _present(amount, contract))
            numerator = self._sum(shape, amount, present, contract)
            denominator = rows = self._sum(shape, None, present, contract)
        elif kind == "part":
            part = self._tree(entry.part, scope, entry, shape)
            whole = self._tree(entry.whole, scope, entry, shape)
            chosen = _both(condition, self._tree(entry.part_where, scope, entry, shape))
            numerator = self._sum(shape, part, chosen, contract, seen=shape.seen is not None)
            denominator = self._sum(shape, whole, condition, contract)
        elif kind == "sum":
            amount = self._tree(entry.sum, scope, entry, shape)
            numerator = self._sum(shape, amount, condition, contract, seen=shape.seen is not None)
        elif kind == "count":
            both = _both(condition, self._tree(entry.count, scope, entry, shape))
            numerator = self._sum(shape, None, both, contract, seen=shape.seen is not None)
            rows = numerator if shape.seen is None else rows
        else:
            numerator = Sum(shape, None, condition, 0, contract.version, distinct=self._column(entry.distinct, scope))
        at: DenominatorAt = "period_end"
        if entry.per is not None:
            denominator, at = self._denominator(entry.per), entry.per.at
        by_component = entry.by_component is not None
        carried = self._carried(entry, contract)
        return FigurePlan(
            self.kpi.id, name, numerator, denominator, rows, at, unit, entry.datasets, by_component, carried
        )

    def _carried(self, entry: Computation, contract: Contract) -> Sum | None:
        if entry.carried is None:
            return None
        shape = Shape(contract.id, "flow", "day")
        condition = self._tree(entry.carried, ex.Scope(contract, None, self.where), None, shape)
        return Sum(shape, None, condition, 0, contract.version)

    def _denominator(self, entry: Denominator) -> Sum:
        contract = self.catalogue.contract(entry.of)
        form = _form(contract, entry)
        dated = "valid" if contract.kind == "registry" else self._dated(contract, entry)
        shape = Shape(entry.of, form, dated, grain=self._grain() if form == "distinct" else "day")
        scope = ex.Scope(contract, None, f"{self.where}.per")
        condition = self._tree(entry.where, scope, None, shape)
        if entry.distinct is not None:
            return Sum(shape, None, condition, 0, contract.version, distinct=self._column(entry.distinct, scope))
        if entry.sum is not None:
            return self._sum(shape, self._tree(entry.sum, scope, None, shape), condition, contract)
        return self._sum(shape, None, _both(condition, self._tree(entry.count, scope, None, shape)), contract)

    def _shape(self, entry: Computation, contract: Contract) -> tuple[Shape, ex.Scope]:
        scope = ex.Scope(contract, None, self.where)
        form = _form(contract, entry)
        dated = "valid" if contract.kind == "registry" and entry.on is None else self._dated(contract, entry)
        shape = Shape(entry.of, form, dated, component=entry.by_component)
        if entry.by_component is not None:
            self._column(entry.by_component, scope)
        if form in ("objects", "distinct"):
            shape = replace(shape, grain=self._grain())
        if entry.within is not None:
            return self._grouped(entry, entry.within, shape, scope)
        if entry.since_previous is not None:
            wanted = entry.since_previous
            for column in (*(c for group in wanted.by for c in group), wanted.on):
                self._column(column, scope)
            if (
                shape.form != "flow"
                or self._dated(contract, Figure(of=contract.id, count="all", on=wanted.on)) != dated
            ):
                raise Problem(
                    f"since_previous runs along {wanted.on!r}, and the rows are dated by {entry.on or contract.counted_on!r}",
                    where=self.where,
                    hint=f"write `on: {wanted.on}`",
                )
            where = self._tree(entry.where, scope, entry, shape)
            days = self.context.days(wanted.look_back.removeprefix(":"))
            since = Since(wanted.by, wanted.on, days, ex.canonical(where), where)
            derived = ex.Scope(contract, {"since_previous": "whole"}, self.where)
            return replace(shape, since=since), derived
        if entry.alive is not None or entry.matched is not None:
            return replace(shape, seen=self._seen(entry)), scope
        return shape, scope

    def _grouped(self, entry: Computation, within: Within, shape: Shape, scope: ex.Scope) -> tuple[Shape, ex.Scope]:
        by = tuple("hour" if column.startswith("hour(") else column for column in within.by)
        for column in by:
            self._column(column, scope)
        trees = [(name, self._tree(text, scope, entry, shape, aggregates=True)) for name, text in within.let.items()]
        trees.append((GROUP_ROWS, exp.Count(this=exp.Star())))
        let = tuple((name, tree) for name, tree in trees if tree is not None)
        where = self._tree(entry.where, scope, entry, shape)
        grouping = Grouping(
            by, tuple((name, ex.canonical(tree)) for name, tree in let), ex.canonical(where), let, where
        )
        derived = {column: scope.type_of(column) or "text" for column in by} | {name: "whole" for name, _ in let}
        outer = ex.Scope(scope.contract, derived, self.where, only_derived=True)
        return replace(shape, grouping=grouping), outer

    def _seen(self, entry: Computation) -> Seen:
        if entry.alive is not None:
            other = self.catalogue.contract(entry.alive.of)
            scope = ex.Scope(other, None, f"{self.where}.alive")
            self._column(entry.alive.on, scope)
            self._column(entry.alive.minutes, scope)
            share = self._value("alive_share")
            return Seen(
                other.id, entry.alive.on, "day", entry.alive.minutes, share.numerator, share.denominator,
                contract_version=other.version,
            )  # fmt: skip
        assert entry.matched is not None
        other = self.catalogue.contract(entry.matched.of)
        scope = ex.Scope(other, None, f"{self.where}.matched")
        self._column(entry.matched.on, scope)
        dated = "valid" if other.kind == "registry" else "day"
        shape = Shape(other.id, "flow", dated)
        where = self._tree(entry.matched.where, scope, None, shape)
        days = None
        if entry.matched.within is not None:
            name = entry.matched.within.removeprefix(":")
            self.names_used.add(name)
            micros = self._value(name)
            days = int(micros) // ex.MICROSECONDS["day"]
        return Seen(
            other.id, entry.matched.on, dated, days=days, where=ex.canonical(where), contract_version=other.version,
            where_tree=where,
        )  # fmt: skip

    def _value(self, name: str) -> Fraction:
        """A number that shapes the scan and not a condition: the value of the last stretch holds."""
        bound = self.context.bind(self.kpi, name, self.context.stretches[-1], self.choice, None)
        return Fraction(bound.value)

    def _tree(
        self, text: str | None, scope: ex.Scope, entry: Computation | None, shape: Shape, *, aggregates: bool = False
    ) -> exp.Expr | None:
        """Parse, check, and fill in: one tree, with a CASE over the day where a filled-in value changes in time."""
        if text is None or text == "all":
            return None
        tree = ex.parse(text, scope, aggregates=aggregates)
        names = ex.placeholders(tree)
        self.names_used |= names
        component = entry.by_component if entry is not None else None
        bound = [
            (s, ex.bind(tree, {n: self.context.bind(self.kpi, n, s, self.choice, component) for n in names}))
            for s in self.context.stretches
        ]
        if not names or len({ex.canonical(b) for _, b in bound}) == 1:
            return bound[-1][1]
        if shape.form != "flow":
            return bound[-1][1]  # a stock has no day of its own before the scan: the last stretch holds
        case = exp.Case()
        for (_, value), (later, _) in zip(bound, bound[1:], strict=False):
            before = exp.LT(this=exp.column(shape.dated), expression=ex._literal(later.first))
            case = case.when(before, value)
        return exp.Paren(this=case.else_(bound[-1][1]))

    def _sum(
        self,
        shape: Shape,
        amount: exp.Expr | None,
        condition: exp.Expr | None,
        contract: Contract,
        *,
        seen: bool = False,
    ) -> Sum:
        scale = 0 if amount is None else scale_of(contract, amount, shape.grouping, self.where)
        return Sum(shape, amount, condition, scale, contract.version, seen)

    def _rows(self, shape: Shape, condition: exp.Expr | None, contract: Contract) -> Sum:
        if shape.grouping is not None:
            return Sum(shape, exp.column(GROUP_ROWS), None, 0, contract.version)
        if shape.form == "distinct":
            return (
                Sum(replace(shape, form="flow", grain="day"), None, condition, 0, contract.version)
                if (shape.dated != "valid")
                else Sum(replace(shape, form="stock", grain="day"), None, condition, 0, contract.version)
            )
        return Sum(shape, None, condition, 0, contract.version)

    def _dated(self, contract: Contract, entry: Figure) -> str:
        column = entry.on or contract.counted_on
        try:
            return contract.day_column(column)
        except KeyError:
            raise Problem(
                f"{contract.id} cannot be dated by {column!r}",
                where=self.where,
                hint=f"one of: {', '.join(contract.dated_by)}; or add it to days_of of the contract",
            ) from None

    def _grain(self) -> Grain:
        return self.kpi.every

    def _column(self, name: str | None, scope: ex.Scope) -> str:
        if name is None or scope.type_of(name) is None:
            raise Problem(
                f"{scope.contract.id} has no column {name!r}",
                where=scope.where,
                hint=f"its columns: {', '.join(scope.names())}",
            )
        return name


def _form(contract: Contract, entry: Figure) -> Literal["flow", "stock", "objects", "distinct"]:
    if entry.distinct is not None:
        return "distinct"
    if isinstance(entry, Computation) and (entry.alive or entry.matched):
        return "objects"
    return "stock" if contract.kind == "registry" and entry.on is None else "flow"


def _present(amount: exp.Expr, contract: Contract) -> exp.Expr | None:
    """Whether an amount is there. A difference of two columns is if both are: that is not worked out twice, and a column
    that is never empty is not asked.
    """
    sides = amount.expressions if isinstance(amount, exp.Anonymous) else [amount]
    if not all(isinstance(side, exp.Column) for side in sides):
        return exp.Not(this=exp.Is(this=exp.Paren(this=amount.copy()), expression=exp.Null()))
    must = {*contract.key, contract.counted_on}
    condition: exp.Expr | None = None
    for side in sides:
        column = contract.all_columns.get(side.name)
        if column is None or (column.optional and side.name not in must):
            condition = _both(condition, exp.Not(this=exp.Is(this=side.copy(), expression=exp.Null())))
    return condition


def _both(left: exp.Expr | None, right: exp.Expr | None) -> exp.Expr | None:
    if left is None or right is None:
        return left if right is None else right
    return exp.and_(left.copy(), right.copy())
