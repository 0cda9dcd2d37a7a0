"""Rows of doors are on the disk before their sender is told; floods are told to wait; keys repeat answers."""

from __future__ import annotations

import threading
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from trial_intake import TrialFeed, row
from trial_lake import VISITS, current

from qala.intake import receiving
from qala.intake.receiving import Full, Receiver
from qala.intake.replay import Mended, replay
from qala.lake import Lake
from qala.lake.audit import audit
from qala.lake.committing import Committer
from qala.lake.landing import frames, receivers, segments
from qala.standard.problems import Problem

FEED = TrialFeed()


def landed(lake: Lake) -> int:
    return sum(
        head.rows
        for one in receivers(lake.folder / "landing")
        for _, path in segments(one)
        for head, _, _ in frames(path)
    )


def test_a_receipt_is_given_for_what_is_on_the_disk(lake: Lake, receiver: Receiver) -> None:
    taken = receiver.take_blocking(FEED, [row(1), row(2, persons="many"), row(3, shoe="42")])
    assert (taken.received, taken.accepted, taken.quarantined) == (3, 2, 1)
    assert [one["row"] for one in taken.reasons] == [2]
    assert "persons" in taken.reasons[0]["reason"]
    assert taken.dropped == {"shoe": 1}
    assert landed(lake) == 3
    Committer(lake).drain()
    assert {one["visit_id"] for one in current(lake, VISITS)} == {"1", "3"}


def test_no_personal_value_is_on_the_disk_in_the_clear(lake: Lake, receiver: Receiver) -> None:
    receiver.take_blocking(
        FEED, [row(1), row(2, persons="many")], unreadable=[("not JSON", b'{"citizen": "850101300123')]
    )
    Committer(lake).drain()
    for file in lake.folder.rglob("*"):
        if file.is_file():
            assert b"850101300123" not in file.read_bytes(), file


def test_the_sealed_original_of_a_refused_row_can_be_opened_with_the_key(lake: Lake, receiver: Receiver) -> None:
    receiver.take_blocking(FEED, [row(2, persons="many")], unreadable=[("not JSON", b"{oh")])
    Committer(lake).drain()
    receipt = lake.ledger.receipts(VISITS)[-1]
    stored = pq.read_table(lake.quarantine.file(VISITS, receipt.city, receipt.id)).to_pylist()
    assert "850101300123" not in stored[0]["original"]
    assert b"850101300123" in lake.sealer.open(stored[0]["sealed"])
    assert lake.sealer.open(stored[1]["sealed"]) == b"{oh"


def test_a_key_repeats_the_answer_and_other_content_under_it_is_refused(lake: Lake, receiver: Receiver) -> None:
    first = receiver.take_blocking(FEED, [row(1)], key="monday")
    again = receiver.take_blocking(FEED, [row(1)], key="monday")
    assert again.repeated
    assert again.id == first.id
    with pytest.raises(Problem, match="used for other content"):
        receiver.take_blocking(FEED, [row(2)], key="monday")
    receiver.close()
    after = Receiver(lake, "http")  # another process later
    assert after.take_blocking(FEED, [row(1)], key="monday").repeated
    after.close()
    assert landed(lake) == 1


def test_many_senders_share_batches_and_each_gets_its_own_counts(lake: Lake, receiver: Receiver) -> None:
    futures = [
        receiver.submit(FEED, [row(n), row(f"bad{n}", persons="x")] if n % 3 == 0 else [row(n)]) for n in range(300)
    ]
    for n, future in enumerate(futures):
        taken = future.result()
        assert (taken.received, taken.quarantined) == ((2, 1) if n % 3 == 0 else (1, 0))
        assert [one["row"] for one in taken.reasons] == ([2] if n % 3 == 0 else [])
    frames_written = sum(1 for one in receivers(lake.folder / "landing") for _, p in segments(one) for _ in frames(p))
    assert frames_written < 100
    Committer(lake).drain()
    assert len(current(lake, VISITS)) == 300
    assert audit(lake) == []


def test_a_flood_of_one_source_is_told_to_wait_and_another_passes(
    lake: Lake, receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(receiving, "ROWS_IN_A_LANE", 100)
    held, free = threading.Event(), threading.Event()
    check = receiver._check

    def slow(feed: TrialFeed, batch: list[object]) -> None:
        if feed.name == "flood":
            held.set()
            free.wait(10)
        check(feed, batch)  # type: ignore[arg-type]

    monkeypatch.setattr(receiver, "_check", slow)
    flood = TrialFeed(name="flood")
    waiting = [receiver.submit(flood, [row(n) for n in range(60)])]
    held.wait(5)
    with pytest.raises(Full, match="this source"):
        receiver.submit(flood, [row(n) for n in range(60)])
    assert receiver.take_blocking(FEED, [row("quick")]).accepted == 1
    free.set()
    assert waiting[0].result().accepted == 60


def test_a_full_disk_is_told_and_nothing_is_acknowledged(
    lake: Lake, receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patched:
        patched.setattr("qala.lake.landing.FREE_BYTES", 1 << 60)
        with pytest.raises(Full, match="disk"):
            receiver.take_blocking(FEED, [row(1)], key="k")
    assert landed(lake) == 0
    assert not receiver.take_blocking(FEED, [row(1)], key="k").repeated  # the failed try does not count


def test_a_mapping_renames_leaves_out_and_may_not_fit(lake: Lake, receiver: Receiver) -> None:
    mapping = {
        "dataset": VISITS,
        "columns": {"visit_id": "v.id", "kind": {"sql": "case when long = 'yes' then 'long' else 'short' end"}},
        "ignore": ["noise"],
        "where": "test is null",
    }
    feed = TrialFeed(mapping=mapping)
    came = {"v.id": "7", "came_at": "2026-03-01 09:05", "persons": "1", "long": "yes", "noise": "1", "test": None}
    taken = receiver.take_blocking(feed, [came, {**came, "v.id": "8", "test": "1"}])
    assert (taken.received, taken.accepted, taken.skipped, dict(taken.dropped)) == (1, 1, 1, {})
    Committer(lake).drain()
    assert [(one["visit_id"], one["kind"]) for one in current(lake, VISITS)] == [("7", "long")]
    with pytest.raises(Problem, match="no column nonsense"):
        receiver.take_blocking(TrialFeed(name="x", mapping={"dataset": VISITS, "columns": {"nonsense": "v"}}), [came])


@pytest.mark.parametrize("suffix", [".csv", ".jsonl", ".parquet"])
def test_a_file_is_checked_like_any_and_landed_whole(
    lake: Lake, receiver: Receiver, tmp_path: Path, suffix: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("qala.intake.bulk.ROWS_IN_A_FRAME", 40)
    rows = [row(n) for n in range(100)] + [row("bad", persons="many")]
    table, file = pa.Table.from_pylist(rows), tmp_path / "body"
    if suffix == ".parquet":
        pq.write_table(table, file)
    elif suffix == ".csv":
        import pyarrow.csv

        pyarrow.csv.write_csv(table, file)
    else:
        import json

        file.write_text("\n".join(map(json.dumps, rows)))
    taken = receiver.take_file_blocking(FEED, file, suffix, key="once")
    assert (taken.received, taken.accepted, taken.quarantined) == (101, 100, 1)
    assert receiver.take_file_blocking(FEED, file, suffix, key="once").repeated
    assert landed(lake) == 101
    Committer(lake).drain()
    assert len(current(lake, VISITS)) == 100


def test_a_row_on_which_the_mapping_fails_is_refused_alone_and_can_be_replayed(lake: Lake, receiver: Receiver) -> None:
    mapping = {"dataset": VISITS, "columns": {"persons": {"sql": "persons::INT * 2"}}}
    feed = TrialFeed(mapping=mapping)
    rows = [row(n) for n in range(7)]
    rows[4] = row(4, persons="two of them")
    taken = receiver.take_blocking(feed, rows)
    assert (taken.received, taken.accepted, taken.quarantined) == (7, 6, 1)
    assert taken.reasons[0]["row"] == 5
    assert taken.reasons[0]["rules"] == ["mapping:failed"]
    assert "two of them" not in taken.reasons[0]["reason"]
    Committer(lake).drain()
    receipt = lake.ledger.receipts(VISITS)[-1]
    again = replay(lake, receipt, TrialFeed(mapping=mapping), "analyst", mended={5: Mended({"persons": "2"})})
    assert again.accepted == 1
    Committer(lake).drain()
    assert len(current(lake, VISITS)) == 7
    assert {one["persons"] for one in current(lake, VISITS)} == {4}
    assert audit(lake) == []


def test_a_mapping_that_the_engine_refuses_is_the_sender_s_problem(receiver: Receiver) -> None:
    feed = TrialFeed(mapping={"dataset": VISITS, "format": {"time": ["%Q"]}})
    with pytest.raises(Problem, match="the mapping cannot be computed"):
        receiver.take_blocking(feed, [row(1)])


def test_what_no_column_takes_is_told_by_header_in_the_ledger(lake: Lake, receiver: Receiver, tmp_path: Path) -> None:
    extra = {"colour": "red", "850101300123": "x"}
    receiver.take_blocking(TrialFeed(), [row(1, **extra), row(2, colour="blue"), row(3)])
    many = tmp_path / "many.csv"
    many.write_text(
        "\n".join([",".join([*row(1), "shoe"]), *(",".join([*map(str, row(n).values()), "42"]) for n in range(9))])
    )
    receiver.take_file_blocking(TrialFeed(name="files"), many, ".csv")
    Committer(lake).drain()
    dropped = {one.source: one.dropped for one in lake.ledger.receipts(VISITS)}
    assert dropped == {"front-desk": {"colour": 2, "…": 1}, "files": {"shoe": 9}}
