"""A folder that is watched: what a system puts there, by SFTP or a share, is taken in and moved aside.

A file is taken when it is whole: it has kept its size and time for some seconds, and nobody has it open for writing, as far
as the system can tell. Names that begin with a point or `~`, or end in `.part`, `.tmp` and the like, are left alone: a sender
that writes under such a name and renames at the end is never read too early.

    <folder>/export.csv                               put there by the system
    <folder>/taken/20260302T040506Z-export.csv        taken in, with …-export.csv.receipt.json beside it
    <folder>/export.csv.count                         if its sender counts its rows: a whole number (`file_counts`)
    <folder>/refused/20260302T040506Z-export.csv      not taken, with …-export.csv.reason.txt beside it
"""

from __future__ import annotations

import contextlib
import fcntl
import json
import os
import signal
import stat
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from pydantic import Field

from qala.intake.doors.file_counts import ENDING, counted
from qala.intake.doors.one_file import Takes, look_over, said, take_one
from qala.intake.feed import Feed, Taken
from qala.intake.fetchers.fetched import Settings, read_settings
from qala.lake.durable import held, sync_folder, write_whole
from qala.lake.landing import Full
from qala.standard.problems import Problem

_UNFINISHED = (".part", ".tmp", ".filepart", ".partial", ".crdownload", ".download", ".swp", ".lock", "~")
_MOST_AT_ONCE = 100
_TRIES = 3
_MOST_REMEMBERED = 1000


class FilesSettings(Settings):
    """Settings of a watched folder.

    Args:
        quiet_s: seconds that a file must have stayed as it is.
        keep_days: how long taken files are kept; 0 removes them at once.
        most_mb: megabytes of the largest file.
    """

    quiet_s: float = Field(default=5, ge=0, le=3600)
    keep_days: float = Field(default=7, ge=0, le=3660)
    most_mb: int = Field(default=1024, ge=1, le=100_000)


@dataclass(frozen=True)
class Outcome:
    """What became of a file: taken, with its receipt, or refused, with the reason; and how many rows its sender counted.

    Args:
        counted, received: rows by the count that lay beside the file, and rows that it had; None where there is no count.
    """

    name: str
    taken: Taken | None = None
    problem: Problem | None = None
    counted: int | None = None
    received: int | None = None


class WatchedFolder:
    """The folder of one source. One process at a time works on it; the lock dies with the process.

    Args:
        folder: made if it is not there.
    """

    def __init__(self, folder: Path, receiver: Takes) -> None:
        self.folder = folder
        self._receiver = receiver
        self._seen: dict[str, tuple[tuple[int, int, int], float]] = {}
        self._failed: dict[str, int] = {}
        self._tidied = float("-inf")
        self._counted: list[Path] = []
        self._received: dict[str, int] = {}
        folder.mkdir(parents=True, exist_ok=True)

    def look(self, feed: Feed, settings: Mapping[str, Any]) -> list[Outcome]:
        """Take what is whole by now; the rest waits for the next look.

        Raises:
            Problem: the settings are wrong.
            Full: nothing can be taken now; what waits stays where it is.
        """
        how = read_settings(FilesSettings, settings)
        with held(self.folder / ".lock", wait=False) as alone:
            if not alone:
                return []
            look_over(self._receiver, feed)
            found = [self._take(feed, path, how) for path in self._claimed()]
            for path in self._whole(how):
                claimed = self._place(".taking") / path.name
                if claimed.exists():
                    continue
                try:
                    path.rename(claimed)
                except FileNotFoundError:  # its sender took it back
                    continue
                found.append(self._take(feed, claimed, how))
            found += self._counts()
            self._tidy(how)
        return [one for one in found if one is not None]

    def _place(self, name: str) -> Path:
        place = self.folder / name
        place.mkdir(exist_ok=True)
        return place

    def _claimed(self) -> Iterator[Path]:
        """What was being taken when the process ended, or when there was no room for it."""
        for path in sorted(self._place(".taking").iterdir()):
            if path.is_file() and not path.is_symlink():
                yield path

    def _whole(self, how: FilesSettings) -> list[Path]:
        now = time.monotonic()
        seen: dict[str, tuple[tuple[int, int, int], float]] = {}
        ready: list[Path] = []
        with os.scandir(self.folder) as entries:
            for entry in entries:
                name = entry.name
                if name.startswith((".", "~")) or name.lower().endswith(_UNFINISHED):
                    continue
                with contextlib.suppress(FileNotFoundError):
                    about = entry.stat(follow_symlinks=False)
                    if not stat.S_ISREG(about.st_mode):
                        continue
                    state = (about.st_size, about.st_mtime_ns, about.st_ino)
                    before, since = self._seen.get(name, (None, now))
                    seen[name] = (state, since if before == state else now)
                    if now - seen[name][1] >= how.quiet_s and not _is_written(Path(entry.path)):
                        ready.append(Path(entry.path))
        self._seen = seen
        self._counted = sorted(path for path in ready if path.name.endswith(ENDING))
        ready = [path for path in ready if not path.name.endswith(ENDING)]
        return sorted(ready, key=lambda path: seen[path.name][0][1])[:_MOST_AT_ONCE]

    def _take(self, feed: Feed, path: Path, how: FilesSettings) -> Outcome | None:
        received = datetime.now(UTC)
        about = path.stat()
        name = path.name
        self._seen.pop(name, None)
        key = f"{name}:{about.st_ino}:{about.st_mtime_ns}:{about.st_size}"
        try:
            taken = self._taken(feed, path, received.replace(tzinfo=None), key, how)
        except Problem as problem:
            there = self._aside(path, "refused", received)
            write_whole(there.with_name(there.name + ".reason.txt"), f"{problem}\n".encode())
            return Outcome(name, problem=problem)
        after = path.stat()
        if (after.st_size, after.st_mtime_ns) != (about.st_size, about.st_mtime_ns):
            self._put_back(
                path
            )  # its sender went on writing: it is taken anew when it is whole, and rows are known by key
            return None
        if how.keep_days:
            there = self._aside(path, "taken", received)
            receipt = json.dumps(said(taken, name, received), ensure_ascii=False, indent=1)
            write_whole(there.with_name(there.name + ".receipt.json"), f"{receipt}\n".encode())
        else:
            path.unlink()
        self._received[name] = taken.received
        while len(self._received) > _MOST_REMEMBERED:
            del self._received[next(iter(self._received))]
        return Outcome(name, taken=taken)

    def _counts(self) -> Iterator[Outcome]:
        """Counts whose file was taken: by this process, or by one before it that left its receipt."""
        for path in self._counted:
            name = path.name.removesuffix(ENDING)
            received = self._received.get(name, self._received_before(name))
            try:
                number = counted(path)
            except FileNotFoundError:
                continue
            except Problem as problem:
                there = self._aside(path, "refused", datetime.now(UTC))
                write_whole(there.with_name(there.name + ".reason.txt"), f"{problem}\n".encode())
                yield Outcome(path.name, problem=problem)
                continue
            if received is not None and not (self.folder / name).exists():
                yield Outcome(name, counted=number, received=received)
                self._aside(path, "taken", datetime.now(UTC))

    def _received_before(self, name: str) -> int | None:
        """Rows of a file by the newest receipt that lies beside what was taken."""
        ending = f"-{name}.receipt.json"
        found = [path for path in self._place("taken").iterdir() if path.name.endswith(ending)]
        for path in sorted(found, reverse=True):
            said = json.loads(path.read_text())
            if said.get("file") == name:
                return int(said["received"])
        return None

    def _taken(self, feed: Feed, path: Path, received: datetime, key: str, how: FilesSettings) -> Taken:
        """Take a file; one that fails again and again for reasons of ours is refused, so that it does not bar the way."""
        try:
            return take_one(
                self._receiver, feed, path, path.name, received=received, key=key, most_bytes=how.most_mb << 20
            )
        except (Problem, Full):
            raise
        except Exception as error:
            self._failed[path.name] = self._failed.get(path.name, 0) + 1
            if self._failed[path.name] < _TRIES or isinstance(error, OSError):
                raise
            del self._failed[path.name]
            why = (str(error).splitlines() or [type(error).__name__])[0]
            raise Problem(
                f"the file cannot be taken: {why}", where=path.name, hint="tell the operator of this site"
            ) from error

    def _aside(self, path: Path, place: str, received: datetime) -> Path:
        stem = f"{received:%Y%m%dT%H%M%SZ}-{path.name}"
        there, number = self._place(place) / stem, 1
        while there.exists():
            number += 1
            there = self._place(place) / f"{received:%Y%m%dT%H%M%SZ}-{number}-{path.name}"
        path.rename(there)
        sync_folder(there.parent)
        sync_folder(path.parent)
        return there

    def _put_back(self, path: Path) -> None:
        there = self.folder / path.name
        if there.exists():  # meanwhile another of this name was put there
            there = self.folder / f"{path.stem}-{time.time_ns()}{path.suffix}"
        path.rename(there)

    def _tidy(self, how: FilesSettings) -> None:
        """Remove what was taken long ago, once an hour."""
        if time.monotonic() - self._tidied < 3600:
            return
        self._tidied = time.monotonic()
        oldest = f"{datetime.now(UTC) - timedelta(days=how.keep_days):%Y%m%dT%H%M%SZ}"
        for path in self._place("taken").iterdir():
            if path.name[:16] < oldest and path.is_file():
                path.unlink(missing_ok=True)


def _is_written(path: Path) -> bool:
    """Whether somebody has a file open for writing, as far as this can be known: a lease for reading is refused then.

    A file of another user, or on a file system without leases, tells nothing; there the quiet time alone decides.
    """
    try:
        handle = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    except OSError:
        return False
    try:
        fcntl.fcntl(handle, fcntl.F_SETSIG, signal.SIGURG)  # whoever opens it meanwhile sends this; it is ignored
        fcntl.fcntl(handle, fcntl.F_SETLEASE, fcntl.F_RDLCK)
        fcntl.fcntl(handle, fcntl.F_SETLEASE, fcntl.F_UNLCK)
    except BlockingIOError:
        return True
    except OSError:
        return False
    finally:
        os.close(handle)
    return False
