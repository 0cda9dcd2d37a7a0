"""Landing files: what a door has acknowledged and the committer has not moved into the tables yet.

A receiver appends *frames* to segments of its own, `landing/<receiver>/<number>.land`, and forces them to the disk before it
acknowledges. A frame is a batch of checked rows of one feed: personal columns are pseudonyms already, refused rows carry
their reason. It is written as

    b"QLND" · length of the head (u32) · length of the body (u32) · CRC-32 of head and body (u32) · head (JSON) · body (Arrow IPC)

little-endian. A kill in the middle leaves a torn frame at the end of a segment: it was not acknowledged, readers stop before
it, and no receiver ever appends to a segment that it did not begin. While a receiver lives it holds `alive.lock`, so that
the committer knows which segment may still grow.
"""

from __future__ import annotations

import contextlib
import fcntl
import json
import os
import re
import shutil
import struct
import zlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pyarrow as pa

from qala.lake.durable import sync_folder
from qala.standard.problems import Problem

MAGIC = b"QLND"
_HEAD = struct.Struct("<4sIII")
SEGMENT_BYTES = 64 * 1024 * 1024
WAITING_BYTES = 4 * 1024**3
"""Bytes that may wait for the committer before doors refuse more."""
FREE_BYTES = 256 * 1024 * 1024
"""Free space that is left alone, so that the committer can work what waits off a nearly full disk."""
_RETRY_S = 15
_SEGMENT = re.compile(r"(\d{8})\.land$")


class Full(Exception):  # noqa: N818  it is no error: the sender is told when to come again
    """The landing takes nothing now; `seconds` tells when to try again."""

    def __init__(self, why: str, seconds: int = _RETRY_S) -> None:
        super().__init__(why)
        self.seconds = seconds


@dataclass(frozen=True)
class Part:
    """One request or message of a frame.

    Args:
        id: of the receipt that its sender got.
        key: the sender's idempotency key, or nothing.
        rows, quarantined: its rows, and those of them that were refused.
        dropped: values under headers that no column takes, by header.
    """

    id: str
    key: str
    rows: int
    quarantined: int
    dropped: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True)
class Head:
    """What a frame says of its rows.

    Args:
        feed: id of the source.
        received_at: UTC, ISO 8601.
        contract_version: under which the rows were checked.
        border: as in a receipt.
        parts: the requests in it, in the order of their rows.
        replays: the receipt out of whose quarantine the rows come again, or nothing.
    """

    feed: str
    city: str
    dataset: str
    way: str
    simulated: bool
    received_at: str
    contract_version: int
    border: str
    parts: Sequence[Part] = field(default=())
    replays: str = ""

    @property
    def received(self) -> datetime:
        return datetime.fromisoformat(self.received_at)

    @property
    def rows(self) -> int:
        return sum(part.rows for part in self.parts)

    @classmethod
    def of(cls, said: Mapping[str, Any]) -> Head:
        return cls(**{**said, "parts": tuple(Part(**_named(part)) for part in said["parts"])})


def _named(part: Mapping[str, Any]) -> Mapping[str, Any]:
    """A part as it is written now: earlier ones counted what was dropped without its headers."""
    return part if isinstance(part.get("dropped", {}), Mapping) else {**part, "dropped": {}}


def frame(head: Head, rows: pa.Table) -> bytes:
    """A frame's bytes."""
    sink = pa.BufferOutputStream()
    options = pa.ipc.IpcWriteOptions(compression="zstd" if rows.nbytes > 65536 else None)
    with pa.ipc.new_stream(sink, rows.schema, options=options) as writer:
        writer.write_table(rows)
    body: bytes = sink.getvalue().to_pybytes()
    top = json.dumps(asdict(head), ensure_ascii=False, separators=(",", ":")).encode()
    return _HEAD.pack(MAGIC, len(top), len(body), zlib.crc32(body, zlib.crc32(top))) + top + body


class LandingWriter:
    """A receiver's own end of the landing: appends frames, durable when `append` returns. For one thread.

    Args:
        folder: `landing/` of the lake.
        kind: of receiver, such as `http`; a number is added, so that several of a kind live side by side.
    """

    def __init__(self, folder: Path, kind: str) -> None:
        self._root = folder
        folder.mkdir(parents=True, exist_ok=True)
        self._alive, self.folder = self._take_a_name(kind)
        self._number = max((number for number, _ in segments(self.folder)), default=0)
        self._number = max(self._number, _last_number(self.folder))
        self._handle = -1
        self._size = 0
        self._waiting = (0.0, 0)

    def _take_a_name(self, kind: str) -> tuple[int, Path]:
        for number in range(1, 10_000):
            own = self._root / f"{kind}-{number}"
            own.mkdir(exist_ok=True)
            handle = os.open(own / "alive.lock", os.O_RDWR | os.O_CREAT, 0o644)
            try:
                fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                os.close(handle)
                continue
            sync_folder(self._root)
            return handle, own
        raise Problem("ten thousand receivers of one kind are alive", where=str(self._root))

    def append(self, frames: Sequence[bytes]) -> None:
        """Append frames; they are on the disk when this returns, all of them or none.

        Raises:
            Full: too much waits for the committer, or the disk is (nearly) full.
        """
        size = sum(map(len, frames))
        self._check_room(size)
        if self._handle < 0 or self._size + size > SEGMENT_BYTES:
            self._begin_segment()
        try:
            for one in frames:
                view = memoryview(one)
                while view:
                    view = view[os.write(self._handle, view) :]
            os.fdatasync(self._handle)
        except OSError as error:
            self._cut_off()
            raise Full(f"the disk of the landing: {error.strerror}") from error
        self._size += size

    def _check_room(self, size: int) -> None:
        free = shutil.disk_usage(self.folder).free
        if free < FREE_BYTES + size:
            raise Full("the disk is nearly full")
        if waiting_bytes(self._root) > WAITING_BYTES:
            raise Full("too much waits to be stored")

    def _begin_segment(self) -> None:
        self.seal()
        self._number += 1
        path = self.folder / f"{self._number:08d}.land"
        try:
            self._handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_APPEND, 0o644)
            sync_folder(self.folder)
        except OSError as error:
            raise Full(f"the disk of the landing: {error.strerror}") from error

    def _cut_off(self) -> None:
        """Take what was half written away, and never write there again: a committer may have seen whole frames of it.

        Where even that fails its torn end is no frame.
        """
        with contextlib.suppress(OSError):
            os.ftruncate(self._handle, self._size)
            os.fdatasync(self._handle)
        self.seal()

    def seal(self) -> None:
        """End the segment: the next frame begins a new one."""
        if self._handle >= 0:
            os.close(self._handle)
        self._handle, self._size = -1, 0

    def close(self) -> None:
        """Let the name go."""
        self.seal()
        if self._alive >= 0:
            os.close(self._alive)
            self._alive = -1


def receivers(folder: Path) -> list[Path]:
    """Folders of receivers that have or had a landing."""
    return sorted(path for path in folder.glob("*-*") if path.is_dir())


def segments(receiver: Path) -> list[tuple[int, Path]]:
    """The segments of a receiver, oldest first."""
    found = [(int(name[1]), path) for path in receiver.iterdir() if (name := _SEGMENT.match(path.name))]
    return sorted(found)


def is_alive(receiver: Path) -> bool:
    """Whether the process that writes here still lives."""
    try:
        handle = os.open(receiver / "alive.lock", os.O_RDWR)
    except FileNotFoundError:
        return False
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    finally:
        os.close(handle)
    return False


def frames(segment: Path, start: int = 0) -> Iterator[tuple[Head, memoryview, int]]:
    """The whole frames of a segment from a byte on: head, body, and the byte after it. Stops before a torn one."""
    with segment.open("rb") as stream:
        stream.seek(start)
        at = start
        while len(top := stream.read(_HEAD.size)) == _HEAD.size:
            magic, head_length, body_length, checksum = _HEAD.unpack(top)
            if magic != MAGIC:
                return
            content = stream.read(head_length + body_length)
            if len(content) < head_length + body_length or zlib.crc32(content) != checksum:
                return
            at += _HEAD.size + len(content)
            yield Head.of(json.loads(content[:head_length])), memoryview(content)[head_length:], at


def table_of(body: memoryview) -> pa.Table:
    """The rows of a frame."""
    with pa.ipc.open_stream(pa.py_buffer(body)) as reader:
        return reader.read_all()


def waiting_bytes(folder: Path) -> int:
    """Bytes of segments that are not worked off; a segment counts whole until it is removed."""
    total = 0
    for receiver in receivers(folder):
        for _, path in segments(receiver):
            try:
                total += path.stat().st_size
            except FileNotFoundError:
                continue
    return total


def now() -> datetime:
    """UTC."""
    return datetime.now(UTC)


def _last_number(receiver: Path) -> int:
    """The newest segment that was ever worked off here, so that a number is not given twice."""
    try:
        return int(json.loads((receiver / "done.json").read_text())["segment"])
    except (FileNotFoundError, ValueError, KeyError):
        return 0
