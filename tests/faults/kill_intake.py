"""`kill -9` under load: a door, a committer, senders; any process dies at a random moment, again and again.

    python tests/faults/kill_intake.py --kills 50      (make faults)

Afterwards every acknowledged row must be in the table once, no row twice, and the ledger must balance. The database is
absent the whole time: doors work from the registry that they remember.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import results

CITY, DATASET, SECRET = "750000000", "heat.readings", "qals_kill"
PROCESSES = ("door", "worker of the door", "committer")
TRIALS = ("http", "mqtt", "collector")


@dataclass
class Trial:
    """What a trial did and found."""

    kills: dict[str, int] = field(default_factory=dict)
    sent: int = 0
    acknowledged: int = 0
    unanswered: int = 0
    lost: int = 0
    doubled: int = 0
    stored: int = 0
    wrong: list[str] = field(default_factory=list)
    seconds: float = 0.0


class Site:
    """The processes, and whoever brings them up again."""

    def __init__(self, folder: Path) -> None:
        from qala.datasets import load_catalogue
        from qala.intake.registry import Feed, hash_of
        from qala.lake import City, Lake

        self.folder = folder
        self.lake = Lake(folder / "lake", load_catalogue())
        names = dict.fromkeys(("kk", "ru", "en"), "Trial")
        self.lake.cities.add(City.model_validate({"code": CITY, "names": names, "zone": "Asia/Almaty"}))
        feeds = [
            Feed(f"meters-{n}", CITY, DATASET, "http", "integration", "json", hashes=(hash_of(f"{SECRET}{n}"),))
            for n in range(2)
        ]
        registry = folder / "home" / "intake" / "registry.json"
        registry.parent.mkdir(parents=True)
        registry.write_text(json.dumps([{**vars(one), "hashes": list(one.hashes)} for one in feeds]))
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        python = sys.executable
        self.commands = {
            "door": [
                *(python, "-m", "granian", "--interface", "asgi", "--host", "127.0.0.1", "--port", str(self.port)),
                *("--workers", "1", "--no-ws", "--respawn-failed-workers", "--log-level", "error"),
                "qala.config.intake:application",
            ],
            "committer": [python, "-m", "qala.intake.work"],
        }
        self.environment = {
            **{k: v for k, v in os.environ.items() if not k.startswith(("QALA_", "DJANGO_"))},
            "QALA_LAKE": str(folder / "lake"),
            "QALA_HOME": str(folder / "home"),
            "QALA_EDITION": "order_469",
            "DATABASE_URL": "postgresql://nobody@127.0.0.1:1/none?connect_timeout=1",
            "DJANGO_SETTINGS_MODULE": "qala.config.settings",
        }
        self.running: dict[str, subprocess.Popen[bytes]] = {}

    def start(self) -> None:
        for name in self.commands:
            self._start(name)
        self.wait()

    def _start(self, name: str) -> None:
        with (self.folder / f"{name}.log").open("ab") as log:
            self.running[name] = subprocess.Popen(
                self.commands[name], env=self.environment, stdout=log, stderr=log, start_new_session=True
            )

    def wait(self, seconds: float = 60) -> None:
        until = time.monotonic() + seconds
        while time.monotonic() < until:
            try:
                with urllib.request.urlopen(f"http://127.0.0.1:{self.port}/intake/healthz", timeout=2):
                    return
            except OSError:
                self._revive()
                time.sleep(0.05)
        raise AssertionError((self.folder / "door.log").read_text()[-3000:])

    def _revive(self) -> None:
        """What a service manager does: a server gives up where its workers die one after another, and is started again."""
        for name, process in list(self.running.items()):
            if process.poll() is not None:
                self._start(name)

    def kill(self, what: str) -> None:
        """SIGKILL; what the service manager would do follows at once."""
        self._revive()
        if what == "worker of the door":
            children = Path(f"/proc/{self.running['door'].pid}/task/{self.running['door'].pid}/children").read_text()
            for child in children.split():
                os.kill(int(child), signal.SIGKILL)  # granian brings it up again
            return
        process = self.running[what]
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()
        self._start(what)

    def stop(self) -> None:
        for process in self.running.values():
            try:
                os.killpg(process.pid, signal.SIGTERM)
                process.wait(30)
            except (ProcessLookupError, subprocess.TimeoutExpired):
                os.killpg(process.pid, signal.SIGKILL)


class Sender(threading.Thread):
    """Sends batches of rows and remembers which were acknowledged; what was not is sent again, as a real sender does."""

    def __init__(self, site: Site, number: int, ended: threading.Event) -> None:
        super().__init__(daemon=True)
        self.site, self.number, self.ended = site, number, ended
        self.sent: list[str] = []
        self.acknowledged: set[str] = set()
        self.unanswered = 0

    def run(self) -> None:
        batch = 0
        while not self.ended.is_set():
            rows = [self.row(f"{self.number}-{batch}-{n}") for n in range(1 + batch % 20)]
            self.sent += [row["meter_id"] for row in rows]
            while not self.post(rows, f"{self.number}-{batch}"):
                self.unanswered += 1
                if self.ended.wait(0.05):
                    return
            self.acknowledged |= {row["meter_id"] for row in rows}
            batch += 1

    @staticmethod
    def row(meter: str) -> dict[str, Any]:
        return {
            "building_id": "B1", "meter_id": meter, "read_at": "2026-03-01 09:05", "obis": "6.0.1.0.0.255", "value": 12.5,
            "automatic": True, "registered_at": "2026-03-01T09:05:10+05:00",
        }  # fmt: skip

    def post(self, rows: list[dict[str, Any]], key: str) -> bool:
        headers = {"Authorization": f"Bearer {SECRET}{self.number % 2}", "Content-Type": "application/json"}
        if self.number % 2:
            headers["Idempotency-Key"] = key
        address = f"http://127.0.0.1:{self.site.port}/api/v1/intake/{DATASET}"
        try:
            request = urllib.request.Request(address, json.dumps(rows).encode(), headers)
            with urllib.request.urlopen(request, timeout=20) as answer:
                said = json.loads(answer.read())
                assert said["accepted"] == len(rows), said
                return True
        except (OSError, ValueError):
            return False


def trial(
    folder: Path, kills: int, *, between: tuple[float, float] = (0.2, 2.0), senders: int = 3, seed: int = 7
) -> Trial:
    """Run a trial; `lost`, `doubled` and `wrong` must be empty."""
    chance, found, began = random.Random(seed), Trial(), time.monotonic()
    site = Site(folder)
    site.start()
    ended = threading.Event()
    crowd = [Sender(site, n, ended) for n in range(senders)]
    try:
        for one in crowd:
            one.start()
        for _ in range(kills):
            time.sleep(chance.uniform(*between))
            what = chance.choice(PROCESSES)
            site.kill(what)
            found.kills[what] = found.kills.get(what, 0) + 1
            if chance.random() < 0.5:
                site.wait()
        site.wait()
        time.sleep(1)
        ended.set()
        for one in crowd:
            one.join(30)
    finally:
        site.stop()
    acknowledged = {meter for one in crowd for meter in one.acknowledged}
    found.sent, found.unanswered = sum(len(one.sent) for one in crowd), sum(one.unanswered for one in crowd)
    return counted(site.lake, acknowledged, found, began)


def counted(lake: Any, acknowledged: set[str], found: Trial, began: float) -> Trial:
    """What is in the table and in the ledger against what was acknowledged."""
    from qala.lake import Lake
    from qala.lake.audit import audit
    from qala.lake.committing import Committer
    from qala.lake.reconciling import differences

    lake = Lake(lake.folder, lake.catalogue)
    Committer(lake).drain()
    snapshot = lake.table(DATASET).snapshot()
    connection = lake.connection()
    rows = connection.execute(f"SELECT meter_id FROM {snapshot.current_sql(snapshot.files(), ['meter_id'])}").fetchall()
    connection.close()
    stored = [row[0] for row in rows]
    found.acknowledged = len(acknowledged)
    found.stored, found.lost = len(stored), len(acknowledged - set(stored))
    found.doubled = len(stored) - len(set(stored))
    found.wrong = audit(lake, DATASET)
    found.wrong += [f"{one.hour}: {one.difference}" for one in differences(lake, datetime.now(UTC).date())]
    found.seconds = time.monotonic() - began
    return found


def main(name: str, key: str, run: Callable[..., Trial], said: str | None) -> int:
    """The command of a trial: run it, print its table, keep it where that is asked."""
    parser = argparse.ArgumentParser(description=said, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--kills", type=int, default=50)
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--to", type=Path, help="write what was found there, as JSON")
    asked = parser.parse_args()
    before = results.load()
    with tempfile.TemporaryDirectory(prefix="qala-faults-") as folder:
        found = run(Path(folder), asked.kills, seed=asked.seed)
    print(
        f"kill -9                {sum(found.kills.values())}: " + ", ".join(f"{k} {v}" for k, v in found.kills.items())
    )
    print(f"rows sent              {found.sent}")
    print(f"rows acknowledged      {found.acknowledged}")
    print(f"requests sent again    {found.unanswered}")
    print(f"acknowledged and lost  {found.lost}")
    print(f"stored twice           {found.doubled}")
    print(f"lake and ledger        {'; '.join(found.wrong) or 'agree'}")
    print(f"seconds                {found.seconds:.0f}")
    if asked.to:
        results.keep(asked.to, key, {"under": name, **asdict(found)}, before, TRIALS)
    return 1 if found.lost or found.doubled or found.wrong else 0


if __name__ == "__main__":
    sys.exit(main("HTTP doors, their workers, committer", "http", trial, __doc__))
