"""`since_previous` where one process holds what matters: rows that have company are put in order here, and counted.

The SQL of `since.py` says the same for any number of rows and on any engine; it reads the rows twice for each group of
columns, and once more. Here they are read once, as a hash of each group, a moment, a key, a day and a place; those that share
a hash with another are handed over: a few in a hundred. Two different groups with one hash of 64 bits would be taken for one:
among five million rows that happens once in a million computations.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
from sqlglot import exp

from qala.measures.blocks import Answer, numbers_of
from qala.measures.expressions import MICROSECONDS, canonical, columns, conditions, write
from qala.measures.sums import Shape, Since, Sum

if TYPE_CHECKING:
    from qala.measures.scan import Source

_NEVER = np.iinfo(np.int64).max
_WITHIN: dict[type[exp.Expr], np.ufunc] = {exp.LTE: np.less_equal, exp.LT: np.less}


@dataclass(frozen=True)
class Counted:
    """A sum that counts rows whose previous one is at most (or less than) some microseconds back.

    Attributes:
        besides: SQL of what must hold of the row as well; empty for nothing.
        within: the comparison with `micros`.
    """

    besides: str
    within: np.ufunc
    micros: int


@dataclass(frozen=True)
class Counting:
    """The counts of one shape, ready to be asked for.

    Attributes:
        where: SQL of what rows must be, that all groups share.
    """

    shape: Shape
    sums: tuple[Counted, ...]
    where: str

    def sql(self, source: Source, district: str) -> str:
        """Rows that share a group's columns with another, once for each such group: `by_group`, `code`, and what they are."""
        since = self.since
        picked = {"at_day": self.shape.dated, "moment": f"epoch_us({since.on})", "_key": "_key"}
        picked |= {name: sql for name, sql in (("district", district), ("way", source.way)) if not sql.startswith("'")}
        if self.shape.dated != "day":  # of one key there may be a row in each `day`
            picked["day"] = "day"
        picked |= {f"holds{n}": one.besides for n, one in enumerate(self.sums) if one.besides}
        handed = ", ".join(picked)
        for n, group in enumerate(since.by):
            present = " AND ".join(f"{column} IS NOT NULL" for column in group)
            picked[f"code{n}"] = f"CASE WHEN {present} THEN hash({', '.join(group)}) END"
        named = ", ".join(f"{sql} AS {name}" for name, sql in picked.items())
        asked = [f"every AS MATERIALIZED (SELECT {named} FROM {source.relation}{self.where})"]
        found = []
        for n in range(len(since.by)):
            code = f"code{n}"
            several = f"SELECT {code} FROM every WHERE {code} IS NOT NULL GROUP BY {code} HAVING count(*) > 1"
            asked.append(f"several{n} AS ({several})")
            found.append(
                f"SELECT {n} AS by_group, every.{code} AS code, {handed} FROM every "
                f"SEMI JOIN several{n} ON every.{code} = several{n}.{code}"
            )
        return f"WITH {', '.join(asked)} {' UNION ALL '.join(found)}"

    @property
    def since(self) -> Since:
        assert self.shape.since is not None
        return self.shape.since

    def counts(self, rows: Answer, days: Sequence[date] | None) -> Answer:
        """What the scan that `since.py` is part of answers, with a day and place as often as rows there count.

        Args:
            rows: the answer to `sql`.
            days: the local days wanted; None for all.
        """
        row, back = _previous(rows, len(self.since.by), self.since.days * MICROSECONDS["day"])
        answer = {name: column[row] for name, column in rows.items() if name in ("at_day", "district", "way")}
        some = np.zeros(row.size, dtype=bool)
        for n, one in enumerate(self.sums):
            holds = one.within(back, one.micros)
            if one.besides:
                holds &= rows[f"holds{n}"][row].astype(bool)
            answer[f"s{n}"] = holds.astype(np.int64)
            some |= holds
        if days is not None:
            some &= np.isin(numbers_of(answer["at_day"]), numbers_of(np.array(days, "datetime64[D]")))
        return {name: column[some] for name, column in answer.items()}


def counting(sums: Sequence[Sum], holidays: Sequence[date]) -> Counting | None:
    """How DuckDB and this process count the sums of a shape; None where one of them is not such a count."""
    shape = sums[0].shape
    found = [_counted(wanted, holidays) for wanted in sums]
    if shape.since is None or not all(found):
        return None
    # every row has a `day`, and the moment from which it comes; to ask again would cost as much as to read
    there = [] if shape.dated == "day" else [f"{column} IS NOT NULL" for column in (shape.dated, shape.since.on)]
    there += [_written(shape.since.where_tree, holidays)] if shape.since.where_tree is not None else []
    where = f" WHERE {' AND '.join(there)}" if there else ""
    return Counting(shape, tuple(one for one in found if one is not None), where)


def _counted(wanted: Sum, holidays: Sequence[date]) -> Counted | None:
    since = wanted.shape.since
    if since is None or wanted.amount is not None or wanted.shape.component is not None:
        return None
    already = {canonical(one) for one in conditions(since.where_tree)}
    said = [one for one in conditions(wanted.condition) if canonical(one) not in already]
    asking = [one for one in said if "since_previous" in columns([one])]
    if len(asking) != 1:
        return None
    (one,) = asking
    limit = one.args.get("expression")
    if type(one) not in _WITHIN or not isinstance(one.this, exp.Column) or not isinstance(limit, exp.Literal):
        return None
    besides = " AND ".join(_written(other, holidays) for other in said if other is not one)
    return Counted(besides, _WITHIN[type(one)], int(limit.name)) if limit.is_int else None


def _written(tree: exp.Expr, holidays: Sequence[date]) -> str:
    return f"({write(tree, 'duckdb', holidays)})"


def _previous(rows: Answer, groups: int, look_back: int) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
    """Rows with a previous one in any group, each once, and microseconds since the nearest."""
    later, since = [], []
    for n in range(groups):
        row = np.flatnonzero(rows["by_group"] == n)
        code, moment = rows["code"][row], rows["moment"][row]
        order = np.lexsort((rows["_key"][row], moment, code))
        code, moment = code[order], moment[order]
        back = moment[1:] - moment[:-1]
        near = (code[1:] == code[:-1]) & (back <= look_back)
        later.append(row[order][1:][near])
        since.append(back[near])
    if groups == 1:
        return later[0], since[0]
    row, back = np.concatenate(later), np.concatenate(since)
    key, day = rows["_key"][row], rows.get("day", rows["at_day"])[row]
    order = np.lexsort((back, day, key))
    row, back, key, day = row[order], back[order], key[order], day[order]
    first = np.ones(row.size, dtype=bool)
    first[1:] = (key[1:] != key[:-1]) | (day[1:] != day[:-1])
    return row[first], back[first]
