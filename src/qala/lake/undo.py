"""Taking a delivery back: inverses are appended, and the rows that it had replaced come back.

Nothing is deleted: the table's history shows both. The rows that were replaced are read from the delivery's own minus
files, which stay on the disk after compaction until `vacuum` (30 days unless told otherwise).
"""

from __future__ import annotations

from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from qala.lake.reading import current_rows_sql, rows_sql
from qala.lake.receipts import Receipt, new_receipt_id
from qala.lake.row_numbers import take_row_numbers
from qala.lake.table import DataFile, Snapshot
from qala.lake.writing import pieces, planned_files, told, write_files
from qala.standard.problems import Problem

if TYPE_CHECKING:
    from qala.lake.folder import Lake


def take_back(lake: Lake, receipt_id: str) -> Receipt:
    """Undo one delivery, or one report that nothing happened.

    Returns:
        The receipt of the undoing; its `undoes` names the other, whose `undone_by` names it.

    Raises:
        Problem: no such receipt, undone already, itself an undoing, or some of its rows were corrected by a later
            delivery, which must be undone first.
    """
    lake.follow()
    receipt = lake.ledger.receipt(receipt_id)
    if receipt is None:
        raise Problem(f"there is no receipt {receipt_id!r}", hint="`qala lake receipts` lists them")
    if receipt.stands_for > 1:
        raise Problem(
            f"{receipt_id} stands for {receipt.stands_for} receipts",
            hint=f"undo one of them: `qala lake receipts --of {receipt_id}` lists them",
        )
    with lake.table(receipt.dataset).lock(receipt.city):
        lake.ledger.dissolve(receipt)
        receipt = lake.ledger.receipt(receipt_id) or receipt
        if receipt.undone_by is not None:
            raise Problem(f"{receipt_id} was undone already, by {receipt.undone_by}")
        if receipt.undoes is not None:
            raise Problem(f"{receipt_id} is itself an undoing", hint="ingest the file again instead")
        connection = lake.connection()
        try:
            return _take_back(lake, connection, receipt)
        finally:
            connection.close()


def _take_back(lake: Lake, connection: Any, receipt: Receipt) -> Receipt:
    table = lake.table(receipt.dataset)
    contract, city = table.contract, receipt.city
    snapshot = table.snapshot()
    wrote = receipt.stored + receipt.replaced
    back = _replaced_rows(lake, receipt)
    if wrote:
        near = _files_of(snapshot, receipt)
        current = current_rows_sql(contract, near)
        connection.execute(f"CREATE TEMP TABLE taken AS SELECT * FROM {current} WHERE _receipt = '{receipt.id}'")
        there = connection.execute("SELECT count(*) FROM taken").fetchone()[0]
        if there != wrote:
            raise _corrected_since(lake, receipt, wrote - there)
    draft = Receipt(
        id=new_receipt_id(),
        city=city,
        dataset=contract.id,
        source=receipt.source,
        received_at=datetime.now(UTC),
        way=receipt.way,
        simulated=receipt.simulated,
        kind="undo",
        undoes=receipt.id,
        first_day=receipt.first_day,
        last_day=receipt.last_day,
        notes=_notes(lake, receipt, wrote, len(back)),
    )
    if not wrote:
        lake.ledger.append(draft)
        return draft
    columns = [name for name in contract.stored_types() if name not in ("city", "year")]
    listed = ", ".join(f'"{name}"' for name in columns)
    minus = planned_files(table, city, pieces(_days(connection, "taken")), draft.id, minus=True)
    plus: list[tuple[Any, Path]] = []
    if back:
        connection.execute(f"CREATE TEMP TABLE restored AS SELECT * FROM {rows_sql(contract, back)}")
        plus = planned_files(table, city, pieces(_days(connection, "restored")), draft.id, minus=False)
    root = table.folder.resolve()
    draft = draft.model_copy(update={"files": tuple(str(path.relative_to(root)) for _, path in [*plus, *minus])})
    try:
        with told(f"the undoing of {receipt.id}", table.folder), lake.ledger.intent(draft.id) as intent:
            intent.declare(draft)
            taken = f"SELECT {listed.replace('"_sign"', '-1::TINYINT AS "_sign"')} FROM taken"
            written = write_files(connection, table, city, minus, taken, minus=True)
            if plus:
                base = take_row_numbers(lake.folder, sum(file.rows for file in back), lake.shared)
                again = listed.replace('"_sign"', '1::TINYINT AS "_sign"').replace(
                    '"_row"', f'{base} + rowid AS "_row"'
                )
                written += write_files(connection, table, city, plus, f"SELECT {again} FROM restored", minus=False)
            draft = draft.model_copy(
                update={
                    "version": table.commit(draft.id, written, metadata={"undoes": receipt.id}, since=snapshot.version)
                }
            )
            lake.ledger.append(draft)
    except BaseException:
        from deltalake.exceptions import DeltaError

        with suppress(OSError, DeltaError):
            lake.recover()
        raise
    return draft


def _days(connection: Any, rows: str) -> list[tuple[Any, int]]:
    return [
        (day, rows) for day, rows in connection.execute(f"SELECT day, count(*) FROM {rows} GROUP BY day").fetchall()
    ]


def _files_of(snapshot: Snapshot, receipt: Receipt) -> list[DataFile]:
    """The files that can hold rows of a receipt: its own if they are still there, else all of its days."""
    near = snapshot.files(receipt.city, None, receipt.first_day, receipt.last_day)
    own = {Path(name).name for name in receipt.files if "-plus-" in name}
    here = [file for file in near if not file.retractions and Path(file.path).name in own]
    touched = any(file.receipt.startswith("compaction") for file in near)
    if len(here) == len(own) and not touched:
        restored = [file for file in near if not file.retractions and Path(file.path).name not in own]
        undoings = {file.receipt for file in near if file.retractions}
        # rows that another undoing brought back lie in that undoing's files
        here += [file for file in restored if file.receipt in undoings]
        return here + [file for file in near if file.retractions]
    return near


def _replaced_rows(lake: Lake, receipt: Receipt) -> list[DataFile]:
    """The minus files of a delivery: the rows that it replaced."""
    if not receipt.replaced:
        return []
    table = lake.table(receipt.dataset)
    changes = [file for file in table.added_by(receipt.version or 0) if file.retractions]
    if not changes:
        raise Problem(f"the commit of {receipt.id} is not in the table's history any more")
    for file in changes:
        if not Path(file.path).exists():
            raise Problem(
                f"{receipt.id} cannot be undone: the rows that it replaced were removed by vacuum",
                where=file.path,
                hint="send corrected rows instead",
            )
    return changes


def _corrected_since(lake: Lake, receipt: Receipt, rows: int) -> Problem:
    later = [other.id for other in _given_after(lake, receipt) if other.replaced and other.undone_by is None]
    return Problem(
        f"{rows} rows of {receipt.id} were corrected by a later delivery or have passed their time of keeping",
        hint=f"undo the later first: {', '.join(reversed(later)) or 'none is left'}",
    )


def _given_after(lake: Lake, receipt: Receipt) -> list[Receipt]:
    receipts = lake.ledger.receipts(receipt.dataset, receipt.city)
    return receipts[[other.id for other in receipts].index(receipt.id) + 1 :]


def _notes(lake: Lake, receipt: Receipt, wrote: int, back: int) -> tuple[str, ...]:
    notes = [f"{wrote} rows taken back, {receipt.replaced if back else 0} restored"] if wrote else []
    doubled = [other.id for other in _given_after(lake, receipt) if other.duplicate and other.undone_by is None]
    if wrote and doubled:
        notes.append(
            "later deliveries had rows that counted as duplicates, perhaps of these; take them in again: "
            + ", ".join(doubled)
        )
    return tuple(notes)
