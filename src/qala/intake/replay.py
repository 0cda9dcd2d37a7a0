"""Refused rows come again: after the mapping was mended, or the row itself, or a new column found its place.

A replay is a delivery of its own (`kind: replay`), through the same border and landing; what is refused once more lies in its
own quarantine. The first delivery's rows are marked and stay what they were.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping
from dataclasses import dataclass

from qala.intake.feed import Feed, Taken
from qala.intake.payloads import Undecodable, decode
from qala.intake.receiving import Receiver
from qala.lake import Lake
from qala.lake.landing import now
from qala.lake.quarantine import Original
from qala.lake.receipts import Receipt
from qala.standard.problems import Problem


@dataclass(frozen=True)
class Mended:
    """What a person typed instead of some values of a refused row: header → text; None empties it."""

    values: Mapping[str, str | None]


def waiting(lake: Lake, receipt: Receipt) -> list[Original]:
    """The refused rows of a receipt that may be replayed, as they came, personal values included.

    Whoever shows them to a person asks for the right and writes it into the audit log.
    """
    connection = lake.connection()
    try:
        return lake.quarantine.originals(connection, receipt.dataset, receipt.city, receipt.id, lake.sealer)
    finally:
        connection.close()


def replay(
    lake: Lake,
    receipt: Receipt,
    feed: Feed,
    by: str,
    rows: Collection[int] | None = None,
    mended: Mapping[int, Mended] | None = None,
) -> Taken:
    """Send refused rows through the border again.

    Args:
        feed: of the receipt, with the mapping as it is now.
        by: who asks for it.
        rows: numbers of rows; None for all that wait.
        mended: number of a row → what to put into it.

    Raises:
        Problem: nothing waits, or the mapping does not fit.
        Full: the disk is full; nothing was changed.
    """
    found = [one for one in waiting(lake, receipt) if rows is None or one.row in rows]
    if not found:
        raise Problem(f"no refused row of {receipt.id} waits", hint="they were replayed or dropped already")
    texts, unreadable = [], []
    for one in found:
        try:
            texts += _rows(feed, one, (mended or {}).get(one.row))
        except Undecodable as error:
            unreadable.append((error.message, one.content))
    receiver = Receiver(lake, "replay")
    try:
        taken = receiver.submit(feed, texts, unreadable=unreadable, replays=receipt.id).result()
    finally:
        receiver.close()
    lake.quarantine.settle(
        receipt.dataset, receipt.city, receipt.id, [one.row for one in found], "replayed", by, taken.id
    )
    return taken


def drop(lake: Lake, receipt: Receipt, by: str, rows: Collection[int]) -> None:
    """Say that nobody will mend these rows; they stay in quarantine."""
    lake.quarantine.settle(receipt.dataset, receipt.city, receipt.id, rows, "dropped", by)


def _rows(feed: Feed, original: Original, mended: Mended | None) -> list[dict[str, str | None]]:
    if original.is_row:
        said = json.loads(original.content)
        return [{**said, **(mended.values if mended else {})}]
    if mended is not None:
        return [dict(mended.values)]
    return decode(feed.format, original.content, rows_at=feed.rows_at, received=now())
