"""What is staged becomes part of a table: matched by key, written, committed, receipted; whole or not at all.

Whoever settles holds the lock of (dataset, city), so that a key is never stored twice.
"""

from __future__ import annotations

import random
import time
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from qala.datasets import Contract
from qala.lake.border.personal import flagged
from qala.lake.matching import Matching, match
from qala.lake.receipts import Receipt
from qala.lake.row_numbers import take_row_numbers
from qala.lake.shared import OutrunError
from qala.lake.staging import Staged, write_quarantine
from qala.lake.writing import pieces, planned_files, told, write_files

if TYPE_CHECKING:
    from qala.lake.folder import Lake
    from qala.lake.table import Table


_TRIES = 50
"""How often another machine may be first before what waits is left for later."""


@dataclass(frozen=True)
class Batch:
    """What is to be settled: rows in `stage.rows` of a connection.

    Args:
        draft: the receipt as far as it is known; its id names the files and the commit.
        dry_run: say what would happen, and change nothing.
        timed: whether `stage.rows` has `_received` (UTC), the time at which each row came; else all came at the draft's.
    """

    contract: Contract
    draft: Receipt
    dry_run: bool = False
    timed: bool = False

    @property
    def city(self) -> str:
        return self.draft.city

    @property
    def received(self) -> datetime:
        """UTC, naive."""
        return self.draft.received_at.replace(tzinfo=None)


def settle(lake: Lake, connection: Any, batch: Batch, staged: Staged) -> Receipt:
    """Match, write, commit and receipt; the lock is held. Where machines share the lake, as often as another was first.

    Raises:
        Problem: a disk that is full or cannot be written to; nothing was stored.
    """
    for _ in range(_TRIES):
        with suppress(OutrunError):
            return _settle(lake, connection, batch, staged)
        time.sleep(random.uniform(0, 0.1))
    raise OutrunError(batch.contract.id)


def _settle(lake: Lake, connection: Any, batch: Batch, staged: Staged) -> Receipt:
    contract, city, table = batch.contract, batch.city, lake.table(batch.contract.id)
    near = staged.days if contract.key_within == "day" else (None, None)
    table.follow()
    snapshot = table.snapshot()
    files = snapshot.files(city, None, *near) if staged.good else []
    found = match(connection, contract, files, batch.received, staged.good)
    kept = "_fault IS NULL" + (" AND rowid NOT IN (SELECT rid FROM losers)" if found.duplicate else "")
    days = _days(connection, f"stage.rows WHERE {kept}") if found.stored + found.replaced else []
    gone = _days(connection, "taken_back") if found.replaced else []
    rid = batch.draft.id
    plus = planned_files(table, city, pieces(days), rid, minus=False) if days else []
    minus = planned_files(table, city, pieces(gone), rid, minus=True) if gone else []
    receipt = _receipt(batch, staged, found, days, tuple(_below(table, path) for _, path in [*plus, *minus]))
    dropped = dict.fromkeys(staged.unknown, staged.staged + staged.rejected) or receipt.dropped
    receipt = receipt.model_copy(update={"personal": flagged(connection, contract), "dropped": dropped})
    if batch.dry_run:
        return receipt.model_copy(update={"files": (), "notes": (*receipt.notes, "a dry run: nothing was written")})
    try:
        with told(batch.draft.source, table.folder), lake.ledger.intent(rid) as intent:
            intent.declare(receipt)
            if receipt.quarantined:
                file = lake.quarantine.file(contract.id, city, rid)
                write_quarantine(connection, contract, staged, file, rid, lake.sealer)
                if lake.shared is not None:
                    lake.shared.put_file(file.relative_to(lake.folder).as_posix(), file)
            written = []
            if plus:
                select = _new_rows(batch, take_row_numbers(lake.folder, staged.staged, lake.shared), kept)
                order = "" if staged.in_order else "ORDER BY day"
                written += write_files(connection, table, city, plus, select, minus=False, order=order)
            if minus:
                columns = ", ".join(f'"{name}"' for name in contract.stored_types() if name not in ("city", "year"))
                select = f"SELECT {columns.replace('"_sign"', '-1::TINYINT AS "_sign"')} FROM taken_back"
                written += write_files(connection, table, city, minus, select, minus=True)
            if written:
                receipt = receipt.model_copy(update={"version": table.commit(rid, written, since=snapshot.version)})
            lake.ledger.append(receipt)
    except BaseException:
        from deltalake.exceptions import DeltaError

        with suppress(OSError, DeltaError):  # where the disk is full, whoever opens the lake next settles it
            lake.recover()
        raise
    return receipt


def _days(connection: Any, rows: str) -> list[tuple[Any, int]]:
    return cast(list[tuple[Any, int]], connection.execute(f"SELECT day, count(*) FROM {rows} GROUP BY day").fetchall())


def _new_rows(batch: Batch, base: int, kept: str) -> str:
    columns = [name for name in batch.contract.stored_types() if name not in ("city", "year")]
    given = {
        "received_at_platform": "_received" if batch.timed else f"TIMESTAMP '{batch.received:%Y-%m-%d %H:%M:%S.%f}'",
        "way": f"'{batch.draft.way}'",
        "simulated": "true" if batch.draft.simulated else "false",
        "_row": f"{base} + rowid",
        "_sign": "1::TINYINT",
        "_receipt": f"'{batch.draft.id}'",
    }
    picked = ", ".join(f'{given[name]} AS "{name}"' if name in given else f'"{name}"' for name in columns)
    return f"SELECT {picked} FROM stage.rows WHERE {kept}"


def _below(table: Table, path: Path) -> str:
    return str(path.relative_to(table.folder.resolve()))


def _receipt(
    batch: Batch, staged: Staged, found: Matching, days: list[tuple[Any, int]], files: tuple[str, ...]
) -> Receipt:
    return batch.draft.model_copy(
        update={
            "read": staged.good + staged.bad + staged.rejected,
            "stored": found.stored,
            "replaced": found.replaced,
            "duplicate": found.duplicate,
            "quarantined": staged.bad + staged.rejected,
            "skipped": staged.skipped,
            "first_day": min((day for day, _ in days), default=None),
            "last_day": max((day for day, _ in days), default=None),
            "reasons": staged.reasons,
            "files": files,
        }
    )
