"""`kill -9` of MQTT receivers and the committer under load: two receivers share what a real Mosquitto has for two sources.

    python tests/faults/kill_mqtt.py --kills 50      (make faults)

What the broker has acknowledged to a sender must be in the table once. The broker itself is not killed: what Mosquitto forgets
then is told in docs/howto/receive-over-mqtt.md.
"""

from __future__ import annotations

import json
import random
import sys
import threading
import time
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "intake"))

import kill_intake
from kill_intake import CITY, DATASET, Site, Trial, counted
from trial_broker import Sender, TrialBroker, wait

PROCESSES = ("receiver-0", "receiver-1", "committer")
SOURCES = 2


def trial(folder: Path, kills: int, *, between: tuple[float, float] = (0.2, 2.0), seed: int = 7) -> Trial:
    """Run a trial; `lost`, `doubled` and `wrong` must be empty."""
    chance, found, began = random.Random(seed), Trial(), time.monotonic()
    broker = TrialBroker(folder / "broker")
    site = Site(folder)
    feed = {"city": CITY, "dataset": DATASET, "door": "mqtt", "way": "integration", "format": "json", "hashes": []}
    feeds = [{"name": f"source-{n}", **feed} for n in range(SOURCES)]
    (folder / "home" / "intake" / "registry.json").write_text(json.dumps(feeds))
    receiver = [sys.executable, "-m", "qala.intake.doors.mqtt"]
    site.commands = {name: site.commands.get(name, receiver) for name in PROCESSES}
    site.environment["QALA_MQTT_URL"] = broker.url
    acknowledged: set[str] = set()
    ended = threading.Event()

    def send(number: int) -> None:
        to, batch = Sender(broker), 0
        while not ended.wait(0.02):
            rows = [kill_intake.Sender.row(f"{number}-{batch}-{n}") for n in range(1 + batch % 20)]
            found.sent += len(rows)
            to.send(f"qala/source-{number}/up", json.dumps(rows).encode())  # until the broker has acknowledged it
            acknowledged.update(row["meter_id"] for row in rows)
            batch += 1
        to.close()

    crowd = [threading.Thread(target=send, args=(n,)) for n in range(SOURCES)]
    try:
        for name in PROCESSES:
            site._start(name)
        logs = [folder / f"{name}.log" for name in PROCESSES[:2]]
        wait(lambda: sum(log.read_text().count("session begun") for log in logs) >= 2 * SOURCES, 90)
        for one in crowd:
            one.start()
        for _ in range(kills):
            time.sleep(chance.uniform(*between))
            what = chance.choice(PROCESSES)
            site.kill(what)
            name = what.partition("-")[0]
            found.kills[name] = found.kills.get(name, 0) + 1
        ended.set()
        for one in crowd:
            one.join(60)
        wait(lambda: _read(site) >= len(acknowledged), 120)
        time.sleep(2)  # what is delivered a second time comes too
    finally:
        ended.set()
        site.stop()
        broker.stop()
    return counted(site.lake, acknowledged, found, began)


def _read(site: Any) -> int:
    """Rows that the ledger has, those that came twice counted twice."""
    return sum(one.read for one in site.lake.ledger.receipts(DATASET))


if __name__ == "__main__":
    sys.exit(kill_intake.main("MQTT receivers, committer", "mqtt", trial, __doc__))
