"""The border for few rows at a time: the same query as for files, prepared once and run again and again.

Planning the border's query costs tens of milliseconds, whatever the number of rows. Here it is planned once for a dataset,
a mapping and a zone, without the optimizer (which has nothing to find in one projection) and without the sentences for
faults; only batches with bad rows pay for those. What comes in is rows of texts by header, as decoders of messages make them.
"""

from __future__ import annotations

import re
import threading
import warnings
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache
from typing import Any

import duckdb
import pyarrow as pa
import sqlglot
from sqlglot import exp

from qala.datasets import Contract
from qala.lake.border.checks import FAULT_MARK, checked_rows
from qala.lake.border.headers import Headers, aliases, plain
from qala.lake.border.mapping import FromHeader, LoadedMapping, header_expression
from qala.lake.border.plan import plan
from qala.lake.border.sources import OpenSource
from qala.lake.pseudonyms import KEY_VARIABLE, Pseudonyms
from qala.standard.problems import Problem

Row = Mapping[str, str | None]
_REMEMBERED = 4096
"""Spellings of headers that are remembered; a source that invents more is asked anew each time."""
MARK = chr(30)
FAILED = "mapping:failed"
"""The rule that a row breaks with which an expression of the mapping cannot compute."""


@dataclass(frozen=True)
class Fault:
    """Why a row was refused: its place in the batch (from 0), the rules, a sentence."""

    at: int
    rules: str
    reason: str


@dataclass(frozen=True)
class Checked:
    """A batch after the border.

    Args:
        rows: as `stage.rows` holds them: the contract's columns, days, `_key`, `_fault`; in the order in which they came,
            without those that the mapping leaves out.
        places: for each of `rows`, its place in the batch.
        dropped: headers that no column takes, with how many rows had a value there.
        skipped: rows that the mapping's `where` left out.
    """

    rows: pa.Table
    places: Sequence[int]
    faults: tuple[Fault, ...]
    dropped: Mapping[str, int]
    skipped: int = 0

    @property
    def good(self) -> int:
        return int(self.rows.num_rows) - len(self.faults)


# Told of what is checked here, which is small; a relation instead of a prepared statement takes half as long again.
warnings.filterwarnings("ignore", message="Arrow output on a DB-API result")


@cache
def _engine() -> Any:
    """One DuckDB for all borders of this process: each has a connection and temporary tables of its own.

    An engine takes 4.6 MB before its first row, a connection to it 0.4, and a city has dozens of streams.
    """
    return duckdb.connect(":memory:", config={"threads": 1, "memory_limit": "1GB"})


class LiveBorder:
    """Checks rows of one dataset under one mapping and zone. May be used by several threads; one at a time gets through.

    Attributes:
        named: headers that the mapping names.

    Raises:
        Problem: the mapping does not fit the contract; told on making it, not on each message.
    """

    def __init__(self, contract: Contract, mapping: LoadedMapping, zone: str, pseudonyms: Pseudonyms) -> None:
        self.contract = contract
        self._ignored = {plain(name) for name in mapping.says.ignore}
        self.named = tuple(_headers_of(mapping))
        self._headers = Headers([*self.named, *(n for n in contract.all_columns if n not in mapping.says.columns)])
        self._by_alias = {
            word: at for word, name in aliases(contract).items() if (at := self._headers.find(name)) is not None
        }
        self._known: dict[str, int | None] = {}
        self._lock = threading.Lock()
        self._connection = self._open(pseudonyms)
        try:
            self._prepare(contract, mapping, zone, pseudonyms)
        except duckdb.Error as error:
            self._connection.close()
            raise Problem(
                "the mapping cannot be computed", where=mapping.where("columns"), hint=_shortly(error)
            ) from None

    def _prepare(self, contract: Contract, mapping: LoadedMapping, zone: str, pseudonyms: Pseudonyms) -> None:
        lists = ", ".join(f"unnest(${at + 1}::VARCHAR[])" for at in range(len(self._headers.names)))
        self._insert = f"INSERT INTO incoming SELECT {lists}"
        names = self._headers.names
        source = OpenSource("incoming", self._headers, ("VARCHAR",) * len(names))
        where = mapping.says.where
        self._wanted = None
        if where is not None:
            condition, _ = header_expression(where, self._headers, mapping.where("where"))
            self._wanted = f"SELECT coalesce({condition}, false) FROM incoming"
            self._connection.execute(f"DESCRIBE {self._wanted}")
        unfiltered = LoadedMapping(mapping.says.model_copy(update={"where": None}), mapping.file)
        incoming, _ = plan(self._connection, contract, source, unfiltered, "the mapping", ignore_unknown=True)
        how = mapping.says.format
        self._full = checked_rows(contract, incoming, how, zone, pseudonyms, naive_is_utc=False)
        quick = checked_rows(contract, incoming, how, zone, pseudonyms, naive_is_utc=False, told=False)
        # A variable would have the query bound anew at every call, a parameter does not.
        self._connection.execute(f"PREPARE quick AS {quick.replace(KEY_VARIABLE, '$1::VARCHAR')}")
        self._quick = f"EXECUTE quick('{pseudonyms.key}')" if KEY_VARIABLE in quick else "EXECUTE quick"

    def _open(self, pseudonyms: Pseudonyms) -> Any:
        connection = _engine().cursor()
        connection.execute("PRAGMA disable_optimizer")
        pseudonyms.prepare(connection)
        columns = ", ".join(f"c{at} VARCHAR" for at in range(len(self._headers.names)))
        connection.execute(f"CREATE TEMP TABLE incoming ({columns})")
        return connection

    def check(self, rows: Sequence[Row]) -> Checked:
        """Check a batch of rows."""
        with self._lock:
            return self._check(rows)

    def _check(self, rows: Sequence[Row]) -> Checked:
        """As `check`. Where an expression of the mapping fails on a row, that row is refused and the others are not."""
        try:
            return self._check_all(rows)
        except (duckdb.DataError, duckdb.InvalidInputException) as error:
            if len(rows) > 1:
                half = len(rows) // 2
                return _joined(self._check(rows[:half]), self._check(rows[half:]), half)
            return self._failed(rows[0], error)

    def _check_all(self, rows: Sequence[Row]) -> Checked:
        dropped = self._fill(rows)
        places: Sequence[int] = range(len(rows))
        if self._wanted is not None:
            kept = [bool(one[0]) for one in self._connection.execute(self._wanted).fetchall()]
            places = [at for at, wanted in enumerate(kept) if wanted]
            if len(places) < len(rows):
                self._fill([rows[at] for at in places])
        checked = self._connection.execute(self._quick).to_arrow_table()
        bad = [at for at, one in enumerate(checked.column("_fault").to_pylist()) if one is not None]
        faults: tuple[Fault, ...] = ()
        if bad:
            self._fill([rows[places[at]] for at in bad])
            told = self._connection.execute(f"SELECT _fault FROM ({self._full})").fetchall()
            texts = [one[0] for one in told]
            column: list[str | None] = [None] * checked.num_rows
            for at, text in zip(bad, texts, strict=True):
                column[at] = MARK.join(text.split(MARK)[:3])
            at = checked.schema.get_field_index("_fault")
            checked = checked.set_column(at, "_fault", pa.array(column, pa.string()))
            faults = tuple(Fault(places[b], *text.split(MARK)[:2]) for b, text in zip(bad, texts, strict=True))
        return Checked(checked, places, faults, dropped, len(rows) - len(places))

    def _failed(self, row: Row, error: duckdb.Error) -> Checked:
        """A row that the mapping cannot compute with; none of it is shown, for any of it may be personal."""
        self._connection.execute("TRUNCATE incoming")
        nothing = self._connection.execute(self._quick).to_arrow_table()
        why = "an expression of the mapping cannot be computed for this row"
        if isinstance(error, duckdb.DataError):
            why += ": " + re.sub(
                r"'[^']*'|\"[^\"]*\"|\b\d[\d.]*\b", "…", _shortly(error)
            )  # no value of the row is told
        table = pa.table({"_fault": pa.array([fault_text(FAILED, why)], pa.string())})
        rows = pa.concat_tables([nothing, table], promote_options="default")
        fault = Fault(0, FAILED, why)
        return Checked(rows, [0], (fault,), self.dropped([row]))

    def close(self) -> None:
        """Let the engine go."""
        self._connection.close()

    def dropped(self, rows: Sequence[Row]) -> Mapping[str, int]:
        """Headers of rows that no column takes and that the mapping does not ignore, with how many values they had."""
        found: Counter[str] = Counter()
        for row in rows:
            for header, value in row.items():
                if value is not None and self._place(header) is None and plain(header) not in self._ignored:
                    found[header] += 1
        return found

    def _fill(self, rows: Sequence[Row]) -> Counter[str]:
        """Make `incoming` hold these rows; returns the headers that found no place."""
        dropped: Counter[str] = Counter()
        columns: list[list[str | None]] = [[None] * len(rows) for _ in self._headers.names]
        for at, row in enumerate(rows):
            for header, value in row.items():
                place = self._place(header)
                if place is None:
                    if value is not None and plain(header) not in self._ignored:
                        dropped[header] += 1
                elif columns[place][at] is None:  # of two spellings of one header the first with a value stays
                    columns[place][at] = value
        self._connection.execute("TRUNCATE incoming")
        if rows:  # by parameters: to register a table would have every prepared query bound anew
            self._connection.execute(self._insert, columns)
        return dropped

    def _place(self, header: str) -> int | None:
        try:
            return self._known[header]
        except KeyError:
            found = self._headers.find(header)
            if found is None:
                found = self._by_alias.get(plain(header))
            if len(self._known) < _REMEMBERED:
                self._known[header] = found
            return found


def _joined(first: Checked, second: Checked, at: int) -> Checked:
    """Two parts of one batch; the second begins at a place of it."""
    return Checked(
        pa.concat_tables([first.rows, second.rows], promote_options="default"),
        [*first.places, *(at + place for place in second.places)],
        (*first.faults, *(replace(fault, at=at + fault.at) for fault in second.faults)),
        Counter(first.dropped) + Counter(second.dropped),
        first.skipped + second.skipped,
    )


def _shortly(error: duckdb.Error) -> str:
    """The first sentence of what the engine says."""
    return str(error).split("\n\n")[0].partition("Candidate functions")[0].splitlines()[0]


def _headers_of(mapping: LoadedMapping) -> list[str]:
    """Every header that a mapping names, in order, once."""
    found: dict[str, None] = {}
    expressions: list[str] = [mapping.says.where] if mapping.says.where else []
    for said in mapping.says.columns.values():
        if isinstance(said, str):
            found[said] = None
        elif isinstance(said, FromHeader) and said.header is not None:
            found[said.header] = None
        elif said.sql is not None:
            expressions.append(said.sql)
    for text in expressions:
        try:
            tree = sqlglot.parse_one(text, dialect="duckdb")
        except sqlglot.errors.ParseError:
            continue  # told with its place in the mapping when it is planned
        found.update(dict.fromkeys(_columns(tree)))
    return list(found)


def _columns(tree: exp.Expr) -> Iterable[str]:
    return (node.name for node in tree.find_all(exp.Column))


def fault_text(rules: str, reason: str) -> str:
    """A `_fault` as the border's query writes it, for what is refused before it reaches the query."""
    return MARK.join((rules, reason, "{}"))


__all__ = ["FAULT_MARK", "Checked", "Fault", "LiveBorder", "Row", "fault_text"]
