"""Who a receiver is to the broker, so that it finds its sessions again after a restart, and nobody's messages are forgotten.

Receivers of one installation have numbers; a receiver takes the lowest that is free and with it the sessions that the broker
keeps under that number. Which those are stands in a file beside the lock. A number whose receiver does not come back for a
while is dissolved by another receiver, which takes what the broker still holds for it: a broker goes on giving a shared
subscription's messages to members that are away.
"""

from __future__ import annotations

import fcntl
import json
import os
import re
import secrets
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from qala.lake.durable import write_whole

AWAY_S = 60.0
"""How long a receiver may be away before another takes its messages."""
_NUMBER = re.compile(r"(\d+)\.lock$")


@dataclass(frozen=True)
class Slot:
    """What this process holds under a lock that the kernel frees when it ends: a number, or a source that needs one listener.

    Args:
        name: the number, or the source's name.
        file: of the sessions, by client id: source and topic filter.
    """

    name: str
    file: Path
    handle: int

    def sessions(self) -> dict[str, dict[str, str]]:
        """What was noted of it."""
        try:
            found: dict[str, dict[str, str]] = json.loads(self.file.read_text())
        except (FileNotFoundError, ValueError):
            return {}
        return found

    def note(self, sessions: Mapping[str, Mapping[str, str]]) -> None:
        """Note which sessions there are, before they begin and after they have ended."""
        if sessions != self.sessions():
            write_whole(self.file, json.dumps(sessions, indent=1).encode())

    def free(self) -> None:
        """Let it go."""
        os.close(self.handle)


class Slots:
    """The numbers of an installation.

    Args:
        folder: `QALA_HOME/intake/mqtt`.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        folder.mkdir(parents=True, exist_ok=True)
        self.installation = self._name()
        self._away_since: dict[int, float] = {}
        self._sources: dict[str, Slot] = {}

    def _name(self) -> str:
        """A name of the installation that no other at the same broker has."""
        file = self._folder / "installation"
        try:
            with file.open("x") as stream:
                stream.write(secrets.token_hex(4))
        except FileExistsError:
            pass
        return file.read_text().strip() or "qala"

    def take(self) -> Slot:
        """The lowest free number."""
        number = 1
        while (found := self._try(str(number))) is None:
            number += 1
        return found

    def left_behind(self) -> Slot | None:
        """The number of a receiver that has been away for `AWAY_S` with sessions noted, now held by the caller."""
        for path in sorted(self._folder.glob("*.lock")):
            name = _NUMBER.match(path.name)
            if name is None:
                continue
            number = int(name[1])
            slot = self._try(str(number))
            if slot is None:
                self._away_since.pop(number, None)
                continue
            since = self._away_since.setdefault(number, time.monotonic())
            if slot.sessions() and time.monotonic() - since > AWAY_S:
                return slot
            slot.free()
        return None

    def of_source(self, name: str) -> Slot | None:
        """The slot of a source that only one process may listen to, because its messages make sense in order only; None
        while another process has it."""
        if name not in self._sources and (slot := self._try(f"source-{name}")) is not None:
            self._sources[name] = slot
        return self._sources.get(name)

    def free_source(self, name: str) -> None:
        """Let others listen to it."""
        if (slot := self._sources.pop(name, None)) is not None:
            slot.free()

    def close(self) -> None:
        """Let all sources go."""
        for name in list(self._sources):
            self.free_source(name)

    def _try(self, name: str) -> Slot | None:
        handle = _locked(self._folder / f"{name}.lock")
        return None if handle is None else Slot(name, self._folder / f"{name}.json", handle)


def _locked(path: Path) -> int | None:
    handle = os.open(path, os.O_RDWR | os.O_CREAT, 0o644)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(handle)
        return None
    return handle
