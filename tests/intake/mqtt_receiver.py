"""The MQTT door over a trial lake as a process that may be killed: `python mqtt_receiver.py LAKE HOME URL FEEDS_JSON`."""

from __future__ import annotations

import json
import logging
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1] / "lake"))
sys.path.insert(0, str(Path(__file__).parents[2]))

from trial_lake import trial_catalogue

from qala.intake.doors.mqtt.broker import Broker
from qala.intake.doors.mqtt.door import Door
from qala.intake.receiving import Receiver
from qala.intake.registry import Feed
from qala.lake import Lake


class Feeds:
    """Sources that need no database."""

    def __init__(self, *feeds: Feed) -> None:
        self.all = {one.name: one for one in feeds}

    def feeds(self) -> dict[str, Feed]:
        return self.all

    def feed(self, name: str) -> Feed | None:
        return self.all.get(name)


def main(lake: str, home: str, url: str, feeds: str) -> None:
    logging.basicConfig(level=logging.INFO)
    found = Feeds(*(Feed.of({"hashes": [], **one}) for one in json.loads(feeds)))
    receiver = Receiver(Lake(Path(lake), trial_catalogue()), "mqtt")
    door = Door(Broker.parse(url), receiver, found, Path(home) / "mqtt")  # type: ignore[arg-type]
    told = False
    while True:
        door.tick()
        if not told and not any(one.trouble for one in door.states().values()):
            print("listening", flush=True)
            told = True
        time.sleep(0.25)


if __name__ == "__main__":
    main(*sys.argv[1:])
