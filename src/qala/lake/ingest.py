"""Taking in a delivery: read, check, hash, match with what is stored, write, commit, receipt.

Reading and checking run without a lock into a staging table; only matching and the commit hold the lock of (dataset,
city), so that two processes can work at once and a key is never stored twice.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from qala.datasets import Contract
from qala.lake.border.mapping import LoadedMapping, load_mapping
from qala.lake.cities import City
from qala.lake.receipts import Receipt, new_receipt_id
from qala.lake.request import IngestRequest
from qala.lake.settling import Batch, settle
from qala.lake.staging import Staged, stage

if TYPE_CHECKING:
    import pyarrow as pa

    from qala.lake.folder import Lake


@dataclass(frozen=True)
class _Delivery:
    request: IngestRequest
    contract: Contract
    city: City
    mapping: LoadedMapping
    received: datetime  # UTC, naive
    draft: Receipt

    @property
    def zone(self) -> str:
        return self.mapping.says.zone or self.city.zone


def take_in(lake: Lake, request: IngestRequest) -> Receipt:
    """Take in one delivery.

    Returns:
        Its receipt; the rows and the receipt are on the disk.

    Raises:
        Problem: unknown city or dataset, a file that cannot be read, headers that do not fit, a full disk. Bad rows are
            no problem: they go to quarantine.
    """
    delivery = _delivery(lake, request)
    table = lake.table(request.dataset)
    known = _known(lake, delivery.draft)
    if known is not None:
        return _all_duplicate(lake, delivery, known)
    connection = lake.connection()
    try:
        with _staging(lake, connection, delivery) as staged, table.lock(delivery.city.code):
            known = _known(lake, delivery.draft)
            if known is not None:
                return _all_duplicate(lake, delivery, known)
            batch = Batch(delivery.contract, delivery.draft, request.dry_run)
            return settle(lake, connection, batch, staged)
    finally:
        connection.close()


def _delivery(lake: Lake, request: IngestRequest) -> _Delivery:
    contract = lake.catalogue.contract(request.dataset)
    city = lake.cities.get(request.city)
    mapping = load_mapping(request.mapping, contract)
    moment = request.received_at or datetime.now(UTC)
    received = (moment.astimezone(UTC) if moment.tzinfo else moment).replace(tzinfo=None)
    name = request.source_name or (request.source.name if isinstance(request.source, Path) else "a table in memory")
    border = f"{contract.model_dump_json()}\n{mapping.says.model_dump_json()}\n{mapping.says.zone or city.zone}"
    draft = Receipt(
        id=new_receipt_id(),
        city=city.code,
        dataset=contract.id,
        source=name,
        sha256=content_hash(request.source),
        border=hashlib.sha256(border.encode()).hexdigest()[:16],
        received_at=received.replace(tzinfo=UTC),
        way=request.way,
        simulated=request.simulated or city.simulated,
    )
    return _Delivery(request, contract, city, mapping, received, draft)


def content_hash(source: Path | pa.Table) -> str:
    """SHA-256 of a file's bytes or of a table's content."""
    if isinstance(source, Path):
        if not source.is_file():
            return ""  # opening it says what is wrong
        with source.open("rb") as stream:
            return hashlib.file_digest(stream, "sha256").hexdigest()
    import pyarrow as pa

    digest = hashlib.sha256()

    class Sink:
        closed = False

        def write(self, content: Any) -> int:
            digest.update(content)
            return len(content)

        def flush(self) -> None:
            return None

    with pa.ipc.new_stream(pa.PythonFile(Sink(), mode="w"), source.schema) as writer:
        writer.write_table(source)
    return digest.hexdigest()


def _known(lake: Lake, draft: Receipt) -> Receipt | None:
    """An earlier delivery of the same content through the same border that still stands, if nothing was undone since."""
    found: Receipt | None = None
    for receipt in lake.ledger.receipts(draft.dataset, draft.city):
        if receipt.undoes:
            found = None
        elif receipt.sha256 == draft.sha256 and receipt.border == draft.border and receipt.kind == "delivery":
            found = receipt if receipt.undone_by is None else None
    return found


def _all_duplicate(lake: Lake, delivery: _Delivery, known: Receipt) -> Receipt:
    receipt = delivery.draft.model_copy(
        update={
            "read": known.read,
            "duplicate": known.read,
            "skipped": known.skipped,
            "notes": (f"the same content was taken in as {known.id}; nothing was written",),
        }
    )
    if not delivery.request.dry_run:
        lake.ledger.append(receipt)
    return receipt


@contextmanager
def _staging(lake: Lake, connection: Any, delivery: _Delivery) -> Iterator[Staged]:
    work = lake.scratch / delivery.draft.id
    work.mkdir()
    try:
        lake.pseudonyms.prepare(connection)
        yield stage(
            connection,
            delivery.contract,
            delivery.request.source,
            delivery.mapping,
            delivery.zone,
            lake.pseudonyms,
            work,
            ignore_unknown=delivery.request.ignore_unknown,
        )
    finally:
        connection.execute("DETACH DATABASE IF EXISTS stage")
        for path in work.iterdir():
            path.unlink()
        work.rmdir()
