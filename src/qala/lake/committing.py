"""The committer: moves what landed into the tables, each acknowledged row once, whatever is killed when.

A batch is some whole frames of one receiver, of each source its share (see `turns`). Before anything is written, `batch.json`
says which, so that a committer that comes after a crash takes the very same frames. The frames of one feed and dataset become
one receipt, whose id follows from segment and offsets; Delta's commit carries that id, and the ledger's intent settles a kill
in between. So a batch that is done again finds which of its receipts are given already. At last `done.json` says how far the
landing is worked off; a segment that is worked off and will not grow is removed.

Several committers may run: one at a time has a receiver's folder, the kernel frees it when its holder dies.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

import pyarrow as pa

from qala.datasets import Contract
from qala.lake.durable import held, sync_folder
from qala.lake.landing import Head, frames, is_alive, receivers, segments, table_of
from qala.lake.receipts import Receipt
from qala.lake.reconciling import note_landed
from qala.lake.settling import Batch, settle
from qala.lake.staging import Staged, rows_staged
from qala.lake.turns import Frame, Line, Place, Position, Span, begin, begun, spans, turns
from qala.standard.problems import Problem

if TYPE_CHECKING:
    from qala.lake.folder import Lake

ROWS_IN_A_BATCH = 200_000
BYTES_IN_A_BATCH = 128 * 1024 * 1024
WITH_RECEIPTS = ("http", "files", "replay")
"""Receivers whose senders get a receipt of their own for each request."""


@dataclass
class _Group:
    """Frames of one feed and dataset."""

    heads: list[Head] = field(default_factory=list)
    bodies: list[memoryview] = field(default_factory=list)


@dataclass(frozen=True)
class Committed:
    """What became of one group.

    Args:
        heads: the requests whose rows are in it.
        event_at: when the earliest of its good rows took place, by the column that the dataset counts on; UTC.
        clocked: stored rows that say when the department's system had them; `registered_at` is the mean of that, no row later
            than it came.
        clockless: good rows that do not; `received_at` is the mean of when they came.
    """

    receipt: Receipt
    heads: Sequence[Head]
    event_at: datetime | None = None
    clocked: int = 0
    registered_at: datetime | None = None
    clockless: int = 0
    received_at: datetime | None = None


HEADERS_TOLD = 50
"""Headers that no column takes, in one receipt: their names come from outside."""


class Committer:
    """Works the landing of a lake off.

    Args:
        told: is called after each receipt.
    """

    def __init__(self, lake: Lake, told: Callable[[Committed], None] | None = None) -> None:
        self.lake = lake
        self.folder = lake.folder / "landing"
        self._told = told
        self._sent: dict[str, dict[str, list[str]]] = {}
        self._lines: dict[str, Line] = {}
        self._connection: Any = None

    def run_once(self) -> int:
        """Work off what waits now, a batch of each receiver; returns the rows that it took.

        Raises:
            Problem: the disk is full or a table cannot be written to. What waits stays, and is taken the next time.
        """
        rows = 0
        for receiver in receivers(self.folder):
            with held(receiver / "commit.lock", wait=False) as ours:
                if ours:
                    rows += self._one_receiver(receiver)
        return rows

    def drain(self) -> int:
        """Work off everything that waits; returns the rows."""
        total = 0
        while rows := self.run_once():
            total += rows
        return total

    def close(self) -> None:
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    def _one_receiver(self, receiver: Path) -> int:
        """Work off the next batch of a receiver; its rows."""
        grows = is_alive(receiver)  # asked first: what it wrote before it died is seen below
        position = Position.of(receiver)
        line = self._lines.setdefault(receiver.name, Line(receiver)).waiting(position)
        again = begun(receiver, position)
        taken = (
            [one for one in line if _within(one, again)] if again else turns(line, ROWS_IN_A_BATCH, BYTES_IN_A_BATCH)
        )
        if not taken and not again:
            last = max((number for number, _ in segments(receiver)), default=0)
            if last and not grows:
                self._done(receiver, position.beyond(last))
            return 0
        groups, rows = _read(receiver, again or spans(taken))
        if not again:
            begin(receiver, position, taken)
        else:
            self.lake.recover()
        first = min(again or spans(taken))[:2]
        for key, group in groups.items():
            self._settle(receiver, first, key, group, again=bool(again))
        self._note_sent(receiver)
        gone = set(taken)
        self._done(receiver, position.after(taken, [one for one in line if one not in gone]))
        return rows

    def _done(self, receiver: Path, position: Position) -> None:
        """Write down how far it is worked off, and remove the segments before that; none of them can grow."""
        before = [(number, path) for number, path in segments(receiver) if number < position.segment]
        for number, path in before:
            note_landed(self.folder, receiver.name, number, path)
        position.write(receiver)
        for _, path in before:
            path.unlink(missing_ok=True)
        if before:
            sync_folder(receiver)

    def _settle(self, receiver: Path, first: Place, key: str, group: _Group, *, again: bool) -> None:
        head = group.heads[0]
        machine = f"{self.lake.shared.machine}/" if self.lake.shared else ""
        rid = _receipt_id(head.received, f"{machine}{receiver.name}/{first[0]}/{first[1]}/{key}")
        if again and (known := self.lake.ledger.receipt_in(head.dataset, rid)) is not None:
            self._tell(Committed(known, group.heads))
            return
        contract = self.lake.catalogue.contract(head.dataset)
        draft = Receipt(
            id=rid,
            city=head.city,
            dataset=head.dataset,
            source=head.feed,
            border=head.border,
            received_at=group.heads[-1].received,
            way=cast(Any, head.way),
            simulated=head.simulated,
            dropped=_dropped(group.heads),
            kind="replay" if head.replays else "delivery",
            replays=head.replays or None,
        )
        connection = self._open()
        connection.execute("ATTACH ':memory:' AS stage")
        try:
            staged = _stage(connection, _staged_types(contract), group)
            with self.lake.table(head.dataset).lock(head.city):
                receipt = settle(self.lake, connection, Batch(contract, draft, timed=True), staged)
            times = connection.execute(
                f"""SELECT min("{contract.counted_on}")::TIMESTAMP,
                    count(registered_at),
                    make_timestamp((sum(epoch_us(least(registered_at, _received))) FILTER (registered_at IS NOT NULL)
                      // count(registered_at))::BIGINT),
                    count(*) FILTER (registered_at IS NULL),
                    make_timestamp((sum(epoch_us(_received)) FILTER (registered_at IS NULL)
                      // count(*) FILTER (registered_at IS NULL))::BIGINT)
                    FROM stage.rows WHERE _fault IS NULL AND rowid NOT IN (SELECT rid FROM losers)"""
            ).fetchone()
        except BaseException:
            self.close()  # what is half done in it is of no use to the next
            raise
        connection.execute("DETACH stage")
        self._tell(Committed(receipt, group.heads, *times))

    def _note_sent(self, receiver: Path) -> None:
        """Let the receipts that senders got lead to those of the ledger; a broker's senders got none."""
        sent, self._sent = self._sent, {}
        if receiver.name.partition("-")[0] in WITH_RECEIPTS:
            for dataset, ids in sent.items():
                self.lake.ledger.note_sent(dataset, ids)

    def _tell(self, committed: Committed) -> None:
        receipt, parts = committed.receipt, [part.id for head in committed.heads for part in head.parts]
        self._sent.setdefault(receipt.dataset, {})[receipt.id] = parts
        if self._told is not None:
            self._told(committed)

    def _open(self) -> Any:
        if self._connection is None:
            self._connection = self.lake.connection()
        return self._connection


def _within(frame: Frame, these: Sequence[Span]) -> bool:
    return any(segment == frame.segment and first <= frame.at < end for segment, first, end in these)


def _read(receiver: Path, these: Sequence[Span]) -> tuple[Mapping[str, _Group], int]:
    """The frames of some spans by group, and their rows."""
    groups: dict[str, _Group] = {}
    rows = 0
    paths = dict(segments(receiver))
    for segment, at, end in these:
        for head, body, after in frames(paths[segment], at):
            if after > end:
                break
            hour = head.received_at[:13]  # a receipt is of one hour, so that the ledger can be told by hours
            key = f"{head.dataset}|{head.city}|{head.feed}|{head.border}|{head.way}|{hour}|{head.replays}"
            group = groups.setdefault(key, _Group())
            group.heads.append(head)
            group.bodies.append(body)
            at, rows = after, rows + head.rows
            if at == end:
                break
        # Where a full disk stopped a receiver, it took back what it had not acknowledged; that is no damage.
        if at != end and paths[segment].stat().st_size >= end:
            raise Problem(
                f"the landing was to be worked off up to byte {end}, but its frames end at {at}",
                where=str(paths[segment]),
                hint="the file is damaged; `qala lake check` tells what the tables hold",
            )
    return groups, rows


def _stage(connection: Any, types: Mapping[str, str], group: _Group) -> Staged:
    """Put the frames of a group into `stage.rows` (with the time at which each row came) and `stage.sealed`."""
    tables = []
    for head, body in zip(group.heads, group.bodies, strict=True):
        table = table_of(body)
        moment = head.received.replace(tzinfo=None)
        tables.append(table.append_column("_received", pa.array([moment] * table.num_rows, pa.timestamp("us"))))
    landed = pa.concat_tables(tables, promote_options="permissive")
    there = set(landed.column_names)
    picked = [
        f'"{name}"::{kind} AS "{name}"' if name in there else f'NULL::{kind} AS "{name}"'
        for name, kind in types.items()
    ]
    connection.register("landed", landed)
    connection.execute(f"CREATE TABLE stage.rows AS SELECT {', '.join(picked)}, _fault, _received FROM landed")
    connection.execute(
        f"""CREATE TABLE stage.sealed AS SELECT * FROM
            (SELECT row_number() OVER () - 1 AS rid, _sealed AS sealed, {_or_null(there, "_sent", "VARCHAR")} AS sent,
             {_or_null(there, "_at", "BIGINT")} AS sent_row FROM landed) WHERE sealed IS NOT NULL"""
    )
    connection.unregister("landed")
    return rows_staged(connection)


def _dropped(heads: Sequence[Head]) -> dict[str, int]:
    """Values under headers that no column takes, of all requests together; the most frequent headers."""
    found: Counter[str] = Counter()
    for head in heads:
        for part in head.parts:
            found.update(part.dropped)
    return dict(found.most_common(HEADERS_TOLD))


def _or_null(there: set[str], name: str, kind: str) -> str:
    return f"{name}::{kind}" if name in there else f"NULL::{kind}"


def _staged_types(contract: Contract) -> dict[str, str]:
    """The columns of `stage.rows`: those of the contract and what the border finds out of the row itself."""
    added = {"city", "year", "received_at_platform", "way", "simulated", "_row", "_sign", "_receipt"}
    return {name: kind for name, kind in contract.stored_types().items() if name not in added}


def _receipt_id(moment: datetime, what: str) -> str:
    """Like `new_receipt_id`, but the same for the same frames."""
    return f"{moment:%Y%m%dT%H%M%S.%f}-{hashlib.blake2b(what.encode(), digest_size=6).hexdigest()}"


def waiting(folder: Path) -> Iterator[Head]:
    """Heads of the frames that are not worked off yet."""
    for receiver in receivers(folder):
        position = Position.of(receiver)
        for number, path in segments(receiver):
            if number >= position.segment:
                at = position.at if number == position.segment else 0
                for head, _, end in frames(path, at):
                    if not position.passed(number, end, head.feed):
                        yield head
