"""The way of live rows: border, landing, committer."""

from __future__ import annotations

import os
import random
import subprocess
import sys
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from trial_lake import CITY, VISITS, current, trial_lake

from qala.lake import IngestRequest, Lake
from qala.lake.audit import audit
from qala.lake.border.live import LiveBorder
from qala.lake.border.mapping import load_mapping
from qala.lake.committing import Committed, Committer, waiting
from qala.lake.landing import Full, Head, LandingWriter, Part, frame, frames, segments
from qala.lake.reconciling import accounts, differences
from qala.lake.turns import Line, Position
from qala.lake.upkeep import join_small

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)


def row(number: object, **other: str | None) -> dict[str, str | None]:
    came = {
        "visit_id": str(number),
        "came_at": "2026-03-01 09:05",
        "kind": "short",
        "persons": "2",
        "citizen": "850101300123",
    }
    return {**came, **other}


def landed(lake: Lake, rows: Sequence[dict[str, str | None]], feed: str = "front-desk", part: str = "p") -> bytes:
    contract = lake.catalogue.contract(VISITS)
    checked = LiveBorder(contract, load_mapping(None, contract), "Asia/Almaty", lake.pseudonyms).check(rows)
    sealed = [lake.sealer.seal(b"x") if one else None for one in checked.rows.column("_fault").to_pylist()]
    table = checked.rows.append_column("_sealed", pa.array(sealed, pa.binary()))
    parts = (Part(part, "", len(rows), len(checked.faults)),)
    return frame(
        Head(feed, CITY, contract.id, "integration", False, NOON.isoformat(), contract.version, "b", parts), table
    )


def counts(lake: Lake) -> tuple[int, int, int, int]:
    found = lake.ledger.receipts(VISITS)
    return (
        sum(r.stored for r in found),
        sum(r.replaced for r in found),
        sum(r.duplicate for r in found),
        sum(r.quarantined for r in found),
    )


def test_what_landed_is_in_the_table_once_and_the_segment_goes_when_its_receiver_does(lake: Lake) -> None:
    writer = LandingWriter(lake.folder / "landing", "http")
    writer.append([landed(lake, [row(1), row(2), row(3, persons="many")])])
    told: list[Committed] = []
    committer = Committer(lake, told.append)
    assert committer.run_once() == 3
    assert committer.run_once() == 0
    writer.append([landed(lake, [row(1), row(4)])])
    assert committer.drain() == 2
    assert counts(lake) == (3, 0, 1, 1)
    assert [one.receipt.read for one in told] == [3, 2]
    assert segments(writer.folder)  # it may still grow
    writer.close()
    committer.drain()
    assert not segments(writer.folder)
    assert audit(lake) == []


def test_a_receiver_that_comes_after_does_not_give_a_segment_its_old_number(lake: Lake) -> None:
    first = LandingWriter(lake.folder / "landing", "http")
    first.append([landed(lake, [row(1)])])
    first.close()
    Committer(lake).drain()
    second = LandingWriter(lake.folder / "landing", "http")
    assert second.folder == first.folder
    second.append([landed(lake, [row(2)])])
    Committer(lake).drain()
    assert counts(lake)[0] == 2


def test_two_receivers_of_a_kind_have_folders_of_their_own(lake: Lake) -> None:
    one, two = (LandingWriter(lake.folder / "landing", "http") for _ in range(2))
    assert one.folder != two.folder


def test_a_torn_frame_at_the_end_was_never_acknowledged_and_is_passed_over(lake: Lake) -> None:
    writer = LandingWriter(lake.folder / "landing", "http")
    whole = landed(lake, [row(1)])
    writer.append([whole])
    path = segments(writer.folder)[0][1]
    for end in (3, 11, len(whole) - 1):
        with path.open("r+b") as stream:
            stream.truncate(len(whole))
            stream.seek(0, 2)
            stream.write(whole[:end])
        assert len(list(frames(path))) == 1
    writer.close()
    assert Committer(lake).drain() == 1


@pytest.mark.parametrize("step", ["batch.json", "done.json", "ledger", "commit"])
def test_a_committer_that_dies_anywhere_doubles_and_loses_nothing(
    lake: Lake, step: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    writer = LandingWriter(lake.folder / "landing", "http")
    writer.append([landed(lake, [row(1), row(2)]), landed(lake, [row(3)], feed="other"), landed(lake, [row(2)])])

    class DiedError(BaseException):
        pass

    def die(*_: object, **__: object) -> None:
        raise DiedError

    with monkeypatch.context() as patched:
        if step in ("batch.json", "done.json"):
            from qala.lake import turns

            write = turns.write_whole

            def until(path: Path, content: bytes, mode: int = 0o644) -> None:
                write(path, content, mode) if path.name != step else die()

            patched.setattr(turns, "write_whole", until)
        elif step == "ledger":
            patched.setattr(type(lake.ledger), "append", die)
        else:
            from qala.lake.table import Table

            patched.setattr(Table, "commit", die)
        with pytest.raises(DiedError):
            Committer(lake).drain()
    again = Lake(lake.folder, lake.catalogue)
    writer.append([landed(lake, [row(4)])])
    Committer(again).drain()
    stored, replaced, duplicate, quarantined = counts(again)
    assert (stored, replaced, duplicate, quarantined) == (4, 0, 1, 0)
    assert audit(again) == []
    assert list(waiting(lake.folder / "landing")) == []


def test_each_source_has_its_turn_however_much_another_landed_before_it(
    lake: Lake, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("qala.lake.committing.ROWS_IN_A_BATCH", 7)
    monkeypatch.setattr("qala.lake.landing.SEGMENT_BYTES", 12_000)
    writer = LandingWriter(lake.folder / "landing", "http")
    for n in range(8):
        writer.append([landed(lake, [row(f"{n}-{k}") for k in range(5)], feed="flood")])
    writer.append([landed(lake, [row("a")], feed="quiet")])
    writer.append([landed(lake, [row("a", persons="3", changed_at="2026-03-01 10:00")], feed="quiet")])
    assert len(segments(writer.folder)) > 2
    told: list[Committed] = []
    committer = Committer(lake, told.append)
    assert committer.run_once() == 7
    assert [(one.receipt.source, one.receipt.read) for one in told] == [("flood", 5), ("quiet", 2)]
    assert sum(head.rows for head in waiting(lake.folder / "landing")) == 35
    assert [(one.hour.source, one.received, one.waiting) for one in accounts(lake, NOON.date())] == [
        ("flood", 40, 35),
        ("quiet", 2, 0),
    ]
    assert Committer(lake).drain() == 35  # another committer goes on from there
    assert committer.run_once() == 0
    assert counts(lake) == (41, 0, 1, 0)
    assert differences(lake, NOON.date()) == []
    writer.close()
    committer.drain()
    assert not segments(writer.folder)
    assert differences(lake, NOON.date()) == []


def test_frames_that_a_full_disk_took_back_after_they_were_seen_are_passed_over(
    lake: Lake, monkeypatch: pytest.MonkeyPatch
) -> None:
    writer = LandingWriter(lake.folder / "landing", "http")
    writer.append([landed(lake, [row(1)])])
    sync = os.fdatasync
    committer, steps = Committer(lake), iter([False, True])

    def full(handle: int) -> None:
        if next(steps, True):
            return sync(handle)
        assert len(committer._lines.setdefault("http-1", Line(writer.folder)).waiting(Position())) == 2
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patched:
        patched.setattr("qala.lake.landing.os.fdatasync", full)
        with pytest.raises(Full, match="No space"):
            writer.append([landed(lake, [row(2)])])
    writer.append([landed(lake, [row(n) for n in range(3, 9)])])
    committer.drain()
    assert {one["visit_id"] for one in current(lake, VISITS)} == {"1", *map(str, range(3, 9))}
    assert differences(lake, NOON.date()) == []


def test_a_batch_that_an_older_committer_began_is_finished(lake: Lake) -> None:
    writer = LandingWriter(lake.folder / "landing", "http")
    first = landed(lake, [row(1)])
    writer.append([first, landed(lake, [row(2)])])
    (writer.folder / "batch.json").write_text(f'{{"segment": 1, "from": 0, "to": {len(first)}}}')
    told: list[Committed] = []
    Committer(lake, told.append).drain()
    assert [one.receipt.read for one in told] == [1, 1]
    assert counts(lake)[0] == 2


def test_a_full_disk_takes_nothing_and_leaves_the_segment_whole(lake: Lake, monkeypatch: pytest.MonkeyPatch) -> None:
    writer = LandingWriter(lake.folder / "landing", "http")
    writer.append([landed(lake, [row(1)])])
    write = os.write

    def short(handle: int, content: bytes) -> int:
        if len(content) > 100:
            return write(handle, content[:100])
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patched:
        patched.setattr("qala.lake.landing.os.write", short)
        with pytest.raises(Full, match="No space"):
            writer.append([landed(lake, [row(2)])])
    writer.append([landed(lake, [row(3)])])
    assert Committer(lake).drain() == 2


def test_too_much_that_waits_is_refused_until_it_is_worked_off(lake: Lake, monkeypatch: pytest.MonkeyPatch) -> None:
    writer = LandingWriter(lake.folder / "landing", "http")
    writer.append([landed(lake, [row(1)])])
    monkeypatch.setattr("qala.lake.landing.WAITING_BYTES", 100)
    with pytest.raises(Full, match="waits"):
        writer.append([landed(lake, [row(2)])])


TEXTS = st.one_of(
    st.none(),
    st.sampled_from(
        ["", " ", "1.50", "1,50", "-3", "x", "short", "long", "2026-03-01 09:05", "01.03.2026 09:05", "yes", "1e3", "∞"]
    ),
    st.text(max_size=6),
)


@settings(max_examples=12, deadline=None)
@given(
    rows=st.lists(
        st.fixed_dictionaries(
            {"visit_id": TEXTS, "came_at": TEXTS, "paid": TEXTS, "kind": TEXTS, "persons": TEXTS, "alone": TEXTS}
        ),
        min_size=1,
        max_size=12,
    )
)
def test_the_border_of_messages_is_the_border_of_files(rows: list[dict[str, str | None]], tmp_path_factory) -> None:  # type: ignore[no-untyped-def]
    """Row by row the same verdict, whichever way the same texts come."""
    lake = trial_lake(tmp_path_factory.mktemp("border") / "lake")
    contract = lake.catalogue.contract(VISITS)
    live = LiveBorder(contract, load_mapping(None, contract), "UTC", lake.pseudonyms).check(rows)
    columns = {name: pa.array([row[name] for row in rows], pa.string()) for name in rows[0]}
    receipt = lake.ingest(IngestRequest(CITY, contract.id, pa.table(columns), dry_run=True))
    assert receipt.quarantined == len(live.faults)
    assert sum(receipt.reasons.values()) == sum(len(fault.rules.split()) for fault in live.faults)


KILLED = """
import os, sys
from pathlib import Path
sys.path.insert(0, sys.argv[2])
from trial_lake import trial_lake
from qala.lake.committing import Committer
committer = Committer(trial_lake(Path(sys.argv[1])))
print("up", flush=True)
while True:
    committer.run_once()
"""


def test_a_committer_killed_at_random_moments_doubles_and_loses_nothing(lake: Lake) -> None:
    writer = LandingWriter(lake.folder / "landing", "http")
    chance, sent = random.Random(7), 0
    for _ in range(3):
        child = subprocess.Popen(
            [sys.executable, "-c", KILLED, str(lake.folder), str(Path(__file__).parent)], stdout=subprocess.PIPE
        )
        assert child.stdout is not None
        child.stdout.readline()
        for _ in range(6):
            writer.append([landed(lake, [row(sent + n) for n in range(5)])])
            sent += 5
        try:
            child.wait(chance.uniform(0.01, 0.25))
        except subprocess.TimeoutExpired:
            child.kill()
        child.wait()
    again = Lake(lake.folder, lake.catalogue)
    Committer(again).drain()
    assert counts(again) == (sent, 0, 0, 0)
    assert audit(again) == []


def test_doors_and_ledger_agree_hour_by_hour_and_a_loss_is_a_difference(lake: Lake) -> None:
    day = NOON.date()
    writer = LandingWriter(lake.folder / "landing", "http")
    writer.append([landed(lake, [row(1), row(2), row(2)]), landed(lake, [row(3, persons="many")], feed="gate")])
    assert [(one.hour.source, one.received, one.waiting, one.difference) for one in accounts(lake, day)] == [
        ("front-desk", 3, 3, 0),
        ("gate", 1, 1, 0),
    ]
    Committer(lake).drain()
    writer.close()
    Committer(lake).drain()  # the segment goes, its counts stay
    found = accounts(lake, day)
    assert [(one.received, one.read, one.stored, one.duplicate, one.quarantined) for one in found] == [
        (3, 3, 2, 1, 0),
        (1, 1, 0, 0, 1),
    ]
    assert differences(lake, day) == []
    file = lake.folder / "ledger" / f"{VISITS}.jsonl"
    file.write_text("".join(line for line in file.read_text().splitlines(True) if '"gate"' not in line))
    assert [one.difference for one in differences(Lake(lake.folder, lake.catalogue), day)] == [1]


def test_small_files_are_joined_tier_by_tier_and_no_number_changes(lake: Lake) -> None:
    writer = LandingWriter(lake.folder / "landing", "http")
    for n in range(20):  # every second row is corrected by the next frame
        writer.append([landed(lake, [row(n), row(n // 2, persons=str(n + 3), changed_at=f"2026-03-01 10:{n:02d}")])])
        Committer(lake).drain()
    before = sorted((one["visit_id"], one["persons"]) for one in current(lake, VISITS))
    version = lake.table(VISITS).version()
    files = len(lake.table(VISITS).snapshot().all_files)
    assert join_small(lake, VISITS, CITY) >= 16
    assert len(lake.table(VISITS).snapshot().all_files) < files - 14
    assert sorted((one["visit_id"], one["persons"]) for one in current(lake, VISITS)) == before
    assert lake.table(VISITS).changes(version) == []  # nothing for sums to follow
    assert join_small(lake, VISITS, CITY) == 0
    assert audit(lake) == []
