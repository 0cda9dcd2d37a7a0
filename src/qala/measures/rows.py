"""The rows behind a number: what was counted in the numerator or in the denominator, and what they add up to."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from fractions import Fraction
from typing import Any

from qala.datasets import Contract
from qala.lake import Snapshot
from qala.measures.amounts import ALL_WAYS
from qala.measures.expressions import write
from qala.measures.scan import Source, Writer
from qala.measures.since import with_since
from qala.measures.values import Values
from qala.standard.calendar import non_working_days
from qala.standard.period import Period
from qala.standard.problems import Problem
from qala.standard.types import Kpi

HIDDEN = ("_key", "_row", "_sign", "_receipt", "year", "city")
RECEIPT = "_receipt"
COUNTED_IN = "counted_in"
"""First day of the period for which a row was counted, where it may be counted for several."""
SIDES = ("numerator", "denominator")


@dataclass(frozen=True)
class Rows:
    """Some rows as dictionaries, and how many there are in all.

    Attributes:
        dataset: whose rows they are.
        counted: rows by which the number was made (groups of them, where a day's rows are counted by groups).
        added: the number, made again from these very rows; None where nothing is there to add up.
        several: whether rows carry `counted_in`, since one may be counted for several periods.
    """

    rows: list[dict[str, Any]]
    total: int
    dataset: str = ""
    added: Fraction | None = None
    several: bool = False
    distinct: str | None = None


@dataclass(frozen=True)
class Choice:
    """Which of the rows are wanted, and in which order.

    Attributes:
        offset: rows passed over.
        sort: a stored column; the key of the dataset follows.
        district: only rows of this district of the city.
        as_of: days after it are not counted; the period's last by default.
        versions: dataset -> version of its table, of a published run; the newest by default.
        receipt: add `_receipt`, the delivery that brought the row.
        component: only what was counted for this component (readings R9, R10).
        way: only rows that came in this way.
    """

    offset: int = 0
    sort: str | None = None
    descending: bool = False
    district: str | None = None
    as_of: date | None = None
    versions: Mapping[str, int] = field(default_factory=dict)
    receipt: bool = False
    component: str | None = None
    way: str | None = None


def rows_behind(
    values: Values, city: str, kpi: Kpi, period: Period, side: str, limit: int, choice: Choice | None = None
) -> Rows:
    """Rows that hold and were counted; a stock's rows are those that hold on the last day of what was counted.

    Args:
        side: `numerator` or `denominator`.

    Raises:
        Problem: the side is neither, the KPI has no denominator, or there is no such column to sort by.
    """
    chosen = choice or Choice()
    found = _Relation(values, city, kpi, period, side, chosen)
    if found.empty:
        return Rows([], 0, found.wanted.shape.dataset)
    contract = found.contract
    own = [name for name in contract.stored_types() if name not in HIDDEN]
    if chosen.receipt:
        own.append(RECEIPT)
    if chosen.sort is not None and chosen.sort not in own:
        raise Problem(f"{contract.id} has no column {chosen.sort!r}", where="sort", hint=", ".join(own))
    order = [f'"{chosen.sort}" {"DESC" if chosen.descending else "ASC"} NULLS LAST'] if chosen.sort else []
    order += [f'"{name}"' for name in contract.key]
    listed = ", ".join([*(f'"{name}"' for name in own), *([COUNTED_IN] if found.several else [])])
    cursor = values.computer.connection.cursor()
    total = int(cursor.execute(f"SELECT count(*) FROM {found.sql}").fetchall()[0][0])
    rows = (
        cursor.sql(
            f"SELECT {listed} FROM {found.sql} ORDER BY {', '.join(order)} LIMIT {int(limit)} OFFSET {int(chosen.offset)}"
        )
        .to_arrow_table()
        .to_pylist()
    )
    return Rows(rows, total, contract.id, found.added(cursor), found.several, found.wanted.distinct)


def rows_query(
    values: Values, city: str, kpi: Kpi, period: Period, side: str, choice: Choice | None = None
) -> tuple[Contract, str | None]:
    """The same rows as a FROM-able SQL text, for who streams or groups them; None where there are none."""
    found = _Relation(values, city, kpi, period, side, choice or Choice())
    return found.contract, None if found.empty else found.sql


class _Relation:
    """The rows on one side of a value, as SQL over the files that may hold them."""

    def __init__(self, values: Values, city: str, kpi: Kpi, period: Period, side: str, chosen: Choice) -> None:
        if side not in SIDES:
            raise Problem(f"'{side}' is neither numerator nor denominator", where="--side")
        of_city = values.of(city)
        self.figure = of_city.planner.figures(kpi.id)[0]
        wanted, self.periods = of_city.added_over(kpi, period, chosen.as_of or period.last_day, side)
        if wanted is None:
            raise Problem(f"{kpi.row} has no denominator: its numerator is its value", hint="--side numerator")
        self.wanted = wanted
        self.contract = values.catalogue.contract(wanted.shape.dataset)
        self._values, self._city, self._chosen = values, city, chosen
        self._components = of_city.components(kpi) if self.figure.by_component and wanted.shape.component else None
        if self._components is not None and chosen.component is not None:
            self._components = [name for name in self._components if name == chosen.component]
        self.several = len(self.periods) > 1 and wanted.shape.form in ("stock", "objects", "distinct")
        years = {p.first_day.year for p in self.periods} | {p.last_day.year for p in self.periods}
        self.writer = Writer(values.catalogue, "duckdb", non_working_days(sorted(years)))
        self.snapshot = self._snapshot(wanted.shape.dataset)
        self.files = self.snapshot.files(city=city)
        self.empty = not self.files or not self.periods
        self.sql = "" if self.empty else self._written()

    def _snapshot(self, dataset: str) -> Snapshot:
        version = self._chosen.versions.get(dataset)
        if version is None:
            return self._values.computer.snapshot(dataset)
        return self._values.lake.table(dataset).snapshot(version)

    def _other(self) -> Source | None:
        """The rows in which objects are seen."""
        if self.wanted.shape.seen is None:
            return None
        snapshot = self._snapshot(self.wanted.shape.seen.of)
        return Source(snapshot.current_sql(snapshot.files(city=self._city)), signed=False)

    def _written(self) -> str:
        shape, current = self.wanted.shape, self.snapshot.current_sql(self.files)
        names = list(self.contract.stored_types())
        where: list[str] = []
        if shape.form == "objects":
            other = self._other()
            assert other is not None
            picked = ", ".join(f"r.{name}" for name in names)
            relation = self.writer.holding(shape, Source(current, signed=False), other, self.periods, picked)
            at = "at_day"
            where += ["is_seen"] if self.wanted.seen else []
        elif shape.dated == "valid":
            relation = (
                f"(SELECT r.*, p.p_first AS at_day FROM (SELECT * FROM {current}) AS r JOIN {_calendar(self.periods)} "
                "ON r.valid_from <= p.p_last AND coalesce(r.valid_to, p.p_last) >= p.p_last) AS holding"
            )
            at = "at_day"
        elif shape.form == "distinct":
            relation = (
                f"(SELECT r.*, p.p_first AS at_day FROM (SELECT * FROM {current}) AS r JOIN {_calendar(self.periods)} "
                f"ON r.{shape.dated} BETWEEN p.p_first AND p.p_last) AS counted"
            )
            at = "at_day"
        else:
            relation, at = self._flow(current, names), shape.dated
            where.append(_among(shape.dated, self.periods))
        where += self._conditions()
        chosen = f" WHERE {' AND '.join(where)}" if where else ""
        counted = f", {at} AS {COUNTED_IN}" if self.several else ""
        listed = ", ".join(f'"{name}"' for name in names)
        return f"(SELECT {listed}{counted} FROM {relation}{chosen}) AS behind"

    def _flow(self, current: str, names: Sequence[str]) -> str:
        shape = self.wanted.shape
        if shape.since is None:
            return current
        first = min(p.first_day for p in self.periods) - timedelta(days=shape.since.days)
        where = [f"{shape.dated} >= DATE '{first}'"]
        if shape.since.where_tree is not None:
            where.append(f"({write(shape.since.where_tree, 'duckdb', self.writer.holidays)})")
        relation = f"{current} WHERE {' AND '.join(where)}"
        return with_since(shape.since, relation, ", ".join(names), self.writer.dialect)

    def _conditions(self) -> list[str]:
        shape, found = self.wanted.shape, []
        tree = self.wanted.condition if shape.grouping is None else shape.grouping.where_tree
        if tree is not None:
            found.append(f"({write(tree, 'duckdb', self.writer.holidays)})")
        if self._components is not None:
            found.append(f"{shape.component} IN ({_texts(self._components or [''])})")
        if self._chosen.way is not None:
            found.append(f"way = {_texts([self._chosen.way])}")
        if self._chosen.district is not None:
            column = self.contract.place.district
            if column is None:
                raise Problem(f"rows of {self.contract.id} do not know their district", where="--district")
            found.append(f"coalesce({column}, '') = {_texts([self._chosen.district])}")
        return found

    def added(self, cursor: Any) -> Fraction | None:
        """What the rows add up to: the scan that makes the sum, over these files and periods only."""
        shape = self.wanted.shape
        source = Source(self.snapshot.current_sql(self.files), signed=False)
        scan = self.writer.sql(shape, [self.wanted], source, self._other(), self.periods)
        where = []
        if self._components is not None:
            where.append(f"component IN ({_texts(self._components or [''])})")
        if self._chosen.district is not None:
            where.append(f"district = {_texts([self._chosen.district])}")
        if self._chosen.way is not None or shape.form == "distinct":
            where.append(f"way = {_texts([self._chosen.way or ALL_WAYS])}")
        total = Fraction(0)
        if shape.form == "stock":
            whens = [f"at_day <= DATE '{period.last_day}'" for period in self.periods]
        elif shape.form == "flow":
            whens = [_among("at_day", self.periods)]
        else:
            whens = [f"at_day IN ({', '.join(f"DATE '{p.first_day}'" for p in self.periods)})"]
        parts = ", ".join(f"sum(s0) FILTER (WHERE {when})" for when in whens)
        chosen = f" WHERE {' AND '.join(where)}" if where else ""
        for amount in cursor.execute(f"SELECT {parts} FROM ({scan}){chosen}").fetchall()[0]:
            total += Fraction(amount or 0)
        return total / Fraction(10**self.wanted.scale)


def _among(column: str, periods: Sequence[Period]) -> str:
    """A condition on a day: that it lies in one of the periods; those that touch are said as one."""
    runs: list[tuple[date, date]] = []
    for period in sorted(periods, key=lambda p: p.first_day):
        if runs and (period.first_day - runs[-1][1]).days <= 1:
            runs[-1] = runs[-1][0], period.last_day
        else:
            runs.append((period.first_day, period.last_day))
    return "(" + " OR ".join(f"{column} BETWEEN DATE '{first}' AND DATE '{last}'" for first, last in runs) + ")"


def _calendar(periods: Sequence[Period]) -> str:
    rows = ", ".join(f"(DATE '{p.first_day}', DATE '{p.last_day}')" for p in periods)
    return f"(VALUES {rows}) AS p (p_first, p_last)"


def _texts(texts: Sequence[str]) -> str:
    return ", ".join("'" + text.replace("'", "''") + "'" for text in texts)
