"""What senders of files count themselves: `export.csv.count` beside `export.csv` holds a whole number, how many rows it has.

The number is put down beside what was taken, in a file of its own by source and name, so that doors need no database; the job
that balances books reads them. A file that comes again under its name replaces what was put down.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from qala.lake.durable import write_whole
from qala.standard.problems import Problem

ENDING = ".count"
_LETTERS = 20
_KEPT = timedelta(days=35)


@dataclass(frozen=True)
class FileCount:
    """A file's count: how many rows its sender says that it has, how many were taken in, and when (UTC, ISO 8601)."""

    source: str
    file: str
    sent: int
    received: int
    at: str


class FileCounts:
    """Counts of the files of all sources.

    Args:
        folder: `QALA_HOME/intake/counts`; need not exist.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def note(self, source: str, file: str, sent: int, received: int) -> None:
        """Put a count down; it is on the disk when this returns."""
        self._folder.mkdir(parents=True, exist_ok=True)
        said = FileCount(source, file, sent, received, datetime.now(UTC).isoformat(timespec="seconds"))
        name = hashlib.sha256(f"{source}/{file}".encode()).hexdigest()[:32]
        write_whole(self._folder / f"{name}.json", json.dumps(asdict(said), ensure_ascii=False).encode(), mode=0o600)

    def all(self) -> Iterator[FileCount]:
        """Those of the last five weeks; older ones are removed."""
        for path in sorted(self._folder.glob("*.json")):
            found = FileCount(**json.loads(path.read_text()))
            if datetime.fromisoformat(found.at) < datetime.now(UTC) - _KEPT:
                path.unlink(missing_ok=True)
            else:
                yield found


def counted(path: Path) -> int:
    """The number that a file of a count holds.

    Raises:
        Problem: it holds none.
    """
    text = path.read_bytes()[: _LETTERS + 1].strip()
    if not text.isdigit() or len(text) >= _LETTERS:
        raise Problem("a file of a count holds a whole number and nothing else", where=path.name, hint="120")
    return int(text)
