"""The process that looks: watched folders, watched prefixes, pulls. `python -m qala.intake.doors.collecting`.

Each source has its own rhythm and waits for no other: a slow one holds one thread, a broken one is asked ever more rarely. One
process an installation works; a second one waits until the first is gone.
"""

from __future__ import annotations

import logging
import os
import shutil
import signal
import threading
import time
from collections.abc import Mapping
from concurrent.futures import Future, ThreadPoolExecutor, wait
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

from qala.intake.doors import s3
from qala.intake.doors.file_counts import FileCounts
from qala.intake.doors.files import Outcome, WatchedFolder
from qala.intake.doors.one_file import Takes
from qala.intake.doors.pull import pull
from qala.intake.doors.secrets import Secrets
from qala.intake.fetchers import Allowed, Turn
from qala.lake.durable import held
from qala.lake.landing import Full
from qala.standard.problems import Problem, phrase

if TYPE_CHECKING:
    from qala.intake.doors.positions import Positions
    from qala.intake.registry import Feed, Registry

TICK_S = 0.5
THREADS = 6
NOTE_S = 60.0
"""Between two notes in the database on a source that fares as before."""
_FILES_S, _S3_S, _PULL_S = 2.0, 15.0, 300.0
_FIRST_AGAIN_S, _LAST_AGAIN_S = 15.0, 900.0
_STOP_S = 12.0
_LOG = logging.getLogger("qala.intake.doors.collecting")


@dataclass
class _State:
    """How a source fares in this process."""

    due: float = 0.0  # monotonic
    failures: int = 0
    running: Future[None] | None = None
    folder: WatchedFolder | None = None
    noted: float = float("-inf")
    trouble: str | None = None


class Collector:
    """Looks at every source whose turn it is.

    Args:
        home: `QALA_HOME/intake`; watched folders are in `files/<source>` below it, or below `QALA_INTAKE_FILES`.
    """

    def __init__(
        self, home: Path, receiver: Takes, registry: Registry, positions: Positions, secrets: Secrets, allowed: Allowed
    ) -> None:
        self._receiver, self._registry, self._positions, self._secrets = receiver, registry, positions, secrets
        self._allowed = allowed
        self._files = Path(os.environ.get("QALA_INTAKE_FILES") or home / "files")
        self._counts = FileCounts(home / "counts")
        self._work = home / "work"  # what a killed process left there is gone
        shutil.rmtree(self._work, ignore_errors=True)
        self._work.mkdir(parents=True, mode=0o700)
        self._states: dict[str, _State] = {}
        self._pool = ThreadPoolExecutor(THREADS, thread_name_prefix="look")
        self._ended = threading.Event()

    def tick(self) -> None:
        """Begin the turns that are due."""
        feeds = self._registry.feeds()
        now = time.monotonic()
        for name in set(self._states) - set(feeds):
            del self._states[name]
        for feed in feeds.values():
            if feed.paused or feed.door not in ("files", "s3", "pull"):
                continue
            state = self._states.setdefault(feed.name, _State())
            if now >= state.due and (state.running is None or state.running.done()):
                state.running = self._pool.submit(self._turn, feed, state)

    def close(self) -> None:
        """Let the turns under way come to their next stop, for some seconds at most."""
        self._ended.set()
        self._pool.shutdown(wait=False, cancel_futures=True)
        wait([state.running for state in self._states.values() if state.running is not None], timeout=_STOP_S)

    def _turn(self, feed: Feed, state: _State) -> None:
        asked = datetime.now(UTC)
        trouble, again = "", _rhythm(feed)
        try:
            if self._look(feed, state, asked):
                again = 0.0
            state.failures = 0
        except Full as full:
            trouble, again = phrase(f"nothing can be taken now: {full}"), float(full.seconds)
        except Problem as problem:
            trouble = str(problem)
        except Exception as error:  # noqa: BLE001  one source's trouble is not the others'
            _LOG.exception("%s", feed.name)
            trouble = phrase(f"a defect of the program: {type(error).__name__}; the log of this process says more")
        if trouble and not trouble.startswith("nothing can"):
            state.failures += 1
            again = min(max(_LAST_AGAIN_S, _rhythm(feed)), _FIRST_AGAIN_S * 2 ** min(state.failures - 1, 10))
        state.due = time.monotonic() + again
        if trouble != state.trouble or time.monotonic() - state.noted > NOTE_S:
            if trouble and trouble != state.trouble:
                _LOG.warning("%s: %s", feed.name, " ".join(trouble.split()))
            state.trouble, state.noted = trouble, time.monotonic()
            self._positions.note(feed.name, asked, None if trouble else datetime.now(UTC), trouble)

    def _look(self, feed: Feed, state: _State, now: datetime) -> bool:
        """One look; whether there is more at once."""
        if feed.door == "files":
            if state.folder is None:
                state.folder = WatchedFolder(self._files / feed.name, self._receiver)
            outcomes = state.folder.look(feed, feed.settings)
            for one in outcomes:
                if one.counted is not None and one.received is not None:
                    self._counts.note(feed.name, one.name, one.counted, one.received)
            _tell(feed.name, outcomes)
            return False
        with TemporaryDirectory(dir=self._work) as work:
            turn = Turn(now, Path(work), allowed=self._allowed, secret=self._secrets.of(feed.name))
            position = self._positions.load(feed.name)
            if feed.door == "s3":
                looked = s3.look(feed, self._receiver, feed.settings, position, turn)
                _tell(feed.name, looked.outcomes)
                if looked.position != position:
                    self._positions.save(feed.name, looked.position)
                return looked.more

            def remember(where: Mapping[str, Any]) -> None:
                self._positions.save(feed.name, where)

            return pull(feed, self._receiver, feed.settings, position, turn, remember, self._ended.is_set).more


def _rhythm(feed: Feed) -> float:
    """Seconds between two looks."""
    if feed.door == "files":
        return _FILES_S
    if feed.door == "s3":
        return min(_S3_S, feed.every or _S3_S)
    return float(feed.every or _PULL_S)


def _tell(name: str, outcomes: list[Outcome]) -> None:
    for one in outcomes:
        if one.problem is not None:
            _LOG.warning("%s: %s was refused: %s", name, one.name, " ".join(str(one.problem).split()))
        elif one.counted is not None and one.counted != one.received:
            _LOG.warning("%s: %s has %d rows, its sender counted %d", name, one.name, one.received, one.counted)
        elif one.taken is not None:
            _LOG.info("%s: %s, %d rows, %d refused", name, one.name, one.taken.received, one.taken.quarantined)


def main() -> None:
    """Look until SIGTERM or SIGINT."""
    from django.conf import settings

    from qala import facts
    from qala.intake.doors.positions import Positions
    from qala.intake.receiving import Receiver
    from qala.intake.registry import Registry

    logging.basicConfig(level=logging.INFO, format="{asctime} {levelname} {name}: {message}", style="{")
    logging.getLogger("urllib3").setLevel(logging.ERROR)
    ended = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: ended.set())
    home = Path(settings.HOME) / "intake"
    home.mkdir(parents=True, exist_ok=True)
    while not ended.is_set():
        with held(home / "collector.lock", wait=False) as alone:
            if not alone:
                ended.wait(2)
                continue
            lake = facts.lake()
            receiver = Receiver(lake, "files")
            registry = Registry(home / "registry.json")
            secrets = Secrets(home / "secrets", lake.sealer)
            collector = Collector(
                home, receiver, registry, Positions(home / "positions"), secrets, Allowed.by_operator()
            )
            while not ended.is_set():
                collector.tick()
                ended.wait(TICK_S)
            collector.close()
            receiver.close()
    logging.shutdown()
    os._exit(0)  # a turn that is still under way is cut off: what it took is durable, what it did not will come again


if __name__ == "__main__":
    import django

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "qala.config.settings")
    django.setup()
    main()
