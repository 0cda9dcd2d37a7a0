"""Which exact type a sum has, asked of DuckDB over an empty table: what is summed is whole or decimal, never a float."""

from __future__ import annotations

import re
from functools import cache

import duckdb
from sqlglot import exp

from qala.datasets import Contract
from qala.measures.expressions import write
from qala.measures.sums import Grouping
from qala.standard.problems import Problem

_WHOLE = {"HUGEINT", "BIGINT", "INTEGER", "SMALLINT", "TINYINT", "UBIGINT", "UINTEGER"}


def scale_of(contract: Contract, amount: exp.Expr, grouping: Grouping | None, where: str) -> int:
    """Digits after the point of Σ amount.

    Raises:
        Problem: the engine refuses the expression, or the sum would be a float.
    """
    known = _plainly(contract, amount) if grouping is None else None
    if known is not None:
        return known
    inner = "empty"
    if grouping is not None:
        named = ", ".join([*grouping.by, *(f"{write(tree, 'duckdb')} AS {name}" for name, tree in grouping.trees)])
        inner = f"(SELECT {named} FROM empty GROUP BY {', '.join(grouping.by)})"
    written = write(amount, "duckdb")
    kind, each = _types_of(f"SELECT sum({written}), any_value({written}) FROM {inner}", _empty(contract), where)
    if each == "BOOLEAN":  # DuckDB would add yes and no up, and no other engine does
        kind = each
    if kind in _WHOLE:
        return 0
    found = re.fullmatch(r"DECIMAL\(\d+,(\d+)\)", kind)
    if found is None:
        raise Problem(
            f"{amount.sql()!r} adds up as {kind}: sums must be whole or decimal, so that every engine gives the same digits",
            where=where,
            hint="use whole columns or decimals with a scale, and // for division",
        )
    return int(found[1])


def _plainly(contract: Contract, amount: exp.Expr) -> int | None:
    """The scale of a column or of a difference of two times, for which nobody need be asked."""
    if isinstance(amount, exp.Anonymous):
        return 0  # whole microseconds
    column = contract.all_columns.get(amount.name) if isinstance(amount, exp.Column) else None
    if column is None or column.type not in ("whole", "decimal"):
        return None
    return column.scale or 0


def _empty(contract: Contract) -> str:
    columns = ", ".join(f'CAST(NULL AS {kind}) AS "{name}"' for name, kind in contract.stored_types().items())
    return f"SELECT {columns} WHERE false"


@cache
def _connection() -> duckdb.DuckDBPyConnection:
    return duckdb.connect(config={"threads": 1})


@cache
def _types_of(text: str, empty: str, where: str) -> tuple[str, ...]:
    connection = _connection().cursor()
    try:
        found = connection.execute(f"DESCRIBE WITH empty AS ({empty}) {text}").fetchall()
        return tuple(str(column[1]) for column in found)
    except duckdb.Error as error:
        raise Problem(f"the engine refuses the expression: {str(error).splitlines()[0]}", where=where) from None
