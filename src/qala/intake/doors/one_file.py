"""One file of a source taken in: a table as `qala ingest` takes it, or a message of the source's kind."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any, Protocol

from qala.intake.doors.lines import lines_of
from qala.intake.feed import Feed, Taken
from qala.intake.payloads import Limits, Row, decode, unpacked
from qala.lake import Lake
from qala.lake.border.csv_shape import is_packed
from qala.lake.border.mapping import load_mapping
from qala.standard.problems import Problem, Problems

TABLES = frozenset(
    {".csv", ".tsv", ".txt", ".jsonl", ".ndjson", ".xlsx", ".xls", ".ods", ".xlsb", ".parquet", ".pq", ".arrow", ".feather",
     ".ipc"}
)  # fmt: skip
"""What the border reads as a table whatever the source's kind."""
_BY_FORMAT = {"csv": ".csv", "jsonl": ".jsonl"}
SMALL_BYTES = 256 * 1024
"""Up to here JSON lines are decoded one by one, which costs a tenth of opening a file as a table."""
DOCUMENT = Limits(size=64 << 20, rows=500_000, cells=8_000_000)
"""Bounds of a file that is one message."""


class Takes(Protocol):
    """What doors want of a `Receiver`."""

    @property
    def lake(self) -> Lake: ...

    def take_blocking(self, feed: Feed, rows: Sequence[Row], **how: Any) -> Taken: ...

    def take_file_blocking(self, feed: Feed, path: Path, suffix: str, **how: Any) -> Taken: ...


def look_over(receiver: Takes, feed: Feed) -> None:
    """See that a source's dataset, city and mapping hold, before its files are touched.

    Raises:
        Problem: they do not; no file is to blame.
    """
    lake = receiver.lake
    lake.cities.get(feed.city)
    load_mapping(feed.mapping or None, lake.catalogue.contract(feed.dataset))


def take_one(
    receiver: Takes, feed: Feed, path: Path, name: str, *, received: datetime, key: str, most_bytes: int
) -> Taken:
    """Take a whole file in; its rows are on the disk when this returns, or none are.

    Args:
        path: where it lies now.
        name: as its sender called it; its ending says what it is.
        received: UTC, naive.
        key: names this very delivery, so that it is known again after a crash.

    Raises:
        Problem: it cannot be read; what, where, how to mend it.
        Full: nothing can be taken now.
    """
    size = path.stat().st_size
    if size > most_bytes:
        raise Problem(
            f"the file has {size >> 20} MB; at most {most_bytes >> 20} are taken", where=name, hint="send it in parts"
        )
    suffixes = [one.lower() for one in Path(name).suffixes if one.lower() != ".gz"]
    suffix = suffixes[-1] if suffixes else ""
    if suffix not in TABLES:
        suffix = _BY_FORMAT.get(feed.format, "")
    try:
        if suffix in (".jsonl", ".ndjson") and size <= SMALL_BYTES and not is_packed(path):
            return _take_lines(receiver, feed, path, received, key)
        if suffix:
            return receiver.take_file_blocking(feed, path, suffix, received=received, key=key)
        if size > DOCUMENT.size:
            raise Problem(
                f"the file has {size >> 20} MB; a document of at most {DOCUMENT.size >> 20} is read whole",
                hint="send it in parts, or as JSON lines or CSV",
            )
        body = path.read_bytes()
        if body.startswith(b"\x1f\x8b"):
            body = unpacked(body, "gzip", DOCUMENT)
        rows = decode(feed.format, body, rows_at=feed.rows_at, received=received, limits=DOCUMENT)
    except Problem as problem:
        _as_sent(problem, path, name)
        raise
    return receiver.take_blocking(feed, rows, received=received, key=key)


def _take_lines(receiver: Takes, feed: Feed, path: Path, received: datetime, key: str) -> Taken:
    """A few lines of JSON share the work of the messages; a broken one lies in quarantine by itself."""
    found = lines_of(path.read_bytes(), received=received)
    if not found.rows and not found.unreadable:
        raise Problem("the file is empty", hint="if nothing happened, say so: nothing means missing")
    return receiver.take_blocking(
        feed, found.rows, unreadable=found.unreadable, received=received, key=key, lines=found.lines
    )


def _as_sent(problem: Problem, path: Path, name: str) -> None:
    """Its sender knows the file by its name, not by where it lies now."""
    parts = problem.problems if isinstance(problem, Problems) else []
    for one in (problem, *parts):
        one.message = one.message.replace(str(path), name)
        one.where = one.where.replace(str(path), name)
    if name not in str(problem):
        problem.where = f"{name}, {problem.where}" if problem.where else name


def said(taken: Taken, name: str, received: datetime) -> Mapping[str, Any]:
    """The receipt of a file, for its sender to read beside it."""
    return {"file": name, "received_at": received.isoformat(timespec="seconds"), **taken.said()}
