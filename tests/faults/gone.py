"""Trials of `overload.py` in which something that the doors lean on is gone for a while: the broker, the database."""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "intake"))

from kill_intake import CITY, DATASET, SECRET, Sender, Site
from overload import Found, compared, running

ROOT = Path(__file__).resolve().parents[2]
OVER_MQTT = "meters-mqtt"


class Publisher:
    """Publishes a reading now and then at QoS 1 and remembers which the broker took; it waits for a broker that is gone."""

    def __init__(self, port: int) -> None:
        import paho.mqtt.client as paho

        self._client = paho.Client(paho.CallbackAPIVersion.VERSION2, protocol=paho.MQTTv5)
        self._client.reconnect_delay_set(1, 2)
        self._client.on_publish = self._told
        self._ended = threading.Event()
        self._sent: dict[int, str] = {}
        self._answers: dict[int, int] = {}
        self._client.connect("127.0.0.1", port)
        self._client.loop_start()
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    def _run(self) -> None:
        number = 0
        while not self._ended.wait(0.05):
            number += 1
            meter = f"mqtt-{number}"
            body = json.dumps(Sender.row(meter))
            self._sent[self._client.publish(f"qala/{OVER_MQTT}/up", body, qos=1).mid] = meter

    def _told(self, _client: Any, _data: Any, mid: int, reason: Any, _properties: Any) -> None:
        self._answers[mid] = reason.value

    @property
    def taken(self) -> set[str]:
        """Readings that the broker took for somebody who listens."""
        return {meter for mid, meter in self._sent.items() if self._answers.get(mid) == 0}

    def stop(self) -> None:
        self._ended.set()
        self._thread.join()
        _until(lambda: len(self._answers) == len(self._sent), 30)
        self._client.disconnect()
        self._client.loop_stop()


def broker_gone(folder: Path, seconds: float) -> Found:
    """The broker ends, and is there again after a while; another source sends over HTTP all the time."""
    from trial_broker import TrialBroker

    broker, site = TrialBroker(folder / "broker"), Site(folder)
    registry = folder / "home" / "intake" / "registry.json"
    feed = {
        "name": OVER_MQTT,
        "city": CITY,
        "dataset": DATASET,
        "door": "mqtt",
        "way": "integration",
        "format": "json",
        "hashes": [],
    }
    registry.write_text(json.dumps([*json.loads(registry.read_text()), feed]))
    site.commands["mqtt"] = [sys.executable, "-m", "qala.intake.doors.mqtt"]
    site.environment["QALA_MQTT_URL"] = broker.url
    try:
        with running(site) as (quiet, ended):
            _until(lambda: "session begun" in (folder / "mqtt.log").read_text(), 60)
            publisher = Publisher(broker.port)
            _until(lambda: _read(site) > 0, 60)
            calm = time.monotonic()
            time.sleep(max(3.0, seconds / 4))
            gone = time.monotonic()
            broker.stop()
            time.sleep(seconds)
            back = time.monotonic()
            before = _read(site)
            broker.start()
            _until(lambda: _read(site) > before, 90)
            found = Found("broker gone and back", round(back - gone, 1), recovered_s=round(time.monotonic() - back, 1))
            found.quiet_p95_ms = (quiet.p95_ms(calm, gone), quiet.p95_ms(gone, back))
            found.quiet_refused = quiet.refused(gone, back)
            publisher.stop()
            wanted = publisher.taken
            _until(lambda: _read(site) >= len(wanted), 60)
    finally:
        broker.stop()
    found.ended, found.acknowledged = ended, len(wanted) + len(quiet.acknowledged)
    return compared(site, found, wanted | quiet.acknowledged, received=found.acknowledged)


def database_gone(folder: Path, seconds: float) -> Found:
    """PostgreSQL ends, and is there again after a while; doors take in, the committer commits, and news come again."""
    site = Site(folder)
    with _database(site) as (end, begin), running(site) as (quiet, ended):
        news: list[float] = []
        threading.Thread(target=_listen, args=(site.port, news), daemon=True).start()
        _until(lambda: bool(news), 60)
        calm = time.monotonic()
        time.sleep(max(3.0, seconds / 4))
        gone = time.monotonic()
        end()
        time.sleep(seconds)
        back = time.monotonic()
        begin()
        _until(lambda: news[-1] > back, 90)
        found = Found("database gone and back", round(back - gone, 1), recovered_s=round(time.monotonic() - back, 1))
        found.quiet_p95_ms = (quiet.p95_ms(calm, gone), quiet.p95_ms(gone, back))
        found.quiet_refused = quiet.refused(gone, back)
        if found.quiet_refused:
            found.wrong.append(f"{found.quiet_refused} readings were refused while the database was gone")
    found.ended, found.acknowledged = ended, len(quiet.acknowledged)
    return compared(site, found, quiet.acknowledged, received=found.acknowledged)


_REGISTER = """
import django; django.setup()
from django.core.management import call_command
call_command("migrate", interactive=False, verbosity=0)
from qala.intake.models import Credential, Source
from qala.intake.registry import hash_of
for n in range(2):
    source = Source.objects.create(name=f"meters-{n}", title="Trial", city="%s", dataset="%s")
    Credential.objects.create(source=source, start="qals_trial", hash=hash_of(f"%s{n}"))
"""


@contextlib.contextmanager
def _database(site: Site) -> Iterator[tuple[Callable[[], None], Callable[[], None]]]:
    """A server of its own with the two sources in it; how to end and how to begin it. Its user may not enter `/tmp/…`."""
    out = ROOT / "out"
    out.mkdir(exist_ok=True)
    home = Path(tempfile.mkdtemp(prefix="test-gone-", dir=out))
    home.chmod(0o755)
    os.environ["QALA_HOME"] = str(home)
    os.environ.pop("DATABASE_URL", None)
    from qala.config import database

    try:
        site.environment["DATABASE_URL"] = database.owner_url()
        code = _REGISTER % (CITY, DATASET, SECRET)
        subprocess.run([sys.executable, "-c", code], env=site.environment, check=True, capture_output=True)
        file = home / "postgres" / "postmaster.pid"

        def end() -> None:
            os.kill(int(file.read_text().split()[0]), signal.SIGINT)
            _until(lambda: not file.exists(), 30)

        yield end, database.revive
    finally:
        with contextlib.suppress(OSError, ValueError):
            os.kill(int((home / "postgres" / "postmaster.pid").read_text().split()[0]), signal.SIGINT)
        time.sleep(1)
        shutil.rmtree(home, ignore_errors=True)


def _listen(port: int, news: list[float]) -> None:
    """When news of the city came, as an open page hears them."""
    while True:
        with (
            contextlib.suppress(OSError),
            urllib.request.urlopen(f"http://127.0.0.1:{port}/live/{CITY}", timeout=60) as stream,
        ):
            news.extend(time.monotonic() for line in stream if line.startswith(b"event: news"))
        time.sleep(0.5)


def _read(site: Site) -> int:
    """Rows that came over MQTT, by the ledger."""
    return sum(one.read for one in site.lake.ledger.receipts(DATASET) if one.source == OVER_MQTT)


def _until(true: Callable[[], object], seconds: float) -> None:
    until = time.monotonic() + seconds
    while not true():
        if time.monotonic() > until:
            raise AssertionError("it did not come")
        time.sleep(0.1)
