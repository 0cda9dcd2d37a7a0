"""A watched folder: whole files are taken in and moved aside, half-written ones are left alone, nothing is lost."""

from __future__ import annotations

import gzip
import json
import os
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import xlsxwriter
from trial_intake import TrialFeed, row
from trial_lake import VISITS, current

from qala.intake.doors.files import WatchedFolder
from qala.intake.feed import Taken
from qala.intake.receiving import Full, Receiver
from qala.lake import Lake
from qala.lake.committing import Committer
from qala.standard.problems import Problem

FEED = TrialFeed(name="visits-files", door="files", format="csv")
AT_ONCE = {"quiet_s": 0}


def table(*numbers: int) -> str:
    rows = [row(number) for number in numbers]
    lines = [",".join(rows[0]), *(",".join(str(value) for value in one.values()) for one in rows)]
    return "\n".join(lines) + "\n"


@pytest.fixture
def watched(tmp_path: Path, receiver: Receiver) -> WatchedFolder:
    return WatchedFolder(tmp_path / "drop", receiver)


def names(watched: WatchedFolder, place: str = "") -> list[str]:
    """Names in a place, without the time that they were moved at."""
    found = [path.name for path in (watched.folder / place).glob("*") if path.is_file() and not path.is_symlink()]
    found = [name for name in found if name != ".lock"]
    return sorted(name.partition("-")[2] if place else name for name in found)


def visits(lake: Lake) -> list[str]:
    Committer(lake).drain()
    return sorted(one["visit_id"] for one in current(lake, VISITS))


def test_a_file_is_taken_and_moved_aside_with_its_receipt(watched: WatchedFolder, lake: Lake) -> None:
    (watched.folder / "visits.csv").write_text(table(1, 2))
    (outcome,) = watched.look(FEED, AT_ONCE)
    assert outcome.taken is not None and outcome.taken.accepted == 2
    assert names(watched) == [] and names(watched, "taken") == ["visits.csv", "visits.csv.receipt.json"]
    (receipt,) = (watched.folder / "taken").glob("*.receipt.json")
    said = json.loads(receipt.read_text())
    assert (said["file"], said["received"], said["id"]) == ("visits.csv", 2, outcome.taken.id)
    assert visits(lake) == ["1", "2"]


def _excel(path: Path) -> None:
    with xlsxwriter.Workbook(path) as book:
        sheet = book.add_worksheet()
        sheet.write_row(0, 0, list(row(3)))
        sheet.write_row(1, 0, [str(value) for value in row(3).values()])


def test_every_format_is_taken(watched: WatchedFolder, lake: Lake) -> None:
    folder = watched.folder
    (folder / "a.csv").write_text(table(1))
    (folder / "b.csv.gz").write_bytes(gzip.compress(table(2).encode()))
    _excel(folder / "c.xlsx")
    (folder / "d.jsonl").write_text(json.dumps(row(4)) + "\n")
    big = "".join(json.dumps(row(4)) + "\n" for _ in range(3000))
    (folder / "d2.jsonl").write_text(big)
    (folder / "d3.jsonl.gz").write_bytes(gzip.compress(big.encode()))
    pq.write_table(pa.Table.from_pylist([row(5)]), folder / "e.parquet")
    (folder / "f.TXT").write_text(table(6).replace(",", "\t"))
    (folder / "no ending").write_text(table(7))
    assert all(one.taken is not None for one in watched.look(FEED, AT_ONCE))
    assert visits(lake) == ["1", "2", "3", "4", "5", "6", "7"]


def test_a_broken_line_lies_in_quarantine_by_itself(watched: WatchedFolder, lake: Lake) -> None:
    (watched.folder / "a.jsonl").write_text(
        json.dumps(row(1)) + "\n{broken\n\n" + json.dumps(row(2, persons="many")) + "\n"
    )
    (outcome,) = watched.look(FEED, AT_ONCE)
    assert outcome.taken is not None
    assert (outcome.taken.received, outcome.taken.accepted, outcome.taken.quarantined) == (3, 1, 2)
    assert visits(lake) == ["1"]


def test_a_document_is_read_as_the_kind_of_its_source(watched: WatchedFolder, lake: Lake) -> None:
    feed = TrialFeed(name="visits-files", format="json", rows_at="data")
    (watched.folder / "a.json").write_text(json.dumps({"data": [row(1), row(2)]}))
    (watched.folder / "b.json.gz").write_bytes(gzip.compress(json.dumps({"data": [row(3)]}).encode()))
    assert all(one.taken is not None for one in watched.look(feed, AT_ONCE))
    assert visits(lake) == ["1", "2", "3"]


def test_names_of_unfinished_files_are_left_alone(watched: WatchedFolder) -> None:
    left = [".hidden.csv", "a.csv.part", "b.csv.tmp", "c.csv.filepart", "~$d.xlsx", "e.csv~", "F.CSV.PART"]
    for name in left:
        (watched.folder / name).write_text(table(1))
    (watched.folder / "folder.csv").mkdir()
    (watched.folder / "link.csv").symlink_to("/etc/passwd")
    os.mkfifo(watched.folder / "pipe.csv")
    assert watched.look(FEED, AT_ONCE) == []
    assert sorted(names(watched)) == sorted(left) and (watched.folder / "link.csv").is_symlink()
    (watched.folder / "a.csv.part").rename(watched.folder / "a.csv")
    assert [one.name for one in watched.look(FEED, AT_ONCE)] == ["a.csv"]


def test_a_file_that_still_grows_is_left_alone_until_it_has_been_quiet(watched: WatchedFolder, lake: Lake) -> None:
    path = watched.folder / "slow.csv"
    lines = table(1, 2, 3).splitlines(keepends=True)
    for line in lines:
        with path.open("a") as file:
            file.write(line)
        assert watched.look(FEED, {"quiet_s": 0.2}) == []
        time.sleep(0.05)
    assert watched.look(FEED, {"quiet_s": 0.2}) == []
    time.sleep(0.25)
    assert len(watched.look(FEED, {"quiet_s": 0.2})) == 1
    assert visits(lake) == ["1", "2", "3"]


def test_a_file_that_is_open_for_writing_is_left_alone_however_quiet_it_is(watched: WatchedFolder) -> None:
    path = watched.folder / "paused.csv"
    hold = "import sys, time; file = open(sys.argv[1], 'w'); file.write(sys.argv[2]); file.flush(); print(1, flush=True); input()"
    sender = subprocess.Popen(
        [sys.executable, "-c", hold, str(path), table(1)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert sender.stdout is not None
    sender.stdout.readline()
    for _ in range(3):
        assert watched.look(FEED, AT_ONCE) == []
        time.sleep(0.02)
    sender.communicate("\n")
    assert len(watched.look(FEED, AT_ONCE)) == 1


class Writes:
    """A receiver during whose work the sender goes on writing."""

    def __init__(self, receiver: Receiver, more: str) -> None:
        self._receiver, self._more, self.lake = receiver, more, receiver.lake

    def take_file_blocking(self, feed: Any, path: Path, suffix: str, **how: Any) -> Taken:
        taken = self._receiver.take_file_blocking(feed, path, suffix, **how)
        if self._more:
            with path.open("a") as file:
                file.write(self._more)
            self._more = ""
        return taken

    def take_blocking(self, feed: Any, rows: Any, **how: Any) -> Taken:
        return self._receiver.take_blocking(feed, rows, **how)


def test_what_is_written_while_a_file_is_taken_is_not_lost(tmp_path: Path, receiver: Receiver, lake: Lake) -> None:
    more = table(3).splitlines()[1] + "\n"
    watched = WatchedFolder(tmp_path / "drop", Writes(receiver, more))
    (watched.folder / "a.csv").write_text(table(1, 2))
    assert watched.look(FEED, AT_ONCE) == []
    assert names(watched) == ["a.csv"] and names(watched, "taken") == []
    assert len(watched.look(FEED, AT_ONCE)) == 1
    assert visits(lake) == ["1", "2", "3"]


def test_a_file_that_cannot_be_read_is_refused_with_the_reason(watched: WatchedFolder, lake: Lake) -> None:
    (watched.folder / "no columns.csv").write_text("a,b\n1,2\n")
    (watched.folder / "broken.xlsx").write_bytes(b"PK\x03\x04 no workbook")
    (watched.folder / "empty.csv").write_text("")
    outcomes = watched.look(FEED, AT_ONCE)
    assert all(one.problem is not None for one in outcomes) and len(outcomes) == 3
    assert names(watched, "refused") == [
        "broken.xlsx", "broken.xlsx.reason.txt", "empty.csv", "empty.csv.reason.txt", "no columns.csv",
        "no columns.csv.reason.txt",
    ]  # fmt: skip
    for reason in (watched.folder / "refused").glob("*.reason.txt"):
        said = reason.read_text()
        assert reason.name.partition("-")[2].removesuffix(".reason.txt") in said and ".taking" not in said
    assert visits(lake) == []


def test_files_of_one_name_do_not_meet(watched: WatchedFolder, lake: Lake) -> None:
    for number in (1, 2, 3):
        (watched.folder / "export.csv").write_text(table(number))
        assert len(watched.look(FEED, AT_ONCE)) == 1
    assert len(list((watched.folder / "taken").glob("*export.csv"))) == 3
    assert visits(lake) == ["1", "2", "3"]


def test_a_file_that_was_mended_and_put_there_again_is_taken_again(watched: WatchedFolder, lake: Lake) -> None:
    (watched.folder / "export.csv").write_text(table(1))
    watched.look(FEED, AT_ONCE)
    (watched.folder / "export.csv").write_text(table(1))
    (outcome,) = watched.look(FEED, AT_ONCE)
    assert outcome.taken is not None and not outcome.taken.repeated
    assert visits(lake) == ["1"]


class Falls:
    """A receiver whose process ends right after the rows are on the disk."""

    def __init__(self, receiver: Receiver) -> None:
        self._receiver, self.lake = receiver, receiver.lake

    def take_file_blocking(self, feed: Any, path: Path, suffix: str, **how: Any) -> Taken:
        self._receiver.take_file_blocking(feed, path, suffix, **how)
        raise KeyboardInterrupt

    def take_blocking(self, feed: Any, rows: Any, **how: Any) -> Taken:
        raise AssertionError


def test_what_was_being_taken_when_the_process_ended_is_taken_once(
    tmp_path: Path, receiver: Receiver, lake: Lake
) -> None:
    folder = tmp_path / "drop"
    with pytest.raises(KeyboardInterrupt):
        watched = WatchedFolder(folder, Falls(receiver))
        (folder / "a.csv").write_text(table(1, 2))
        watched.look(FEED, AT_ONCE)
    assert not (folder / "a.csv").exists()
    (outcome,) = WatchedFolder(folder, receiver).look(FEED, AT_ONCE)
    assert outcome.taken is not None and outcome.taken.repeated
    assert visits(lake) == ["1", "2"]


class IsFull:
    def __init__(self, lake: Lake) -> None:
        self.lake = lake

    def take_file_blocking(self, feed: Any, path: Path, suffix: str, **how: Any) -> Taken:
        raise Full("no room", 1)

    take_blocking = take_file_blocking


def test_where_there_is_no_room_files_wait(tmp_path: Path, receiver: Receiver, lake: Lake) -> None:
    folder = tmp_path / "drop"
    watched = WatchedFolder(folder, IsFull(lake))  # type: ignore[arg-type]
    (folder / "a.csv").write_text(table(1))
    (folder / "b.csv").write_text(table(2))
    with pytest.raises(Full):
        watched.look(FEED, AT_ONCE)
    (folder / "a.csv").write_text(table(3))  # another of that name meanwhile
    later = WatchedFolder(folder, receiver)
    assert len(later.look(FEED, AT_ONCE) + later.look(FEED, AT_ONCE)) == 3
    assert visits(lake) == ["1", "2", "3"]


def test_a_broken_mapping_is_the_source_s_trouble_and_no_file_s(watched: WatchedFolder) -> None:
    (watched.folder / "a.csv").write_text(table(1))
    for broken in (
        TrialFeed(mapping={"dataset": VISITS, "columns": {"shoe": "x"}}),
        TrialFeed(dataset="trial.nothing"),
    ):
        with pytest.raises(Problem):
            watched.look(broken, AT_ONCE)
    assert names(watched) == ["a.csv"]


def test_two_processes_do_not_take_the_same_file(tmp_path: Path, receiver: Receiver, lake: Lake) -> None:
    folder = tmp_path / "drop"
    both = [WatchedFolder(folder, receiver), WatchedFolder(folder, receiver)]
    for number in range(10):
        (folder / f"{number}.csv").write_text(table(number))
    found: list[Any] = []

    def look(one: WatchedFolder) -> None:
        for _ in range(8):
            found.extend(one.look(FEED, AT_ONCE))
            time.sleep(0.01)

    threads = [threading.Thread(target=look, args=[one]) for one in both]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(one.name for one in found) == sorted(f"{number}.csv" for number in range(10))
    assert len(visits(lake)) == 10


def test_taken_files_are_kept_as_long_as_it_is_said(watched: WatchedFolder, monkeypatch: pytest.MonkeyPatch) -> None:
    (watched.folder / "a.csv").write_text(table(1))
    watched.look(FEED, {"quiet_s": 0, "keep_days": 1})
    old = watched.folder / "taken" / "20200101T000000Z-old.csv"
    old.write_text("x")
    watched._tidied = float("-inf")
    watched.look(FEED, {"quiet_s": 0, "keep_days": 1})
    assert names(watched, "taken") == ["a.csv", "a.csv.receipt.json"]
    (watched.folder / "b.csv").write_text(table(2))
    watched.look(FEED, {"quiet_s": 0, "keep_days": 0})
    assert "b.csv" not in names(watched, "taken")


def test_a_wrong_setting_is_told(watched: WatchedFolder) -> None:
    with pytest.raises(Problem, match="quiet"):
        watched.look(FEED, {"quiet": 5})


def test_a_file_that_is_too_big_is_refused(watched: WatchedFolder) -> None:
    with (watched.folder / "big.csv").open("wb") as file:
        file.truncate(3 << 20)
    (outcome,) = watched.look(FEED, {"quiet_s": 0, "most_mb": 2})
    assert outcome.problem is not None and "3 MB" in outcome.problem.message


@pytest.mark.parametrize("first", ["file", "count"])
def test_a_count_beside_a_file_is_compared_whichever_comes_first(
    watched: WatchedFolder, receiver: Receiver, lake: Lake, first: str
) -> None:
    parts = {"visits.csv": table(1, 2), "visits.csv.count": "3\n"}
    for name in sorted(parts, reverse=first == "count"):
        (watched.folder / name).write_text(parts[name])
        outcomes = watched.look(FEED, AT_ONCE)
        watched = WatchedFolder(watched.folder, receiver)  # another process goes on: the receipt beside the file tells
    outcomes += watched.look(FEED, AT_ONCE)
    assert [(one.name, one.counted, one.received) for one in outcomes if one.counted] == [("visits.csv", 3, 2)]
    assert names(watched) == []
    assert visits(lake) == ["1", "2"]


def test_a_count_that_is_no_number_is_refused_with_words(watched: WatchedFolder) -> None:
    (watched.folder / "visits.csv.count").write_text("about twenty")
    (outcome,) = watched.look(FEED, AT_ONCE)
    assert outcome.problem is not None and "whole number" in outcome.problem.message
    assert names(watched, "refused") == ["visits.csv.count", "visits.csv.count.reason.txt"]
