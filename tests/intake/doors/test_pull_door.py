"""Pulls as a door: what is fetched is on the disk before it is remembered."""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from trial_intake import TrialFeed, row
from trial_lake import VISITS, current

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "fetchers"))

from web_servers import Asked, site

from qala.intake.doors import pull as door
from qala.intake.doors.pull import pull
from qala.intake.fetchers import Allowed, Bounds, Turn
from qala.intake.receiving import Receiver
from qala.lake import Lake
from qala.lake.committing import Committer
from qala.standard.problems import Problem


class Memory:
    """Positions as they are put down, through JSON."""

    def __init__(self) -> None:
        self.position: Mapping[str, Any] = {}
        self.times = 0

    def __call__(self, position: Mapping[str, Any]) -> None:
        self.position, self.times = json.loads(json.dumps(position)), self.times + 1


@pytest.fixture
def turn(tmp_path: Path) -> Turn:
    quick = Bounds(read_s=2, whole_s=5, tries=1)
    work = tmp_path / "work"
    work.mkdir()
    return Turn(datetime(2026, 3, 2, 4, 5, 6, tzinfo=UTC), work, allowed=Allowed.of(["127.0.0.1"]), bounds=quick)


def visits(lake: Lake) -> list[str]:
    Committer(lake).drain()
    return sorted((one["visit_id"] for one in current(lake, VISITS)), key=int)


def pages(asked: Asked) -> None:
    page = int(asked.query.get("page", "1"))
    body = {"rows": [row(page * 10 + one) for one in range(3)], "next": f"?page={page + 1}" if page < 4 else None}
    asked.answer(200, json.dumps(body).encode())


def test_every_page_is_taken_and_then_remembered(lake: Lake, receiver: Receiver, turn: Turn) -> None:
    memory = Memory()
    with site(pages) as there:
        feed = TrialFeed(rows_at="rows")
        found = pull(feed, receiver, {"url": there.url("/"), "next_at": "next"}, {}, turn, memory)
    assert (found.rows, found.more, memory.times) == (12, False, 4)
    assert len(visits(lake)) == 12
    assert list(turn.work.iterdir()) == []


def test_a_crash_before_it_was_remembered_brings_the_same_rows_again_and_counts_them_once(
    lake: Lake, receiver: Receiver, turn: Turn
) -> None:
    memory = Memory()

    def fall(position: Mapping[str, Any]) -> None:
        if memory.times == 2:
            raise KeyboardInterrupt
        memory(position)

    feed = TrialFeed(rows_at="rows")
    with site(pages) as there:
        settings = {"url": there.url("/"), "next_at": "next"}
        with pytest.raises(KeyboardInterrupt):
            pull(feed, receiver, settings, {}, turn, fall)
        pull(feed, receiver, settings, memory.position, turn, memory)
        asked = [one.query.get("page", "1") for one in there.asked]
    assert asked == ["1", "2", "3", "3", "4"]
    assert len(visits(lake)) == 12
    Committer(lake).drain()
    receipts = lake.ledger.receipts(VISITS)
    assert sum(one.read for one in receipts) == 15 and sum(one.duplicate for one in receipts) == 3


def test_the_end_of_the_process_is_heeded_between_two_pages(lake: Lake, receiver: Receiver, turn: Turn) -> None:
    memory = Memory()
    with site(pages) as there:
        settings = {"url": there.url("/"), "next_at": "next"}
        found = pull(TrialFeed(rows_at="rows"), receiver, settings, {}, turn, memory, lambda: True)
    assert found.more and len(there.asked) == 1 and len(visits(lake)) == 3


def test_a_turn_ends_after_so_many_pages(
    lake: Lake, receiver: Receiver, turn: Turn, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(door, "PAGES_IN_A_TURN", 2)
    with site(pages) as there:
        found = pull(
            TrialFeed(rows_at="rows"), receiver, {"url": there.url("/"), "next_at": "next"}, {}, turn, Memory()
        )
    assert found.more and len(there.asked) == 2


def test_a_table_and_many_rows_are_taken(
    lake: Lake, receiver: Receiver, turn: Turn, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(door, "ROWS_AT_ONCE", 7)
    header = ",".join(row(0))
    table = "\n".join([header, *(",".join(map(str, row(number).values())) for number in range(50))])
    with site(lambda asked: asked.answer(200, table.encode())) as there:
        pull(TrialFeed(format="csv"), receiver, {"url": there.url("/x.csv")}, {}, turn, Memory())
    body = json.dumps([row(number) for number in range(100, 150)]).encode()
    with site(lambda asked: asked.answer(200, body)) as there:
        pull(TrialFeed(), receiver, {"url": there.url("/x.json")}, {}, turn, Memory())
    assert len(visits(lake)) == 100


def test_what_cannot_be_read_lies_in_quarantine(lake: Lake, receiver: Receiver, turn: Turn) -> None:
    memory = Memory()
    with site(lambda asked: asked.answer(200, b"<html>maintenance</html>")) as there:
        for _ in range(2):
            pull(TrialFeed(), receiver, {"url": there.url("/")}, memory.position, turn, memory)
    Committer(lake).drain()
    (receipt,) = lake.ledger.receipts(VISITS)
    assert (receipt.read, receipt.quarantined) == (1, 1)


def test_a_broken_mapping_is_told_before_anybody_is_asked(receiver: Receiver, turn: Turn) -> None:
    feed = TrialFeed(mapping={"dataset": VISITS, "columns": {"shoe": "x"}})
    with site(pages) as there, pytest.raises(Problem, match="shoe"):
        pull(feed, receiver, {"url": there.url("/")}, {}, turn, Memory())
    assert there.asked == []
