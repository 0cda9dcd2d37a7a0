"""Refused rows come again: by a mended mapping, by a mended row; and the ledger still balances."""

from __future__ import annotations

from dataclasses import replace

import pytest
from trial_intake import TrialFeed, row
from trial_lake import VISITS, current

from qala.intake.receiving import Receiver
from qala.intake.replay import Mended, drop, replay, waiting
from qala.lake import Lake, Receipt
from qala.lake.audit import audit
from qala.lake.committing import Committer
from qala.standard.problems import Problem

FEED = TrialFeed()


def refused(lake: Lake, receiver: Receiver) -> Receipt:
    """Three refused rows: one with a code that the contract does not have, one with a word for a number, one broken."""
    receiver.take_blocking(
        FEED, [row(1), row(2, kind="S"), row(3, persons="many")], unreadable=[("not JSON", b'{"visit_id": "4"')]
    )
    Committer(lake).drain()
    return lake.ledger.receipts(VISITS)[-1]


def test_a_mended_mapping_brings_rows_back_with_their_pseudonyms(lake: Lake, receiver: Receiver) -> None:
    receipt = refused(lake, receiver)
    assert [one.row for one in waiting(lake, receipt)] == [2, 3, 4]
    mended = replace(FEED, mapping={"dataset": VISITS, "columns": {"kind": {"from": "kind", "map": {"S": "short"}}}})
    taken = replay(lake, receipt, mended, "analyst", rows=[2])
    assert (taken.received, taken.accepted) == (1, 1)
    Committer(lake).drain()
    found = {one["visit_id"]: one for one in current(lake, VISITS)}
    assert found["2"]["citizen"] == found["1"]["citizen"] == lake.pseudonyms.of("850101300123")
    assert lake.ledger.receipts(VISITS)[-1].replays == receipt.id
    assert [one.row for one in waiting(lake, receipt)] == [3, 4]
    assert audit(lake) == []


def test_a_row_is_mended_by_hand_and_a_broken_one_typed_anew(lake: Lake, receiver: Receiver) -> None:
    receipt = refused(lake, receiver)
    mended = {3: Mended({"persons": "5"}), 4: Mended(row(4))}
    assert replay(lake, receipt, FEED, "analyst", rows=[3, 4], mended=mended).accepted == 2
    Committer(lake).drain()
    assert {(one["visit_id"], one["persons"]) for one in current(lake, VISITS)} == {("1", 2), ("3", 5), ("4", 2)}


def test_what_is_refused_once_more_lies_in_quarantine_again(lake: Lake, receiver: Receiver) -> None:
    receipt = refused(lake, receiver)
    assert replay(lake, receipt, FEED, "analyst").quarantined == 3
    with pytest.raises(Problem, match="no refused row"):
        replay(lake, receipt, FEED, "analyst")
    Committer(lake).drain()
    assert len(waiting(lake, lake.ledger.receipts(VISITS)[-1])) == 3


def test_rows_that_nobody_will_mend_are_dropped_and_stay(lake: Lake, receiver: Receiver) -> None:
    receipt = refused(lake, receiver)
    drop(lake, receipt, "analyst", [4])
    assert [one.row for one in waiting(lake, receipt)] == [2, 3]
    connection = lake.connection()
    kept = lake.quarantine.rows(connection, VISITS, receipt.city, receipt.id)
    connection.close()
    assert [one["status"] for one in kept] == ["open", "open", "dropped"]
