"""One source's session with the broker: its messages are decoded, landed, and acknowledged when they are on the disk.

Each source has a session of its own, so that a flood, a full lane, a wrong mapping or a pause of one source holds up nobody
else: what is not acknowledged stays with the broker, at most `IN_FLIGHT` messages of it here. What waits when a thread is
free is decoded and landed as one batch.
"""

from __future__ import annotations

import logging
import threading
import time
from collections import deque
from collections.abc import Sequence
from concurrent.futures import Executor, Future
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Protocol

from awscrt import mqtt5

from qala.intake.doors.mqtt.broker import IN_FLIGHT, Line
from qala.intake.doors.mqtt.topics import Topics
from qala.intake.feed import Taken
from qala.intake.payloads import Row, Undecodable, decode
from qala.intake.receiving import Receiver
from qala.intake.registry import Feed
from qala.lake.landing import Full, now
from qala.standard.problems import Problem

MESSAGES_IN_A_BATCH = 500
BYTES_IN_A_BATCH = 4 * 1024 * 1024
_MOST_WAITING = 2 * IN_FLIGHT
_HELD_S = 5.0
"""After which a batch that the source's own settings refuse is tried again."""
_SUBSCRIBE_AGAIN_S = 30.0
_LOG = logging.getLogger(__name__)


@dataclass(slots=True)
class Message:
    """A message that is not acknowledged yet.

    Args:
        handle: acknowledges it on the connection over which it came, and on no other; None at QoS 0.
        connection: number of that connection.
        tries: how often something of ours failed on it; from the first on it is a batch of its own.
        sealed: why it goes to the quarantine as it is, undecoded.
    """

    topic: str
    body: bytes
    received: datetime
    handle: Any
    connection: int
    tries: int = 0
    sealed: str = ""


@dataclass
class Decoded:
    """What a batch held: rows, and bodies that could not be read, with why. `done` may be acknowledged once these are on
    the disk; the others wait for something."""

    rows: list[Row] = field(default_factory=list)
    unreadable: list[tuple[str, bytes]] = field(default_factory=list)
    done: list[Message] = field(default_factory=list)


class Decoding(Protocol):
    """How the messages of a source become rows; with a memory, where its format needs one."""

    def __call__(self, feed: Feed, topics: Topics, messages: Sequence[Message]) -> Decoded: ...


@dataclass
class Counts:
    """What happened since the process began. Messages but for `rows`."""

    received: int = 0
    acknowledged: int = 0
    rows: int = 0
    unreadable: int = 0
    held: int = 0


class Session:
    """A source's session.

    Args:
        line: to the broker.
        name: client id.
        feed: the source; may be exchanged by `follow`.
        shared: whether several receivers divide what comes.
        leaving: take what the broker still holds for this session and nothing new, then end it (`is_empty`).
        threads: decode; a session occupies one of them at a time.
    """

    def __init__(
        self, line: Line, name: str, feed: Feed, topics: Topics, receiver: Receiver, threads: Executor, *,
        shared: bool = True, leaving: bool = False, decoding: Decoding | None = None,
    ) -> None:  # fmt: skip
        self.name, self.feed, self.topics = name, feed, topics
        self.counts = Counts()
        self._offline = "not connected yet"
        self.last: datetime | None = None
        self._receiver, self._threads = receiver, threads
        self.shared, self._leaving = shared, leaving
        self._decoding: Decoding = decoding or decoded
        self._guard = threading.Lock()
        self._waiting: deque[Message] = deque()
        self._busy = self._ended = False
        self._open = 0
        self._connection = 0
        self._held_until = 0.0
        self._holds = ""
        self._subscribe_at = float("inf")
        self._heard = time.monotonic()
        self._client = line.client(name, published=self._published, up=self._up, down=self._down)
        self._client.start()

    @property
    def filter(self) -> str:
        """What is subscribed to."""
        return f"$share/qala/{self.topics.filter}" if self.shared else self.topics.filter

    @property
    def trouble(self) -> str:
        """Why nothing comes or nothing is taken; empty if all is well."""
        return self._offline or self._holds

    @property
    def is_empty(self) -> bool:
        """Whether it is connected, nothing is under way and nothing has come for a while."""
        quiet = time.monotonic() - self._heard > 2
        return quiet and not self._offline and not self._open

    def follow(self, feed: Feed) -> None:
        """The source may have another mapping or format now; its topics are the same."""
        if feed != self.feed:
            self.feed = feed
            self._held_until = 0.0
            self._wake()

    def tick(self) -> None:
        """Try again what is to be tried again; called every second or two."""
        if time.monotonic() > self._subscribe_at:
            self._subscribe()
        self._wake(look=self._open > 0)

    def publish(self, topic: str, body: bytes) -> None:
        """Publish something of our own: at most once, and forgotten where there is no connection."""
        self._client.publish(mqtt5.PublishPacket(topic=topic, payload=body, qos=mqtt5.QoS.AT_MOST_ONCE))

    def pause(self) -> None:
        """Begin no further batch; what is under way is still acknowledged."""
        self._ended = True

    def stop(self, *, forget: bool = False) -> None:
        """Leave. The broker keeps the session and what comes for it; unless it is to forget both."""
        self._ended = True
        self._client.stop(mqtt5.DisconnectPacket(session_expiry_interval_sec=0 if forget else None))

    # In the thread of the network

    def _up(self, known: bool) -> None:
        self._forget_the_old()
        _LOG.info("%s: connected, session %s", self.name, "resumed" if known else "begun")
        self._heard = time.monotonic()
        if self._leaving:
            self._offline = ""
            if known:
                self._client.unsubscribe(mqtt5.UnsubscribePacket(topic_filters=[self.filter]))
        else:
            self._subscribe()

    def _down(self, reason: str) -> None:
        if not self._ended and self._offline != reason:
            _LOG.warning("%s: %s", self.name, reason)
        self._offline = reason
        self._connection += 1
        self._subscribe_at = float("inf")

    def _forget_the_old(self) -> None:
        """What came over an earlier connection comes again, if the broker has not lost it; so it is landed all the same.
        Only where connections come and go faster than the landing takes it, it is let go."""
        with self._guard:
            self._connection += 1
            if len(self._waiting) > _MOST_WAITING:
                self._open -= len(self._waiting)
                self._waiting.clear()

    def _subscribe(self) -> None:
        self._subscribe_at = float("inf")
        wanted = mqtt5.Subscription(self.filter, qos=mqtt5.QoS.AT_LEAST_ONCE, no_local=not self.shared)
        answer = self._client.subscribe(mqtt5.SubscribePacket(subscriptions=[wanted]))
        answer.add_done_callback(self._subscribed)

    def _subscribed(self, answer: Future[mqtt5.SubackPacket]) -> None:
        error = answer.exception()
        code = None if error is not None else answer.result().reason_codes[0]
        if code is not None and code < mqtt5.SubackReasonCode.UNSPECIFIED_ERROR:
            self._offline = ""
            return
        why = str(error) if code is None else code.name.replace("_", " ").lower()
        self._offline = f"the broker does not let {self.filter} be listened to: {why}"
        self._subscribe_at = time.monotonic() + _SUBSCRIBE_AGAIN_S
        _LOG.warning("%s: %s", self.name, self._offline)

    def _published(self, data: mqtt5.PublishReceivedData) -> None:
        packet, acquire = data.publish_packet, data.acquire_publish_acknowledgement_control
        self._heard = time.monotonic()
        handle = acquire() if acquire is not None else None  # QoS 0 knows no acknowledgement
        message = Message(packet.topic, packet.payload or b"", now(), handle, self._connection)
        with self._guard:
            self.counts.received += 1
            self._open += 1
            self._waiting.append(message)
        self._wake()

    # In any thread

    def _wake(self, *, look: bool = False) -> None:
        """Have a thread work, if there is something to do; `look` has a decoder look after what it holds back."""
        with self._guard:
            idle = not self._waiting and not look
            if self._busy or self._ended or idle or time.monotonic() < self._held_until:
                return
            self._busy = True
        self._threads.submit(self._work)

    def _work(self) -> None:
        """One batch; then the session goes to the end of the line."""
        batch: list[Message] = []
        with self._guard:
            size = 0
            while self._waiting and len(batch) < MESSAGES_IN_A_BATCH and size < BYTES_IN_A_BATCH:
                if batch and (batch[-1].tries or self._waiting[0].tries):
                    break
                batch.append(self._waiting.popleft())
                size += len(batch[-1].body)
        self._land(batch)
        with self._guard:
            self._busy = False
        self._wake()

    def _land(self, batch: list[Message]) -> None:
        try:
            found = self._decoding(self.feed, self.topics, batch)
        except Exception as error:  # noqa: BLE001  a decoder that breaks its promise is our trouble, not the sender's
            self._broken(batch, error)
            return
        self.counts.unreadable += len(found.unreadable)
        for why, _ in found.unreadable[:1]:
            _LOG.info("%s: %d messages cannot be read, the first: %s", self.name, len(found.unreadable), why)
        if found.rows or found.unreadable:
            self._submit(found, batch[-1].received if batch else now())
        else:
            self._acknowledge(found.done)

    def _submit(self, found: Decoded, received: datetime) -> None:
        try:
            answer = self._receiver.submit(self.feed, found.rows, unreadable=found.unreadable, received=received)
        except Exception as error:  # noqa: BLE001  told where those that come later are told
            answer = Future()
            answer.set_exception(error)
        answer.add_done_callback(lambda one: self._landed(found, one))

    def _landed(self, found: Decoded, answer: Future[Taken]) -> None:
        error = answer.exception()
        if error is None:
            self.counts.rows += answer.result().received
            self.last = now()
            self._acknowledge(found.done)
        elif isinstance(error, Full):
            self._hold(found.done, error.seconds)
        elif isinstance(error, Problem):
            self._refused(found.done, error)
        else:
            self._broken(found.done, error)

    def _acknowledge(self, messages: Sequence[Message]) -> None:
        for one in messages:
            if one.handle is not None and one.connection == self._connection:
                try:
                    self._client.invoke_publish_acknowledgement(one.handle)
                except Exception as error:  # noqa: BLE001  the connection is gone: it comes again
                    _LOG.debug("%s: not acknowledged: %s", self.name, error)
        with self._guard:
            self.counts.acknowledged += len(messages)
            self._open -= len(messages)
        self._held_until, self._holds = 0.0, ""

    def _hold(self, messages: Sequence[Message], seconds: float, why: str = "") -> None:
        """Keep them for later, before all others."""
        self._holds = why
        with self._guard:
            self.counts.held += len(messages)
            self._held_until = time.monotonic() + seconds
            self._waiting.extendleft(reversed(messages))
        if not self._ended:
            again = threading.Timer(seconds, self._wake)
            again.daemon = True
            again.start()

    def _refused(self, messages: Sequence[Message], problem: Problem) -> None:
        """The source's settings do not fit: nothing is acknowledged until somebody mends them."""
        if self._holds != problem.message:
            _LOG.error("%s: %s", self.name, problem)
        self._hold(messages, _HELD_S, problem.message)

    def _broken(self, messages: Sequence[Message], error: BaseException) -> None:
        """Something of ours fails on them: each is tried by itself, and what fails by itself is sealed away for later."""
        _LOG.error("%s: %d messages fail", self.name, len(messages), exc_info=error)
        if len(messages) == 1 and messages[0].tries:
            messages[0].sealed = f"it could not be checked: {error}"
        for one in messages:
            one.tries += 1
        self._hold(messages, 1.0)


def decoded(feed: Feed, topics: Topics, messages: Sequence[Message]) -> Decoded:
    """Messages of a format in which each stands for itself."""
    found = Decoded(done=list(messages))
    for one in messages:
        if one.sealed:
            found.unreadable.append((one.sealed, one.body))
            continue
        try:
            rows = decode(feed.format, one.body, rows_at=feed.rows_at, topic=one.topic, received=one.received)
        except Undecodable as error:
            found.unreadable.append((error.message, one.body))
            continue
        if topics.fields:
            said = topics.said_by(one.topic)
            rows = [{**said, **{name: value for name, value in row.items() if value is not None}} for row in rows]
        found.rows += rows
    return found
