"""A table's Delta log, read as what it is: a few small files of JSON, now and then a Parquet file that sums them up.

Reading it here costs a tenth of opening the table, and a process that only reads never loads the library that writes.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from qala.standard.problems import Problem

FOLDER = "_delta_log"
_DIGITS = 20  # of a version, in the names of the log's files
_COMMIT, _CHECKPOINT = ".json", ".checkpoint.parquet"

Action = dict[str, Any]


def last_version(table: Path) -> int:
    """The newest version of the table in a folder; −1 where there is no table."""
    commits, checkpoints = _versions(table)
    return max([*commits, *checkpoints], default=-1)


def commit(table: Path, version: int) -> list[Action] | None:
    """What one commit did, or None if its file is gone."""
    try:
        text = commit_file(table, version).read_text()
    except FileNotFoundError:
        return None
    return [json.loads(line) for line in text.splitlines() if line]


def commit_file(table: Path, version: int) -> Path:
    return table / FOLDER / f"{version:0{_DIGITS}d}{_COMMIT}"


def files_at(table: Path, version: int) -> list[Action]:
    """The files of a table at a version: `path`, `size` in bytes, `stats` as JSON of each.

    Raises:
        Problem: the log has a gap.
    """
    commits, checkpoints = _versions(table)
    begun = max((number for number in checkpoints if number <= version), default=-1)
    found = {added["path"]: added for added in _summed_up(table, begun)} if begun >= 0 else {}
    for number in range(begun + 1, version + 1):
        actions = commit(table, number) if number in commits else None
        if actions is None:
            raise Problem("A commit of the table is gone.", where=str(commit_file(table, number)))
        for action in actions:
            if "remove" in action:
                found.pop(action["remove"]["path"], None)
            elif "add" in action:
                found[action["add"]["path"]] = action["add"]
    return list(found.values())


def _summed_up(table: Path, version: int) -> Iterator[Action]:
    """The files that a checkpoint lists."""
    import pyarrow.parquet as pq  # most processes meet no checkpoint

    path = table / FOLDER / f"{version:0{_DIGITS}d}{_CHECKPOINT}"
    listed = pq.ParquetFile(path).read(columns=["add.path", "add.size", "add.stats"]).column("add")
    return (added for added in listed.to_pylist() if added is not None and added["path"] is not None)


def _versions(table: Path) -> tuple[set[int], set[int]]:
    """Of which there are commits, and checkpoints."""
    commits: set[int] = set()
    checkpoints: set[int] = set()
    try:
        names = [path.name for path in (table / FOLDER).iterdir()]
    except FileNotFoundError:
        return commits, checkpoints
    for name in names:
        number, ending = name[:_DIGITS], name[_DIGITS:]
        if number.isdigit() and ending in (_COMMIT, _CHECKPOINT):
            (commits if ending == _COMMIT else checkpoints).add(int(number))
    return commits, checkpoints
