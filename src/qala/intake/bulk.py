"""Many rows at once: a file passes the border in one query, as `qala ingest` has it, and becomes frames."""

from __future__ import annotations

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow as pa

from qala.lake import Lake
from qala.lake.border.checks import FAULT_MARK
from qala.lake.border.mapping import LoadedMapping
from qala.lake.staging import landed_rows, stage

ROWS_IN_A_FRAME = 100_000
_REASONS = 100


@dataclass(frozen=True)
class CheckedFile:
    """A file after the border: its rows in pieces of a frame each, and what is told of them."""

    tables: Sequence[pa.Table]
    rows: int
    quarantined: int
    skipped: int
    reasons: Sequence[Mapping[str, Any]]
    dropped: Mapping[str, int]


def checked_file(lake: Lake, dataset: str, path: Path, suffix: str, mapping: LoadedMapping, zone: str) -> CheckedFile:
    """Check a file of rows.

    Raises:
        Problem: it cannot be read, or lacks a header that every row must have.
    """
    contract = lake.catalogue.contract(dataset)
    work = lake.scratch / secrets.token_hex(8)
    work.mkdir()
    connection = lake.connection()
    try:
        lake.pseudonyms.prepare(connection)
        staged = stage(
            connection, contract, path, mapping, zone, lake.pseudonyms, work, ignore_unknown=True, suffix=suffix
        )
        rows = landed_rows(connection, staged, lake.sealer)
        faults = connection.execute(
            f"""SELECT rowid + 1, split_part(_fault, {FAULT_MARK}, 1), split_part(_fault, {FAULT_MARK}, 2)
                FROM stage.rows WHERE _fault IS NOT NULL ORDER BY rowid LIMIT {_REASONS}"""
        ).fetchall()
        reasons = [{"row": at, "rules": rules.split(), "reason": says} for at, rules, says in faults]
        if staged.rejected:
            told = connection.execute(f"SELECT row, says FROM not_rows ORDER BY row LIMIT {_REASONS}").fetchall()
            reasons += [{"row": at, "rules": ["not_a_row"], "reason": " ".join(says.split())} for at, says in told]
    finally:
        connection.close()
        for leftover in work.iterdir():
            leftover.unlink()
        work.rmdir()
    tables = [rows.slice(at, ROWS_IN_A_FRAME) for at in range(0, rows.num_rows, ROWS_IN_A_FRAME)]
    good_rows = staged.staged + staged.rejected
    return CheckedFile(
        tables,
        good_rows,
        staged.bad + staged.rejected,
        staged.skipped,
        sorted(reasons, key=lambda one: one["row"]),
        dict.fromkeys(staged.unknown, good_rows),
    )
