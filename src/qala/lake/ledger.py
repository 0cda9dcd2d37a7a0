"""The ledger: every receipt, appended and forced to the disk, in one file of JSON lines per dataset.

How it stays true to the tables through a kill at any point. A delivery

1. writes its data files and its quarantine file (nobody sees them) and forces them to the disk;
2. writes an *intent*: its receipt as it will be, beside a lock that the process holds while it lives;
3. commits the files to the table, with the receipt's id as the commit's application transaction;
4. appends the receipt to the ledger, and removes the intent.

Killed before 3: the table does not know the id; whoever opens the lake next finds an intent whose lock nobody holds,
removes the files and forgets it. Killed between 3 and 4: the table knows the id; the receipt is appended then. Killed in
the middle of 4: the torn line has no end, is cut off by the next append, and the intent is still there. A delivery that
changes no table (all duplicates, all quarantined, nothing happened) is decided by its line in the ledger alone.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

from qala.lake import folding
from qala.lake.durable import append_line, held, sync_folder, whole_lines, write_whole
from qala.lake.folding import Unit, originals, units_of
from qala.lake.receipts import Receipt

if TYPE_CHECKING:
    from qala.lake.shared import Shared

_SENT = re.compile(r"\d{8}T\d{6}\.\d{6}-[0-9a-f]{8,}$")


_TOP = 32
"""Bytes at the beginning of a file that differ after every fold."""


@dataclass(frozen=True)
class _Read:
    """What was read of a file: its first bytes, the byte up to which, its receipts, and of which units the first of them are."""

    top: bytes = b""
    at: int = 0
    receipts: list[Receipt] = field(default_factory=list)
    units: tuple[Unit, ...] = ()


class Ledger:
    """Receipts of a lake.

    Args:
        folder: `ledger/` of the lake.
        shared: the storage that numbers receipts, where several machines share the lake.
    """

    def __init__(self, folder: Path, shared: Shared | None = None) -> None:
        self.folder = folder
        self._shared = shared
        self.intents = folder / "intents"
        self._read: dict[Path, _Read] = {}

    def receipts(self, dataset: str | None = None, city: str | None = None) -> list[Receipt]:
        """Receipts in the order in which they were given; an undone one names the receipt that undid it."""
        files = [self._file(dataset)] if dataset else sorted(self.folder.glob("*.jsonl"))
        found = [receipt for file in files for receipt in self._receipts_in(file)]
        undone = {receipt.undoes: receipt.id for receipt in found if receipt.undoes}
        found = [r.model_copy(update={"undone_by": undone[r.id]}) if r.id in undone else r for r in found]
        return [receipt for receipt in found if city is None or receipt.city == city]

    def since(self, dataset: str, known: int) -> tuple[list[Receipt], int]:
        """Receipts of a dataset after the first `known` that were ever written, and how many there are by now.

        For whoever keeps sums of its own; an undo is a receipt of its own here and nothing else. What was folded comes as
        what stands for it, or as it was where some of it is known.
        """
        read = self._load(self._file(dataset))
        found: list[Receipt] = []
        line = number = 0
        for unit in read.units:
            if known <= number:
                found += read.receipts[line : line + unit.lines]
            elif known < number + unit.receipts:
                left = originals(self.folder, unit)[known - number :]
                found += [Receipt.model_validate_json(one) for one in left]
            line, number = line + unit.lines, number + unit.receipts
        return found + read.receipts[line + max(0, known - number) :], number + len(read.receipts) - line

    def fold(self, dataset: str, today: date) -> int:
        """Fold receipts of days (UTC) before yesterday; returns by how many lines the ledger shrank. See `folding`.

        The ledger of a lake that machines share stays as it is: its receipts have numbers in the storage.
        """
        return 0 if self._shared is not None else folding.fold(self.folder, dataset, today)

    def dissolve(self, receipt: Receipt) -> None:
        """Bring what a receipt was folded with back into the ledger."""
        folding.dissolve(self.folder, receipt.dataset, receipt.id)

    def folded_in(self, receipt: Receipt) -> list[Receipt]:
        """The receipts that one stands for."""
        units = self._load(self._file(receipt.dataset)).units
        return folding.members(self.folder, units, receipt)

    def lines(self, dataset: str) -> list[str]:
        """All that was ever written of a dataset, as it was."""
        file = self._file(dataset)
        lines, _ = whole_lines(file)
        _, units = units_of(lines[0]) if lines else (0, ())
        before = [line for unit in units for line in originals(self.folder, unit)]
        return before + lines[sum(unit.lines for unit in units) + bool(units) :]

    def datasets(self) -> list[str]:
        """Ids of the datasets that have receipts."""
        return sorted(file.stem for file in self.folder.glob("*.jsonl"))

    def receipt(self, receipt_id: str) -> Receipt | None:
        """One receipt by its id, or None; one that was folded away as it was."""
        found = next((receipt for receipt in self.receipts() if receipt.id == receipt_id), None)
        return found or next((one for name in self.datasets() if (one := self._folded_away(name, receipt_id))), None)

    def receipt_in(self, dataset: str, receipt_id: str) -> Receipt | None:
        """One receipt of a dataset, or None."""
        return next((receipt for receipt in reversed(self.receipts(dataset)) if receipt.id == receipt_id), None)

    def _folded_away(self, dataset: str, receipt_id: str) -> Receipt | None:
        for unit in self._load(self._file(dataset)).units:
            if unit.first_day <= receipt_id[:8] <= unit.last_day:
                for line in originals(self.folder, unit):
                    if receipt_id in line and (one := Receipt.model_validate_json(line)).id == receipt_id:
                        return one
        return None

    def zero_reports(self, city: str, dataset: str) -> list[tuple[date, date]]:
        """Periods for which a source reported that nothing happened, as (first day, last day)."""
        return [
            receipt.zero_period
            for receipt in self.receipts(dataset, city)
            if receipt.zero_period and not receipt.undone_by
        ]

    def note_sent(self, dataset: str, sent: Mapping[str, Sequence[str]]) -> None:
        """Keep which receipts that senders got are in which of the ledger: id in the ledger → theirs."""
        by_day: dict[str, list[str]] = {}
        for receipt_id, ids in sent.items():
            for day in sorted({one[:8] for one in ids}):
                own = " ".join(one for one in ids if one.startswith(day))
                by_day.setdefault(day, []).append(f"{receipt_id} {own}")
        for day, lines in by_day.items():
            append_line(self.folder / "sent" / dataset / f"{day}.txt", "\n".join(lines))

    def of_sent(self, sent_id: str) -> str | None:
        """The ledger's receipt that holds the rows of one that a sender got; None where it is not committed yet, or unknown."""
        if not _SENT.match(sent_id):
            return None
        wanted = sent_id.encode()
        for file in sorted(self.folder.glob(f"sent/*/{sent_id[:8]}.txt")):
            with file.open("rb") as lines:
                for line in lines:
                    if wanted in line:
                        return line.partition(b" ")[0].decode()
        return None

    def forget_sent(self, before: date) -> int:
        """Forget to which receipts those of senders lead, of days (UTC) before one; returns the files that went."""
        old = [file for file in self.folder.glob("sent/*/*.txt") if file.stem < f"{before:%Y%m%d}"]
        for file in old:
            file.unlink()
        return len(old)

    def append(self, receipt: Receipt) -> None:
        """Add a receipt; it is on the disk when this returns."""
        if self._shared is None:
            append_line(self._file(receipt.dataset), receipt.model_dump_json(exclude_defaults=True))
            return
        line = receipt.model_copy(update={"machine": self._shared.machine}).model_dump_json(exclude_defaults=True)
        while True:
            self.follow(receipt.dataset)
            if self.receipt_in(receipt.dataset, receipt.id) is not None:
                return
            self._shared.put_receipt(receipt.dataset, self._followed(receipt.dataset) + 1, line)

    def follow(self, dataset: str, news: Sequence[tuple[int, str]] | None = None) -> list[Receipt]:
        """Bring receipts that other machines gave to the disk, their refused rows before them; returns them.

        Args:
            news: what `Shared.receipts_after` said, if it was asked already.
        """
        if self._shared is None:
            return []
        if news is None:
            news = self._shared.receipts_after(dataset, self._followed(dataset))
        if not news:
            return []
        came = []
        with held(self.folder / f"{dataset}.follow.lock"):
            known = {receipt.id for receipt in self._receipts_in(self._file(dataset))}
            for number, line in news:
                receipt = Receipt.model_validate_json(line)
                if number > self._followed(dataset):
                    if receipt.id not in known:
                        self._fetch_refused(receipt)
                        append_line(self._file(dataset), line)
                        came.append(receipt)
                    write_whole(self.folder / f"{dataset}.followed", str(number).encode())
        return came

    def news(self) -> dict[str, list[tuple[int, str]]]:
        """Receipts that other machines gave and this one has not followed, by dataset."""
        if self._shared is None:
            return {}
        asked = {
            dataset: self._shared.receipts_after(dataset, self._followed(dataset))
            for dataset in self._shared.datasets()
        }
        return {dataset: lines for dataset, lines in asked.items() if lines}

    def _followed(self, dataset: str) -> int:
        """The newest of the storage's numbers that is on the disk."""
        try:
            return int((self.folder / f"{dataset}.followed").read_text())
        except FileNotFoundError:
            return 0

    def _fetch_refused(self, receipt: Receipt) -> None:
        name = f"quarantine/{receipt.dataset}/city={receipt.city}/{receipt.id}.parquet"
        file = self.folder.parent / name
        if receipt.quarantined and self._shared is not None and not file.exists():
            self._shared.fetch(name, file)

    @contextmanager
    def intent(self, receipt_id: str) -> Iterator[Intent]:
        """The frame of a delivery: see the module."""
        self.intents.mkdir(parents=True, exist_ok=True)
        lock = self.intents / f"{receipt_id}.lock"
        with held(lock):
            intent = Intent(self.intents / f"{receipt_id}.json")
            yield intent
            intent.forget()
            lock.unlink(missing_ok=True)

    def recover(self, committed: Callable[[Receipt], int | None], discard: Callable[[Receipt], None]) -> list[Receipt]:
        """Settle what dead processes left.

        Args:
            committed: the table version that holds a receipt's rows, or None.
            discard: removes the files of a receipt that was never given.

        Returns:
            The receipts that were appended now.
        """
        settled: list[Receipt] = []
        if not self.intents.is_dir():
            return settled
        for lock in sorted(self.intents.glob("*.lock")):
            with held(lock, wait=False) as ours:
                if not ours:
                    continue
                file = lock.with_suffix(".json")
                if file.exists():
                    receipt = Receipt.model_validate(json.loads(file.read_text()))
                    if self.receipt(receipt.id) is None:
                        version = committed(receipt)
                        if version is None:
                            discard(receipt)
                        else:
                            settled.append(receipt.model_copy(update={"version": version}))
                            self.append(settled[-1])
                    file.unlink()
                for torn in self.intents.glob(f".{file.name}.*"):
                    torn.unlink()
                lock.unlink(missing_ok=True)
        return settled

    def _receipts_in(self, file: Path) -> list[Receipt]:
        """The receipts of one file."""
        return self._load(file).receipts

    def _load(self, file: Path) -> _Read:
        """A file as it is now. What has been read once is not read again: it only grows, or is another one after a fold."""
        known = self._read.get(file, _Read())
        try:
            with file.open("rb") as stream:
                if stream.read(_TOP) != known.top or not known.at:
                    stream.seek(0)
                    known = _Read(stream.read(_TOP))
                stream.seek(known.at)
                content = stream.read()
        except FileNotFoundError:
            return _Read()
        lines = content[: content.rfind(b"\n") + 1].decode().split("\n")[:-1]
        if lines:
            units = known.units
            at = known.at + sum(len(line.encode()) + 1 for line in lines)
            if not known.at:
                _, units = units_of(lines[0])
                lines = lines[bool(units) :]
            receipts = known.receipts + [Receipt.model_validate_json(line) for line in lines]
            known = self._read[file] = _Read(known.top, at, receipts, units)
        return known

    def _file(self, dataset: str) -> Path:
        return self.folder / f"{dataset}.jsonl"


class Intent:
    """A receipt as it will be, on the disk before the table is told."""

    def __init__(self, file: Path) -> None:
        self._file = file

    def declare(self, receipt: Receipt) -> None:
        write_whole(self._file, receipt.model_dump_json().encode())

    def forget(self) -> None:
        self._file.unlink(missing_ok=True)
        sync_folder(self._file.parent)
