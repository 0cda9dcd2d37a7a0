"""`kill -9` of the process that looks, under load: files are dropped, a service is asked, again and again.

    python tests/faults/kill_collector.py --kills 50

Afterwards every row that was dropped or measured must be in the table once, and every file must lie in `taken/`. The database
is absent the whole time: how far the pull has read is remembered in a file.
"""

from __future__ import annotations

import itertools
import json
import os
import random
import signal
import subprocess
import sys
import threading
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "intake" / "fetchers"))

import kill_intake
from kill_intake import CITY, DATASET, Sender, Trial, counted
from standard_services import SensorThings
from web_servers import Asked, site

PROCESSES = ("collector", "committer")


def trial(folder: Path, kills: int, *, between: tuple[float, float] = (0.2, 2.0), seed: int = 7) -> Trial:
    """Run a trial; `lost`, `doubled` and `wrong` must be empty."""
    chance, found, service = random.Random(seed), Trial(), SensorThings()
    began, wanted = time.monotonic(), set[str]()
    lock, ended = threading.Lock(), threading.Event()

    def answer(asked: Asked) -> None:
        with lock:
            service.answer(asked)

    with site(answer) as there:
        lake = _prepare(folder, there.url("/v1.1/Observations"))
        drop = folder / "home" / "intake" / "files" / "dropped"
        drop.mkdir(parents=True)
        files: list[str] = []
        numbers = itertools.count(1)

        def send() -> None:
            while not ended.wait(0.1):
                number = len(files)
                rows = [Sender.row(f"file-{number}-{one}") for one in range(1 + number % 20)]
                part = drop / f"{number}.jsonl.part"
                part.write_text("".join(json.dumps(row) + "\n" for row in rows))
                files.extend([f"{number}.jsonl"])
                part.rename(drop / f"{number}.jsonl")
                wanted.update(row["meter_id"] for row in rows)
                with lock:
                    for _ in range(chance.randrange(30)):
                        measured = next(numbers)
                        wanted.add(f"service-{measured}")
                        service.add(measured, datetime.now(UTC) - timedelta(seconds=chance.randrange(20)))

        sender = threading.Thread(target=send)
        processes = {name: _start(folder, name) for name in PROCESSES}
        try:
            sender.start()
            for _ in range(kills):
                time.sleep(chance.uniform(*between))
                name = chance.choice(PROCESSES)
                os.killpg(processes[name].pid, signal.SIGKILL)
                processes[name].wait()
                processes[name] = _start(folder, name)
                found.kills[name] = found.kills.get(name, 0) + 1
            ended.set()
            sender.join()
            _settle(folder, drop, there.asked, found)
        finally:
            ended.set()
            for process in processes.values():
                os.killpg(process.pid, signal.SIGTERM)
                process.wait(30)
    taken = {path.name.partition("-")[2] for path in (drop / "taken").glob("*.jsonl")}
    unsettled, found.sent = found.wrong, len(wanted)
    counted(lake, wanted, found, began)
    found.wrong += unsettled + [f"{name} was not taken" for name in sorted(set(files) - taken)]
    return found


def _prepare(folder: Path, address: str) -> Any:
    from qala.datasets import load_catalogue
    from qala.intake.registry import Feed
    from qala.lake import City, Lake

    lake = Lake(folder / "lake", load_catalogue())
    names = dict.fromkeys(("kk", "ru", "en"), "Trial")
    lake.cities.add(City.model_validate({"code": CITY, "names": names, "zone": "Asia/Almaty"}))
    mapping = {
        "dataset": DATASET,
        "columns": {
            "meter_id": {"sql": "'service-' || \"@iot.id\""}, "read_at": "phenomenonTime", "value": "result",
            "building_id": {"sql": "'B1'"}, "obis": {"sql": "'6.0.1.0.0.255'"}, "automatic": {"sql": "'true'"},
            "registered_at": "phenomenonTime",
        },
    }  # fmt: skip
    asked = {"by": "sensorthings", "url": address, "expand": "", "top": 50, "overlap_s": 60}
    feeds = [
        Feed("dropped", CITY, DATASET, "files", "file", "jsonl", settings={"quiet_s": 0}),
        Feed("asked", CITY, DATASET, "pull", "integration", "sensorthings", mapping=mapping, every=1, settings=asked),
    ]
    registry = folder / "home" / "intake" / "registry.json"
    registry.parent.mkdir(parents=True)
    registry.write_text(json.dumps([{**vars(one), "hashes": []} for one in feeds]))
    return lake


def _start(folder: Path, name: str) -> subprocess.Popen[bytes]:
    module = {"collector": "qala.intake.doors.collecting", "committer": "qala.intake.work"}[name]
    environment = {
        **{k: v for k, v in os.environ.items() if not k.startswith(("QALA_", "DJANGO_"))},
        "QALA_LAKE": str(folder / "lake"),
        "QALA_HOME": str(folder / "home"),
        "QALA_EDITION": "order_469",
        "QALA_INTAKE_ALLOW": "127.0.0.1",
        "DATABASE_URL": "postgresql://nobody@127.0.0.1:1/none?connect_timeout=1",
        "DJANGO_SETTINGS_MODULE": "qala.config.settings",
    }
    with (folder / f"{name}.log").open("ab") as log:
        return subprocess.Popen(
            [sys.executable, "-m", module], env=environment, stdout=log, stderr=log, start_new_session=True
        )


def _settle(folder: Path, drop: Path, asked: list[Asked], found: Trial) -> None:
    """Wait until nothing is left in the folder and the service was asked from the beginning three times more."""

    def turns() -> int:
        return sum("$skip" not in one.query for one in asked)

    until, before = time.monotonic() + 120, turns()
    while time.monotonic() < until:
        if turns() >= before + 3 and not list(drop.glob("*.jsonl")) + list((drop / ".taking").glob("*")):
            return
        time.sleep(0.1)
    found.wrong.append("it did not settle: " + (folder / "collector.log").read_text()[-500:])


if __name__ == "__main__":
    sys.exit(kill_intake.main("the collector of files and pulls, committer", "collector", trial, __doc__))
