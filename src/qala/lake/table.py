"""One dataset's table: a signed log in Delta format, partitioned by city and year of the city-local day.

A file holds either rows that came (`_sign` +1, "plus") or rows that are taken back (`_sign` −1, "minus": exact copies of
the old rows with their old `_row`). What is current: plus rows whose `_row` is in no minus file. Sums may as well
multiply by `_sign`. A taken-back row has the city, year and day of the row that it takes back, so any choice of files by
city and day holds both or neither. Compaction folds such pairs away.

What a reader must know of a file without opening it stands in the file's name and in Delta's statistics: receipt,
contract version, plus or minus, rows, first and last day.
"""

from __future__ import annotations

import json
import re
import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

from qala.datasets import Contract
from qala.lake import log
from qala.lake.durable import held, sync_file, sync_folder
from qala.lake.reading import current_rows_sql
from qala.standard.problems import Problem

if TYPE_CHECKING:
    from deltalake import CommitProperties, DeltaTable
    from deltalake.transaction import AddAction, RemoveAction

_NAME = re.compile(r"(?P<receipt>[^/]+)-c(?P<contract>\d+)-(?P<sign>plus|minus)-(?P<part>\d+)\.parquet$")
TRIES = 60
_DELTA_TYPES = {
    "VARCHAR": "string",
    "BIGINT": "long",
    "SMALLINT": "short",
    "TINYINT": "byte",
    "DATE": "date",
    "TIMESTAMP": "timestamp_ntz",
    "BOOLEAN": "boolean",
}


@dataclass(frozen=True)
class DataFile:
    """A Parquet file of a table.

    Args:
        path: absolute.
        rows: rows in it.
        first_day, last_day: city-local days that it spans, inclusive.
        retractions: rows that it takes back; all of them or none.
        contract_version: version of the contract under which it was written.
        way: in which all its rows came; None where there are several or it is not known.
    """

    path: str
    city: str
    year: int
    rows: int
    first_day: date
    last_day: date
    retractions: int
    contract_version: int
    size: int = 0
    way: str | None = None

    @property
    def receipt(self) -> str:
        """The receipt that brought it (or the compaction that wrote it)."""
        found = _NAME.search(self.path)
        return found["receipt"] if found else ""


def file_name(receipt_id: str, contract_version: int, part: int, *, minus: bool) -> str:
    return f"{receipt_id}-c{contract_version}-{'minus' if minus else 'plus'}-{part}.parquet"


@dataclass(frozen=True)
class Snapshot:
    """A table as it was at one version; `-1` is a table that does not exist yet."""

    contract: Contract
    version: int
    all_files: tuple[DataFile, ...]

    def files(
        self,
        city: str | None = None,
        years: Iterable[int] | None = None,
        first_day: date | None = None,
        last_day: date | None = None,
    ) -> list[DataFile]:
        """Files that may hold rows of a city, of years, of days first_day … last_day (inclusive, city-local)."""
        wanted = None if years is None else set(years)
        return [
            file
            for file in self.all_files
            if (city is None or file.city == city)
            and (wanted is None or file.year in wanted)
            and (first_day is None or file.last_day >= first_day)
            and (last_day is None or file.first_day <= last_day)
        ]

    def current_sql(self, files: Sequence[DataFile], columns: Sequence[str] | None = None) -> str:
        """A FROM-able SQL text of the current rows in `files`: rows that came and were not taken back.

        Args:
            files: from `files()`; a choice by city and days, so that a row and its retraction are both in it.
            columns: stored columns; default: all, `city` and `year` among them. Times are TIMESTAMP in UTC.
        """
        return current_rows_sql(self.contract, files, columns)


class Table:
    """The Delta table of one contract.

    Args:
        folder: its folder; need not exist.
        locks: folder for lock files.
    """

    _checkpoint_every = 50
    _retries: int | None = None
    """Of the library that writes, where another writer's commit is in the way; as many as it likes."""

    def __init__(self, folder: Path, contract: Contract, locks: Path) -> None:
        self.folder = folder
        self.contract = contract
        self._locks = locks

    def follow(self) -> None:
        """Bring what other machines committed to this one's disk; where a lake has one machine there are none."""

    def snapshot(self, version: int | None = None) -> Snapshot:
        """The table now, or as it was at `version`.

        Raises:
            Problem: there is no such version.
        """
        last = self.version()
        wanted = last if version is None else version
        if wanted > last:
            raise Problem(f"{self.contract.id} has no version {wanted}", where=str(self.folder))
        if wanted < 0:
            return Snapshot(self.contract, -1, ())
        files = [
            self._file(one["path"], one["size"], json.loads(one["stats"])) for one in log.files_at(self.folder, wanted)
        ]
        return Snapshot(self.contract, wanted, tuple(sorted(files, key=lambda f: (f.city, f.first_day, f.path))))

    def changes(self, after_version: int) -> list[DataFile] | None:
        """Files that commits after `after_version` brought with new content (not compaction), in order.

        None if that cannot be known any more (history or a file is gone): then everything is to be computed again.
        """
        found: list[DataFile] = []
        last = self.version()
        for version in range(after_version + 1, last + 1):
            if self.actions(version) is None:
                return None
            found += self.added_by(version)
        return found if all(Path(file.path).exists() for file in found) else None

    def added_by(self, version: int) -> list[DataFile]:
        """Files that one commit brought with new content."""
        added = [action["add"] for action in self.actions(version) or () if action.get("add", {}).get("dataChange")]
        return [self._file(add["path"], add["size"], json.loads(add["stats"])) for add in added]

    def version(self) -> int:
        """The newest version; −1 where there is no table yet."""
        return log.last_version(self.folder)

    def actions(self, version: int) -> list[dict[str, Any]] | None:
        """What one commit did, or None if its file is gone."""
        return log.commit(self.folder, version)

    def version_of(self, receipt_id: str) -> int | None:
        """The version whose commit carries a receipt, or None: asked after a crash."""
        delta = self._open()
        if delta is None or delta.transaction_version(receipt_id) is None:
            return None
        for version in range(delta.version(), -1, -1):
            for action in self.actions(version) or ():
                if action.get("txn", {}).get("appId") == receipt_id:
                    return version
        return int(delta.version())

    def lock(self, city: str) -> Any:
        """The lock under which rows of one city are looked up and committed: Delta does not know of our keys."""
        return held(self._locks / self.contract.id / f"{city}.lock")

    def new_path(self, city: str, year: int, name: str) -> Path:
        """Where a new file of a city and year is to be written; nobody sees it before the commit."""
        return self.folder.resolve() / f"city={city}" / f"year={year}" / name

    def commit(
        self,
        receipt_id: str,
        add: Sequence[DataFile],
        remove: Sequence[DataFile] = (),
        *,
        data_change: bool = True,
        metadata: dict[str, str] | None = None,
        since: int | None = None,
    ) -> int:
        """Make files part of the table, and others no part of it, in one step; durable when it returns.

        Args:
            since: the version that was looked at before; now, if not said. Asked for where machines share the lake.

        Returns:
            The version that holds them. Another writer's commit in between is waited out and followed.

        Raises:
            OutrunError: another machine changed the same city since.
        """
        from deltalake import CommitProperties
        from deltalake.transaction import RemoveAction, Transaction

        for file in add:
            sync_file(Path(file.path))
        for folder in {Path(file.path).parent for file in add}:
            for level in (folder, folder.parent, self.folder):
                sync_folder(level)
        actions: list[AddAction | RemoveAction] = [self._add_action(file, data_change) for file in add]
        now = int(time.time() * 1000)
        actions += [
            RemoveAction(self._relative(file.path), data_change, now, file.size, self._partition(file))
            for file in remove
        ]
        properties = CommitProperties(
            custom_metadata={"receipt": receipt_id, **(metadata or {})},
            app_transactions=[Transaction(receipt_id, 1)],
            max_commit_retries=self._retries,
        )
        touched = [*add, *remove]
        version = self._try_to_commit(
            receipt_id, actions, properties, touched, self.version() if since is None else since
        )
        sync_file(log.commit_file(self.folder, version))
        sync_folder(self.folder / log.FOLDER)
        return version

    def _try_to_commit(
        self,
        receipt_id: str,
        actions: list[AddAction | RemoveAction],
        properties: CommitProperties,
        touched: Sequence[DataFile],  # noqa: ARG002  who holds the lock of a city needs not look who touched what since
        since: int,  # noqa: ARG002
    ) -> int:
        from deltalake.exceptions import CommitFailedError

        for attempt in range(TRIES):
            delta = self._writable()
            before = delta.version()
            try:
                self._write(delta, actions, properties)
            except CommitFailedError:
                if (done := self.version_of(receipt_id)) is not None:
                    return done
                if attempt == TRIES - 1:
                    raise
                time.sleep(0.02 * (attempt + 1))
            else:
                return self._find(receipt_id, before)
        raise AssertionError("the last try returns or raises")

    @staticmethod
    def _write(delta: DeltaTable, actions: list[AddAction | RemoveAction], properties: CommitProperties) -> None:
        from deltalake import PostCommitHookProperties

        delta.create_write_transaction(
            actions,
            "append",
            delta.schema(),
            partition_by=["city", "year"],
            commit_properties=properties,
            post_commithook_properties=PostCommitHookProperties(create_checkpoint=True, cleanup_expired_logs=False),
        )

    def _find(self, receipt_id: str, before: int) -> int:
        version = before + 1
        while (actions := self.actions(version)) is not None:
            if any(action.get("txn", {}).get("appId") == receipt_id for action in actions):
                return version
            version += 1
        raise RuntimeError(f"the commit of {receipt_id} is not in the log of {self.folder}")

    def _open(self) -> DeltaTable | None:
        from deltalake import DeltaTable
        from deltalake.exceptions import TableNotFoundError

        if not (self.folder / log.FOLDER).is_dir():
            return None
        try:
            return DeltaTable(str(self.folder))
        except TableNotFoundError:
            return None

    _open_to_write = _open

    @property
    def _address(self) -> str:
        return str(self.folder)

    @property
    def _options(self) -> dict[str, str] | None:
        """Of the storage in which it is written."""
        return None

    def _writable(self) -> DeltaTable:
        """The table, made if there is none, with every column of the contract as it is now."""
        from deltalake import DeltaTable, Field, Schema
        from deltalake.schema import PrimitiveType

        wanted = {name: _delta_type(sql) for name, sql in self.contract.stored_types().items()}
        fields, delta = [Field(name, PrimitiveType(kind)) for name, kind in wanted.items()], self._open_to_write()
        if delta is not None and all(name in _names(delta) for name in wanted):
            self._same_types(delta, wanted)
            return delta
        with held(self._locks / self.contract.id / "schema.lock"):
            self.folder.mkdir(parents=True, exist_ok=True)
            delta = DeltaTable.create(
                self._address,
                schema=Schema(fields),
                partition_by=["city", "year"],
                mode="ignore",
                name=self.contract.id,
                configuration={
                    "delta.enableExpiredLogCleanup": "false",
                    "delta.checkpointInterval": str(self._checkpoint_every),
                    "delta.setTransactionRetentionDuration": "interval 30 days",
                },
                storage_options=self._options,
            )
            self._same_types(delta, wanted)
            missing = [field for field in fields if field.name not in _names(delta)]
            if missing:
                delta.alter.add_columns(missing)
            return DeltaTable(self._address, storage_options=self._options)

    def _same_types(self, delta: DeltaTable, wanted: dict[str, str]) -> None:
        from deltalake.schema import PrimitiveType

        for field in delta.schema().fields:
            stored = field.type.type if isinstance(field.type, PrimitiveType) else str(field.type)
            if field.name in wanted and stored.replace(" ", "") != wanted[field.name]:
                raise Problem(
                    f"{self.contract.id}.{field.name} is stored as {stored}; the contract now says {wanted[field.name]}",
                    hint="give the new meaning a new column; stored rows keep theirs",
                )

    def _file(self, path: str, size: int, stats: dict[str, Any]) -> DataFile:
        parts, name = dict(part.split("=", 1) for part in path.split("/")[:-1]), _NAME.search(path)
        rows = int(stats["numRecords"])
        least, most = stats["minValues"], stats["maxValues"]
        return DataFile(
            f"{self.folder.resolve()}/{path}",
            parts["city"],
            int(parts["year"]),
            rows,
            date.fromisoformat(least["day"]),
            date.fromisoformat(most["day"]),
            rows if name and name["sign"] == "minus" else 0,
            int(name["contract"]) if name else 1,
            size,
            least.get("way") if least.get("way") == most.get("way") else None,
        )

    def _relative(self, path: str) -> str:
        return str(Path(path).relative_to(self.folder.resolve()))

    def _partition(self, file: DataFile) -> dict[str, str | None]:
        return {"city": file.city, "year": str(file.year)}

    def _add_action(self, file: DataFile, data_change: bool) -> AddAction:
        from deltalake.transaction import AddAction

        way = {} if file.way is None else {"way": file.way}
        stats = {
            "numRecords": file.rows,
            "minValues": {"day": file.first_day.isoformat(), **way},
            "maxValues": {"day": file.last_day.isoformat(), **way},
            "nullCount": {"day": 0, **dict.fromkeys(way, 0)},
        }
        size = file.size or Path(file.path).stat().st_size
        moment = int(time.time() * 1000)
        return AddAction(self._relative(file.path), size, self._partition(file), moment, data_change, json.dumps(stats))


def _names(delta: DeltaTable) -> set[str]:
    return {field.name for field in delta.schema().fields}


def _delta_type(sql: str) -> str:
    return sql.lower().replace(" ", "") if sql.startswith("DECIMAL") else _DELTA_TYPES[sql]
