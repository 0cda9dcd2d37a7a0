"""The lake: one folder with tables, ledger, quarantine, registry of cities and runs."""

from __future__ import annotations

import os
import shutil
from datetime import date
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import duckdb

from qala.datasets import Catalogue, Way
from qala.lake.cities import CityRegistry
from qala.lake.durable import held
from qala.lake.ledger import Ledger
from qala.lake.pseudonyms import Pseudonyms
from qala.lake.quarantine import Quarantine
from qala.lake.receipts import Receipt
from qala.lake.sealing import Sealer
from qala.lake.shared import Shared
from qala.lake.shared_table import SharedTable
from qala.lake.table import Table

if TYPE_CHECKING:
    from qala.lake.request import IngestRequest

MEMORY = "1500MB"
THREADS = 2


class Lake:
    """A folder of facts. Opening it settles what a killed process has left (see `ledger`).

    Args:
        folder: is made if it is not there.
        catalogue: the contracts.
        memory: DuckDB's limit; beyond it, work goes to files in `tmp/`.
        threads: DuckDB's threads.
    """

    def __init__(self, folder: Path, catalogue: Catalogue, *, memory: str = MEMORY, threads: int = THREADS) -> None:
        self.folder = folder
        self.catalogue = catalogue
        self.memory = memory
        self.threads = threads
        for name in ("tables", "ledger", "quarantine", "cities", "locks", "runs"):
            (folder / name).mkdir(parents=True, exist_ok=True)
        self.shared = Shared.of(folder)
        self.ledger = Ledger(folder / "ledger", self.shared)
        self.cities = CityRegistry(folder / "cities")
        self.quarantine = Quarantine(folder / "quarantine")
        self.pseudonyms = Pseudonyms(folder / "secrets")
        self.sealer = Sealer(folder / "secrets")
        self.recover()

    def __repr__(self) -> str:
        return f"Lake({str(self.folder)!r})"

    def connection(self) -> Any:
        """A new DuckDB connection with the lake's limits; its time zone is UTC. The caller closes it."""
        (self.folder / "tmp").mkdir(exist_ok=True)
        return duckdb.connect(
            ":memory:",
            config={
                "threads": self.threads,
                "memory_limit": self.memory,
                "temp_directory": str(self.folder / "tmp" / f"duckdb-{os.getpid()}"),
                "TimeZone": "UTC",
                "temp_file_encryption": True,  # refused rows may hold personal values until they are sealed
                "autoinstall_known_extensions": False,
            },
        )

    def table(self, dataset: str) -> Table:
        """The table of a dataset; a `Problem` if no contract has that id."""
        folder, contract = self.folder / "tables" / dataset, self.catalogue.contract(dataset)
        if self.shared is not None:
            return SharedTable(folder, contract, self.folder / "locks", self.shared)
        return Table(folder, contract, self.folder / "locks")

    def tables(self) -> list[str]:
        """Ids of datasets that have a table and a contract."""
        return sorted(p.name for p in (self.folder / "tables").iterdir() if p.name in self.catalogue.contracts)

    def ingest(self, request: IngestRequest) -> Receipt:
        """Take in a file or a table; see `ingest.take_in`."""
        from qala.lake.ingest import take_in

        return take_in(self, request)

    def undo(self, receipt_id: str) -> Receipt:
        """Take back a delivery; see `undo.take_back`."""
        from qala.lake.undo import take_back

        return take_back(self, receipt_id)

    def report_nothing(self, city: str, dataset: str, first: date, last: date, way: Way = "file") -> Receipt:
        """Record that a source had nothing to report for days first … last (inclusive): a receipt of 0 rows."""
        from qala.lake.nothing import report_nothing

        return report_nothing(self, city, dataset, first, last, way)

    def follow(self) -> list[Receipt]:
        """Where several machines share the lake: bring what the others stored to this one's disk; returns their receipts."""
        if self.shared is None:
            return []
        news = self.ledger.news()
        for dataset in news:  # rows before the receipts that tell of them
            self.shared.follow_table(dataset)
        return [receipt for dataset, lines in news.items() for receipt in self.ledger.follow(dataset, lines)]

    def recover(self) -> list[Receipt]:
        """Settle deliveries of dead processes; returns the receipts that were completed."""
        return self.ledger.recover(self._committed, self._discard)

    @cached_property
    def scratch(self) -> Path:
        """A folder of this process for files that nobody needs after it; leftovers of dead processes are removed."""
        root = self.folder / "tmp"
        root.mkdir(exist_ok=True)
        for old in root.iterdir():
            owner = old.name.partition("-")[2].partition("-")[0]
            if owner.isdigit() and not Path(f"/proc/{owner}").exists():
                shutil.rmtree(old, ignore_errors=True)
        mine = root / f"work-{os.getpid()}"
        mine.mkdir(exist_ok=True)
        return mine

    def _committed(self, receipt: Receipt) -> int | None:
        if not receipt.files or receipt.dataset not in self.catalogue.contracts:
            return None
        table = self.table(receipt.dataset)
        table.follow()
        return table.version_of(receipt.id)

    def _discard(self, receipt: Receipt) -> None:
        with held(self.folder / "locks" / "discard.lock"):
            for path in receipt.files:
                (self.folder / "tables" / receipt.dataset / path).unlink(missing_ok=True)
            self.quarantine.file(receipt.dataset, receipt.city, receipt.id).unlink(missing_ok=True)
