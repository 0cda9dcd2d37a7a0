"""Kills, two writers at once, and a full disk: the old state or the new one, and a ledger that agrees with it."""

from __future__ import annotations

import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from deliverer import batch
from trial_lake import CITY, VISITS, current, trial_catalogue, trial_lake

from qala.lake import City, IngestRequest, Lake
from qala.lake.audit import audit

DELIVERER = str(Path(__file__).parent / "deliverer.py")
GOOD_IN_A_BATCH = 147  # of 150; three are refused


def start(lake: Path, first: int, last: int, *also: str) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        [sys.executable, DELIVERER, str(lake), str(first), str(last), *also],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )


def expected(batches: range) -> dict[str, int]:
    """visit → the batch that had it last."""
    return {str(key): n for n in batches for key in range(n * 100, n * 100 + 150) if key % 50}


def test_a_kill_at_any_moment_leaves_the_old_state_or_the_new_one(tmp_path: Path) -> None:
    trial_lake(tmp_path / "lake")
    chance = random.Random(7)
    killed = 0
    for _ in range(8):
        process = start(tmp_path / "lake", 0, 60)
        assert process.stdout is not None
        process.stdout.readline()  # it has started to deliver
        time.sleep(chance.uniform(0, 0.6))
        killed += process.poll() is None
        process.send_signal(signal.SIGKILL)
        process.wait()
        lake = Lake(tmp_path / "lake", trial_catalogue())
        assert audit(lake) == []
        given = [receipt for receipt in lake.ledger.receipts() if receipt.version is not None]
        assert all(receipt.stored + receipt.replaced == GOOD_IN_A_BATCH for receipt in given)
        rows = {row["visit_id"]: row["persons"] for row in current(lake, VISITS, "visit_id", "persons")}
        assert rows == expected(range(len(given)))
        known = {file.path for file in lake.table(VISITS).snapshot().all_files}
        assert {str(path) for path in lake.table(VISITS).folder.resolve().rglob("*.parquet")} == known
        assert not list(lake.ledger.intents.iterdir())
    assert killed == 8


DIE = {
    "before the commit": "from qala.lake.table import Table; Table.commit = lambda *a, **k: os._exit(9)",
    "after the commit": "from qala.lake.ledger import Ledger; Ledger.append = lambda *a, **k: os._exit(9)",
}
DIE["in the middle of the ledger's line"] = DIE["after the commit"]


def run(lake: Path, before: str, first: int, last: int) -> subprocess.CompletedProcess[str]:
    """Deliver in a process of its own, which is prepared by some lines of Python."""
    program = (
        f"import os, resource, sys; sys.path[:0] = [{str(Path(DELIVERER).parent)!r}]; import deliverer\n{before}\n"
    )
    program += f"deliverer.main({str(lake)!r}, {first}, {last})\n"
    return subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=120)


@pytest.mark.parametrize("moment", list(DIE))
def test_a_kill_around_the_commit_is_settled_by_the_next_who_opens(tmp_path: Path, moment: str) -> None:
    lake = trial_lake(tmp_path / "lake")
    lake.ingest(IngestRequest(CITY, VISITS, batch(0)))
    assert run(lake.folder, DIE[moment], 1, 2).returncode == 9
    if moment == "in the middle of the ledger's line":
        with (lake.folder / "ledger" / f"{VISITS}.jsonl").open("a") as stream:
            stream.write('{"id":"2026')
    again = Lake(lake.folder, trial_catalogue())
    committed = moment != "before the commit"
    assert len(again.ledger.receipts()) == (2 if committed else 1)
    assert audit(again) == []
    receipt = again.ingest(IngestRequest(CITY, VISITS, batch(1)))
    assert (receipt.duplicate == 150) == committed
    assert {row["visit_id"]: row["persons"] for row in current(again, VISITS)} == expected(range(2))
    assert audit(again) == []


def test_two_processes_may_write_the_same_and_different_cities_at_once(tmp_path: Path) -> None:
    lake = trial_lake(tmp_path / "lake")
    lake.cities.add(City(code="x", names={"en": "X"}, zone="Asia/Almaty"))
    writers = [
        start(lake.folder, 0, 8),
        start(lake.folder, 0, 8),
        start(lake.folder, 0, 8, "x"),
    ]
    for process in writers:
        _, said = process.communicate(timeout=120)
        assert process.returncode == 0, said.decode()
    again = Lake(lake.folder, trial_catalogue())
    assert audit(again) == []
    receipts = again.ledger.receipts(city=CITY)
    assert len(receipts) == 16 and all(receipt.balances for receipt in receipts)
    rows = current(again, VISITS, "city", "visit_id")
    assert len(rows) == len({(row["city"], row["visit_id"]) for row in rows}) == 2 * len(expected(range(8)))
    assert {row["visit_id"]: row["persons"] for row in current(again, VISITS) if row["city"] == "x"} == expected(
        range(8)
    )


@pytest.mark.parametrize("room", [0, 300, 1_500, 4_000, 6_000, 8_000])
def test_a_full_disk_stores_all_or_nothing(tmp_path: Path, room: int) -> None:
    lake = trial_lake(tmp_path / "lake")
    lake.ingest(IngestRequest(CITY, VISITS, batch(0)))
    limit = f"resource.setrlimit(resource.RLIMIT_FSIZE, ({room}, resource.RLIM_INFINITY))"
    done = run(lake.folder, limit, 1, 2)
    again = Lake(lake.folder, trial_catalogue())
    assert audit(again) == []
    stored = {row["visit_id"]: row["persons"] for row in current(again, VISITS)}
    assert stored in (expected(range(1)), expected(range(2)))
    assert done.returncode != 0 or stored == expected(range(2))
    again.ingest(IngestRequest(CITY, VISITS, batch(1)))
    assert {row["visit_id"]: row["persons"] for row in current(again, VISITS)} == expected(range(2))
    assert audit(again) == []


def test_a_full_disk_is_told_with_a_hint(tmp_path: Path) -> None:
    trial_lake(tmp_path / "lake")
    done = run(tmp_path / "lake", "resource.setrlimit(resource.RLIMIT_FSIZE, (1500, resource.RLIM_INFINITY))", 0, 1)
    assert done.returncode != 0
    assert "stored whole or not at all" in done.stderr
