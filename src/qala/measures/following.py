"""Following a table by its log: a few small files are read where opening the table would read them all."""

from __future__ import annotations

import os
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path

from qala.lake import DataFile, Lake, Snapshot
from qala.lake.log import FOLDER
from qala.lake.table import Table

PARTIAL_SUMS = "city.partial_sums"


def moved_on(table: Table, version: int) -> bool:
    """Whether there is a version after this one; asked of every table before each computation, hence no `Path`s."""
    return os.path.exists(f"{table.folder}/{FOLDER}/{version + 1:020d}.json")  # noqa: PTH110


def followed(table: Table, known: Snapshot) -> Snapshot:
    """The table now, out of what it was: commits that only add are added, anything else opens it anew."""
    version, files = known.version, list(known.all_files)
    while moved_on(table, version):
        version += 1
        actions = table.actions(version)
        added = table.added_by(version)
        if actions is None or "remove" in {name for action in actions for name in action}:
            return table.snapshot()
        if len(added) != sum("add" in action for action in actions):
            return table.snapshot()
        files += added
    if version == known.version:
        return known
    return Snapshot(known.contract, version, tuple(sorted(files, key=lambda f: (f.city, f.first_day, f.path))))


def came_between(table: Table, after: int, upto: int) -> list[DataFile] | None:
    """Files with new content that the commits after one version brought, up to another; None if that is not known any
    more (history or a file is gone).
    """
    found: list[DataFile] = []
    for version in range(after + 1, upto + 1):
        if table.actions(version) is None:
            return None
        found += table.added_by(version)
    return found if all(Path(file.path).exists() for file in found) else None


class Followed:
    """The tables of a lake, each as it was when it was first needed since the last `look_again`.

    Args:
        versions: dataset -> version of its table to stay at; None follows them all.
    """

    def __init__(self, lake: Lake, versions: Mapping[str, int] | None) -> None:
        self._lake = lake
        self._versions = versions
        self._tables: dict[str, Table] = {}
        self._snapshots: dict[str, Snapshot] = {}
        self._fresh: set[str] = set()
        self._came: dict[tuple[str, int], list[DataFile] | None] = {}

    def look_again(self) -> None:
        """Follow each table to its newest version when it is needed next."""
        self._fresh.clear()
        self._came.clear()

    def snapshot(self, dataset: str) -> Snapshot:
        if dataset not in self._fresh:
            known = self._snapshots.get(dataset)
            if known is None:
                wanted = None if self._versions is None else self._versions.get(dataset, -1)
                known = self._table(dataset).snapshot(wanted)
            elif self._versions is None:
                known = followed(self._table(dataset), known)
            self._snapshots[dataset] = known
            self._fresh.add(dataset)
        return self._snapshots[dataset]

    def came_after(self, dataset: str, version: int) -> list[DataFile] | None:
        """Files that came after a version and up to the snapshot; None if that is not known.

        What another process commits meanwhile is not among them: it would be read now and once more next time.
        """
        if (dataset, version) not in self._came:
            upto = self.snapshot(dataset).version
            self._came[dataset, version] = came_between(self._table(dataset), version, upto)
        return self._came[dataset, version]

    def _table(self, dataset: str) -> Table:
        if dataset not in self._tables:
            self._tables[dataset] = self._lake.table(dataset)
        return self._tables[dataset]


def _this_year(registries: set[int]) -> int:
    return max(*registries, datetime.now(UTC).year) if registries else 0


def years_of_rows(snapshots: Mapping[str, Snapshot], city: str) -> list[int]:
    """Calendar years in which any dataset of events has rows of a city, in order."""
    events: set[int] = set()
    registries: set[int] = set()
    for name, snapshot in snapshots.items():
        if name != PARTIAL_SUMS:  # which is computed from the others
            known = registries if snapshot.contract.kind == "registry" else events
            known |= {file.year for file in snapshot.files(city=city)}
    # a city that sent registries only: every year from the first of them to this one
    return sorted(events) or list(range(min(registries, default=1), _this_year(registries) + 1))
