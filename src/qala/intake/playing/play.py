"""Plays simulated cities over the real doors, with what goes wrong in life, and says what became of it."""

from __future__ import annotations

import os
import random
import signal
import threading
import time
import urllib.request
from collections import deque
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from django.conf import settings

from qala import facts
from qala.intake.doors.mqtt.broker import VARIABLE, Broker, Line
from qala.intake.playing.fleet import FeedServer, Fleet
from qala.intake.playing.parts import PARTS, Part
from qala.intake.playing.senders import FileSender, HttpSender, MqttSender, Sender, Sent
from qala.intake.playing.sources import closed, opened
from qala.intake.playing.stock import Row, Stock, drifted, said
from qala.lake import City, Receipt
from qala.standard.problems import Problem

AGAIN, BROKEN, GARBAGE = 0.03, 0.02, 0.004
"""Shares of rows that come twice, that the border must refuse, and of messages that nobody can read."""
DRIFT_S = 45
GAP, GAP_S = 0.004, (10.0, 30.0)
"""How often a system falls silent, and for how long; what it has by then comes in one go."""
BURST, BURST_ROWS = 0.004, 25
SETTLE_S = 10.0
"""How long the last rows may be on their way when the play ends, and the systems to send them."""


@dataclass(frozen=True)
class Outcome:
    """What a source sent and what the ledger says of it since the play began."""

    source: str
    door: str
    sent: Sent
    read: int
    stored: int
    replaced: int
    duplicate: int
    quarantined: int

    @property
    def balances(self) -> bool:
        return (
            self.read == self.stored + self.replaced + self.duplicate + self.quarantined
            and self.read == self.sent.rows
            and self.quarantined == self.sent.broken
        )


class System(threading.Thread):
    """One system of a city: things happen in it, and it sends them."""

    def __init__(
        self, stock: Stock, sender: Sender, sent: Sent, speed: float, seed: str, ended: threading.Event
    ) -> None:
        super().__init__(name=seed, daemon=True)
        self.stock, self.sender, self.sent = stock, sender, sent
        self._chance, self._ended = random.Random(seed), ended
        self._drift = timedelta(seconds=self._chance.uniform(-DRIFT_S, 0))  # behind, so that nothing is of the future
        self._pause = min(86_400 / speed / max(stock.a_day, 1e-9), stock.part.least_s)
        self._waiting: list[tuple[Row, bool]] = []
        self._open: deque[tuple[float, Row]] = deque()

    def run(self) -> None:
        while not self._ended.wait(self._pause * self._chance.uniform(0.5, 1.5)):
            self._happens()
            if self._chance.random() < BURST:
                for _ in range(BURST_ROWS):
                    self._happens()
            if self._chance.random() < GAP and self._ended.wait(self._chance.uniform(*GAP_S)):
                break
            self._ends()
            if len(self._waiting) >= self.stock.part.at_once or self._open:
                self._send()
        self._send()

    def _happens(self) -> None:
        row = self.stock.next(datetime.now(UTC).replace(tzinfo=None))
        row = drifted(row, self.stock.contract.columns, self._drift)
        self._waiting.append((row, False))
        if self._chance.random() < BROKEN:
            self._waiting.append((self.stock.broken(row, self._chance), True))
        elif self.stock.part.ends:
            lasts = self._chance.uniform(*self.stock.part.lasts_s)
            self._open.append((time.monotonic() + lasts, row))

    def _ends(self) -> None:
        now = datetime.now(UTC).replace(tzinfo=None)
        for _ in range(len(self._open)):
            until, row = self._open.popleft()
            if until <= time.monotonic():
                self._waiting.append((self.stock.over(row, now), False))
            else:
                self._open.append((until, row))

    def _send(self) -> None:
        """Everything that waits; what a full door does not take is sent again until the play ends."""
        while self._waiting:
            batch = self._waiting[: max(self.stock.part.at_once, 50)]
            twice = [one for one in batch if self._chance.random() < AGAIN]
            rows = [said(row) for row, _ in batch + twice]
            if not self.sender.send(rows):
                self.sent.waited += 1
                if self._ended.wait(2):
                    return
                continue
            del self._waiting[: len(batch)]
            self.sent.rows += len(rows)
            self.sent.again += len(twice)
            self.sent.broken += sum(broken for _, broken in batch + twice)
        if self._chance.random() < GARBAGE:
            self.sender.garbage()


class Play:
    """Cities that go on living.

    Args:
        cities: codes; only simulated ones may play.
        speed: how many times as fast as in life.
        address: of the intake.
        told: is told what a person should know.

    Raises:
        Problem: a city is not simulated, or there is none.
    """

    def __init__(self, cities: Sequence[str], speed: float, address: str, told: Callable[[str], None]) -> None:
        self._told, self._speed, self._address = told, speed, address
        lake = facts.lake()
        known = {one.code: one for one in lake.cities.all()}
        for code in cities:
            if code not in known or not known[code].simulated:
                raise Problem(
                    f"{code} is no simulated city of this lake", where="--city", hint="`qala city list` names them"
                )
        self.cities = list(cities) or _largest(known.values())[:2]
        if not self.cities:
            raise Problem("no city of this lake is simulated", hint="make some: qala simulate --to LAKE")
        self._ended = threading.Event()
        self._systems: list[System] = []
        self._sources: list[tuple[Any, Any, Sent]] = []
        self._feeds = FeedServer()
        broker = os.environ.get(VARIABLE)
        self._line = Line(Broker.parse(broker)) if broker else None
        self._begun = datetime.now(UTC).replace(tzinfo=None)

    def start(self) -> None:
        """Register the sources, and begin."""
        run = int(time.time())
        if self._line is None:
            self._told(f"{VARIABLE} names no broker: what would come over MQTT comes over HTTP")
        for city in self.cities:
            for part in PARTS:
                self._begin(city, part, run)
        self._told(
            f"{len(self._sources)} systems of {', '.join(self.cities)} are sending, {self._speed:g} times as fast as in life"
        )

    def _begin(self, city: str, part: Part, run: int) -> None:
        lake = facts.lake()
        if part.door == "mqtt" and self._line is None:
            part = Part(part.dataset, "http", part.least_s, part.at_once)
        if part.door == "pull":
            fleet = Fleet(lake, city, self._speed)
            if not len(fleet):
                return
            self._feeds.feeds[city] = fleet
            self._feeds.drifts[city] = -random.Random(city).uniform(0, 20)
            source, credential, _ = opened(city, part, f"http://127.0.0.1:{self._feeds.port}/{city}")
            self._feeds.sent[city] = Sent()
            self._sources.append((source, credential, self._feeds.sent[city]))
            return
        stock = Stock(lake, city, part, run, self._speed, datetime.now(UTC))
        if not stock.rows:
            return
        source, credential, secret = opened(city, part, "")
        sent = Sent()
        sender: Sender
        if part.door == "mqtt":
            sender = MqttSender(self._line, source.name, sent)
        elif part.door == "files":
            root = Path(os.environ.get("QALA_INTAKE_FILES") or Path(settings.HOME) / "intake" / "files")
            sender = FileSender(root / source.name, list(stock.contract.all_columns), sent)
        else:
            sender = HttpSender(self._address, part.dataset, secret, sent)
        self._sources.append((source, credential, sent))
        self._systems.append(System(stock, sender, sent, self._speed, source.name, self._ended))
        self._systems[-1].start()

    def stop(self) -> list[Outcome]:
        """Send what waits, close the sources, and say what the ledger has of each."""
        self._ended.set()
        until = time.monotonic() + SETTLE_S
        for system in self._systems:
            system.join(max(0.1, until - time.monotonic()))
            if isinstance(system.sender, MqttSender):
                system.sender.close()
        until = time.monotonic() + SETTLE_S
        found = self.outcomes()
        while time.monotonic() < until and not all(one.balances for one in found):
            time.sleep(0.5)
            found = self.outcomes()
        for source, credential, _ in self._sources:
            closed(source, credential)
        self._feeds.close()
        return found

    def outcomes(self) -> list[Outcome]:
        """Of each source so far."""
        return [self._outcome(source, sent) for source, _, sent in self._sources]

    def _outcome(self, source: Any, sent: Sent) -> Outcome:
        receipts: list[Receipt] = [
            one
            for one in facts.lake().ledger.receipts(source.dataset, source.city)
            if one.source == source.name and one.received_at.replace(tzinfo=None) >= self._begun
        ]
        sums = [
            sum(getattr(one, name) for one in receipts)
            for name in ("read", "stored", "replaced", "duplicate", "quarantined")
        ]
        return Outcome(source.name, source.door, sent, *sums)


def _largest(cities: Iterable[City]) -> list[str]:
    """Simulated cities, those of the first category first."""
    order = list(facts.edition().categories)
    found = [one for one in cities if one.simulated]
    return [one.code for one in sorted(found, key=lambda one: (order.index(one.categories[-1].category), one.code))]


def summary(outcomes: Sequence[Outcome]) -> str:
    """A line for each source, and one for all."""
    lines = [
        f"{'source':44} {'door':5} {'sent':>7} {'again':>6} {'broken':>6} | {'received':>8} = {'stored':>7} + {'replaced':>8} "
        f"+ {'twice':>6} + {'refused':>7}"
    ]
    for one in outcomes:
        counts = f"{one.read:8} = {one.stored:7} + {one.replaced:8} + {one.duplicate:6} + {one.quarantined:7}"
        sent = f"{one.source:44} {one.door:5} {one.sent.rows:7} {one.sent.again:6} {one.sent.broken:6}"
        lines += [f"{sent} | {counts}{'' if one.balances else '  does not balance'}"]
    unread, waited = sum(one.sent.unread for one in outcomes), sum(one.sent.waited for one in outcomes)
    wrong = sum(not one.balances for one in outcomes)
    lines.append(
        f"{sum(one.sent.rows for one in outcomes)} rows sent, {sum(one.sent.again for one in outcomes)} of them again, "
        f"{sum(one.quarantined for one in outcomes)} refused as they had to be; {unread} unreadable messages refused whole; "
        f"doors asked to wait {waited} times. "
        + ("The ledger balances." if not wrong else f"{wrong} sources do not balance.")
    )
    return "\n".join(lines)


def run(
    cities: Sequence[str], speed: float, address: str, told: Callable[[str], None], *, seconds: float | None = None
) -> bool:
    """Play until SIGTERM or SIGINT, or for so many seconds; tells the summary. Whether the ledger balances at the end.

    Raises:
        Problem: see `Play`.
    """
    ended = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: ended.set())
    while not _open(address):
        if ended.wait(0.5):
            return True
    play = Play(cities, speed, address, told)
    play.start()
    ended.wait(seconds)
    found = play.stop()
    told(summary(found))
    return all(one.balances for one in found)


def _open(address: str) -> bool:
    try:
        with urllib.request.urlopen(f"{address}/intake/healthz", timeout=2):
            return True
    except OSError:
        return False
