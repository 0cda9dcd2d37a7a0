"""Idempotency keys: whoever sends the same request again gets the same receipt, and nothing is written.

Kept for two days, in memory and in a file of JSON lines a day below `landing/keys/`, which all receivers of the lake read. A key
is put down after its rows are on the disk; where a kill comes between, or two receivers get the same request within one
moment, rows are taken twice, and their own keys make them count once.
"""

from __future__ import annotations

import json
import threading
from concurrent.futures import Future
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from qala.intake.feed import Taken
from qala.lake.durable import whole_lines
from qala.standard.problems import Problem

KEPT_DAYS = 2
_MOST = 500_000
_MARK = "\x1f"


class Keys:
    """Keys of all feeds, for one process.

    Args:
        folder: where the files are.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        folder.mkdir(parents=True, exist_ok=True)
        self._lock = threading.Lock()
        self._known: dict[tuple[str, str], tuple[str, Future[Any]]] = {}
        self._read: dict[Path, int] = {}

    def find(self, feed: str, key: str) -> Future[Taken] | None:
        """The answer for a key that was used, or None.

        Raises:
            Problem: it was used for other content.
        """
        word, content = _parts(key)
        with self._lock:
            found = self._known.get((feed, word))
            if found is None:
                self._follow()
                found = self._known.get((feed, word))
        if found is None:
            return None
        if found[0] != content:
            raise Problem(
                f"the idempotency key {word!r} was used for other content",
                where="Idempotency-Key",
                hint="give each new request a new key; the same one only repeats the same request",
            )
        again: Future[Taken] = Future()
        found[1].add_done_callback(lambda one: _repeat(one, again))
        return again

    def begin(self, feed: str, key: str, answer: Future[Taken]) -> None:
        """A request with a new key is under way."""
        word, content = _parts(key)
        with self._lock:
            if len(self._known) >= _MOST:
                self._known.pop(next(iter(self._known)))
            self._known[(feed, word)] = (content, answer)

    def forget(self, feed: str, key: str) -> None:
        """It failed: it may be tried again."""
        with self._lock:
            self._known.pop((feed, _parts(key)[0]), None)

    def remember(self, feed: str, key: str, taken: Taken, answer: Future[Taken]) -> None:
        """Put it down for other receivers and for later, once the answer is there."""
        word, content = _parts(key)
        line = json.dumps({"feed": feed, "key": word, "content": content, "taken": taken.said()}, ensure_ascii=False)

        def put_down(done: Future[Taken]) -> None:
            if done.exception() is not None:
                self.forget(feed, key)
                return
            with self._lock, self._today().open("a", encoding="utf-8") as stream:
                stream.write(line + "\n")

        answer.add_done_callback(put_down)

    def _today(self) -> Path:
        return self.folder / f"{datetime.now(UTC):%Y-%m-%d}.jsonl"

    def _follow(self) -> None:
        """Read what others have put down since; remove files that are too old."""
        oldest = f"{datetime.now(UTC) - timedelta(days=KEPT_DAYS):%Y-%m-%d}"
        for file in sorted(self.folder.glob("*.jsonl")):
            if file.stem < oldest:
                file.unlink(missing_ok=True)
                continue
            lines, self._read[file] = whole_lines(file, self._read.get(file, 0))
            for line in lines:
                said = json.loads(line)
                if (said["feed"], said["key"]) not in self._known:
                    answer: Future[Taken] = Future()
                    answer.set_result(Taken(**said["taken"]))
                    self._known[(said["feed"], said["key"])] = (said["content"], answer)


def _parts(key: str) -> tuple[str, str]:
    word, _, content = key.partition(_MARK)
    return word, content


def _repeat(done: Future[Taken], again: Future[Taken]) -> None:
    error = done.exception()
    if error is not None:
        again.set_exception(error)
    else:
        again.set_result(replace(done.result(), repeated=True))
