"""Many rows at once: a file passes the border in one query, as `qala ingest` has it, and becomes frames."""

from __future__ import annotations

import json
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa

from qala.intake.bounds import ROWS, too_many_rows, within_bounds
from qala.intake.payloads import Undecodable, decode
from qala.lake import Lake
from qala.lake.border.checks import FAULT_MARK
from qala.lake.border.csv_shape import opened
from qala.lake.border.live import fault_text
from qala.lake.border.mapping import LoadedMapping
from qala.lake.landing import now
from qala.lake.sealing import Sealer
from qala.lake.staging import landed_rows, stage
from qala.standard.problems import Problem

ROWS_IN_A_FRAME = 100_000
JSON_LINES = (".jsonl", ".ndjson")
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
    within_bounds(path, suffix)
    work = lake.scratch / secrets.token_hex(8)
    work.mkdir()
    connection = lake.connection()
    try:
        lake.pseudonyms.prepare(connection)
        contract = lake.catalogue.contract(dataset)
        staged = stage(
            connection, contract, path, mapping, zone, lake.pseudonyms, work, ignore_unknown=True, suffix=suffix
        )
        if staged.staged + staged.rejected > ROWS:
            raise too_many_rows(path, staged.staged + staged.rejected)
        rows = landed_rows(connection, staged, lake.sealer)
        if suffix in JSON_LINES and staged.bad:
            rows = _with_lines(rows, path, lake.sealer)
        faults = connection.execute(
            f"""SELECT _at, split_part(_fault, {FAULT_MARK}, 1), split_part(_fault, {FAULT_MARK}, 2)
                FROM rows WHERE _fault IS NOT NULL ORDER BY _at LIMIT {_REASONS}"""
        ).fetchall()
        reasons = [{"row": at, "rules": rules.split(), "reason": says} for at, rules, says in faults]
    except duckdb.OutOfMemoryException:
        raise Problem(
            "to read it takes more memory than there is for one file", where=str(path), hint="send it in parts"
        ) from None
    except (duckdb.Error, pa.ArrowException, RecursionError) as error:
        said = str(error).splitlines() or [type(error).__name__]
        raise Problem(
            f"it cannot be read: {said[0]}", where=str(path), hint="write it anew and send it again"
        ) from None
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
        reasons,
        dict.fromkeys(staged.unknown, good_rows),
    )


def _with_lines(rows: pa.Table, path: Path, sealer: Sealer) -> pa.Table:
    """Refused rows of JSON lines with their lines as originals: the engine passes over keys that come late and broken lines."""
    places = {number - 1: at for at, number in enumerate(rows.column("_at").to_pylist()) if number is not None}
    found: dict[int, tuple[int, bytes]] = {}
    at = 0
    with opened(path) as stream:
        for number, line in enumerate(stream, start=1):
            if line.strip():
                if at in places:
                    found[places[at]] = (number, line.strip())
                at += 1
    columns = {name: rows.column(name).to_pylist() for name in ("_fault", "_sealed", "_at")}
    for at, (number, line) in found.items():
        columns["_at"][at] = number
        try:
            (row,) = decode("json", line, received=now())
        except (Undecodable, ValueError) as error:
            why = error.message if isinstance(error, Undecodable) else "the line is an array"
            columns["_fault"][at], columns["_sealed"][at] = fault_text("unreadable", why), sealer.seal(line)
        else:
            columns["_sealed"][at] = sealer.seal(json.dumps(row, ensure_ascii=False).encode())
    for name, values in columns.items():
        place = rows.schema.get_field_index(name)
        rows = rows.set_column(place, name, pa.array(values, rows.schema.field(name).type))
    return rows
