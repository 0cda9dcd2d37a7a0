"""`python -m bench.intake_mqtt`: readings a second over MQTT, QoS 1, ten to a message, each on the disk before
its acknowledgement.

A real Mosquitto, two receivers that share every source's messages, a committer, and the senders, all on this machine. Counted is
what the lake holds at the end against what was sent: a reading that is not there is a failure, not a slower figure.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path
from statistics import median
from typing import Any

from bench import machine
from bench.figure import Figure, show

HERE = Path(__file__).parent
sys.path[:0] = [str(HERE.parent / "tests" / "faults"), str(HERE.parent / "tests" / "intake")]

from kill_intake import CITY, DATASET, Site  # noqa: E402  the processes of the fault trials

A_MESSAGE, RECEIVERS, SOURCES = 10, 2, 4
AHEAD = 400


def measure(readings: int, rounds: int) -> list[Figure]:
    turns = []
    for _ in range(rounds):
        with tempfile.TemporaryDirectory(prefix="qala-bench-") as folder:
            turns.append(_turn(Path(folder), readings))
    speed = median(one["per_second"] for one in turns)
    return [
        Figure("intake_mqtt", f"readings over MQTT, QoS 1, {A_MESSAGE} to a message, {RECEIVERS} receivers, committer running",
               f"{speed:,.0f}/s", "ThingsBoard on PostgreSQL, published: 5,000–10,000/s", f"{speed / 10_000:.1f} ×",
               "≥ 20,000/s, none lost", speed >= 20_000 and not any(one["lost"] for one in turns), {"rounds": turns})
    ]  # fmt: skip


def _turn(folder: Path, readings: int) -> dict[str, Any]:
    from trial_broker import TrialBroker

    broker = TrialBroker(folder / "broker", persistent=False)
    site = Site(folder)
    feed = {"city": CITY, "dataset": DATASET, "door": "mqtt", "way": "integration", "format": "json", "hashes": []}
    feeds = [{"name": f"source-{n}", **feed} for n in range(SOURCES)]
    (folder / "home" / "intake" / "registry.json").write_text(json.dumps(feeds))
    doors = {f"mqtt-{n}": [sys.executable, "-m", "qala.intake.doors.mqtt"] for n in range(RECEIVERS)}
    site.commands = {**doors, "committer": site.commands["committer"]}
    site.environment["QALA_MQTT_URL"] = broker.url
    try:
        for name in site.commands:
            site._start(name)
        _listened(folder)
        _send(broker.url, 40, "warm")  # the borders are made, the table is there
        _durable(site, 40 * A_MESSAGE)
        began, published = _send(broker.url, readings // A_MESSAGE, "run")
        durable = _durable(site, 40 * A_MESSAGE + readings) - began
        while (stored := _in_ledger(site)) < 40 * A_MESSAGE + readings and time.time() - began < 300:
            time.sleep(0.2)
        visible = time.time() - began
        rows = _rows(site)
    finally:
        site.stop()
        broker.stop()
    return {"readings": readings, "per_second": round(readings / durable), "published_s": round(published - began, 2),
            "durable_s": round(durable, 2), "committed_s": round(visible, 2), "in_ledger": stored - 40 * A_MESSAGE,
            "lost": 40 * A_MESSAGE + readings - rows}  # fmt: skip


def _listened(folder: Path) -> None:
    """Until every receiver listens to every source."""
    until, said = time.monotonic() + 90, ""
    while time.monotonic() < until:
        logs = [folder / f"mqtt-{n}.log" for n in range(RECEIVERS)]
        said = "".join(one.read_text() for one in logs if one.exists())
        if said.count("session begun") >= RECEIVERS * SOURCES:
            time.sleep(1)
            return
        time.sleep(0.2)
    raise SystemExit(f"the receivers do not listen:\n{said[-2000:]}")


def _send(url: str, messages: int, what: str) -> tuple[float, float]:
    """Publish from a process of its own; when it began and when the broker had all of it (seconds of the epoch)."""
    command = [sys.executable, "-m", "bench.intake_mqtt", "--to", url, "--messages", str(messages), "--what", what]
    done = subprocess.run(command, cwd=HERE.parent, capture_output=True, text=True, check=True)
    began, ended = done.stdout.split()[-2:]
    return float(began), float(ended)


def _publish(url: str, messages: int, what: str) -> None:
    from awscrt import mqtt5
    from kill_intake import Sender

    from qala.intake.doors.mqtt.broker import Broker, Line

    bodies = [json.dumps([Sender.row(f"{what}-{n}-{k}") for k in range(A_MESSAGE)]).encode() for n in range(messages)]
    line, up, ahead = Line(Broker.parse(url)), threading.Semaphore(0), threading.Semaphore(AHEAD)
    clients = [
        line.client(f"bench-{what}-{n}", published=lambda _: None, up=lambda _: up.release(), down=print, session_s=0)
        for n in range(SOURCES)
    ]
    for client in clients:
        client.start()
    for _ in clients:
        up.acquire()
    refused = []

    def told(done: Any) -> None:
        if done.exception() is not None or done.result().puback.reason_code != mqtt5.PubackReasonCode.SUCCESS:
            refused.append(done)
        ahead.release()

    began = time.time()
    for n, body in enumerate(bodies):
        ahead.acquire()
        packet = mqtt5.PublishPacket(topic=f"qala/source-{n % SOURCES}/up", payload=body, qos=mqtt5.QoS.AT_LEAST_ONCE)
        clients[n % SOURCES].publish(packet).add_done_callback(told)
    for _ in range(AHEAD):
        ahead.acquire()
    ended = time.time()
    if refused:
        raise SystemExit(f"the broker did not take {len(refused)} messages")
    print(began, ended)
    os._exit(0)  # nothing is to be handed over any more


def _durable(site: Site, readings: int) -> float:
    """When so many were on the disk: in the landing, or in the ledger already (seconds of the epoch)."""
    from qala.lake.committing import waiting

    until, first = time.monotonic() + 300, 0.0
    while time.monotonic() < until:
        now = time.time()
        if sum(one.rows for one in waiting(site.folder / "lake" / "landing")) + _in_ledger(site) >= readings:
            if first:  # twice: what is just moved from one to the other may be counted in both
                return first
            first = now
        else:
            first = 0.0
        time.sleep(0.1)
    raise SystemExit(f"{readings} readings never came; {_in_ledger(site)} are in the ledger")


def _in_ledger(site: Site) -> int:
    return sum(one.read for one in site.lake.ledger.receipts(DATASET))


def _rows(site: Site) -> int:
    snapshot = site.lake.table(DATASET).snapshot()
    with site.lake.connection() as con:
        found = con.execute(f"SELECT count(*) FROM {snapshot.current_sql(snapshot.files(city=CITY))}").fetchone()
    return int(found[0])


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--readings", type=int, default=300_000)
    parser.add_argument("--rounds", type=int, default=3)
    for hidden in ("--to", "--what"):
        parser.add_argument(hidden, help=argparse.SUPPRESS)
    parser.add_argument("--messages", type=int, help=argparse.SUPPRESS)
    asked = parser.parse_args()
    if asked.to:
        _publish(asked.to, asked.messages, asked.what)
    facts: dict[str, Any] = machine.facts()
    figures = measure(asked.readings, asked.rounds)
    show(figures, f"{facts['processor']}, {facts['cores']} cores, load {facts['load_before'][0]} before")
    said = {"machine": facts, "figures": [one.said() for one in figures]}
    (HERE / "results" / "intake_mqtt.json").write_text(json.dumps(said, indent=1, ensure_ascii=False) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
