"""Following a table by its log: a few small files are read where opening the table would read them all."""

from __future__ import annotations

import os
from pathlib import Path

from qala.lake import DataFile, Snapshot
from qala.lake.log import FOLDER
from qala.lake.table import Table


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
