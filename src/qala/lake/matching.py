"""What becomes of each good row of a batch: new, a correction of a stored row, or nothing new.

Within the batch and against the table, of two rows with one key the later stays: `changed_at`, else `registered_at`
decides; at equal times, or where the stored row says neither, the later delivery, and in one file the later row. (When a
row landed says nothing of when it was changed: history is often delivered late.) Equal content is a duplicate. The cost
follows the batch: only keys are read of the table, then the rows that are hit.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from qala.datasets import Contract
from qala.lake.reading import current_rows_sql, rows_sql
from qala.lake.table import DataFile

GOOD = "stage.rows"


@dataclass(frozen=True)
class Matching:
    """The outcome. Temporary tables of the connection hold the rows: `losers(rid)` are rows of the batch that are not
    stored, `taken_back` the stored rows that are replaced (all stored columns)."""

    stored: int
    replaced: int
    duplicate: int


def match(connection: Any, contract: Contract, files: Sequence[DataFile], received: datetime, good: int) -> Matching:
    """Match the good rows in `stage.rows` with one another and with the current rows in `files`.

    Args:
        files: of this city; for a contract with `key_within: day` those that overlap the days of the batch.
        received: UTC, the landing of this batch.
        good: how many good rows there are.
    """
    within = contract.key_within == "day"
    connection.execute("CREATE OR REPLACE TEMP TABLE losers (rid BIGINT)")
    connection.execute("CREATE OR REPLACE TEMP TABLE taken_back (_row BIGINT)")
    if good == 0:
        return Matching(0, 0, 0)
    keys = _number(connection, f"SELECT count(DISTINCT _key) FROM {GOOD} WHERE _fault IS NULL")
    if keys < good:
        _settle_within_batch(connection, contract, received, within)
    replaced = _settle_with_table(connection, contract, files, received, within) if files else 0
    duplicate = _number(connection, "SELECT count(*) FROM losers")
    return Matching(good - duplicate - replaced, replaced, duplicate)


def _settle_within_batch(connection: Any, contract: Contract, received: datetime, within: bool) -> None:
    same = ", ".join(["_key", *(_named(name) for name in contract.key), *(["day"] if within else [])])
    connection.execute(
        f"""
        CREATE OR REPLACE TEMP TABLE twins AS
          SELECT _key FROM {GOOD} WHERE _fault IS NULL GROUP BY _key HAVING count(*) > 1;
        INSERT INTO losers SELECT rid FROM (
          SELECT rowid AS rid, row_number() OVER (PARTITION BY {same} ORDER BY {_at("", received)} DESC, rowid DESC) AS n
          FROM {GOOD} SEMI JOIN twins USING (_key) WHERE _fault IS NULL
        ) WHERE n > 1"""
    )


def _settle_with_table(
    connection: Any, contract: Contract, files: Sequence[DataFile], received: datetime, within: bool
) -> int:
    current = current_rows_sql(contract, files, ["_key", "_row", "day"])
    same_day = " AND t.day = s.day" if within else ""
    connection.execute(
        f"""
        CREATE OR REPLACE TEMP TABLE found AS SELECT t._key, t._row, t.day FROM {current} AS t
        SEMI JOIN (SELECT _key, day FROM {GOOD} WHERE _fault IS NULL) AS s ON t._key = s._key{same_day}"""
    )
    hits, first, last = connection.execute("SELECT count(*), min(day), max(day) FROM found").fetchone()
    if hits == 0:
        return 0
    near = [file for file in files if not file.retractions and file.first_day <= last and file.last_day >= first]
    columns = list(contract.stored_types())
    connection.execute(
        f"""CREATE OR REPLACE TEMP TABLE old AS
            SELECT t.* FROM {rows_sql(contract, near, columns)} AS t SEMI JOIN found USING (_row)"""
    )
    keys = " AND ".join(f"s.{_named(name)} = t.{_named(name)}" for name in contract.key)
    same = " AND ".join(f"s.{_named(name)} IS NOT DISTINCT FROM t.{_named(name)}" for name in contract.all_columns)
    connection.execute(
        f"""
        CREATE OR REPLACE TEMP TABLE verdict AS
        SELECT s.rid, t._row, {same} AS same, {_at("t.", None)} > {_at("s.", received)} AS older
        FROM (SELECT rowid AS rid, * FROM {GOOD} SEMI JOIN found USING (_key)
              WHERE _fault IS NULL AND rowid NOT IN (SELECT rid FROM losers)) AS s
        JOIN old AS t ON s._key = t._key AND {keys}{same_day};
        INSERT INTO losers SELECT DISTINCT rid FROM verdict WHERE same OR older;
        DROP TABLE taken_back;
        CREATE OR REPLACE TEMP TABLE taken_back AS SELECT * FROM old
          SEMI JOIN (SELECT _row FROM verdict WHERE NOT (same OR older)
                     AND rid NOT IN (SELECT rid FROM losers)) AS gone USING (_row);
        DROP TABLE old"""
    )
    return _number(connection, "SELECT count(DISTINCT rid) FROM verdict WHERE rid NOT IN (SELECT rid FROM losers)")


def _at(prefix: str, received: datetime | None) -> str:
    """SQL for the time that decides between two rows of one key; `received` is None for a stored row."""
    unsaid = "-infinity" if received is None else f"{received:%Y-%m-%d %H:%M:%S.%f}"
    return f"coalesce({prefix}changed_at, {prefix}registered_at, TIMESTAMP '{unsaid}')"


def _number(connection: Any, query: str) -> int:
    return int(connection.execute(query).fetchone()[0])


def _named(column: str) -> str:
    return '"' + column + '"'
