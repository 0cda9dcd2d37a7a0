"""Sources as doors know them: read from the database, remembered in memory and in a file, so that doors work on without it.

The file `QALA_HOME/intake/registry.json` holds hashes of secrets, never secrets.
"""

from __future__ import annotations

import hashlib
import json
import logging
import threading
import time
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from django.db import DatabaseError, close_old_connections
from django.utils import timezone

from qala.lake.durable import write_whole

START = "qals_"
"""How the secret of a source begins; tokens of people begin otherwise."""
_LOOK_AGAIN_S = 2.0
_LOG = logging.getLogger(__name__)


@dataclass(frozen=True)
class Feed:
    """A source, as a door needs it. `hashes` are those of its credentials that are not revoked."""

    name: str
    city: str
    dataset: str
    door: str
    way: str
    format: str
    rows_at: str = ""
    mapping: Mapping[str, Any] | None = None
    every: int = 0
    settings: Mapping[str, Any] = field(default_factory=dict)
    simulated: bool = False
    paused: bool = False
    hashes: tuple[str, ...] = ()

    @classmethod
    def of(cls, said: Mapping[str, Any]) -> Feed:
        return cls(**{**said, "hashes": tuple(said["hashes"])})


class Registry:
    """All sources, at most some seconds old while the database answers. May be used by several threads.

    Args:
        file: where the last answer of the database is kept.
        followed: somebody calls `refresh(now=True)` all the time; look-ups never ask the database, so that they may be made in an
            event loop however late that somebody is.
    """

    def __init__(self, file: Path, *, followed: bool = False) -> None:
        self._file, self._followed = file, followed
        self._lock = threading.Lock()
        self._feeds: dict[str, Feed] = {}
        self._by_hash: dict[str, str] = {}
        self._looked = float("-inf")
        self._used: dict[str, float] = {}
        if file.exists():
            self._hold({one["name"]: Feed.of(one) for one in json.loads(file.read_text())})

    def feeds(self) -> Mapping[str, Feed]:
        """Every source that is not removed, by name."""
        self.refresh()
        return self._feeds

    def feed(self, name: str) -> Feed | None:
        return self.feeds().get(name)

    def by_secret(self, secret: str) -> Feed | None:
        """Whose secret this is; None if nobody's, or revoked.

        The look-up is by hash, so that its time tells nothing of the secrets that there are.
        """
        self.refresh()
        hashed = hash_of(secret)
        name = self._by_hash.get(hashed)
        if name is not None:
            self._used[hashed] = time.time()
        return None if name is None else self._feeds[name]

    def refresh(self, *, now: bool = False) -> None:
        """Ask the database again if the last answer is old; where it does not answer the last one holds."""
        if not now and (self._followed or time.monotonic() - self._looked < _LOOK_AGAIN_S):
            return
        if not self._lock.acquire(blocking=now):
            return  # somebody is at it
        try:
            if not now and time.monotonic() - self._looked < _LOOK_AGAIN_S:
                return
            self._looked = time.monotonic()
            close_old_connections()
            found = _read()
            self._note_use()
        except DatabaseError as error:
            _LOG.warning("the database does not answer, sources are as they were: %s", str(error).splitlines()[0])
            return
        finally:
            self._lock.release()
        if found != self._feeds:
            self._hold(found)
            write_whole(self._file, json.dumps([asdict(one) for one in found.values()]).encode(), mode=0o600)

    def _hold(self, feeds: dict[str, Feed]) -> None:
        self._by_hash = {hashed: feed.name for feed in feeds.values() for hashed in feed.hashes}
        self._feeds = feeds

    def _note_use(self) -> None:
        from qala.intake.models import Credential

        if self._used:
            used, self._used = self._used, {}
            Credential.objects.filter(hash__in=list(used)).update(used_at=timezone.now())


def hash_of(secret: str) -> str:
    """What is kept of a secret."""
    return hashlib.sha256(secret.encode()).hexdigest()


def _read() -> dict[str, Feed]:
    from qala.intake.models import Credential, Source

    hashes: dict[int, list[str]] = {}
    for source, hashed in Credential.objects.filter(revoked_at=None).values_list("source", "hash"):
        hashes.setdefault(source, []).append(hashed)
    return {
        one.name: Feed(
            name=one.name,
            city=one.city,
            dataset=one.dataset,
            door=one.door,
            way=one.way,
            format=one.format,
            rows_at=one.rows_at,
            mapping=one.mapping or None,
            every=one.every,
            settings=one.settings,
            simulated=one.simulated,
            paused=one.paused_at is not None,
            hashes=tuple(sorted(hashes.get(one.pk, ()))),
        )
        for one in Source.objects.filter(removed_at=None)
    }
