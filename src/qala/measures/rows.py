"""The rows behind a number: what was counted in the numerator or in the denominator."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from qala.measures.expressions import write
from qala.measures.scan import Writer
from qala.measures.sums import Sum
from qala.measures.values import Values
from qala.standard.calendar import non_working_days
from qala.standard.period import Period
from qala.standard.problems import Problem
from qala.standard.types import Kpi

HIDDEN = ("_key", "_row", "_sign", "_receipt", "year", "city")


@dataclass(frozen=True)
class Rows:
    """Some rows as dictionaries, and how many there are in all."""

    rows: list[dict[str, Any]]
    total: int


def rows_behind(values: Values, city: str, kpi: Kpi, period: Period, side: str, limit: int) -> Rows:
    """Rows that hold and were counted; a stock's rows are those that hold on the period's last day.

    Args:
        side: `numerator` or `denominator`.

    Raises:
        Problem: the side is neither, or the KPI has no denominator.
    """
    if side not in ("numerator", "denominator"):
        raise Problem(f"'{side}' is neither numerator nor denominator", where="--side")
    figure = values.computer.planner(city).figures(kpi.id)[0]
    wanted = figure.numerator if side == "numerator" else figure.denominator
    if wanted is None:
        raise Problem(f"{kpi.row} has no denominator: its numerator is its value", hint="--side numerator")
    lake = values.lake
    snapshot = values.computer.snapshot(wanted.shape.dataset)
    files = snapshot.files(city=city)
    if not files:
        return Rows([], 0)
    writer = Writer(
        values.catalogue, "duckdb", non_working_days(range(period.first_day.year, period.last_day.year + 1))
    )
    relation, where = _relation(wanted, snapshot.current_sql(files), period, writer)
    contract = values.catalogue.contract(wanted.shape.dataset)
    own = [name for name in contract.stored_types() if name not in HIDDEN]
    found = (
        lake.connection()
        .sql(
            f"SELECT {', '.join(own)}, count(*) OVER () AS total FROM {relation} WHERE {' AND '.join(where)} "
            f"ORDER BY {', '.join(contract.key)} LIMIT {int(limit)}"
        )
        .to_arrow_table()
        .to_pylist()
    )
    total = int(found[0]["total"]) if found else 0
    return Rows([{k: v for k, v in row.items() if k != "total"} for row in found], total)


def _relation(wanted: Sum, current: str, period: Period, writer: Writer) -> tuple[str, list[str]]:
    shape = wanted.shape
    where: list[str] = []
    relation = current
    if shape.since is not None:
        first = period.first_day - timedelta(days=shape.since.days)
        contract = writer.catalogue.contract(shape.dataset)
        names = ", ".join(n for n in contract.stored_types())
        relation = writer.with_since(shape.since, f"{current} WHERE day >= DATE '{first}'", names)
    if shape.dated == "valid":
        where.append(
            f"valid_from <= DATE '{period.last_day}' AND coalesce(valid_to, DATE '{period.last_day}') >= DATE '{period.last_day}'"
        )
    else:
        where.append(f"{shape.dated} BETWEEN DATE '{period.first_day}' AND DATE '{period.last_day}'")
    if shape.grouping is not None:
        if shape.grouping.where_tree is not None:
            where.append(f"({write(shape.grouping.where_tree, 'duckdb', writer.holidays)})")
    elif wanted.condition is not None:
        where.append(f"({write(wanted.condition, 'duckdb', writer.holidays)})")
    return relation, where
