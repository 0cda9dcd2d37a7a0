"""Secrets that a source's settings name: passwords and tokens of the systems that Qala asks. Sealed, never shown again.

Settings are shown on pages and kept in the audit log, so they hold only the names, `{"secret": "password"}`.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import partial
from pathlib import Path

from qala.lake.durable import write_whole
from qala.lake.sealing import Sealer
from qala.standard.problems import Problem

_NAME = re.compile(r"[a-z0-9][a-z0-9_-]{0,59}")


class Secrets:
    """Secrets of all sources of an installation, a sealed file each (mode 0600).

    Args:
        folder: `QALA_HOME/intake/secrets`.
        sealer: the lake's.
    """

    def __init__(self, folder: Path, sealer: Sealer) -> None:
        self._folder = folder
        self._sealer = sealer

    def put(self, source: str, name: str, value: str) -> None:
        """Keep a secret; an older one of that name is gone.

        Raises:
            Problem: the name is none.
        """
        write_whole(self._file(source, name), self._sealer.seal(value.encode()), mode=0o600)

    def get(self, source: str, name: str) -> str:
        """A secret.

        Raises:
            Problem: there is none of that name, or it was sealed with another key.
        """
        try:
            return self._sealer.open(self._file(source, name).read_bytes()).decode()
        except FileNotFoundError:
            raise Problem(
                f"the source {source} has no secret {name!r}",
                where="settings",
                hint="put it down on the page of the source",
            ) from None

    def of(self, source: str) -> Callable[[str], str]:
        """The secrets of one source, by name: another's cannot be reached."""
        return partial(self.get, source)

    def names(self, source: str) -> list[str]:
        """The names of a source's secrets."""
        return sorted(file.name for file in (self._folder / source).glob("*") if _NAME.fullmatch(file.name))

    def remove(self, source: str, name: str) -> None:
        """Forget a secret, if there is one."""
        self._file(source, name).unlink(missing_ok=True)

    def _file(self, source: str, name: str) -> Path:
        if not _NAME.fullmatch(source) or not _NAME.fullmatch(name):
            raise Problem(
                f"{name!r} is no name of a secret", where="settings", hint="lower-case letters, digits, - and _"
            )
        return self._folder / source / name
