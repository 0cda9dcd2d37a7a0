"""Checking a lake against itself: ledger with tables, log with disk, rows with keys."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from qala.lake.reading import current_rows_sql, rows_sql
from qala.lake.table import Snapshot

if TYPE_CHECKING:
    from qala.lake.folder import Lake


def audit(lake: Lake, dataset: str | None = None, *, keys: bool = True) -> list[str]:
    """Everything that is wrong, one sentence each; an empty list is a sound lake.

    Args:
        keys: also look for keys that stand twice, which for a contract with `key_within: day` only this finds.
    """
    lake.recover()
    found: list[str] = []
    connection = lake.connection()
    try:
        for name in [dataset] if dataset else lake.tables():
            snapshot = lake.table(name).snapshot()
            found += _ledger(lake, name, snapshot)
            missing = list(_files(snapshot))
            found += missing
            if not missing:
                found += _rows(connection, name, snapshot)
                if keys:
                    found += _keys(connection, name, snapshot)
    finally:
        connection.close()
    return found


def _ledger(lake: Lake, dataset: str, snapshot: Snapshot) -> Iterator[str]:
    receipts = lake.ledger.receipts(dataset)
    for receipt in receipts:
        if not receipt.balances:
            yield f"{dataset}: receipt {receipt.id} does not balance"
        if receipt.version is not None and receipt.version > snapshot.version:
            yield f"{dataset}: receipt {receipt.id} names version {receipt.version}, the table has {snapshot.version}"
    retired = any(
        "retention" in action.get("commitInfo", {})
        for version in range(snapshot.version + 1)
        for action in lake.table(dataset).actions(version) or ()
    )
    for city in sorted({file.city for file in snapshot.all_files} | {receipt.city for receipt in receipts}):
        told = sum(r.stored for r in receipts if r.city == city and r.undone_by is None)
        there = sum(-file.rows if file.retractions else file.rows for file in snapshot.files(city))
        if told != there and not (retired and there < told):
            yield f"{dataset}: the ledger of {city} says {told} rows, the table holds {there}"


def _files(snapshot: Snapshot) -> Iterator[str]:
    for file in snapshot.all_files:
        path = Path(file.path)
        if not path.exists():
            yield f"{snapshot.contract.id}: {path} is in the log and not on the disk"
        elif file.size and path.stat().st_size != file.size:
            yield f"{snapshot.contract.id}: {path} has {path.stat().st_size} bytes, the log says {file.size}"


def _rows(connection: Any, dataset: str, snapshot: Snapshot) -> Iterator[str]:
    minus = [file for file in snapshot.all_files if file.retractions]
    if not minus:
        return
    plus = [file for file in snapshot.all_files if not file.retractions]
    which = ["city", "_row"]  # numbers of rows are a lake's own; rows of several lakes may be here
    gone, came = rows_sql(snapshot.contract, minus, which), rows_sql(snapshot.contract, plus, which)
    astray = connection.execute(
        f"SELECT count(*) FROM {gone} AS g ANTI JOIN {came} AS c USING (city, _row)"
    ).fetchone()[0]
    if astray:
        yield f"{dataset}: {astray} retractions take back a row that is not there"
    twice = connection.execute(f"SELECT count(*) - count(DISTINCT (city, _row)) FROM {gone}").fetchone()[0]
    if twice:
        yield f"{dataset}: {twice} rows are taken back twice"


def _keys(connection: Any, dataset: str, snapshot: Snapshot) -> Iterator[str]:
    contract = snapshot.contract
    columns = ", ".join(f'"{name}"' for name in contract.key)
    for city in sorted({file.city for file in snapshot.all_files}):
        current = current_rows_sql(contract, snapshot.files(city), ["_key", *contract.key, "day"])
        twins = f"SELECT _key FROM {current} GROUP BY _key HAVING count(*) > 1"
        rows = connection.execute(
            f"""SELECT count(*), count(DISTINCT "day"), any_value(({columns},)) FROM {current}
                SEMI JOIN ({twins}) AS twins USING (_key) GROUP BY {columns} HAVING count(*) > 1 LIMIT 1000"""
        ).fetchall()
        if rows:
            example = ", ".join(map(str, rows[0][2])) if isinstance(rows[0][2], tuple) else str(rows[0][2])
            yield f"{dataset}: {len(rows)} keys of {city} stand more than once, for example {example}"
