"""Conditions and amounts: SQL expressions over a contract's columns, checked, filled in, and written for an engine.

The text is parsed by sqlglot, never executed as it stands. Four things are ours and have a spelling per engine:

- the difference of two times is whole microseconds (no float, so that every engine gives the same digits);
- `hour(column)` is the city-local hour that the border fixed at landing;
- `is_working_day(column)`: the city-local day is Monday to Friday and no holiday of Kazakhstan;
- `:name` is a limit of the KPI or an open term of the edition.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from typing import Any, Literal

import sqlglot
from sqlglot import exp
from sqlglot.errors import SqlglotError

from qala.datasets import Contract
from qala.standard.problems import Problem

Dialect = Literal["duckdb", "spark"]

MICROSECONDS: Mapping[str, int] = {
    "second": 1_000_000,
    "minute": 60_000_000,
    "hour": 3_600_000_000,
    "day": 86_400_000_000,
}

_ALLOWED = (
    exp.Column, exp.Identifier, exp.Literal, exp.Boolean, exp.Null, exp.Placeholder, exp.Paren, exp.And, exp.Or, exp.Not,
    exp.EQ, exp.NEQ, exp.GT, exp.GTE, exp.LT, exp.LTE, exp.Is, exp.In, exp.Between, exp.Case, exp.If, exp.Add, exp.Sub,
    exp.Mul, exp.IntDiv, exp.Neg, exp.Coalesce, exp.Abs, exp.Least, exp.Greatest, exp.Tuple,
)  # fmt: skip
_AGGREGATES = (exp.Sum, exp.Count, exp.Min, exp.Max, exp.Star)
_MICROS_BETWEEN = "micros_between"
_WORKING_DAY = "working_day"
_SATURDAY = 5


@dataclass(frozen=True)
class Scope:
    """What an expression may name: a contract's columns, and columns derived for one entry (`let`, `since_previous`)."""

    contract: Contract
    derived: Mapping[str, str] | None = None  # name -> sqlglot type word: whole | decimal
    where: str = ""
    only_derived: bool = False

    def type_of(self, column: str) -> str | None:
        if self.derived and column in self.derived:
            return self.derived[column]
        if self.only_derived:
            return None
        if column in self.contract.all_columns:
            return self.contract.all_columns[column].type
        return {"day": "day", "hour": "whole", "way": "text"}.get(column)

    def names(self) -> list[str]:
        own = [] if self.only_derived else list(self.contract.all_columns)
        return [*own, *(self.derived or ())]


def parse(text: str, scope: Scope, *, aggregates: bool = False) -> exp.Expr:
    """Parse and check one expression; times, hours and working days are already in our own spelling.

    Raises:
        Problem: not SQL, a column that the contract does not have, or a function that is not allowed.
    """
    try:
        tree = sqlglot.parse_one(text, dialect="duckdb")
    except SqlglotError as error:
        raise Problem(f"{text!r} is not an expression: {str(error).splitlines()[0]}", where=scope.where) from None
    tree = _in_our_spelling(tree, scope)
    for node in tree.walk():
        if isinstance(node, exp.Column):
            if node.table or scope.type_of(node.name) is None:
                raise Problem(
                    f"{text!r} names the column {node.sql()!r}, which {scope.contract.id} does not have",
                    where=scope.where,
                    hint=f"its columns: {', '.join(scope.names())}",
                )
        elif isinstance(node, exp.Anonymous):
            if node.name not in (_MICROS_BETWEEN, _WORKING_DAY):
                raise Problem(f"{text!r} uses the function {node.name}, which is not allowed", where=scope.where)
        elif not isinstance(node, _ALLOWED) and not (aggregates and isinstance(node, _AGGREGATES)):
            raise Problem(
                f"{text!r} uses {type(node).__name__.lower()}, which is not allowed",
                where=scope.where,
                hint="comparison, and/or/not, in, between, case, + - * //, coalesce, abs, least, greatest, hour, is_working_day",
            )
    return tree


def _in_our_spelling(tree: exp.Expr, scope: Scope) -> exp.Expr:
    def change(node: exp.Expr) -> exp.Expr:
        if isinstance(node, exp.Column) and node.name == "all" and scope.type_of("all") is None:
            return exp.true()
        if isinstance(node, exp.Sub):
            left, right = (_column_type(side, scope) for side in (node.this, node.expression))
            if left == right == "time":
                return exp.Anonymous(this=_MICROS_BETWEEN, expressions=[node.this, node.expression])
        if isinstance(node, exp.Hour):
            if node.this.name != scope.contract.counted_on:
                raise Problem(
                    f"hour({node.this.sql()}) is not known: the local hour is fixed at landing for "
                    f"{scope.contract.counted_on} only",
                    where=scope.where,
                )
            return exp.column("hour")
        if isinstance(node, exp.Anonymous) and node.name.lower() == "is_working_day":
            column = node.expressions[0].name if len(node.expressions) == 1 else ""
            try:
                return exp.Anonymous(this=_WORKING_DAY, expressions=[exp.column(scope.contract.day_column(column))])
            except KeyError:
                raise Problem(
                    f"is_working_day({column}): no local day is fixed for {column}",
                    where=scope.where,
                    hint=f"name one column of {scope.contract.id}: {', '.join(scope.contract.dated_by)}; or add it to days_of",
                ) from None
        return node

    return tree.transform(change)


def _column_type(node: exp.Expr, scope: Scope) -> str | None:
    if isinstance(node, exp.Paren):
        return _column_type(node.this, scope)
    if isinstance(node, exp.Coalesce):
        types = {_column_type(side, scope) for side in (node.this, *node.expressions)}
        return "time" if types == {"time"} else None
    return scope.type_of(node.name) if isinstance(node, exp.Column) else None


def placeholders(tree: exp.Expr) -> set[str]:
    """The `:names` in an expression."""
    return {str(node.this) for node in tree.find_all(exp.Placeholder)}


def columns(trees: Iterable[exp.Expr | None]) -> set[str]:
    """The columns that some expressions read."""
    return {node.name for tree in trees if tree is not None for node in tree.find_all(exp.Column)}


def conditions(tree: exp.Expr | None) -> list[exp.Expr]:
    """What must all hold, one by one."""
    found: list[exp.Expr] = []
    left = [] if tree is None else [tree]
    while left:
        one = left.pop().unnest()
        if isinstance(one, exp.And):
            left += [one.expression, one.this]
        else:
            found.append(one)
    return found


def not_said_by(tree: exp.Expr | None, amount: exp.Expr | None) -> exp.Expr | None:
    """A condition less what adding an amount up says already: that the columns which it is worked out from are there."""
    parts = (exp.Column, exp.Identifier, exp.Literal, exp.Paren, exp.Add, exp.Sub, exp.Mul, exp.Anonymous)
    if tree is None or amount is None or not all(isinstance(node, parts) for node in amount.walk()):
        return tree
    there = columns([amount])
    kept = [one for one in conditions(tree) if _must_be_there(one) not in there]
    return exp.and_(*kept, copy=True) if kept else None


def _must_be_there(tree: exp.Expr) -> str | None:
    """The column of `column is not null`."""
    is_null = tree.this.unnest() if isinstance(tree, exp.Not) else None
    if (
        isinstance(is_null, exp.Is)
        and isinstance(is_null.expression, exp.Null)
        and isinstance(is_null.this, exp.Column)
    ):
        return is_null.this.name
    return None


def names_working_days(tree: exp.Expr) -> bool:
    """Whether an expression asks for working days, hence for the calendar."""
    return any(node.name == _WORKING_DAY for node in tree.find_all(exp.Anonymous))


@dataclass(frozen=True)
class Bound:
    """A parameter's value: a number (times in microseconds), a text, a list of them, or one number per component."""

    value: Any
    component_column: str | None = None  # for :norm, looked up by component

    def tree(self) -> exp.Expr:
        if self.component_column is not None:
            case = exp.Case()
            for component, value in self.value.items():
                case = case.when(exp.column(self.component_column).eq(component), _literal(value))
            return exp.Paren(this=case)
        return _literal(self.value)


def bind(tree: exp.Expr, values: Mapping[str, Bound]) -> exp.Expr:
    """The expression with every `:name` replaced by its literal. A list may stand after `in` only."""

    def change(node: exp.Expr) -> exp.Expr:
        if isinstance(node, exp.In):
            field = node.args.get("field")
            items = [field] if isinstance(field, exp.Placeholder) else node.expressions
            spread: list[exp.Expr] = []
            for item in items:
                if isinstance(item, exp.Placeholder) and isinstance(values[str(item.this)].value, tuple | list):
                    spread.extend(_literal(v) for v in values[str(item.this)].value)
                else:
                    spread.append(item)
            return exp.In(this=node.this, expressions=spread)
        if isinstance(node, exp.Placeholder):
            return values[str(node.this)].tree()
        return node

    return tree.transform(change)


def _literal(value: Any) -> exp.Expr:
    if isinstance(value, bool):
        return exp.Boolean(this=value)
    if isinstance(value, Fraction):
        if value.denominator == 1:
            return exp.Literal.number(value.numerator)
        return exp.Literal.number(_decimal_text(value))
    if isinstance(value, int):
        return exp.Literal.number(value)
    if isinstance(value, date):
        return exp.cast(exp.Literal.string(value.isoformat()), "date")
    return exp.Literal.string(str(value))


def _decimal_text(value: Fraction) -> str:
    digits = 0
    while (value * 10**digits).denominator != 1:
        digits += 1
        if digits > 18:
            raise Problem(f"{value} cannot be written as a decimal", hint="choose a value with a finite decimal")
    whole = int(value * 10**digits)
    text = f"{abs(whole):0{digits + 1}d}"
    return f"{'-' if whole < 0 else ''}{text[:-digits]}.{text[-digits:]}"


def write(tree: exp.Expr, dialect: Dialect, holidays: Iterable[date] = ()) -> str:
    """The expression as SQL of one engine."""

    def change(node: exp.Expr) -> exp.Expr:
        if isinstance(node, exp.Anonymous) and node.name == _MICROS_BETWEEN:
            left, right = (_micros(side, dialect) for side in node.expressions)
            return exp.Paren(this=exp.Sub(this=left, expression=right))
        if isinstance(node, exp.IntDiv):
            # both sides whole first: DuckDB divides decimals as floats
            whole = "bigint" if dialect == "duckdb" else "decimal(38, 0)"
            sides = [
                exp.cast(exp.Paren(this=side.copy()), whole, dialect=dialect) for side in (node.this, node.expression)
            ]
            return exp.IntDiv(this=sides[0], expression=sides[1])
        if isinstance(node, exp.Anonymous) and node.name == _WORKING_DAY:
            day = node.expressions[0]
            off = [_literal(holiday) for holiday in sorted(holidays) if holiday.weekday() < _SATURDAY]
            # duckdb: Monday is 1; spark: weekday() has Monday 0
            number, friday = ("isodow", 5) if dialect == "duckdb" else ("weekday", 4)
            weekday = exp.LTE(this=exp.Anonymous(this=number, expressions=[day]), expression=exp.Literal.number(friday))
            return exp.Paren(
                this=exp.and_(weekday, exp.not_(exp.In(this=day.copy(), expressions=off))) if off else weekday
            )
        return node

    return tree.transform(change).sql(dialect=dialect)


def _micros(node: exp.Expr, dialect: Dialect) -> exp.Expr:
    if dialect == "duckdb":
        return exp.Anonymous(this="epoch_us", expressions=[node])
    return exp.Anonymous(this="unix_micros", expressions=[exp.cast(node, "timestamptz")])


def canonical(tree: exp.Expr | None) -> str:
    """One spelling of an expression, for hashes and for messages."""
    return "" if tree is None else tree.sql(dialect="duckdb", normalize=True)
