"""The MQTT door with a real broker: what is acknowledged is on the disk, whatever is killed; nobody holds up another."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import pytest
from mqtt_receiver import Feeds
from trial_broker import TrialBroker, authority, sender, wait
from trial_intake import row
from trial_lake import CITY, VISITS, current, refused

from qala.intake.doors.mqtt import door as door_module
from qala.intake.doors.mqtt import slots as slots_module
from qala.intake.doors.mqtt.broker import Broker
from qala.intake.doors.mqtt.door import Door
from qala.intake.receiving import Receiver
from qala.intake.registry import Feed
from qala.lake import Lake
from qala.lake.audit import audit
from qala.lake.committing import Committer
from qala.lake.landing import Full
from qala.standard.problems import Problem

FEED = Feed(name="front-desk", city=CITY, dataset=VISITS, door="mqtt", way="integration", format="json")
OTHER = replace(FEED, name="back-desk")
RECEIVER = str(Path(__file__).parent / "mqtt_receiver.py")


@pytest.fixture
def broker(tmp_path: Path) -> Iterator[TrialBroker]:
    found = TrialBroker(tmp_path / "broker")
    yield found
    found.stop(signal.SIGKILL)


class Running:
    """A door in this process, ticked by hand."""

    def __init__(self, lake: Lake, home: Path, url: str, *feeds: Feed) -> None:
        self.feeds = Feeds(*feeds)
        self.door = Door(Broker.parse(url), Receiver(lake, "mqtt"), self.feeds, home / "mqtt")  # type: ignore[arg-type]

    def until(self, what: Callable[[], Any], seconds: float = 15.0) -> None:
        """Tick until something is so."""

        def look() -> bool:
            self.door.tick()
            return bool(what())

        wait(look, seconds)

    def listening(self) -> Running:
        self.until(lambda: self.states and not any(one.trouble for one in self.states.values()))
        return self

    @property
    def states(self) -> dict[str, Any]:
        return self.door.states()

    def acknowledged(self) -> int:
        return self.door.counts()["acknowledged"]


@pytest.fixture
def run(lake: Lake, tmp_path: Path, broker: TrialBroker) -> Iterator[Callable[..., Running]]:
    made: list[Running] = []

    def begin(*feeds: Feed, url: str = broker.url) -> Running:
        made.append(Running(lake, tmp_path / "home", url, *feeds))
        return made[-1]

    yield begin
    for one in made:
        one.door.close()


def message(*numbers: object) -> bytes:
    return json.dumps([row(number) for number in numbers]).encode()


def visits(lake: Lake) -> list[str]:
    Committer(lake).drain()
    return sorted((one["visit_id"] for one in current(lake, VISITS, "visit_id")), key=int)


def test_a_source_publishes_below_its_name_and_its_rows_are_stored(
    lake: Lake, run: Callable[..., Running], broker: TrialBroker
) -> None:
    one = run(FEED).listening()
    with sender(broker) as to:
        to.send("qala/front-desk/hall/1", message(1, 2), message(3))
        to.send("qala/front-desk", message(4))
    one.until(lambda: one.acknowledged() == 3)
    assert visits(lake) == ["1", "2", "3", "4"]


def test_what_cannot_be_read_is_sealed_in_quarantine_and_acknowledged(
    lake: Lake, run: Callable[..., Running], broker: TrialBroker
) -> None:
    one = run(FEED).listening()
    with sender(broker) as to:
        to.send("qala/front-desk/x", b'{"visit_id": 850101300123', message(1), b"\xff\xfe", b"")
    one.until(lambda: one.acknowledged() == 4)
    assert visits(lake) == ["1"]
    receipts = lake.ledger.receipts(VISITS)
    rows = [row for receipt in receipts for row in refused(lake, receipt)]
    assert len(rows) == 3
    assert all(row["rules"] == "unreadable" for row in rows)
    connection = lake.connection()
    originals = [
        one.content
        for receipt in receipts
        for one in lake.quarantine.originals(connection, VISITS, CITY, receipt.id, lake.sealer)
    ]
    connection.close()
    assert any(b"850101300123" in one for one in originals)


def test_levels_of_a_foreign_topic_become_fields_of_its_rows(
    lake: Lake, run: Callable[..., Running], broker: TrialBroker
) -> None:
    foreign = replace(FEED, settings={"topic": "desks/+/{kind}/{visit_id}"})
    one = run(foreign).listening()
    with sender(broker) as to:
        to.send("desks/7/short/42", json.dumps({**row(1), "visit_id": None, "kind": None}).encode())
        to.send("desks/7/short/43", json.dumps(row(1)).encode())
    one.until(lambda: one.acknowledged() == 2)
    assert visits(lake) == ["1", "42"]


def test_tls_with_credentials_and_no_word_without_them(lake: Lake, tmp_path: Path, run: Callable[..., Running]) -> None:
    secure = TrialBroker(tmp_path / "secure", tls=True)
    try:
        one = run(FEED, url=secure.url).listening()
        with sender(secure) as to:
            to.send("qala/front-desk/x", message(1))
        one.until(lambda: one.acknowledged() == 1)
        wrong = run(FEED, url=secure.url.replace("p%40ss%2Fword", "guess"))
        wrong.until(lambda: "look at user and password" in wrong.states["front-desk"].trouble)
        assert "guess" not in wrong.states["front-desk"].trouble
        elsewhere = tmp_path / "elsewhere"
        elsewhere.mkdir()
        authority(elsewhere)
        strange = secure.url.replace(str(secure.ca), str(elsewhere / "ca.pem"))
        assert Broker.parse(secure.url).looked_at() == ""
        assert "not trusted" in Broker.parse(strange).looked_at()
        doubtful = run(FEED, url=strange)
        with pytest.raises(AssertionError, match="in time"):
            doubtful.until(lambda: doubtful.states and not doubtful.states["front-desk"].trouble, 1.5)
    finally:
        secure.stop(signal.SIGKILL)
    assert visits(lake) == ["1"]


def test_an_address_that_is_wrong_is_told_with_an_example(tmp_path: Path) -> None:
    nothing = tmp_path / "nothing.pem"
    nothing.write_text("not a certificate")
    for said, why in {
        "": "no address",
        "http://x": "no address",
        "mqtt://": "no address",
        "mqtt://h:port": "no address",
        "mqtt://h/topic": "no path",
        "mqtts://h?ca=/not/there": "not there",
        f"mqtts://h?ca={nothing}": "without certificates",
        f"mqtt://h?ca={__file__}": "belong to mqtts|without certificates",
        f"mqtts://h?key={__file__}": "go together",
        "mqtts://h?tls=no": "not known",
    }.items():
        with pytest.raises(Problem, match=why) as told:
            Broker.parse(said)
        assert "mqtts://user:password@" in str(told.value)
    assert str(Broker.parse("mqtts://u:secret@h")) == "mqtts://h:8883"


def test_nothing_is_lost_when_the_broker_restarts(lake: Lake, run: Callable[..., Running], broker: TrialBroker) -> None:
    one = run(FEED).listening()
    with sender(broker) as to:
        to.send("qala/front-desk/x", *(message(n) for n in range(50)))
        one.door.receiver.submit, kept = _full, one.door.receiver.submit  # type: ignore[method-assign]
        to.send("qala/front-desk/x", *(message(n) for n in range(50, 100)))
        broker.stop()
        one.until(lambda: "refused" in one.states["front-desk"].trouble.lower())
        one.door.receiver.submit = kept  # type: ignore[method-assign]
        broker.start()
        one.listening()
        to.send("qala/front-desk/x", message(100))
        one.until(lambda: len(visits(lake)) == 101)
    assert audit(lake) == []


def _full(*_: Any, **__: Any) -> Any:
    raise Full("the disk is nearly full", 1)


def test_a_full_disk_holds_messages_with_the_broker_until_there_is_room(
    lake: Lake, run: Callable[..., Running], broker: TrialBroker
) -> None:
    one = run(FEED).listening()
    one.door.receiver.submit, kept = _full, one.door.receiver.submit  # type: ignore[method-assign]
    with sender(broker) as to:
        to.send("qala/front-desk/x", *(message(n) for n in range(20)))
    one.until(lambda: one.door.counts()["held"] >= 20)
    assert one.acknowledged() == 0
    one.door.receiver.submit = kept  # type: ignore[method-assign]
    one.until(lambda: one.acknowledged() == 20)
    assert len(visits(lake)) == 20


def test_a_mapping_that_does_not_fit_holds_up_its_own_source_only_and_nothing_is_lost(
    lake: Lake, run: Callable[..., Running], broker: TrialBroker
) -> None:
    wrong = replace(FEED, mapping={"dataset": VISITS, "columns": {"no_such_column": "x"}})
    one = run(wrong, OTHER).listening()
    with sender(broker) as to:
        to.send("qala/front-desk/x", message(1))
        to.send("qala/back-desk/x", message(2))
        one.until(lambda: "no_such_column" in one.states["front-desk"].trouble)
        one.until(lambda: one.acknowledged() == 1)
        assert visits(lake) == ["2"]
        one.feeds.all["front-desk"] = FEED
        one.until(lambda: one.acknowledged() == 2)
    assert one.states["front-desk"].trouble == ""
    assert visits(lake) == ["1", "2"]


def test_what_comes_while_a_source_is_paused_is_kept_by_the_broker(
    lake: Lake, run: Callable[..., Running], broker: TrialBroker
) -> None:
    one = run(FEED).listening()
    one.feeds.all["front-desk"] = replace(FEED, paused=True)
    one.until(lambda: not one.states)
    time.sleep(0.3)
    with sender(broker) as to:
        to.send("qala/front-desk/x", message(1))
    one.feeds.all["front-desk"] = FEED
    one.until(lambda: one.acknowledged() == 1)
    assert visits(lake) == ["1"]


def test_a_message_that_our_own_code_fails_on_is_sealed_and_the_others_pass(
    lake: Lake, run: Callable[..., Running], broker: TrialBroker, monkeypatch: pytest.MonkeyPatch
) -> None:
    one = run(FEED).listening()
    kept = one.door.receiver.submit

    def submit(feed: Any, rows: Any, **how: Any) -> Any:
        if any(row["visit_id"] == "13" for row in rows):
            raise ZeroDivisionError("a fault of ours")
        return kept(feed, rows, **how)

    monkeypatch.setattr(one.door.receiver, "submit", submit)
    with sender(broker) as to:
        to.send("qala/front-desk/x", *(message(n) for n in range(10, 17)))
    one.until(lambda: one.acknowledged() == 7)
    assert visits(lake) == ["10", "11", "12", "14", "15", "16"]
    rows = [row for receipt in lake.ledger.receipts(VISITS) for row in refused(lake, receipt)]
    assert len(rows) == 1
    assert "a fault of ours" in rows[0]["reason"]


def test_a_topic_of_no_source_is_noticed(
    run: Callable[..., Running], broker: TrialBroker, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(door_module, "LISTEN_S", 10.0)
    one = run(FEED).listening()
    with sender(broker) as to:

        def noticed() -> bool:
            to.send("qala/front-dsk/x", message(1))
            return one.door.counts()["unknown"] > 0

        one.until(noticed)
        to.send("nobody/listens", b"x")
        assert to.reasons[-1] == "No matching subscribers"
    assert "qala/front-dsk/" in caplog.text


# Several receivers


def test_two_receivers_divide_what_comes(lake: Lake, run: Callable[..., Running], broker: TrialBroker) -> None:
    first, second = run(FEED).listening(), run(FEED).listening()
    with sender(broker) as to:
        to.send("qala/front-desk/x", *(message(n) for n in range(200)))
    first.until(lambda: first.acknowledged() + second.acknowledged() == 200)
    assert first.acknowledged() > 20
    assert second.acknowledged() > 20
    assert visits(lake) == [str(n) for n in range(200)]
    assert sum(receipt.read for receipt in lake.ledger.receipts(VISITS)) == 200


def test_what_the_broker_keeps_for_a_receiver_that_stays_away_is_taken_by_another(
    lake: Lake, run: Callable[..., Running], broker: TrialBroker, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(slots_module, "AWAY_S", 0.5)
    first, second = run(FEED).listening(), run(FEED).listening()
    second.door.close()
    with sender(broker) as to:
        to.send("qala/front-desk/x", *(message(n) for n in range(40)))
    first.until(lambda: len(visits(lake)) == 40)
    first.until(lambda: not first.door._leaving and not first.door._dissolving)
    before = first.acknowledged()
    with sender(broker) as to:
        to.send("qala/front-desk/x", *(message(n) for n in range(40, 60)))
    first.until(lambda: first.acknowledged() == before + 20)


def test_a_source_that_listens_elsewhere_now_loses_nothing_of_before(
    lake: Lake, run: Callable[..., Running], broker: TrialBroker
) -> None:
    one = run(FEED).listening()
    one.door.close()
    with sender(broker) as to:
        to.send("qala/front-desk/x", message(1))
        two = run(replace(FEED, settings={"topic": "desks/#"})).listening()
        to.send("desks/9", message(2))
        two.until(lambda: len(visits(lake)) == 2)
        two.until(lambda: not two.door._leaving)
        to.send("qala/front-desk/x", message(3))
        assert to.reasons[-1] == "No matching subscribers"


# Faults


def start(lake: Lake, tmp_path: Path, broker: TrialBroker, *feeds: Feed) -> subprocess.Popen[str]:
    said = json.dumps([asdict(one) for one in feeds])
    log = (tmp_path / "receiver.log").open("a")
    return subprocess.Popen(
        [sys.executable, RECEIVER, str(lake.folder), str(tmp_path / "home"), broker.url, said],
        stdout=log, stderr=log,
    )  # fmt: skip


def test_killed_receivers_lose_and_double_nothing(lake: Lake, tmp_path: Path, broker: TrialBroker) -> None:
    count, processes = 0, [start(lake, tmp_path, broker, FEED) for _ in range(2)]
    committer = Committer(lake)
    try:
        with sender(broker) as to:
            wait(lambda: (tmp_path / "receiver.log").read_text().count("listening\n") == 2)
            for turn in range(4):
                first = 1 + count
                count += 200
                to.send("qala/front-desk/x", *(message(n) for n in range(first, count + 1)))
                victim = turn % 2
                processes[victim].kill()
                processes[victim].wait()
                committer.run_once()
                processes[victim] = start(lake, tmp_path, broker, FEED)
        wait(lambda: set(visits(lake)) >= {str(n) for n in range(1, count + 1)}, 30)
    finally:
        for one in processes:
            one.kill()
            one.wait()
    rows = current(lake, VISITS, "visit_id")
    assert len(rows) == len({one["visit_id"] for one in rows})
    assert audit(lake) == []
    receipts = lake.ledger.receipts(VISITS)
    assert sum(one.read for one in receipts) == sum(
        one.stored + one.replaced + one.duplicate + one.quarantined for one in receipts
    )
