"""Does the ledger say what the doors took? Received = stored + replaced + duplicate + quarantined, by source, dataset and hour.

Doors count in the frames that they write, before anything else is known of the rows; the ledger counts in receipts, after the
commit. When a segment of the landing goes, its counts stay in `landing/counts/<day>.jsonl`. A difference between the two is
something lost or doubled, and never tolerated.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from qala.lake.durable import append_line, whole_lines
from qala.lake.landing import Head, frames, receivers, segments
from qala.lake.turns import Position

if TYPE_CHECKING:
    from qala.lake.folder import Lake

_OF_DOORS = 6
"""Bytes of the random end of a receipt's id that a committer gives: such receipts came through a door."""


@dataclass(frozen=True, order=True)
class Hour:
    """An hour of a source. `start` is ISO 8601 to the hour, UTC: `2026-03-01T09`."""

    start: str
    source: str
    city: str
    dataset: str


@dataclass(frozen=True)
class Account:
    """What an hour's rows became.

    Args:
        received: rows that doors took in; None for what did not come through a door.
        waiting: of these, rows that the committer has not reached yet.
    """

    hour: Hour
    received: int | None
    waiting: int
    read: int
    stored: int
    replaced: int
    duplicate: int
    quarantined: int

    @property
    def difference(self) -> int:
        """Rows that the doors took and the ledger does not know (or, negative, the other way round)."""
        return 0 if self.received is None else self.received - self.waiting - self.read


def accounts(lake: Lake, day: date) -> list[Account]:
    """The account of each source, dataset and hour of a day (UTC) in which something came."""
    landed, waiting = _landed(lake, day)
    here = lake.shared.machine if lake.shared else ""
    sums: dict[Hour, Counter[str]] = {}
    for dataset in lake.ledger.datasets():
        for receipt in lake.ledger.receipts(dataset):
            if receipt.received_at.date() != day or receipt.kind in ("undo", "nothing_happened"):
                continue
            hour = Hour(receipt.received_at.isoformat()[:13], receipt.source, receipt.city, receipt.dataset)
            found = sums.setdefault(hour, Counter())
            for name in ("read", "stored", "replaced", "duplicate", "quarantined"):
                found[name] += getattr(receipt, name)
            # what another machine's doors took, that machine counted
            if len(receipt.id.rpartition("-")[2]) == 2 * _OF_DOORS and receipt.machine == here:
                found["by_door"] += receipt.read
    return [
        Account(
            hour,
            landed.get(hour, 0) if hour in landed or sums[hour]["by_door"] else None,
            waiting.get(hour, 0),
            (found := sums.get(hour, Counter()))["by_door"] if hour in landed else found["read"],
            *(found[name] for name in ("stored", "replaced", "duplicate", "quarantined")),
        )
        for hour in sorted({*landed, *sums})
    ]


def differences(lake: Lake, day: date) -> list[Account]:
    """Hours that do not balance."""
    return [one for one in accounts(lake, day) if one.difference]


def note_landed(folder: Path, receiver: str, number: int, segment: Path) -> None:
    """Keep what a segment's frames counted, before it is removed."""
    for hour, rows in _counted(head for head, _, _ in frames(segment)).items():
        said = {"receiver": receiver, "segment": number, "rows": rows, "hour": hour.start, "source": hour.source}
        line = json.dumps({**said, "city": hour.city, "dataset": hour.dataset}, ensure_ascii=False)
        append_line(folder / "counts" / f"{hour.start[:10]}.jsonl", line)


def _landed(lake: Lake, day: date) -> tuple[Counter[Hour], Counter[Hour]]:
    """Rows that doors took in a day, and those of them that wait, by hour."""
    folder = lake.folder / "landing"
    landed: Counter[Hour] = Counter()
    waiting: Counter[Hour] = Counter()
    there: set[tuple[str, int]] = set()
    for receiver in receivers(folder):
        for number, path in segments(receiver):
            there.add((receiver.name, number))
            position = Position.of(receiver)
            for head, _, end in frames(path):
                hour = _hour(head)
                if hour.start[:10] == day.isoformat():
                    landed[hour] += head.rows
                    if not position.passed(number, end, head.feed):
                        waiting[hour] += head.rows
    seen: set[tuple[str, int, Hour]] = set()
    for line in whole_lines(folder / "counts" / f"{day}.jsonl")[0]:
        said = json.loads(line)
        hour = Hour(said["hour"], said["source"], said["city"], said["dataset"])
        mark = (said["receiver"], said["segment"], hour)
        if mark[:2] not in there and mark not in seen:  # a kill before the removal notes a segment twice
            seen.add(mark)
            landed[hour] += said["rows"]
    return landed, waiting


def _counted(heads: Iterator[Head]) -> Counter[Hour]:
    found: Counter[Hour] = Counter()
    for head in heads:
        found[_hour(head)] += head.rows
    return found


def _hour(head: Head) -> Hour:
    return Hour(datetime.fromisoformat(head.received_at).isoformat()[:13], head.feed, head.city, head.dataset)
