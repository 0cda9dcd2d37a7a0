"""Small receipts of live sources become one line an hour; nothing is lost, nothing counted twice, each can be undone."""

from __future__ import annotations

import subprocess
import sys
import time
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from test_landing import landed, row
from trial_lake import CITY, VISITS, current, trial_lake

from qala.lake import Lake, folding
from qala.lake.audit import audit
from qala.lake.committing import Committer
from qala.lake.landing import LandingWriter
from qala.lake.ledger import Ledger
from qala.lake.receipts import Receipt
from qala.lake.shared import StoragePlace
from qala.standard.problems import Problem

DAY = datetime(2026, 3, 1, 8, tzinfo=UTC)
TODAY = date(2026, 3, 4)


def receipt(n: int, moment: datetime, source: str = "gate", **other: object) -> Receipt:
    said = {"read": 3, "stored": 2, "duplicate": 1, "first_day": moment.date(), "last_day": moment.date(), "version": n}
    return Receipt.model_validate(
        {"id": f"{moment:%Y%m%dT%H%M%S.%f}-{n:012x}", "city": CITY, "dataset": VISITS, "source": source, "way": "integration",
         "received_at": moment, "simulated": False, **said, **other}
    )  # fmt: skip


def three_days(ledger: Ledger, each: int = 700) -> list[Receipt]:
    """So many receipts of two sources over three days; every hundredth refused something."""
    step = timedelta(days=3) / each
    given = [
        receipt(
            n, DAY + n * step, "gate" if n % 2 else "desk", **({"read": 4, "quarantined": 1} if n % 100 == 7 else {})
        )
        for n in range(each)
    ]
    for one in given:
        ledger.append(one)
    return given


def sums(receipts: list[Receipt]) -> dict[tuple[str, str], list[int]]:
    found: dict[tuple[str, str], list[int]] = {}
    for one in receipts:
        account = found.setdefault((one.source, one.received_at.isoformat()[:13]), [0] * 5)
        for k, name in enumerate(("read", "stored", "duplicate", "quarantined", "stands_for")):
            account[k] += getattr(one, name)
    return found


@pytest.fixture
def ledger(tmp_path: Path) -> Ledger:
    return Ledger(tmp_path / "ledger")


def test_old_receipts_are_one_line_an_hour_and_every_account_is_as_before(ledger: Ledger) -> None:
    given = three_days(ledger, 900)
    before = sums(ledger.receipts(VISITS))
    less = ledger.fold(VISITS, TODAY)
    found = ledger.receipts(VISITS)
    assert less > 140
    assert len(found) == len(given) - less
    assert sums(found) == before
    assert [one for one in found if one.quarantined] == [one for one in given if one.quarantined]
    assert [one for one in found if one.received_at.date() >= date(2026, 3, 2)] == [
        one for one in given if one.received_at.date() >= date(2026, 3, 2)
    ]
    assert ledger.fold(VISITS, TODAY) == 0
    assert ledger.lines(VISITS) == [one.model_dump_json(exclude_defaults=True) for one in given]
    assert ledger.fold(VISITS, TODAY + timedelta(days=1)) > 0  # another day, another unit
    assert sums(ledger.receipts(VISITS)) == before
    assert ledger.lines(VISITS) == [one.model_dump_json(exclude_defaults=True) for one in given]
    assert sums(Ledger(ledger.folder).receipts(VISITS)) == before


def test_whoever_follows_by_number_gets_each_once_however_far_it_was(ledger: Ledger) -> None:
    given = three_days(ledger)
    other = Ledger(ledger.folder)
    known, number = other.since(VISITS, 0)
    assert (known, number) == (given, len(given))
    ledger.fold(VISITS, TODAY)
    assert other.since(VISITS, number) == ([], number)  # it notices the other file
    for far in (0, 1, 50, 133, 200, 400, 699):
        rest, upto = other.since(VISITS, far)
        assert upto == len(given)
        assert sums([*given[:far], *rest]) == sums(given)
    other.append(receipt(9_999, DAY + timedelta(days=3)))
    assert [one.version for one in ledger.since(VISITS, number)[0]] == [9_999]


def test_what_was_folded_is_found_again_and_listed(ledger: Ledger) -> None:
    given = three_days(ledger)
    ledger.fold(VISITS, TODAY)
    assert ledger.receipt(given[3].id) == given[3]
    folded = next(one for one in ledger.receipts(VISITS) if one.stands_for > 1)
    assert len(ledger.folded_in(folded)) == folded.stands_for
    assert {one.source for one in ledger.folded_in(folded)} == {folded.source}
    assert ledger.receipt("20260301T080000.000000-ffffffffffff") is None


def test_a_delivery_that_was_folded_can_be_undone(lake: Lake, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(folding, "FEWEST", 1)
    writer, committer = LandingWriter(lake.folder / "landing", "http"), Committer(lake)
    for n in range(4):
        writer.append([landed(lake, [row(n), row(f"{n} too")])])
        committer.drain()
    given = lake.ledger.receipts(VISITS)
    assert lake.ledger.fold(VISITS, given[0].received_at.date() + timedelta(days=2)) == 0
    assert lake.ledger.fold(VISITS, given[0].received_at.date() + timedelta(days=3)) == 3
    assert audit(lake) == []
    (folded,) = lake.ledger.receipts(VISITS)
    assert (folded.stands_for, folded.stored) == (4, 8)
    with pytest.raises(Problem, match="stands for 4"):
        lake.undo(folded.id)
    lake.undo(given[2].id)
    assert len(current(lake, VISITS)) == 6
    assert [one.undone_by is None for one in lake.ledger.receipts(VISITS)] == [True, True, False, True, True]
    assert lake.ledger.since(VISITS, 4)[1] == 5
    assert audit(lake) == []
    with pytest.raises(Problem, match="undone already"):
        lake.undo(given[2].id)


def test_the_ledger_of_a_shared_lake_stays_as_it_is(ledger: Ledger, tmp_path: Path) -> None:
    three_days(ledger)
    (tmp_path / "shared.json").write_text(StoragePlace(bucket="none").model_dump_json())
    assert Lake(tmp_path, trial_lake(tmp_path / "spare").catalogue).ledger.fold(VISITS, TODAY) == 0


KILLED = """
import sys
from datetime import date, timedelta
from pathlib import Path
from qala.lake import folding
from qala.lake.ledger import Ledger
folding.FEWEST = 1
ledger, day = Ledger(Path(sys.argv[1])), date(2026, 3, 2)
print("up", flush=True)
while True:
    for n in range(5):
        ledger.fold(sys.argv[2], day + timedelta(days=n))
    for one in ledger.receipts(sys.argv[2]):
        if one.stands_for > 1:
            ledger.dissolve(ledger.folded_in(one)[0])
"""


def test_a_fold_killed_at_random_moments_loses_and_doubles_nothing(ledger: Ledger) -> None:
    given = three_days(ledger, 120)
    for n in range(4):
        child = subprocess.Popen([sys.executable, "-c", KILLED, str(ledger.folder), VISITS], stdout=subprocess.PIPE)
        assert child.stdout is not None
        child.stdout.readline()
        for k in range(3):  # somebody appends meanwhile
            given.append(receipt(1_000 + 10 * n + k, DAY + timedelta(days=5)))
            ledger.append(given[-1])
            time.sleep(0.01 * (n + 1))
        child.kill()
        child.wait()
        assert sums(ledger.receipts(VISITS)) == sums(given)
        assert ledger.lines(VISITS) == [one.model_dump_json(exclude_defaults=True) for one in given]
        assert ledger.since(VISITS, 0)[1] == len(given)
