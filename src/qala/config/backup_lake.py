"""A lake as it was at one instant, while others write to it.

Data files (Parquet) are written once and never changed, so they can be read at leisure. What changes is small: logs of
tables, ledgers, registries, intents of deliveries that are under way. Those are copied again and again until two looks in a
row find nothing new: between the two, the copy was the lake. A delivery that was under way then is settled by its
intent when the copy is opened, as after a kill (`qala.lake.ledger`).
"""

from __future__ import annotations

import shutil
import time
from collections.abc import Iterator
from pathlib import Path

from qala.standard.problems import Problem

_LEFT_OUT = {"locks", "tmp"}
_LOOKS = 200
_PAUSE_S = 0.05

State = dict[str, tuple[int, int]]
"""Path within the lake -> size and time of change."""


def still_lake(lake: Path, room: Path) -> Iterator[tuple[str, Path]]:
    """Names and files of the lake at one instant; those that change are copies in `room`.

    Raises:
        Problem: it does not come to rest, or its upkeep removes files meanwhile.
    """
    room.mkdir(parents=True)
    copied: State = {}
    for _ in range(_LOOKS):
        heads, data = _look(lake)
        if heads == copied:
            break
        _copy(lake, room, heads, copied)
        time.sleep(_PAUSE_S)
    else:
        raise Problem("The lake is written to without a pause.", where=str(lake), hint="Repeat when less is delivered.")
    for name in sorted(heads):
        yield name, room / name
    for name in sorted(data):
        file = lake / name
        if not file.exists():
            raise Problem(
                f"The lake's upkeep removed {name} meanwhile.", where=str(lake), hint="Make the backup again."
            )
        yield name, file


def _look(lake: Path) -> tuple[State, set[str]]:
    heads: State = {}
    data: set[str] = set()
    for file in lake.rglob("*"):
        name = str(file.relative_to(lake))
        if name.split("/", 1)[0] in _LEFT_OUT or name.endswith(".lock") or not file.is_file():
            continue
        if file.suffix == ".parquet":
            data.add(name)
        else:
            try:
                found = file.stat()
            except FileNotFoundError:  # an intent that was settled while we looked
                continue
            heads[name] = (found.st_size, found.st_mtime_ns)
    return heads, data


def _copy(lake: Path, room: Path, heads: State, copied: State) -> None:
    for name in copied.keys() - heads.keys():
        (room / name).unlink()
        del copied[name]
    for name, state in heads.items():
        if copied.get(name) == state:
            continue
        to = room / name
        to.parent.mkdir(parents=True, exist_ok=True)
        try:
            shutil.copyfile(lake / name, to)
            shutil.copymode(lake / name, to)
        except FileNotFoundError:
            to.unlink(missing_ok=True)
            copied.pop(name, None)
            continue
        copied[name] = state
