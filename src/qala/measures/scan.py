"""The SQL of one scan: all sums of one shape over one dataset of one city, grouped by day, district and way in.

Written once in an engine-neutral way (`Source` hides how an engine reads files) and spelled per engine by sqlglot.
Every query answers with the columns `at_day` (day, or first day of the period), `s0`, `s1`… (whole numbers of 10^-scale
units), and `district`, `way`, `component` as far as they are not the same in all rows. By kind it answers with one row for
each kind and place, whose `at_day`, `s0`… are lists.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date

from sqlglot import exp

from qala.datasets import Catalogue, Contract
from qala.measures.amounts import ALL_WAYS
from qala.measures.distinct import by_bits, fits, touching
from qala.measures.expressions import Dialect, columns, not_said_by, write
from qala.measures.kinds import Kinds, kinds_of
from qala.measures.plan import GROUP_ROWS
from qala.measures.previous import Counting, counting
from qala.measures.since import with_since
from qala.measures.sums import Shape, Since, Sum
from qala.standard.period import Period

_MINUTES_A_DAY = 24 * 60


@dataclass(frozen=True)
class Source:
    """How an engine names the rows of a dataset: something to stand after FROM.

    Attributes:
        signed: whether rows may be retractions.
        way: SQL of the way in: its column, or the one that all rows have.
    """

    relation: str
    signed: bool
    way: str = "way"

    @property
    def one_way(self) -> str:
        """The way in of all rows; empty where it is a column."""
        return "" if self.way == "way" else self.way.strip("'")


@dataclass(frozen=True)
class Writer:
    """Writes scans in one dialect."""

    catalogue: Catalogue
    dialect: Dialect
    holidays: tuple[date, ...] = ()
    _texts: dict[tuple[str, bool, str | None], str] = field(default_factory=dict, compare=False, repr=False)
    _kinds: dict[tuple[str, ...], Kinds | None] = field(default_factory=dict, compare=False, repr=False)
    _counting: dict[tuple[str, ...], Counting | None] = field(default_factory=dict, compare=False, repr=False)
    _columns: dict[tuple[str, ...], set[str]] = field(default_factory=dict, compare=False, repr=False)

    def sql(
        self,
        shape: Shape,
        sums: Sequence[Sum],
        source: Source,
        other: Source | None = None,
        periods: Sequence[Period] = (),
        days: Sequence[date] | None = None,
        kind: str | None = None,
    ) -> str:
        """One query for sums of one shape.

        Args:
            source: the rows of `shape.dataset`; current rows unless the shape is linear.
            other: the rows of `shape.seen.of`, for the form `objects`.
            periods: for the forms `objects` and `distinct`.
            days: the local days wanted (flow only); None for all.
            kind: a column to add up by as well, see `kinds`.
        """
        contract = self.catalogue.contract(shape.dataset)
        if shape.form == "objects":
            assert other is not None
            return self._objects(shape, sums, source, other, periods, contract)
        if shape.form == "distinct":
            return self._distinct(shape, sums, source, periods, contract)
        if shape.form == "stock":
            return self._stock(shape, sums, source, contract)
        if shape.grouping is not None:
            return self._grouped(shape, sums, source, contract, days)
        relation, where = source.relation, self._dated(shape, days)
        if shape.since is not None:
            relation = self._since(shape.since, sums, source, contract)
            where += self._any_of(sums)
        picked = [self._amount(s, source.signed) for s in sums]
        return self._select(
            at=shape.dated,
            district=district_of(contract),
            component=shape.component,
            picked=picked,
            relation=relation,
            where=where,
            way=source.way,
            kind=kind,
        )

    def kinds(self, sums: Sequence[Sum]) -> Kinds | None:
        """How the sums of a scan are made of sums by kind, where that is worth it."""
        keys = tuple(wanted.key for wanted in sums)
        if keys not in self._kinds:
            self._kinds[keys] = kinds_of(sums, self.catalogue.contract(sums[0].shape.dataset))
        return self._kinds[keys]

    def counting(self, sums: Sequence[Sum]) -> Counting | None:
        """How the sums of a scan are counted in this process, where they ask for previous rows and nothing else."""
        keys = tuple(wanted.key for wanted in sums)
        if keys not in self._counting:
            self._counting[keys] = counting(sums, self.holidays)
        return self._counting[keys]

    def reads(self, shape: Shape, sums: Sequence[Sum]) -> tuple[list[str], list[str]]:
        """The columns that a scan names, of its dataset and of the one in which its objects are seen."""
        contract = self.catalogue.contract(shape.dataset)
        names = set(self._needed(sums, contract))
        if shape.form != "flow" or shape.dated == "valid":
            names |= {"valid_from", "valid_to"}
        if shape.grouping is not None:
            names |= {*shape.grouping.by} | columns([shape.grouping.where_tree, *(t for _, t in shape.grouping.trees)])
        if shape.since is not None:
            names |= (
                {c for group in shape.since.by for c in group}
                | {shape.since.on, "_key", "_row"}
                | columns([shape.since.where_tree])
            )
        stored = contract.stored_types()
        if shape.seen is None:
            return [name for name in stored if name in names], []
        seen = {"day", "valid_from", "valid_to", shape.seen.on, shape.seen.minutes} | columns([shape.seen.where_tree])
        other = [name for name in self.catalogue.contract(shape.seen.of).stored_types() if name in seen]
        return [name for name in stored if name in names | {shape.seen.on}], other

    def _select(
        self,
        at: str,
        district: str,
        component: str | None,
        picked: Sequence[str],
        relation: str,
        where: Sequence[str] = (),
        way: str = "way",
        kind: str | None = None,
    ) -> str:
        """The sums by what differs."""
        amounts = ", ".join(f"{text} AS s{i}" for i, text in enumerate(picked))
        named = {"at_day": at, "district": district, "way": way, "component": component or "''", "kind": kind or "''"}
        # a constant among the keys would cost as much as a column, and so would its telling
        differ = {name: key for name, key in named.items() if not key.startswith("'")}
        keys = ", ".join(str(n) for n in range(1, len(differ) + 1))
        what = ", ".join(f"{key} AS {name}" for name, key in differ.items())
        condition = f" WHERE {' AND '.join(where)}" if where else ""
        scan = f"SELECT {what}, {amounts} FROM {relation}{condition} GROUP BY {keys}"
        if kind is None:
            return scan
        told = ", ".join(name for name in differ if name != "at_day")
        every = "list" if self.dialect == "duckdb" else "collect_list"
        lists = ", ".join(f"{every}(coalesce(s{i}, 0)) AS s{i}" for i in range(len(picked)))
        return f"SELECT {told}, {every}(at_day) AS at_day, {lists} FROM ({scan}) AS by_kind GROUP BY {told}"

    def _amount(self, wanted: Sum, signed: bool, extra: str | None = None) -> str:
        told = wanted.key, signed, extra
        if told not in self._texts:
            self._texts[told] = self._write_amount(wanted, signed, extra)
        return self._texts[told]

    def _write_amount(self, wanted: Sum, signed: bool, extra: str | None) -> str:
        must = not_said_by(wanted.condition, wanted.amount)
        condition = " AND ".join([*([] if must is None else [f"({self._write(must)})"]), *([extra] if extra else [])])
        amount = None if wanted.amount is None else self._write(wanted.amount)
        # a cast that does not fit is an error in both engines, never a wrap; whole numbers are added up in half the time
        if wanted.scale:
            amount = f"CAST(({amount}) * {10**wanted.scale} AS BIGINT)"
        what = ("_sign" if signed else "*") if amount is None else f"_sign * ({amount})" if signed else amount
        if not condition:
            text = f"{'count' if what == '*' else 'sum'}({what})"
        elif what == "*":
            text = f"count_if({condition})"  # a fifth faster than count(*) FILTER over many rows
        elif "epoch_us(" in condition.lower():
            # DuckDB works out what several CASEs share once, and what several FILTERs share each time
            text = f"sum(CASE WHEN {condition} THEN {what} END)"
        else:
            text = f"sum({what}) FILTER (WHERE {condition})"
        return f"CAST({text} AS BIGINT)"

    def _grouped(
        self,
        shape: Shape,
        sums: Sequence[Sum],
        source: Source,
        contract: Contract,
        days: Sequence[date] | None,
    ) -> str:
        grouping = shape.grouping
        assert grouping is not None
        district = district_of(contract)
        asked = columns(tree for s in sums for tree in (s.amount, s.condition))
        named = [f"{self._named(tree, contract)} AS {name}" for name, tree in grouping.trees if name in asked]
        by = list(grouping.by)
        where = self._dated(shape, days)
        if grouping.where_tree is not None:
            where.append(f"({self._write(grouping.where_tree)})")
        keys = [shape.dated, *([f"{district} AS district"] if contract.place.district else []), *by]
        if source.way == "way":
            keys.append("way")
        chosen = f" WHERE {' AND '.join(where)}" if where else ""
        inner = (
            f"(SELECT {', '.join([*keys, *named])} FROM {source.relation}{chosen} "
            f"GROUP BY {', '.join(str(i + 1) for i in range(len(keys)))}) AS groups"
        )
        picked = [self._amount(s, signed=False) for s in sums]
        district = "district" if contract.place.district else "''"
        return self._select(shape.dated, district, shape.component, picked, inner, way=source.way)

    def _named(self, tree: exp.Expr, contract: Contract) -> str:
        """A named sum of a group. Of whole columns it is a BIGINT: DuckDB's wider sums are ten times slower to go on with."""
        text = self._write(tree)
        parts = (exp.Sum, exp.Column, exp.Identifier, exp.Literal, exp.Paren, exp.Add, exp.Sub, exp.Mul)
        read = [contract.all_columns.get(name) for name in columns([tree])]
        whole = all(isinstance(node, parts) for node in tree.walk()) and all(c and c.type == "whole" for c in read)
        return f"CAST({text} AS BIGINT)" if whole and isinstance(tree, exp.Sum) else text

    def _any_of(self, sums: Sequence[Sum]) -> list[str]:
        """That a row counts for one of the sums: said once more, it spares joining the others."""
        asked = [f"({self._write(s.condition)})" for s in sums if s.condition is not None]
        return [f"({' OR '.join(asked)})"] if len(asked) == len(sums) else []

    def _since(self, since: Since, sums: Sequence[Sum], source: Source, contract: Contract) -> str:
        wanted = sorted(self._needed(sums, contract) - {"since_previous"})
        where = f" WHERE {self._write(since.where_tree)}" if since.where_tree is not None else ""
        return with_since(since, f"{source.relation}{where}", ", ".join(wanted), self.dialect)

    def _stock(self, shape: Shape, sums: Sequence[Sum], source: Source, contract: Contract) -> str:
        wanted = ", ".join(sorted(self._needed(sums, contract) - {"valid_from", "valid_to", "_sign"}))
        relation = (
            f"(SELECT {wanted}, valid_from, valid_to, CASE WHEN side = 1 THEN valid_from ELSE valid_to + 1 END AS turn, "
            f"CAST(_sign * side AS TINYINT) AS _sign FROM {source.relation} AS held "
            "CROSS JOIN (SELECT 1 AS side UNION ALL SELECT -1 AS side) AS sides "
            "WHERE side = 1 OR valid_to IS NOT NULL) AS changes"
        )
        picked = [self._amount(s, signed=True) for s in sums]
        return self._select("turn", district_of(contract), shape.component, picked, relation, way=source.way)

    def _objects(
        self,
        shape: Shape,
        sums: Sequence[Sum],
        source: Source,
        other: Source,
        periods: Sequence[Period],
        contract: Contract,
    ) -> str:
        assert shape.seen is not None
        wanted = ", ".join(f"r.{c}" for c in sorted(self._needed(sums, contract) | {shape.seen.on} - {"at_day"}))
        relation = self.holding(shape, source, other, periods, wanted)
        picked = [self._amount(s, signed=False, extra="is_seen" if s.seen else None) for s in sums]
        return self._select("at_day", district_of(contract), shape.component, picked, relation, way=source.way)

    def holding(self, shape: Shape, source: Source, other: Source, periods: Sequence[Period], wanted: str) -> str:
        """Objects that hold on the last day of each period, with `at_day`, its first, and whether they `is_seen` in it.

        Args:
            wanted: the columns of the objects, each as `r.name`.
        """
        seen = shape.seen
        assert seen is not None
        calendar = _calendar(periods)
        condition = f" AND ({self._write(seen.where_tree)})" if seen.where_tree is not None else ""
        if seen.minutes is not None:
            inner = self._by_period(other.relation, f"{seen.on}, {seen.minutes}", "day", periods)
            found = (
                f"SELECT {seen.on} AS object, at_day FROM (SELECT {seen.on}, at_day, sum({seen.minutes}) AS lived "
                f"FROM {inner} GROUP BY 1, 2) AS o JOIN {calendar} ON o.at_day = p.p_first "
                f"WHERE o.lived * {seen.share_of} >= {seen.share} * p.p_minutes"
            )
        elif seen.dated == "valid":
            found = (
                f"SELECT DISTINCT {seen.on} AS object, p.p_first AS at_day FROM {other.relation} "
                f"JOIN {calendar} ON valid_from <= p.p_last AND coalesce(valid_to, p.p_last) >= p.p_last{condition}"
            )
        elif seen.days is None:
            inner = self._by_period(other.relation, seen.on, "day", periods, condition)
            found = f"SELECT DISTINCT {seen.on} AS object, at_day FROM {inner}"
        else:
            found = (
                f"SELECT DISTINCT {seen.on} AS object, p_first AS at_day FROM {other.relation} "
                f"JOIN {_last_days(periods, seen.days)} ON day = p.p_day{condition}"
            )
        return (
            f"(SELECT {wanted}, p.p_first AS at_day, f.object IS NOT NULL AS is_seen FROM {_aliased(source.relation, 'r')} "
            f"JOIN {calendar} ON r.valid_from <= p.p_last AND coalesce(r.valid_to, p.p_last) >= p.p_last "
            f"LEFT JOIN ({found}) AS f ON f.object = r.{seen.on} AND f.at_day = p.p_first) AS holding"
        )

    def _distinct(
        self, shape: Shape, sums: Sequence[Sum], source: Source, periods: Sequence[Period], contract: Contract
    ) -> str:
        """Different values do not add up over ways in either: `*` stands for all ways together."""
        wanted = sorted(self._needed(sums, contract) - {"at_day"})
        if shape.dated == "valid":
            rows = (
                f"(SELECT {', '.join(f'r.{c}' for c in wanted)}, p.p_first AS at_day FROM {_aliased(source.relation, 'r')} "
                f"JOIN {_calendar(periods)} ON r.valid_from <= p.p_last AND coalesce(r.valid_to, p.p_last) >= p.p_last) AS x"
            )
        else:
            rows = self._by_period(source.relation, ", ".join(wanted), shape.dated, periods)
        only = ["" if s.condition is None else f" FILTER (WHERE {self._write(s.condition)})" for s in sums]
        picked = [
            f"count(DISTINCT {s.distinct}){some} AS s{i}" for i, (s, some) in enumerate(zip(sums, only, strict=True))
        ]
        counts = ", ".join(picked)
        if source.one_way:
            counted = f"(SELECT at_day, {counts} FROM {rows} GROUP BY at_day) AS counted"
            if self.dialect == "duckdb" and shape.dated != "valid" and len(sums) == 1 and fits(periods):
                condition = None if sums[0].condition is None else self._write(sums[0].condition)
                counted = (
                    f"({by_bits(source.relation, str(sums[0].distinct), shape.dated, periods, condition)}) AS counted"
                )
            return f"SELECT * FROM {counted} CROSS JOIN (VALUES ({source.way}), ('{ALL_WAYS}')) AS ways (way)"
        told = f"CASE WHEN grouping(way) = 1 THEN '{ALL_WAYS}' ELSE way END AS way"
        return f"SELECT at_day, {told}, {counts} FROM {rows} GROUP BY GROUPING SETS ((at_day, way), (at_day))"

    def _by_period(self, relation: str, wanted: str, on: str, periods: Sequence[Period], condition: str = "") -> str:
        """Rows with `at_day`, the first day of the period in which they lie."""
        first, last, grain = periods[0].first_day, periods[-1].last_day, periods[0].grain
        if grain in ("month", "quarter", "year") and touching(periods):
            at = f"CAST(date_trunc('{grain}', {on}) AS DATE)"
            among = f"{on} BETWEEN DATE '{first}' AND DATE '{last}'"
            return f"(SELECT {wanted}, {at} AS at_day FROM {relation} AS r WHERE {among}{condition}) AS x"
        joined = f"JOIN {_calendar(periods)} ON {on} BETWEEN p.p_first AND p.p_last"
        return f"(SELECT {wanted}, p.p_first AS at_day FROM {relation} AS r {joined}{condition}) AS x"

    def _needed(self, sums: Sequence[Sum], contract: Contract) -> set[str]:
        keys = tuple(wanted.key for wanted in sums)
        if keys not in self._columns:
            trees: list[exp.Expr | None] = [tree for s in sums for tree in (s.amount, s.condition)]
            names = columns(trees) | {"way", "_sign"} | {s.distinct for s in sums if s.distinct}
            names |= {s.shape.component for s in sums if s.shape.component}
            names |= {s.shape.dated for s in sums if s.shape.dated != "valid"}
            if contract.place.district:
                names.add(contract.place.district)
            self._columns[keys] = names - {GROUP_ROWS}
        return self._columns[keys]

    def _dated(self, shape: Shape, days: Sequence[date] | None) -> list[str]:
        """Conditions on the day: that there is one (`day` is in every row), and that it is among some."""
        dated = shape.dated
        known = [] if dated == "day" else [f"{dated} IS NOT NULL"]
        if days is None:
            return known
        first, last = min(days), max(days)
        if (last - first).days + 1 == len(days):
            return [*known, f"{dated} BETWEEN DATE '{first}' AND DATE '{last}'"]
        return [*known, f"{dated} IN ({', '.join(f"DATE '{day}'" for day in days)})"]

    def _write(self, tree: exp.Expr) -> str:
        return write(tree, self.dialect, self.holidays)


def district_of(contract: Contract) -> str:
    """Where none is known it stays empty: a scan that fills it in reads it text by text."""
    return contract.place.district or "''"


def _aliased(relation: str, name: str) -> str:
    return f"(SELECT * FROM {relation}) AS {name}"


def _calendar(periods: Sequence[Period]) -> str:
    rows = ", ".join(f"(DATE '{p.first_day}', DATE '{p.last_day}', {p.days * _MINUTES_A_DAY})" for p in periods)
    return f"(VALUES {rows}) AS p (p_first, p_last, p_minutes)"


def _last_days(periods: Sequence[Period], days: int) -> str:
    """Each of the last days of each period: a join by equality, where one by range would compare every row with all."""
    back = ", ".join(f"({n})" for n in range(days))
    return (
        f"(SELECT p_first, p_last - n AS p_day FROM {_calendar(periods)} CROSS JOIN (VALUES {back}) AS back (n)) AS p"
    )
