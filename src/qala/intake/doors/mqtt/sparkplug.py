"""Sparkplug B over the door: names and types come once, in a node's BIRTH, so they are kept on the disk.

A BIRTH is put down before it can be acknowledged, and read again when the process begins. Data of a node whose BIRTH nobody
has seen wait for it, in order; the node is asked to give it (Node Control/Rebirth). What waits too long, or too much of it,
goes to the quarantine as it came.
"""

from __future__ import annotations

import hashlib
import logging
import time
from collections import deque
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from pathlib import Path

from qala.intake.doors.mqtt.broker import IN_FLIGHT
from qala.intake.doors.mqtt.session import Decoded, Message
from qala.intake.doors.mqtt.topics import Topics
from qala.intake.payloads import NotBornError, SparkplugDecoder, Undecodable, rebirth
from qala.intake.registry import Feed
from qala.lake.durable import write_whole

WAIT_S = 60.0
"""How long data wait for the BIRTH of their node."""
ASK_AGAIN_S = 10.0
_MOST = IN_FLIGHT // 2
_LOG = logging.getLogger(__name__)


class SparkplugDecoding:
    """Decodes one source's messages, in the order in which they come.

    Args:
        folder: of the BIRTH messages.
        publish: sends a command to a node.
    """

    def __init__(self, folder: Path, publish: Callable[[str, bytes], None]) -> None:
        self._folder, self._publish = folder, publish
        self._decoder = SparkplugDecoder()
        self._waiting: dict[tuple[str, str], deque[tuple[float, Message]]] = {}
        self._asked: dict[tuple[str, str], float] = {}
        self._connection = 0
        self._topics = Topics("")
        self._remember()

    def __call__(self, feed: Feed, topics: Topics, messages: Sequence[Message]) -> Decoded:  # noqa: ARG002
        found = Decoded()
        self._topics = topics
        for one in messages:
            if one.connection != self._connection:  # what was not acknowledged comes again: no gap
                self._connection = one.connection
                self._decoder.forget_sequences()
            self._one(one, found)
        self._give_up(found)
        return found

    def _one(self, message: Message, found: Decoded, *, again: bool = False) -> bool:
        """Decode a message; False if it must wait for its node's BIRTH."""
        if message.sealed:
            found.unreadable.append((message.sealed, message.body))
            found.done.append(message)
            return True
        parts = message.topic.split("/")
        node = (parts[1], parts[3]) if len(parts) >= 4 else ("", "")
        kind = parts[2] if len(parts) >= 4 else ""
        if not again and self._waiting.get(node) and kind in ("NDATA", "DDATA"):
            self._wait(node, message)
            return False
        try:
            result = self._decoder.decode(message.topic, message.body, message.received)
        except NotBornError as error:
            if not again:
                self._wait(error.node, message)
            self._ask(error.node)
            return False
        except Undecodable as error:
            found.unreadable.append((error.message, message.body))
            found.done.append(message)
            return True
        if result.gap is not None:
            _LOG.warning("%s/%s: %d messages did not come", *result.gap.node, result.gap.missing)
            self._ask(result.gap.node)
        if result.kind in ("NBIRTH", "DBIRTH"):
            self._put_down(node, message.topic, message.body, new=result.kind == "NBIRTH")
        said = self._topics.said_by(message.topic)
        found.rows += [{**said, **row} for row in result.rows] if said else result.rows
        found.done.append(message)
        if result.kind in ("NBIRTH", "DBIRTH"):
            self._take_waiting(node, found)
        return True

    def _wait(self, node: tuple[str, str], message: Message) -> None:
        self._waiting.setdefault(node, deque()).append((time.monotonic(), message))

    def _take_waiting(self, node: tuple[str, str], found: Decoded) -> None:
        waiting = self._waiting.get(node)
        while waiting:
            if not self._one(waiting[0][1], found, again=True):
                return
            waiting.popleft()
        self._waiting.pop(node, None)

    def _give_up(self, found: Decoded) -> None:
        """What has waited too long, or is too much, goes to the quarantine."""
        total = sum(map(len, self._waiting.values()))
        for node in list(self._waiting):
            waiting = self._waiting[node]
            while waiting and (total > _MOST or time.monotonic() - waiting[0][0] > WAIT_S):
                _, message = waiting.popleft()
                total -= 1
                found.unreadable.append((f"the BIRTH of the node {node[0]}/{node[1]} did not come", message.body))
                found.done.append(message)
            if not waiting:
                del self._waiting[node]

    def _ask(self, node: tuple[str, str]) -> None:
        """Ask a node for its BIRTH, not more often than every `ASK_AGAIN_S`."""
        if time.monotonic() - self._asked.get(node, float("-inf")) > ASK_AGAIN_S:
            self._asked[node] = time.monotonic()
            self._publish(*rebirth(node, datetime.now(UTC)))

    def _put_down(self, node: tuple[str, str], topic: str, body: bytes, *, new: bool) -> None:
        mark = _mark("/".join(node))
        if new:
            for old in self._folder.glob(f"{mark}-d-*.birth"):
                old.unlink()
        name = f"{mark}-n.birth" if new else f"{mark}-d-{_mark(topic)}.birth"
        write_whole(self._folder / name, topic.encode() + b"\n" + body)

    def _remember(self) -> None:
        """Read the BIRTH messages that were put down, each node's before those of its devices."""
        for path in sorted(self._folder.glob("*.birth"), key=lambda one: ("-d-" in one.name, one.name)):
            topic, _, body = path.read_bytes().partition(b"\n")
            try:
                self._decoder.decode(topic.decode(), body, datetime.now(UTC))
            except Undecodable as error:
                _LOG.warning("%s: %s", path, error)
        self._decoder.forget_sequences()


def _mark(text: str) -> str:
    return hashlib.blake2b(text.encode(), digest_size=8).hexdigest()
