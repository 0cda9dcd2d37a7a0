"""All sessions of one receiver: one for each source that publishes, begun, exchanged and ended as sources change."""

from __future__ import annotations

import contextlib
import hashlib
import logging
import time
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass
from pathlib import Path

from awscrt import mqtt5

from qala.intake.doors.mqtt.broker import Broker, Line
from qala.intake.doors.mqtt.session import Decoded, Decoding, Message, Session
from qala.intake.doors.mqtt.slots import Slot, Slots
from qala.intake.doors.mqtt.sparkplug import SparkplugDecoding
from qala.intake.doors.mqtt.topics import OWN, Topics
from qala.intake.receiving import Receiver
from qala.intake.registry import Feed, Registry
from qala.standard.problems import Problem

LISTEN_S, LISTEN_EVERY_S = 1.0, 20.0
"""How long and how often it is listened for topics of sources that nobody registered."""
_LOG = logging.getLogger(__name__)


@dataclass(frozen=True)
class _Wanted:
    feed: Feed
    topics: Topics
    shared: bool
    slot: Slot


class Door:
    """The MQTT door of one process.

    Args:
        folder: `QALA_HOME/intake/mqtt`.
    """

    def __init__(self, broker: Broker, receiver: Receiver, registry: Registry, folder: Path) -> None:
        self.receiver, self.registry = receiver, registry
        self._folder = folder
        self._line = Line(broker)
        self._slots = Slots(folder)
        self._own = self._slots.take()
        self._threads = ThreadPoolExecutor(2, thread_name_prefix="mqtt")
        self._sessions: dict[str, tuple[Session, Slot]] = {}
        self._leaving: dict[str, tuple[Session, Slot]] = {}
        self._dissolving: list[Slot] = []
        self._said: dict[str, str] = {}
        self._closed = False
        self._strangers = Strangers(self._line, f"qala-{self._slots.installation}-{self._own.name}-", self._is_known)

    def tick(self) -> None:
        """Bring sessions to what the sources say; called every second or two."""
        wanted = self._wanted()
        self._note(wanted)
        for name in [name for name in self._sessions if name not in wanted]:
            self._leave(name, *self._sessions.pop(name))
        for name, want in wanted.items():
            self._keep(name, want)
        for slot in [self._own, *self._dissolving, *(want.slot for want in wanted.values() if not want.shared)]:
            for name, noted in slot.sessions().items():
                if name not in wanted and name not in self._leaving:
                    self._leave_noted(name, noted, slot)
        self._end_empty()
        if (away := self._slots.left_behind()) is not None:
            _LOG.info("receiver %s is away: what the broker keeps for it is taken here", away.name)
            self._dissolving.append(away)
        for session, _ in [*self._sessions.values(), *self._leaving.values()]:
            session.tick()
        self._strangers.tick()

    def _wanted(self) -> dict[str, _Wanted]:
        """The sessions that are to be, by client id."""
        found: dict[str, _Wanted] = {}
        for feed in self.registry.feeds().values():
            if feed.door != "mqtt":
                continue
            try:
                topics = Topics.of(feed)
            except Problem as problem:
                self._say(feed.name, str(problem))
                continue
            shared = feed.format != "sparkplug_b"
            slot = self._own if shared else self._slots.of_source(feed.name)
            if slot is not None:
                found[self._client_id(slot, feed, topics)] = _Wanted(feed, topics, shared, slot)
        return found

    def _client_id(self, slot: Slot, feed: Feed, topics: Topics) -> str:
        mark = hashlib.blake2b(topics.filter.encode(), digest_size=3).hexdigest()
        who = "one" if slot is not self._own else slot.name
        return f"qala-{self._slots.installation}-{who}-{feed.name}-{mark}"

    def _note(self, wanted: dict[str, _Wanted]) -> None:
        """Put the sessions down before they begin, so that none is forgotten at the broker."""
        for slot in {id(want.slot): want.slot for want in wanted.values()}.values():
            noted = slot.sessions()
            for name, want in wanted.items():
                if want.slot is slot:
                    noted[name] = {"source": want.feed.name, "filter": want.topics.filter}
            slot.note(noted)

    def _keep(self, name: str, want: _Wanted) -> None:
        there = self._sessions.get(name)
        if want.feed.paused:
            if there is not None:
                _LOG.info("%s is paused: the broker keeps what comes", want.feed.name)
                there[0].stop()
                del self._sessions[name]
            return
        if there is not None:
            there[0].follow(want.feed)
            return
        if name in self._leaving:
            return
        self._sessions[name] = (self._begin(name, want.feed, want.topics, want.shared, leaving=False), want.slot)

    def _begin(self, name: str, feed: Feed, topics: Topics, shared: bool, *, leaving: bool) -> Session:
        decoding: Decoding | None = None
        if feed.format == "sparkplug_b":
            decoding = SparkplugDecoding(self._folder.parent / "sparkplug" / feed.name, lambda t, b: made.publish(t, b))
        made = Session(
            self._line, name, feed, topics, self.receiver, self._threads, shared=shared, leaving=leaving,
            decoding=decoding,
        )  # fmt: skip
        return made

    def _leave(self, name: str, session: Session, slot: Slot) -> None:
        """End a session whose source is gone or listens elsewhere, after what the broker still holds for it."""
        session.stop()
        self._leaving[name] = (self._begin(name, session.feed, session.topics, session.shared, leaving=True), slot)

    def _leave_noted(self, name: str, noted: Mapping[str, str], slot: Slot) -> None:
        """The same for a session that an earlier process began."""
        feed = self.registry.feed(noted["source"])
        topics = Topics(noted["filter"])
        if feed is None:
            gone = Feed(noted["source"], "", "", "mqtt", "", "json")
            session = Session(
                self._line, name, gone, topics, self.receiver, self._threads, leaving=True, decoding=_refused
            )
            self._leaving[name] = (session, slot)
            return
        with contextlib.suppress(Problem):
            if Topics.of(feed).filter == topics.filter:
                topics = Topics.of(feed)
        self._leaving[name] = (self._begin(name, feed, topics, "-one-" not in name, leaving=True), slot)

    def _end_empty(self) -> None:
        for name, (session, slot) in list(self._leaving.items()):
            if session.is_empty:
                session.stop(forget=True)
                del self._leaving[name]
                slot.note({key: value for key, value in slot.sessions().items() if key != name})
        for slot in list(self._dissolving):
            if not slot.sessions():
                self._dissolving.remove(slot)
                slot.free()

    def states(self) -> dict[str, Session]:
        """The session of each source that is listened to, by its name."""
        return {session.feed.name: session for session, _ in self._sessions.values()}

    def counts(self) -> dict[str, int]:
        """What happened in all sessions together."""
        total: Counter[str] = Counter()
        for session, _ in [*self._sessions.values(), *self._leaving.values()]:
            total.update(asdict(session.counts))
        total["unknown"] = self._strangers.count
        return dict(total)

    def close(self) -> None:
        """Finish what is under way, acknowledge it, and leave; the broker keeps what comes from now on."""
        if self._closed:
            return
        self._closed = True
        for session, _ in [*self._sessions.values(), *self._leaving.values()]:
            session.pause()
        self._threads.shutdown()
        self.receiver.close()
        for session, _ in [*self._sessions.values(), *self._leaving.values()]:
            session.stop()
        self._strangers.close()
        self._slots.close()
        for slot in [self._own, *self._dissolving]:
            slot.free()

    def _is_known(self, name: str) -> bool:
        feed = self.registry.feed(name)
        return feed is not None and feed.door == "mqtt"

    def _say(self, name: str, text: str) -> None:
        if self._said.get(name) != text:
            self._said[name] = text
            _LOG.error("%s: %s", name, text)


class Strangers:
    """Notices messages under `qala/` that no source is registered for, by listening for a second now and then.

    The broker itself tells their sender that nobody listens (reason 0x10). A name mistyped in a topic is the most frequent
    fault of a new sender, so it is told here too.
    """

    def __init__(self, line: Line, prefix: str, known: Callable[[str], bool]) -> None:
        self.count = 0
        self._line, self._name, self._known = line, f"{prefix}strangers", known
        self._client: mqtt5.Client | None = None
        self._until = 0.0
        self._next = time.monotonic()
        self._seen: Counter[str] = Counter()

    def tick(self) -> None:
        now = time.monotonic()
        if self._client is not None and now > self._until:
            self.close()
        elif self._client is None and now > self._next:
            self._next, self._until = now + LISTEN_EVERY_S, now + LISTEN_S
            self._client = self._line.client(
                self._name, published=self._published, up=self._up, down=lambda _: None, session_s=0
            )
            self._client.start()

    def close(self) -> None:
        if self._client is not None:
            self._client.stop()
            self._client = None

    def _up(self, _: bool) -> None:
        client = self._client
        if client is not None:
            wanted = mqtt5.Subscription(
                f"{OWN}/#", qos=mqtt5.QoS.AT_MOST_ONCE, retain_handling_type=mqtt5.RetainHandlingType.DONT_SEND
            )
            client.subscribe(mqtt5.SubscribePacket(subscriptions=[wanted]))

    def _published(self, data: mqtt5.PublishReceivedData) -> None:
        name = data.publish_packet.topic.removeprefix(f"{OWN}/").partition("/")[0][:60]
        if self._known(name):
            return
        self.count += 1
        self._seen[name] += 1
        if self._seen[name] == 1 and len(self._seen) < 1000:
            _LOG.warning("a message for %s/%s/… came, and no source of that name publishes here", OWN, name)


def _refused(feed: Feed, topics: Topics, messages: Sequence[Message]) -> Decoded:  # noqa: ARG001
    """Messages of a source that was removed."""
    if messages:
        _LOG.warning("%s was removed: %d messages that were kept for it are refused", feed.name, len(messages))
    return Decoded(done=list(messages))
