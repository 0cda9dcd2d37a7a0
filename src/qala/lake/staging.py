"""The staging table of a delivery: every row checked, typed and anonymous; and the refused ones' way to quarantine."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa

from qala.datasets import Contract
from qala.lake.border.checks import FAULT_MARK, Incoming, checked_rows
from qala.lake.border.headers import plain
from qala.lake.border.mapping import LoadedMapping
from qala.lake.border.plan import plan
from qala.lake.border.sources import OpenSource, open_source
from qala.lake.durable import sync_file, sync_folder
from qala.lake.pseudonyms import Pseudonyms
from qala.lake.sealing import Sealer
from qala.standard.problems import Problem

JSON_LINES = (".jsonl", ".ndjson", ".json")
_ROWS_IN_A_GROUP = 122_880
_NOT_ROWS = """CREATE OR REPLACE TEMP TABLE not_rows AS
    SELECT line - 1 AS row, any_value(error_message) AS says, any_value(csv_line) AS text
    FROM reject_errors GROUP BY line"""


@dataclass(frozen=True)
class Staged:
    """What is in `stage.rows`, and beside it.

    Args:
        staged: rows in the table: good and bad.
        rejected: lines that are no rows (too many or too few values); they are in `reject_errors`.
        skipped: rows that the mapping's `where` left out.
        days: first and last city-local day of the good rows.
        in_order: whether the rows come nearly in the order of days, so that they need not be sorted for reading by day.
        reasons: bad rows by rule.
        unknown: headers that no column takes.
        numbered: whether `stage.numbers` has the places of bad rows in the source (`rid`, `_number`); else they stand in order.
    """

    staged: int
    good: int
    rejected: int
    skipped: int
    days: tuple[date | None, date | None]
    in_order: bool
    reasons: Mapping[str, int]
    unknown: tuple[str, ...] = ()
    numbered: bool = False

    @property
    def bad(self) -> int:
        return self.staged - self.good


def stage(
    connection: Any,
    contract: Contract,
    source: Path | pa.Table,
    mapping: LoadedMapping,
    zone: str,
    pseudonyms: Pseudonyms,
    work: Path,
    *,
    ignore_unknown: bool,
    suffix: str | None = None,
) -> Staged:
    """Read and check a source into the table `stage.rows` of the connection.

    Args:
        work: a folder for a pipe. What does not fit in memory of the staging table (typed and anonymous) goes to the lake's
            `tmp/`, which is as fast as a staging database on the disk would be.
    """
    connection.execute("ATTACH ':memory:' AS stage")
    how = (connection, contract, source, mapping, zone, pseudonyms, work)
    staged = _stage(*how, ignore_unknown=ignore_unknown, suffix=suffix)
    if staged.bad and (mapping.says.where is not None or _kind(source, suffix) in JSON_LINES):
        # Several threads read JSON lines in any order, and what `where` leaves out is counted by nobody: to tell which rows are
        # bad takes one thread that numbers them.
        threads = connection.execute("SELECT current_setting('threads')").fetchone()[0]
        connection.execute("DROP TABLE stage.rows; SET threads = 1")
        try:
            staged = _stage(*how, ignore_unknown=ignore_unknown, suffix=suffix, numbered=True)
        finally:
            connection.execute(f"SET threads = {threads}")
        connection.execute(
            """CREATE TABLE stage.numbers AS SELECT rowid AS rid, _number FROM stage.rows WHERE _fault IS NOT NULL;
               ALTER TABLE stage.rows DROP COLUMN _number"""
        )
        staged = replace(staged, numbered=True)
    return staged


def _kind(source: Path | pa.Table, suffix: str | None) -> str:
    suffixes = [one.lower() for one in source.suffixes if one.lower() != ".gz"] if isinstance(source, Path) else []
    return suffix or (suffixes[-1] if suffixes else "")


def _stage(
    connection: Any,
    contract: Contract,
    source: Path | pa.Table,
    mapping: LoadedMapping,
    zone: str,
    pseudonyms: Pseudonyms,
    work: Path,
    *,
    ignore_unknown: bool,
    suffix: str | None,
    numbered: bool = False,
) -> Staged:
    """One reading of the source. `numbered`: with the place of each row in it."""
    where = str(source) if isinstance(source, Path) else "the table"
    skipped = 0
    with open_source(connection, source, mapping.says.format, contract, work, suffix) as opened:
        incoming, count_skipped = plan(
            connection, contract, opened, mapping, where, ignore_unknown=ignore_unknown, numbered=numbered
        )
        select = checked_rows(
            contract, incoming, mapping.says.format, zone, pseudonyms,
            naive_is_utc=not isinstance(source, Path), numbered=numbered,
        )  # fmt: skip
        _run(connection, f"CREATE TABLE stage.rows AS {select}", where)
        keeps_rejects = opened.keeps_rejects
        unknown = _unknown(opened, incoming, mapping)
    rejected = 0
    if keeps_rejects:
        rejected = int(connection.execute("SELECT count(DISTINCT line) FROM reject_errors").fetchone()[0])
    if count_skipped is not None:
        with open_source(connection, source, mapping.says.format, contract, work, suffix) as opened:
            skipped = int(_run(connection, count_skipped, where).fetchone()[0])
    return replace(rows_staged(connection, rejected, skipped), unknown=unknown)


def _unknown(source: OpenSource, incoming: Incoming, mapping: LoadedMapping) -> tuple[str, ...]:
    ignored = {plain(name) for name in mapping.says.ignore}
    return tuple(n for n in source.headers.names if n not in incoming.kept and plain(n) and plain(n) not in ignored)


def rows_staged(connection: Any, rejected: int = 0, skipped: int = 0) -> Staged:
    """What is in `stage.rows`, counted."""
    row = connection.execute(
        """SELECT count(*), count(*) FILTER (_fault IS NULL), min(day) FILTER (_fault IS NULL),
                  max(day) FILTER (_fault IS NULL) FROM stage.rows"""
    ).fetchone()
    reasons = dict(
        connection.execute(
            f"""SELECT rule, count(*) FROM (SELECT unnest(string_split(split_part(_fault, {FAULT_MARK}, 1), ' ')) AS rule
               FROM stage.rows WHERE _fault IS NOT NULL) GROUP BY rule ORDER BY count(*) DESC, rule"""
        ).fetchall()
    )
    if rejected:
        reasons["not_a_row"] = rejected
    in_order = _in_order(connection, row[1], row[2], row[3])
    return Staged(row[0], row[1], rejected, skipped, (row[2], row[3]), in_order, reasons)


def _run(connection: Any, query: str, where: str) -> Any:
    try:
        return connection.execute(query)
    except duckdb.OutOfMemoryException:
        raise
    except (duckdb.InvalidInputException, duckdb.ConversionException) as error:
        raise Problem(f"the source cannot be read: {str(error).splitlines()[0]}", where=where) from None
    except duckdb.IOException as error:
        raise Problem(
            f"reading or staging failed: {str(error).splitlines()[0]}",
            where=where,
            hint="if the disk is full, free some space; nothing was stored",
        ) from None


def _in_order(connection: Any, rows: int, first: date | None, last: date | None) -> bool:
    """Whether a row group would span few days: then a reader of one day opens few groups without any sorting."""
    if rows <= 2 * _ROWS_IN_A_GROUP or first is None or last is None:
        return rows <= _ROWS_IN_A_GROUP or first == last
    spans = connection.execute(
        f"""SELECT median(last - first) FROM (SELECT min(day) AS first, max(day) AS last FROM stage.rows
            WHERE _fault IS NULL GROUP BY rowid // {_ROWS_IN_A_GROUP})"""
    ).fetchone()[0]
    return bool(spans <= max(2.0, (last - first).days / 20))


def write_quarantine(
    connection: Any, contract: Contract, staged: Staged, file: Path, receipt_id: str, sealer: Sealer
) -> None:
    """Write the refused rows of a delivery to a Parquet file and force it to the disk; personal originals sealed.

    Rows are numbered from 1, the header not counted, as the source has them (lines that are no rows included).
    """
    file.parent.mkdir(parents=True, exist_ok=True)
    also = ""
    number, joined = _numbered(connection, staged)
    if staged.rejected:
        kept = "trim(text, chr(10) || chr(13))" if not contract.pseudonyms else "NULL"
        also = f"""UNION ALL SELECT '{receipt_id}', row, 'not_a_row', regexp_replace(says, '\\s+', ' ', 'g'), {kept}, 'open',
                   sealed, NULL, row::BIGINT FROM not_rows LEFT JOIN stage.sealed ON rid = -(row::BIGINT)"""
    _seal(connection, staged, sealer)
    connection.execute(
        f"""COPY (
          SELECT '{receipt_id}' AS receipt, {number} AS row, split_part(_fault, {FAULT_MARK}, 1) AS rules,
                 split_part(_fault, {FAULT_MARK}, 2) AS reason, split_part(_fault, {FAULT_MARK}, 3) AS original,
                 'open' AS status, sealed, sent, coalesce(sent_row, {number})::BIGINT AS sent_row
          FROM (SELECT rowid AS rowid_, _fault FROM stage.rows WHERE _fault IS NOT NULL) AS bad {joined}
          LEFT JOIN stage.sealed ON sealed.rid = rowid_
          {also} ORDER BY row
        ) TO '{file}' (FORMAT parquet, COMPRESSION zstd)"""
    )
    sync_file(file)
    sync_folder(file.parent)


def landed_rows(connection: Any, staged: Staged, sealer: Sealer) -> pa.Table:
    """What is staged as frames of the landing hold it: `stage.rows` with `_sealed`, lines that are no rows among them.

    `_at` is the number of a refused row in the source, from 1; see `write_quarantine`.
    """
    number, joined = _numbered(connection, staged)
    _seal(connection, staged, sealer)
    fault = f"array_to_string(string_split(_fault, {FAULT_MARK})[:3], {FAULT_MARK})"
    also = ""
    if staged.rejected:
        also = f"""UNION ALL BY NAME SELECT 'not_a_row' || {FAULT_MARK} || regexp_replace(says, '\\s+', ' ', 'g') ||
                   {FAULT_MARK} || '{{}}' AS _fault, sealed AS _sealed, row::BIGINT AS _at FROM not_rows
                   LEFT JOIN stage.sealed ON rid = -(row::BIGINT)"""
    return connection.sql(
        f"""SELECT * EXCLUDE (rowid_) FROM (
              SELECT bad.* REPLACE ({fault} AS _fault), sealed AS _sealed,
                     CASE WHEN _fault IS NOT NULL THEN ({number})::BIGINT END AS _at
              FROM (SELECT rowid AS rowid_, * FROM stage.rows) AS bad {joined}
              LEFT JOIN stage.sealed ON sealed.rid = rowid_ {also}
            ) AS landed ORDER BY landed.rowid_"""
    ).to_arrow_table()


def _numbered(connection: Any, staged: Staged) -> tuple[str, str]:
    """SQL for the number of a row `bad.rowid_` in its source, from 1, lines that are no rows counted; and what it joins."""
    at, joined = "rowid_ + 1", ""
    if staged.numbered:
        at, joined = "_number", "LEFT JOIN stage.numbers ON numbers.rid = rowid_"
    if not staged.rejected:
        return at, joined
    connection.execute(
        f"""{_NOT_ROWS};
           CREATE OR REPLACE TEMP TABLE before_row AS
           SELECT row - n + 1 AS good_row, max(n) AS n FROM (
             SELECT row, row_number() OVER (ORDER BY row) AS n FROM not_rows) GROUP BY ALL"""
    )
    return f"{at} + coalesce(n, 0)", f"{joined} ASOF LEFT JOIN before_row ON {at} >= before_row.good_row"


def _seal(connection: Any, staged: Staged, sealer: Sealer) -> None:
    """Make `stage.sealed`, unless what was staged brought it: place of the row, or minus its line; its sealed original; the
    receipt that its sender got, and its number there."""
    connection.execute(
        "CREATE TABLE IF NOT EXISTS stage.sealed (rid BIGINT, sealed BLOB, sent VARCHAR, sent_row BIGINT)"
    )
    clear = f"SELECT rowid, split_part(_fault, {FAULT_MARK}, 4) FROM stage.rows WHERE _fault IS NOT NULL"
    found = connection.execute(f"SELECT * FROM ({clear}) AS c(rid, text) WHERE text <> ''").fetchall()
    if staged.rejected:
        found += connection.execute("SELECT -(row::BIGINT), text FROM not_rows WHERE text IS NOT NULL").fetchall()
    if found:
        sealed = [sealer.seal(text.encode()) for _, text in found]
        table = pa.table(
            {"rid": pa.array([rid for rid, _ in found], pa.int64()), "sealed": pa.array(sealed, pa.binary())}
        )
        connection.register("just_sealed", table)
        connection.execute("INSERT INTO stage.sealed SELECT *, NULL, NULL FROM just_sealed")
        connection.unregister("just_sealed")
