"""A table that several machines commit to: in the storage that they share, and followed by each on its own disk."""

from __future__ import annotations

import random
import time
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from qala.datasets import Contract
from qala.lake.shared import OutrunError, Shared
from qala.lake.table import TRIES, DataFile, Table
from qala.standard.problems import Problem

if TYPE_CHECKING:
    from deltalake import CommitProperties, DeltaTable
    from deltalake.transaction import AddAction, RemoveAction


class SharedTable(Table):
    """As `Table`, whose folder follows the storage.

    Args:
        shared: where commits are made: the log's next entry is put only if there is none, and if nobody changed the city since.
    """

    _checkpoint_every = 10  # who opens it to write asks for each commit since by itself
    _retries = 0

    def __init__(self, folder: Path, contract: Contract, locks: Path, shared: Shared) -> None:
        super().__init__(folder, contract, locks)
        self._shared = shared

    def follow(self) -> None:
        self._shared.follow_table(self.contract.id)

    def _try_to_commit(
        self,
        receipt_id: str,
        actions: list[AddAction | RemoveAction],
        properties: CommitProperties,
        touched: Sequence[DataFile],
        since: int,
    ) -> int:
        from deltalake.exceptions import CommitFailedError, DeltaError

        for file in touched:
            if any(action.path == self._relative(file.path) for action in actions if hasattr(action, "stats")):
                self._shared.put_file(f"tables/{self.contract.id}/{self._relative(file.path)}", Path(file.path))
        cities = {file.city for file in touched}
        for attempt in range(TRIES):
            try:
                delta = self._writable()
                self.follow()
                if (done := self.version_of(receipt_id)) is not None:
                    return done
                if any(self._changed(version, cities) for version in range(since + 1, self.version() + 1)):
                    raise OutrunError(self.contract.id)
                if delta.version() == self.version():
                    self._write(delta, actions, properties)
            except CommitFailedError:
                time.sleep(random.uniform(0, 0.02 * (attempt + 1)))
            except DeltaError as error:
                raise Problem(f"the storage that machines share takes no commit: {error}") from None
        raise Problem("other machines are always first", where=self.contract.id, hint="it is tried again")

    def _changed(self, version: int, cities: set[str]) -> bool:
        """Whether a commit touched a file of cities."""
        for action in self.actions(version) or ():
            for one in (action.get("add"), action.get("remove")):
                if one and one["path"].partition("/")[0].removeprefix("city=") in cities:
                    return True
        return False

    def _open_to_write(self) -> DeltaTable | None:
        from deltalake import DeltaTable
        from deltalake.exceptions import TableNotFoundError

        try:
            return DeltaTable(self._address, storage_options=self._options)
        except TableNotFoundError:
            return None

    @property
    def _address(self) -> str:
        return self._shared.delta_address(self.contract.id)

    @property
    def _options(self) -> dict[str, str] | None:
        return self._shared.delta_options
