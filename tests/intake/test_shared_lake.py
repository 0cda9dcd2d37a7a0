"""Several machines share a lake through an S3 server: receivers and committers side by side, killed at random."""

from __future__ import annotations

import json
import random
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from s3_service import s3_service
from trial_lake import CITY, VISITS, current, trial_lake

from qala.intake.receiving import Receiver
from qala.intake.registry import Feed
from qala.lake import Lake
from qala.lake.audit import audit
from qala.lake.committing import Committer
from qala.lake.reconciling import differences
from qala.lake.shared import StoragePlace, share
from qala.lake.upkeep import compact, join_small
from qala.standard.problems import Problem

FEED = Feed("gate", CITY, VISITS, "http", "integration", "json")
BUCKET = "lake-of-two"


@pytest.fixture(scope="module")
def service() -> Iterator[str]:
    with s3_service(BUCKET) as address:
        yield address


@pytest.fixture
def machines(
    service: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest
) -> list[Lake]:
    """Two machines with a lake each, shared: the cities and secrets of the first are copied to the second."""
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "a")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "b")
    first = trial_lake(tmp_path / "one")
    shutil.copytree(first.folder / "cities", tmp_path / "two" / "cities")
    _ = first.pseudonyms.key, first.sealer.seal(b"")
    shutil.copytree(first.folder / "secrets", tmp_path / "two" / "secrets")
    for name in ("one", "two"):
        share(tmp_path / name, StoragePlace(bucket=BUCKET, prefix=request.node.name[:40], endpoint=service))
    return [Lake(tmp_path / name, first.catalogue) for name in ("one", "two")]


def row(number: object, **other: str | None) -> dict[str, str | None]:
    came = {"visit_id": str(number), "came_at": "2026-03-01 09:05", "kind": "short", "persons": "2"}
    return {**came, "citizen": "850101300123", **other}


def take(lake: Lake, rows: list[dict[str, str | None]]) -> None:
    receiver = Receiver(lake, "http")
    receiver.take_blocking(FEED, rows)
    receiver.close()
    Committer(lake).drain()


def visits(lake: Lake) -> list[tuple[str, object]]:
    lake.follow()
    return sorted((str(one["visit_id"]), one["persons"]) for one in current(lake, VISITS))


def test_what_one_machine_stores_the_other_has_and_a_row_is_stored_once(machines: list[Lake]) -> None:
    one, two = machines
    take(one, [row(1), row(2), row(3, persons="many")])
    take(two, [row(2), row(4), row(1, persons="5", changed_at="2026-03-01 10:00")])
    assert visits(one) == visits(two) == [("1", 5), ("2", 2), ("4", 2)]
    assert [(r.stored, r.replaced, r.duplicate, r.quarantined) for r in one.ledger.receipts(VISITS)] == [
        (2, 0, 0, 1),
        (1, 1, 1, 0),
    ]
    refused = one.ledger.receipts(VISITS)[0]
    assert two.quarantine.file(VISITS, CITY, refused.id).exists()
    two.undo(two.ledger.receipts(VISITS)[1].id)
    assert visits(one) == [("1", 2), ("2", 2)]
    for lake in machines:
        assert audit(lake) == []
        assert differences(lake, datetime.now(UTC).date()) == []


def test_upkeep_of_one_machine_is_followed_by_the_other(machines: list[Lake], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("qala.lake.upkeep.FILES_IN_A_TIER", 4)
    one, two = machines
    for n in range(4):
        take(machines[n % 2], [row(n), row(f"{n} again")])
    one.follow()
    assert join_small(one, VISITS, CITY) == 4
    take(two, [row(3, persons="9", changed_at="2026-03-01 10:00")])
    compact(two, VISITS)
    assert visits(one) == visits(two)
    assert len(one.table(VISITS).snapshot().all_files) == 1
    assert len(visits(one)) == 8
    assert [audit(lake) for lake in machines] == [[], []]


def test_a_lake_with_rows_is_shared_with_all_it_has(
    machines: list[Lake], service: str, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    old = trial_lake(tmp_path / "old")
    take(old, [row(1), row(2, persons="many")])
    with pytest.raises(Problem, match="both"):
        take(machines[0], [row(9)])
        share(old.folder, StoragePlace(bucket=BUCKET, prefix=request.node.name[:40], endpoint=service))
    place = StoragePlace(bucket=BUCKET, prefix="old", endpoint=service)
    assert share(old.folder, place) == [VISITS]
    new = tmp_path / "new"
    for part in ("cities", "secrets"):
        shutil.copytree(old.folder / part, new / part)
    share(new, place.model_copy(update={"machine": "other"}))
    lakes = [Lake(folder, old.catalogue) for folder in (old.folder, new)]
    assert [visits(lake) for lake in lakes] == [[("1", 2)], [("1", 2)]]
    take(lakes[1], [row(1), row(3)])
    assert visits(lakes[0]) == [("1", 2), ("3", 2)]
    assert [audit(lake) + differences(lake, datetime.now(UTC).date()) for lake in lakes] == [[], []]


PROCESS = """
import json, sys, time
from pathlib import Path
sys.path[:0] = [sys.argv[1], str(Path(sys.argv[1]).with_name("lake"))]
from trial_lake import trial_lake
from test_shared_lake import FEED, row
from qala.intake.receiving import Receiver
from qala.lake import Lake
from qala.lake.committing import Committer
from qala.standard.problems import Problem
folder, role, number = Path(sys.argv[2]), sys.argv[3], sys.argv[4]
lake = Lake(folder, trial_lake(folder.parent / f"spare-{number}").catalogue)
print("up", flush=True)
if role == "committer":
    committer = Committer(lake)
    while True:
        lake.follow()
        if not committer.run_once():
            time.sleep(0.05)
receiver = Receiver(lake, "http")
for n in range(10**6):
    rows = [row(f"{number}-{n}-{k}") for k in range(5)] + [row(f"all-{n}")]  # the last is what every receiver gets
    receiver.take_blocking(FEED, rows)
    print(json.dumps([one["visit_id"] for one in rows]), flush=True)
    time.sleep(0.3)
"""


class Process:
    """A receiver or a committer of a machine; what a receiver acknowledged is kept over its deaths."""

    def __init__(self, folder: Path, role: str, number: int) -> None:
        self.role, self._folder, self._number = role, folder, number
        self._lives = 0
        self.begin()

    def begin(self) -> None:
        self._lives += 1
        self._file = self._folder.parent / f"{self.role}-{self._number}-{self._lives}"
        arguments = [str(Path(__file__).parent), str(self._folder), self.role, f"{self._number}.{self._lives}"]
        with self._file.open("w") as out:
            self._process = subprocess.Popen([sys.executable, "-c", PROCESS, *arguments], stdout=out)

    def wait_for(self, lines: int) -> None:
        until = time.monotonic() + 60
        while self._file.read_text().count("\n") < lines:
            assert self._process.poll() is None, "it ended by itself"
            assert time.monotonic() < until
            time.sleep(0.05)

    def kill(self) -> None:
        assert self._process.poll() is None, "it ended by itself"
        self._process.kill()
        self._process.wait()

    @property
    def acknowledged(self) -> set[str]:
        files = self._folder.parent.glob(f"{self.role}-{self._number}-*")
        lines = [line for file in files for line in file.read_text().split("\n")[1:-1]]
        return {visit for line in lines for visit in json.loads(line)}


def test_receivers_and_committers_of_two_machines_killed_at_random_lose_and_double_nothing(
    machines: list[Lake],
) -> None:
    chance = random.Random(7)
    processes = [
        Process(lake.folder, role, 2 * n + k)
        for n, lake in enumerate(machines)
        for k, role in enumerate(("receiver", "committer"))
    ]
    receivers = [one for one in processes if one.role == "receiver"]
    try:
        for one in processes:
            one.wait_for(3 if one.role == "receiver" else 1)
        for one in chance.sample(processes, 4):
            time.sleep(chance.uniform(0.05, 0.3))
            one.kill()
            one.begin()
            one.wait_for(1)
        for one in receivers:
            one.wait_for(3)
    finally:
        for one in processes:
            one.kill()
    acknowledged = {visit for one in receivers for visit in one.acknowledged}
    assert len(acknowledged) > 40
    catalogue = machines[0].catalogue
    lakes = [Lake(lake.folder, catalogue) for lake in machines]
    for lake in lakes:
        Committer(lake).drain()
    for lake in lakes:
        stored = [visit for visit, _ in visits(lake)]
        assert acknowledged - set(stored) == set()
        assert len(stored) == len(set(stored))
        assert audit(lake) == []
        assert differences(lake, datetime.now(UTC).date()) == []
        receipts = lake.ledger.receipts(VISITS)
        assert len({one.id for one in receipts}) == len(receipts)
        assert {one.machine for one in receipts} == {one.shared.machine for one in lakes if one.shared}
        assert sum(one.duplicate for one in receipts) > 0
