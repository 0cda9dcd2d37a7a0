"""Receiving: rows of any door are checked, landed and forced to the disk before their sender is told.

Many senders of few rows each share the work: whatever waits of one feed when a worker is free is checked as one batch and
becomes one frame; the frames of all feeds that are ready share one forced write. So a lone reading costs some milliseconds,
and a thousand a second hardly more than ten. Each feed has a lane of its own with a limit of its own: a flood fills its lane
and is told to wait, others pass by. Few rows have a thread and a border of their own, so that they never wait for the check
of many; and no batch is large.
"""

from __future__ import annotations

import asyncio
import hashlib
import json
import queue
import re
import threading
from collections import Counter, OrderedDict
from collections.abc import Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import replace
from datetime import datetime
from operator import itemgetter
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from qala.intake.bulk import checked_file
from qala.intake.feed import Feed, Taken
from qala.intake.keys import Keys
from qala.intake.lanes import Asked, Lane, Lost
from qala.lake import Lake
from qala.lake.border.live import Checked, LiveBorder, Row, fault_text
from qala.lake.border.mapping import LoadedMapping, load_mapping
from qala.lake.committing import HEADERS_TOLD
from qala.lake.landing import Full, Head, LandingWriter, Part, frame, now
from qala.lake.receipts import new_receipt_id
from qala.standard.problems import Problem

ROWS_IN_A_CHECK = 1_000
FEW_ROWS = 100
ROWS_IN_A_LANE = 50_000
ROWS_IN_ALL = 400_000
BORDERS = 128
HEADER_LETTERS = 80
_LONG_NUMBER = re.compile(r"\d{7,}")  # a table without headers has somebody's numbers in their place
REASONS = 100


class Receiver:
    """Takes rows in for one process. Several processes have one each.

    Args:
        kind: of door, names the landing: `http`, `mqtt`, `files`, `pull`.
        workers: threads that check many rows, and one more for few; checking runs outside of Python's lock.
    """

    def __init__(self, lake: Lake, kind: str, *, workers: int = 2) -> None:
        self.lake = lake
        self._writer = LandingWriter(lake.folder / "landing", kind)
        self._keys = Keys(lake.folder / "landing" / "keys")
        self._lanes: dict[str, Lane] = {}
        self._borders: OrderedDict[tuple[str, str, str, bool], tuple[LiveBorder, str]] = OrderedDict()
        self._guard = threading.Lock()
        self._rows = 0
        self._pool = ThreadPoolExecutor(workers, thread_name_prefix="check")
        self._few = ThreadPoolExecutor(1, thread_name_prefix="check-few")
        self._bulk = ThreadPoolExecutor(1, thread_name_prefix="bulk")
        self._bulk_waits = threading.Semaphore(8)
        self._to_write: queue.SimpleQueue[tuple[list[bytes], list[tuple[Future[Taken], Taken]]] | None] = (
            queue.SimpleQueue()
        )
        self._scribe = threading.Thread(target=self._write, name="landing", daemon=True)
        self._scribe.start()

    async def take(
        self,
        feed: Feed,
        rows: Sequence[Row],
        *,
        unreadable: Sequence[tuple[str, bytes]] = (),
        received: datetime | None = None,
        key: str = "",
        lines: Sequence[int] = (),
    ) -> Taken:
        """Take rows of a feed in; see `submit`."""
        return await asyncio.wrap_future(
            self.submit(feed, rows, unreadable=unreadable, received=received, key=key, lines=lines)
        )

    def take_blocking(self, feed: Feed, rows: Sequence[Row], **how: Any) -> Taken:
        """The same for a thread."""
        return self.submit(feed, rows, **how).result()

    def submit(
        self,
        feed: Feed,
        rows: Sequence[Row],
        *,
        unreadable: Sequence[tuple[str, bytes]] = (),
        received: datetime | None = None,
        key: str = "",
        replays: str = "",
        lines: Sequence[int] = (),
    ) -> Future[Taken]:
        """Take rows of a feed in; the future has its receipt when they are on the disk.

        Args:
            rows: texts by header, as decoders make them.
            unreadable: what could not be decoded: why, and the bytes; kept sealed in quarantine, a row each.
            received: UTC; default now.
            key: the sender's idempotency key.
            replays: the receipt out of whose quarantine they come; a receiver replays one at a time.
            lines: the line of each row and then of each of the unreadable, from 1, where they came as lines of a text.

        Raises (from here or from the future):
            Full: the lane of the feed, all lanes or the disk are full.
            Problem: the mapping of the feed does not fit; the key was used for other content.
        """
        if key:
            key = f"{key}\x1f{_digest(rows, unreadable)}"
            if (known := self._keys.find(feed.name, key)) is not None:
                return known
        asked = Asked(rows, unreadable, received or now(), key, replays, lines)
        with self._guard:
            lane = self._lanes.setdefault(feed.name, Lane(feed))
            lane.feed = feed
            if lane.rows and lane.rows + asked.size > ROWS_IN_A_LANE:
                raise Full("too many rows of this source wait", 1)
            if self._rows and self._rows + asked.size > ROWS_IN_ALL:
                raise Full("too many rows wait", 2)
            if key:
                self._keys.begin(feed.name, key, asked.answer)
            lane.waiting.append(asked)
            lane.rows += asked.size
            self._rows += asked.size
            if not lane.busy:
                lane.busy = True
                self._turn(lane)
        return asked.answer

    async def take_file(self, feed: Feed, path: Path, suffix: str, **how: Any) -> Taken:
        """Take a file in; see `take_file_blocking`."""
        return await asyncio.wrap_future(self._submit_file(feed, path, suffix, **how))

    def take_file_blocking(self, feed: Feed, path: Path, suffix: str, **how: Any) -> Taken:
        """Take a file of rows in, in the formats of `qala ingest`; its rows are on the disk when this returns, or none are.

        Args:
            suffix: what kind of file it is: `.csv`, `.jsonl`, `.parquet`, `.arrow`, `.xlsx`.
            received, key: as in `submit`.

        Raises:
            Problem: it cannot be read, or its headers lack what every row must have.
            Full: too many files wait, or the disk is full.
        """
        return self._submit_file(feed, path, suffix, **how).result()

    def _submit_file(
        self, feed: Feed, path: Path, suffix: str, *, received: datetime | None = None, key: str = ""
    ) -> Future[Taken]:
        if key and (known := self._keys.find(feed.name, key)) is not None:
            return known
        if not self._bulk_waits.acquire(blocking=False):
            raise Full("too many files wait", 2)
        answer: Future[Taken] = Future()
        if key:
            self._keys.begin(feed.name, key, answer)
        self._bulk.submit(self._take_file, feed, path, suffix, received or now(), key, answer)
        return answer

    def close(self) -> None:
        """Finish what waits, and let the landing go."""
        if not self._scribe.is_alive():
            return
        self._pool.shutdown(wait=True)
        self._few.shutdown(wait=True)
        self._bulk.shutdown(wait=True)
        self._to_write.put(None)
        self._scribe.join()
        self._writer.close()
        for border, _ in self._borders.values():
            border.close()

    @property
    def waiting(self) -> int:
        """Rows that are not on the disk yet."""
        return self._rows

    def _turn(self, lane: Lane) -> None:
        """Put a lane at the end of the line."""
        few = lane.rows <= FEW_ROWS
        (self._few if few else self._pool).submit(self._work, lane, FEW_ROWS if few else ROWS_IN_A_CHECK)

    # In a checking thread

    def _work(self, lane: Lane, most: int) -> None:
        """One batch of a lane; then the lane goes to the end of the line."""
        batch: list[Asked] = []
        with self._guard:
            size = 0
            while lane.waiting and (not batch or size + lane.waiting[0].size <= most):
                batch.append(lane.waiting.popleft())
                size += batch[-1].size
        try:
            self._check(lane.feed, batch)
        except BaseException as error:  # noqa: BLE001  whatever it is, the sender is told
            for one in batch:
                self._fail(lane.feed, one, error)
        with self._guard:
            lane.rows -= size
            self._rows -= size
            if lane.waiting:
                self._turn(lane)
            else:
                lane.busy = False

    def _check(self, feed: Feed, batch: Sequence[Asked]) -> None:
        rows = [row for one in batch for row in one.rows]
        border, mark = self._border(feed, len(rows) <= FEW_ROWS)
        checked = border.check(rows)
        parts, answers = [], []
        bad = {fault.at: fault for fault in checked.faults}
        skipped = set(range(len(rows))) - set(checked.places) if checked.skipped else set()
        first = 0
        lost: list[Lost] = []
        sent: dict[int, tuple[str, int]] = {}
        for one in batch:
            span = range(first, first + len(one.rows))
            first, rid = span.stop, new_receipt_id(one.received)
            here = [at for at in span if at in bad] if bad else []
            sent.update((at, (rid, one.number(at - span.start))) for at in here)
            gone = [
                Lost(why, content, rid, one.number(len(one.rows) + n))
                for n, (why, content) in enumerate(one.unreadable)
            ]
            reasons = [{"row": sent[at][1], "rules": bad[at].rules.split(), "reason": bad[at].reason} for at in here]
            reasons += [{"row": each.number, "rules": ["unreadable"], "reason": each.why} for each in gone]
            if gone:
                reasons.sort(key=itemgetter("row"))
            out = sum(at in skipped for at in span) if skipped else 0
            lost += gone
            count = one.size - out
            dropped = border.dropped(one.rows) if checked.dropped else {}
            taken = Taken(rid, count, count - len(reasons), len(reasons), reasons[:REASONS], dropped, out)
            parts.append(Part(taken.id, one.key, count, len(reasons), named_headers(dropped)))
            answers.append((one.answer, taken))
        table = self._landed(checked, rows, sent, lost)
        head = Head(
            feed.name, feed.city, feed.dataset, feed.way, self._simulated(feed), batch[-1].received.isoformat(),
            border.contract.version, mark, tuple(parts), batch[0].replays,
        )  # fmt: skip
        self._to_write.put(([frame(head, table)] if table.num_rows else [], answers))
        for one, (_, taken) in zip(batch, answers, strict=True):
            if one.key:
                self._keys.remember(feed.name, one.key, taken, one.answer)

    def _landed(
        self, checked: Checked, rows: Sequence[Row], sent: Mapping[int, tuple[str, int]], lost: Sequence[Lost]
    ) -> pa.Table:
        """Rows as a frame holds them: refused ones with the whole of what came, sealed, and where their sender finds them."""
        table = checked.rows
        if checked.faults:
            place = {place: n for n, place in enumerate(checked.places)}
            sealed: list[bytes | None] = [None] * table.num_rows
            of: list[str | None] = [None] * table.num_rows
            at: list[int | None] = [None] * table.num_rows
            for fault in checked.faults:
                n = place[fault.at]
                sealed[n] = self.lake.sealer.seal(json.dumps(dict(rows[fault.at]), ensure_ascii=False).encode())
                of[n], at[n] = sent[fault.at]
            table = table.append_column("_sealed", pa.array(sealed, pa.binary()))
            table = table.append_column("_sent", pa.array(of, pa.string())).append_column(
                "_at", pa.array(at, pa.int64())
            )
        else:
            table = table.append_column("_sealed", pa.nulls(table.num_rows, pa.binary()))
        if lost:
            also = pa.table(
                {
                    "_fault": [fault_text("unreadable", one.why) for one in lost],
                    "_sealed": pa.array([self.lake.sealer.seal(one.content) for one in lost], pa.binary()),
                    "_sent": [one.sent for one in lost],
                    "_at": pa.array([one.number for one in lost], pa.int64()),
                }
            )
            table = pa.concat_tables([table, also], promote_options="default")
        return table

    def _take_file(
        self, feed: Feed, path: Path, suffix: str, received: datetime, key: str, answer: Future[Taken]
    ) -> None:
        try:
            mapping, zone, mark = self._mapping(feed)
            found = checked_file(self.lake, feed.dataset, path, suffix, mapping, zone)
            taken = Taken(
                new_receipt_id(received), found.rows, found.rows - found.quarantined, found.quarantined,
                found.reasons[:REASONS], found.dropped, found.skipped,
            )  # fmt: skip
            head = Head(
                feed.name, feed.city, feed.dataset, feed.way, self._simulated(feed), received.isoformat(),
                self.lake.catalogue.contract(feed.dataset).version, mark,
            )  # fmt: skip
            pieces = []
            for n, table in enumerate(found.tables):
                bad = table.num_rows - table.column("_fault").null_count
                said = Part(
                    taken.id, key if n == 0 else "", table.num_rows, bad, named_headers(found.dropped) if n == 0 else {}
                )
                if bad:
                    of = pc.if_else(pc.is_valid(table.column("_fault")), taken.id, None)
                    table = table.append_column("_sent", of)
                pieces.append(frame(replace(head, parts=(said,)), table))
            self._to_write.put((pieces, [(answer, taken)]))
            if key:
                self._keys.remember(feed.name, key, taken, answer)
        except BaseException as error:  # noqa: BLE001  whatever it is, the sender is told
            if key:
                self._keys.forget(feed.name, key)
            answer.set_exception(error)
        finally:
            self._bulk_waits.release()

    def _fail(self, feed: Feed, asked: Asked, error: BaseException) -> None:
        if asked.key:
            self._keys.forget(feed.name, asked.key)
        if not asked.answer.done():
            asked.answer.set_exception(error)

    def _simulated(self, feed: Feed) -> bool:
        return feed.simulated or self.lake.cities.get(feed.city).simulated

    def _mapping(self, feed: Feed) -> tuple[LoadedMapping, str, str]:
        contract = self.lake.catalogue.contract(feed.dataset)
        mapping = load_mapping(feed.mapping or None, contract)
        zone = mapping.says.zone or self.lake.cities.get(feed.city).zone
        said = f"{contract.model_dump_json()}\n{mapping.says.model_dump_json()}\n{zone}"
        return mapping, zone, hashlib.sha256(said.encode()).hexdigest()[:16]

    def _border(self, feed: Feed, few: bool) -> tuple[LiveBorder, str]:
        """The border for few or many rows of a feed; made once for all feeds of one dataset, mapping and zone."""
        key = (feed.dataset, feed.city, json.dumps(feed.mapping, sort_keys=True, default=str), few)
        with self._guard:
            if (known := self._borders.get(key)) is not None:
                self._borders.move_to_end(key)
                return known
        mapping, zone, mark = self._mapping(feed)
        contract = self.lake.catalogue.contract(feed.dataset)
        made = (LiveBorder(contract, mapping, zone, self.lake.pseudonyms), mark)
        with self._guard:
            self._borders[key] = made
            while len(self._borders) > BORDERS:
                self._borders.popitem(last=False)
        return made

    # In the writing thread

    def _write(self) -> None:
        """Append what is ready, all of it with one forced write, and tell the senders."""
        ended = False
        while not ended:
            ready = [self._to_write.get()]
            while not self._to_write.empty():
                ready.append(self._to_write.get())
            ended = None in ready
            done = [one for one in ready if one is not None]
            try:
                self._writer.append([piece for pieces, _ in done for piece in pieces])
            except BaseException as error:  # noqa: BLE001  whatever it is, the sender is told
                for _, answers in done:
                    for answer, _ in answers:
                        answer.set_exception(error)
                continue
            for _, answers in done:
                for answer, taken in answers:
                    answer.set_result(taken)


def named_headers(dropped: Mapping[str, int]) -> dict[str, int]:
    """The most frequent of the headers that no column takes, none longer than a name is."""
    found: Counter[str] = Counter()
    for header, values in dropped.items():
        found[_LONG_NUMBER.sub("…", header)[:HEADER_LETTERS]] += values
    return dict(found.most_common(HEADERS_TOLD))


def _digest(rows: Sequence[Row], unreadable: Sequence[tuple[str, bytes]]) -> str:
    digest = hashlib.blake2b(json.dumps(list(rows), sort_keys=True, ensure_ascii=False).encode(), digest_size=8)
    for _, content in unreadable:
        digest.update(content)
    return digest.hexdigest()


__all__ = ["Feed", "Full", "Problem", "Receiver", "Taken"]
