"""The whole of a refused row is kept, whatever the mapping took; rows are numbered as their sender counts; receipts lead on."""

from __future__ import annotations

import contextlib
import json
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from trial_intake import TrialFeed, row
from trial_lake import VISITS, current

from qala.intake.doors.lines import lines_of
from qala.intake.receipts import what_became_of
from qala.intake.receiving import Receiver
from qala.intake.registry import Feed
from qala.intake.replay import replay, waiting
from qala.lake import Lake
from qala.lake.committing import Committer

FEED = TrialFeed()
KINDS = {"S": "short", "L": "long"}


def test_a_field_that_no_column_took_comes_back_by_a_mended_mapping(lake: Lake, receiver: Receiver) -> None:
    came = {name: value for name, value in row(2).items() if name != "kind"} | {
        "sort": "L",
        "persons": "many",
        "n": "7",
    }
    taken = receiver.take_blocking(FEED, [row(1), came])
    assert taken.dropped == {"sort": 1, "n": 1}
    Committer(lake).drain()
    receipt = lake.ledger.receipts(VISITS)[-1]
    (original,) = waiting(lake, receipt)
    assert json.loads(original.content) == came
    assert (original.sent, original.sent_row) == (taken.id, 2)
    mapping = {"dataset": VISITS, "columns": {"kind": {"from": "sort", "map": KINDS}, "persons": "n"}}
    assert replay(lake, receipt, TrialFeed(mapping=mapping), "analyst").accepted == 1
    Committer(lake).drain()
    found = {one["visit_id"]: (one["kind"], one["persons"]) for one in current(lake, VISITS)}
    assert found["2"] == ("long", 7)


@pytest.mark.parametrize("suffix", [".csv", ".jsonl"])
def test_the_same_of_a_file_and_nothing_of_it_is_readable(
    lake: Lake, receiver: Receiver, tmp_path: Path, suffix: str
) -> None:
    rows = [row(n) | {"sort": "L", "note": "850101300123"} for n in range(3)]
    rows[1]["persons"] = "many"
    file = tmp_path / "body"
    if suffix == ".csv":
        lines = [",".join(rows[0]), *(",".join(str(value) for value in one.values()) for one in rows)]
        lines.insert(2, "too,many" + ",x" * 20)
        file.write_text("\n".join(lines))
    else:
        file.write_text("\n".join([*map(json.dumps, rows[:2]), "", "{oh", json.dumps(rows[2])]))
    taken = receiver.take_file_blocking(FEED, file, suffix)
    Committer(lake).drain()
    receipt = lake.ledger.receipts(VISITS)[-1]
    *_, original = waiting(lake, receipt)
    found = {one.sent_row: one for one in waiting(lake, receipt)}
    assert sorted(found) == ([2, 3] if suffix == ".csv" else [2, 4])
    bad = found[3 if suffix == ".csv" else 2]
    assert json.loads(bad.content) == rows[1]
    assert {one.sent for one in found.values()} == {taken.id}
    assert [one["row"] for one in taken.reasons] == sorted(found)
    assert original.reason
    assert original.content == b"{oh" or suffix == ".csv"
    for path in lake.folder.rglob("*"):
        assert not path.is_file() or b"850101300123" not in path.read_bytes(), path


def test_lines_are_numbered_as_they_stand_in_the_text(receiver: Receiver) -> None:
    text = "\n".join([json.dumps(row(1)), "", "{oh", json.dumps(row(2, persons="many")), json.dumps(row(3))])
    found = lines_of(text.encode(), received=datetime.now(UTC))
    assert found.lines == [1, 4, 5, 3]
    taken = receiver.take_blocking(FEED, found.rows, unreadable=found.unreadable, lines=found.lines)
    assert [(one["row"], one["rules"]) for one in taken.reasons] == [(3, ["unreadable"]), (4, ["persons:unreadable"])]


def test_a_sender_s_receipt_leads_to_the_ledger_s(lake: Lake, receiver: Receiver) -> None:
    feed = Feed(FEED.name, FEED.city, VISITS, "http", "integration", "json")
    first, second = (receiver.take_blocking(FEED, [row(n), row(f"b{n}", persons="x")]) for n in (1, 2))
    waits = what_became_of(lake, feed, first.id)
    assert waits is not None and (waits["state"], waits["received"]) == ("waits", 2)
    Committer(lake).drain()
    (receipt,) = lake.ledger.receipts(VISITS)
    assert lake.ledger.of_sent(first.id) == lake.ledger.of_sent(second.id) == receipt.id
    stored = what_became_of(lake, feed, second.id)
    assert stored is not None
    assert (stored["state"], stored["receipt"], stored["receipt_counts"]["read"]) == ("stored", receipt.id, 4)
    assert [(one["row"], one["status"]) for one in stored["refused"]] == [(2, "open")]
    assert what_became_of(lake, Feed("other", FEED.city, VISITS, "http", "integration", "json"), first.id) is None
    assert what_became_of(lake, feed, "20260301T090512.250000-4f1c9a7e") is None
    assert lake.ledger.of_sent("../../etc/passwd") is None
    with contextlib.closing(lake.connection()) as con:
        assert {one["sent"] for one in lake.quarantine.rows(con, VISITS, FEED.city, receipt.id)} == {
            first.id,
            second.id,
        }
    assert lake.ledger.forget_sent(date(2100, 1, 1)) == 1
    assert lake.ledger.of_sent(first.id) is None
