"""Sparkplug B over a real broker: names from the BIRTH survive a restart; data of an unknown node wait for its BIRTH."""

from __future__ import annotations

import signal
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from test_mqtt_door import FEED, Running, visits
from trial_broker import TrialBroker, sender, wait

from qala.intake.doors.mqtt import sparkplug as module
from qala.intake.payloads import sparkplug_schema as schema
from qala.lake import Lake

PLANT = replace(
    FEED,
    name="plant",
    format="sparkplug_b",
    settings={"topic": "spBv1.0/Almaty/#"},
    mapping={
        "dataset": FEED.dataset,
        "columns": {
            "visit_id": "metric", "persons": "value", "came_at": "timestamp", "kind": {"sql": "'short'"},
        },
        "ignore": ["group_id", "edge_node_id", "device_id", "message_type", "seq", "datatype", "is_historical", "is_transient"],
    },
)  # fmt: skip
INT32 = schema.DATA_TYPES.index("Int32")


def payload(seq: int, **metrics: Any) -> bytes:
    """Metrics by name and alias at birth (`v1="1:5"`), by alias afterwards (`a1=6`)."""
    said = schema.Payload(timestamp=1_772_000_000_000, seq=seq)
    for name, value in metrics.items():
        if isinstance(value, str):
            alias, _, number = value.partition(":")
            said.metrics.add(name=name[1:], alias=int(alias), datatype=INT32, int_value=int(number))
        else:
            said.metrics.add(alias=int(name[1:]), int_value=value)
    return bytes(said.SerializeToString())


@pytest.fixture
def broker(tmp_path: Path) -> Iterator[TrialBroker]:
    found = TrialBroker(tmp_path / "broker")
    yield found
    found.stop(signal.SIGKILL)


@pytest.fixture
def run(lake: Lake, tmp_path: Path, broker: TrialBroker) -> Iterator[Callable[[], Running]]:
    made: list[Running] = []

    def begin() -> Running:
        made.append(Running(lake, tmp_path / "home", broker.url, PLANT))
        return made[-1]

    yield begin
    for one in made:
        one.door.close()


def test_the_birth_is_remembered_when_the_process_begins_again(
    lake: Lake, run: Callable[[], Running], broker: TrialBroker, caplog: pytest.LogCaptureFixture
) -> None:
    one = run().listening()
    with sender(broker) as to:
        to.send("spBv1.0/Almaty/NBIRTH/boiler", payload(0, v101="1:5"))
        to.send("spBv1.0/Almaty/DBIRTH/boiler/pump", payload(1, v102="2:6"))
        one.until(lambda: one.acknowledged() == 2)
        one.door.close()
        two = run().listening()
        to.send("spBv1.0/Almaty/DDATA/boiler/pump", payload(5, a2=7))
        two.until(lambda: two.acknowledged() == 1)
    assert visits(lake) == ["101", "102"]
    assert "did not come" not in caplog.text, "what came while nobody looked is no gap"


def test_data_before_the_birth_wait_for_it_and_the_node_is_asked(
    lake: Lake, run: Callable[[], Running], broker: TrialBroker
) -> None:
    one = run().listening()
    with sender(broker) as to, sender(broker) as node:
        asked: list[tuple[str, bytes]] = []
        node._client.on_message = lambda client, data, message: asked.append((message.topic, message.payload))
        node._client.subscribe("spBv1.0/Almaty/NCMD/boiler", qos=1)
        to.send("spBv1.0/Almaty/NDATA/boiler", payload(3, a1=8), payload(4, a1=9))
        one.until(lambda: asked)
        assert one.acknowledged() == 0
        assert schema.Payload.FromString(asked[0][1]).metrics[0].name == "Node Control/Rebirth"
        to.send("spBv1.0/Almaty/NBIRTH/boiler", payload(0, v101="1:5"))
        one.until(lambda: one.acknowledged() == 3)
    assert visits(lake) == ["101"]
    assert sum(receipt.read for receipt in lake.ledger.receipts()) == 3


def test_data_whose_birth_never_comes_go_to_the_quarantine(
    lake: Lake, run: Callable[[], Running], broker: TrialBroker, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "WAIT_S", 0.3)
    one = run().listening()
    with sender(broker) as to:
        to.send("spBv1.0/Almaty/NDATA/boiler", payload(3, a1=8))
        one.until(lambda: one.acknowledged() == 1)
    assert visits(lake) == []
    assert lake.ledger.receipts()[-1].quarantined == 1


def test_one_receiver_at_a_time_listens_and_another_takes_over(
    lake: Lake, run: Callable[[], Running], broker: TrialBroker
) -> None:
    first, second = run().listening(), run()
    second.door.tick()
    assert not second.states
    with sender(broker) as to:
        to.send("spBv1.0/Almaty/NBIRTH/boiler", payload(0, v101="1:5"))
        first.until(lambda: first.acknowledged() == 1)
        first.door.close()
        second.listening()
        to.send("spBv1.0/Almaty/NDATA/boiler", payload(1, a1=6))
        second.until(lambda: second.acknowledged() == 1)
    wait(lambda: visits(lake) == ["101"])
