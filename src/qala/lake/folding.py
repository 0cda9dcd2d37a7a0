"""Folding: an hour of small receipts of one source becomes one line of the ledger; the originals go to an archive.

A live source gets a receipt at every turn of the committer, thousands a day. Those that are older than two days, that refused
nothing and that nobody undid are added up by source, hour and days of their rows: by hour, so that days of any zone and the
accounts of `reconciling` stay exact. Everything else stays as it is, in its place.

A ledger that was folded begins with a line that says what its next lines stand for: units, each a run of receipts as they were
given (`ledger/archive/<dataset>/`, packed), and how many lines there are instead. The file is replaced as a whole under the
lock of whoever appends, after the archive is on the disk: a kill leaves the old one or the new one. The number of receipts
ever given does not change, so that whoever follows them by number (`Ledger.since`) gets each once.
"""

from __future__ import annotations

import gzip
import hashlib
import json
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path

from qala.lake.durable import held, whole_lines, write_whole
from qala.lake.receipts import Receipt

DAYS = 2
FEWEST = 100
"""Fewer lines than that are not worth a new file."""
_BY_DOOR = 12
"""Digits of the end of an id that a committer gives."""
_SUMMED = ("read", "stored", "replaced", "duplicate", "skipped")


@dataclass(frozen=True)
class Unit:
    """A run of receipts that was folded.

    Args:
        receipts: how many there were; lines: how many stand for them.
        first_day, last_day: UTC days of them, `YYYYMMDD`.
        archive: where they are, below `ledger/`.
    """

    receipts: int
    lines: int
    first_day: str
    last_day: str
    archive: str


def header(fold: int, units: Sequence[Unit]) -> str:
    """The first line of a folded ledger; it begins differently after every fold."""
    return json.dumps({"fold": fold, "units": [asdict(one) for one in units]})


def units_of(first_line: str) -> tuple[int, tuple[Unit, ...]]:
    """How often a ledger was folded, and its units; 0 and none where the line is a receipt."""
    if not first_line.startswith('{"fold": '):
        return 0, ()
    said = json.loads(first_line)
    return said["fold"], tuple(Unit(**one) for one in said["units"])


def originals(folder: Path, unit: Unit) -> list[str]:
    """The lines of a unit as they were written."""
    return gzip.decompress((folder / unit.archive).read_bytes()).decode().splitlines()


def fold(folder: Path, dataset: str, today: date) -> int:
    """Fold the receipts of a dataset of days (UTC) that are over for two days; returns by how many lines the ledger shrank.

    Args:
        folder: `ledger/` of the lake.
    """
    file = folder / f"{dataset}.jsonl"
    before = datetime.combine(today - timedelta(days=DAYS), time(), UTC)
    with held(file.with_name(file.name + ".lock")):
        lines, _ = whole_lines(file)
        times, units = units_of(lines[0]) if lines else (0, ())
        kept = sum(unit.lines for unit in units) + bool(units)
        tail = [Receipt.model_validate_json(line) for line in lines[kept:]]
        upto = next((n for n, receipt in enumerate(tail) if receipt.received_at >= before), len(tail))
        head, undone = tail[:upto], {receipt.undoes for receipt in tail}
        folded = list(_folded(head, undone))
        if len(head) - len(folded) < FEWEST:
            return 0
        number = sum(unit.receipts for unit in units)
        days = [f"{receipt.received_at:%Y%m%d}" for receipt in head]
        archive = f"archive/{dataset}/{number + 1:012d}-{len(head)}.jsonl.gz"
        unit = Unit(len(head), len(folded), min(days), max(days), archive)
        write_whole(
            folder / archive, gzip.compress("".join(f"{one}\n" for one in lines[kept : kept + upto]).encode(), 6)
        )
        now = [
            header(times + 1, [*units, unit]),
            *lines[bool(units) : kept],
            *map(_line, folded),
            *lines[kept + upto :],
        ]
        write_whole(file, "".join(f"{one}\n" for one in now).encode())
    return len(head) - len(folded)


def members(folder: Path, units: Sequence[Unit], folded: Receipt) -> list[Receipt]:
    """The receipts that one stands for."""
    for unit in units:
        if folded.stands_for > 1 and unit.first_day <= folded.id[:8] <= unit.last_day:
            before = [Receipt.model_validate_json(line) for line in originals(folder, unit)]
            found = [one for one in before if _foldable(one) and _folded_id(one) == folded.id]
            if found:
                return found
    return []


def dissolve(folder: Path, dataset: str, receipt_id: str) -> None:
    """Put the originals of the line in which a receipt was folded back into the ledger; nothing if it is in none."""
    file = folder / f"{dataset}.jsonl"
    with held(file.with_name(file.name + ".lock")):
        lines, _ = whole_lines(file)
        times, units = units_of(lines[0]) if lines else (0, ())
        at = 1
        for n, unit in enumerate(units):
            there = [Receipt.model_validate_json(line) for line in lines[at : at + unit.lines]]
            if unit.first_day <= receipt_id[:8] <= unit.last_day:
                given = originals(folder, unit)
                before = [Receipt.model_validate_json(line) for line in given]
                wanted = next((one for one in before if one.id == receipt_id), None)
                place = next((k for k, one in enumerate(there) if wanted and one.id == _folded_id(wanted)), None)
                if wanted is not None and place is not None:
                    alone = {one.id for one in there}
                    back = [
                        line
                        for line, one in zip(given, before, strict=True)
                        if one.id not in alone and _foldable(one) and _folded_id(one) == there[place].id
                    ]
                    now = [*units[:n], replace(unit, lines=unit.lines - 1 + len(back)), *units[n + 1 :]]
                    text = [header(times + 1, now), *lines[1 : at + place], *back, *lines[at + place + 1 :]]
                    write_whole(file, "".join(f"{one}\n" for one in text).encode())
                    return
            at += unit.lines


def _foldable(receipt: Receipt) -> bool:
    by_door = len(receipt.id.rpartition("-")[2]) == _BY_DOOR
    return (
        by_door
        and receipt.kind == "delivery"
        and not receipt.quarantined
        and not receipt.notes
        and receipt.stands_for == 1
    )


def _folded(receipts: Sequence[Receipt], undone: set[str | None]) -> Iterator[Receipt]:
    """The same with those of one source and hour as one, where the first of them was."""
    groups: dict[str, list[Receipt]] = {}
    order: list[Receipt | str] = []
    for one in receipts:
        if one.id in undone or not _foldable(one):
            order.append(one)
            continue
        key = _folded_id(one)
        if key not in groups:
            order.append(key)
        groups.setdefault(key, []).append(one)
    for place in order:
        if isinstance(place, Receipt):
            yield place
        else:
            yield _one(place, groups[place]) if len(groups[place]) > 1 else groups[place][0]


def _folded_id(one: Receipt) -> str:
    """Of the receipt that stands for all of its source and hour: it sorts into that hour, and is by a door as they are."""
    hour = one.received_at.astimezone(UTC).strftime("%Y%m%dT%H")
    days = [str(one.first_day), str(one.last_day)]
    what = [hour, one.city, one.dataset, one.source, one.border, one.way, one.simulated, one.machine, *days]
    return f"{hour}0000.000000-{hashlib.blake2b(json.dumps(what).encode(), digest_size=_BY_DOOR // 2).hexdigest()}"


def _one(folded_id: str, group: Sequence[Receipt]) -> Receipt:
    counted: dict[str, Counter[str]] = {"personal": Counter(), "dropped": Counter()}
    for one in group:
        for name, counts in counted.items():
            counts.update(getattr(one, name))
    last = max(group, key=lambda one: one.received_at)
    return last.model_copy(
        update={
            "id": folded_id,
            **{name: sum(getattr(one, name) for one in group) for name in _SUMMED},
            "version": max((one.version for one in group if one.version is not None), default=None),
            "files": (),
            **{name: dict(counts) for name, counts in counted.items()},
            "stands_for": len(group),
        }
    )


def _line(receipt: Receipt) -> str:
    return receipt.model_dump_json(exclude_defaults=True)
