"""The MQTT door's process: `python -m qala.intake.doors.mqtt`, with the broker in `QALA_MQTT_URL`.

Several may run side by side; they divide what comes.
"""

from __future__ import annotations

import logging
import os
import signal
import sys
import threading
import time
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

import django
from django.conf import settings
from django.db import DatabaseError, close_old_connections

from qala.standard.problems import Problem

if TYPE_CHECKING:
    from qala.intake.doors.mqtt.door import Door

TICK_S = 1.0
TELL_S = 60.0
NOTE_S = 10.0
_LOG = logging.getLogger("qala.intake.doors.mqtt")


def main() -> int:
    """Listen until SIGTERM or SIGINT; what is under way is finished and acknowledged."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "qala.config.settings")
    django.setup()
    logging.basicConfig(level=logging.INFO, format="{asctime} {levelname} {name}: {message}", style="{", force=True)
    from qala import facts
    from qala.intake.doors.mqtt.broker import VARIABLE, Broker
    from qala.intake.doors.mqtt.door import Door
    from qala.intake.receiving import Receiver
    from qala.intake.registry import Registry

    ended = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: ended.set())
    home = Path(settings.HOME) / "intake"
    try:
        broker = Broker.parse(os.environ.get(VARIABLE, ""))
        registry = Registry(home / "registry.json")
        door = Door(broker, Receiver(facts.lake(), "mqtt"), registry, home / "mqtt")
    except Problem as problem:
        sys.stderr.write(f"{problem}\n")
        return 2
    if why := broker.looked_at():
        _LOG.error("%s", why)
    told = noted = time.monotonic()
    before: Mapping[str, int] = {}
    try:
        while not ended.is_set():
            registry.refresh(now=True)
            door.tick()
            now = time.monotonic()
            if now - noted > NOTE_S:
                noted = now
                _note(door)
            if now - told > TELL_S:
                told = now
                counts = door.counts()
                if counts != before:
                    _LOG.info("since the start: %s", ", ".join(f"{name} {count}" for name, count in counts.items()))
                before = counts
            ended.wait(TICK_S)
    finally:
        door.close()
    return 0


def _note(door: Door) -> None:
    """Put down how each source fares, for its page; the door works on where the database does not."""
    from qala.intake.models import Door as State
    from qala.intake.models import Source

    try:
        close_old_connections()
        for name, session in door.states().items():
            source = Source.objects.filter(name=name, removed_at=None).first()
            if source is None:
                continue
            there, _ = State.objects.get_or_create(source=source)
            if session.last != there.answered_at or session.trouble != there.trouble:
                there.answered_at, there.trouble = session.last or there.answered_at, session.trouble
                there.save(update_fields=["answered_at", "trouble"])
    except DatabaseError as error:
        _LOG.warning("how the sources fare is not put down: %s", str(error).splitlines()[0])


if __name__ == "__main__":
    sys.exit(main())
