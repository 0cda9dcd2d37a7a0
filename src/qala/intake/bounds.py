"""Bounds of a file before it is read: few bytes that unpack to many, and rows without end, are refused while they are few.

What a file claims of itself is not believed where it costs little to count: packed bytes are unpacked and counted, buffers of
Arrow say how large each becomes. What a Parquet file claims bounds what its reader gives.
"""

from __future__ import annotations

import struct
import zipfile
import zlib
from collections.abc import Iterator
from pathlib import Path

import pyarrow as pa

from qala.lake.border.csv_shape import is_packed
from qala.standard.problems import Problem

ROWS = 5_000_000
"""Of one file: so many are held at once while they become frames of the landing."""
UNPACKED_BYTES = 2 << 30
"""Of a packed text, a Parquet or an Arrow file."""
WORKBOOK_BYTES = 256 << 20
"""Of the parts of a workbook."""
_STEP = 1 << 20
_ARROW = (".arrow", ".feather", ".ipc")
_PARQUET = (".parquet", ".pq")
_ZIPPED = (".xlsx", ".xlsb", ".ods")


def within_bounds(path: Path, suffix: str) -> None:
    """Refuse a file that would become too much.

    Args:
        suffix: what kind of file it is.

    Raises:
        Problem: it would, or it is no such file.
    """
    if suffix in _PARQUET:
        _parquet(path)
    elif suffix in _ARROW:
        _arrow(path)
    elif suffix in _ZIPPED:
        _zipped(path)
    elif is_packed(path):
        _gzip(path)


def too_many_rows(path: Path, rows: int) -> Problem:
    """What a file with too many rows is told."""
    return Problem(f"{rows:,} rows; at most {ROWS:,} are taken at once", where=str(path), hint="send it in parts")


def _too_large(path: Path, most: int) -> Problem:
    return Problem(f"unpacked, it is larger than {most >> 20} MB", where=str(path), hint="send it in parts")


def _parquet(path: Path) -> None:
    import pyarrow.parquet as pq

    try:
        with pq.ParquetFile(path) as file:
            said = file.metadata
            rows, size = said.num_rows, sum(said.row_group(n).total_byte_size for n in range(said.num_row_groups))
            rows = max(rows, sum(said.row_group(n).num_rows for n in range(said.num_row_groups)))
    except (pa.ArrowException, OSError, ValueError) as error:
        raise _unreadable(path, "Parquet", error) from None
    if not 0 <= rows <= ROWS:
        raise too_many_rows(path, rows)
    if not 0 <= size <= UNPACKED_BYTES:
        raise _too_large(path, UNPACKED_BYTES)


def _gzip(path: Path) -> None:
    """Unpack it once for counting: 300 MB a second."""
    left, stream = UNPACKED_BYTES, zlib.decompressobj(31)
    with path.open("rb") as file:
        while piece := file.read(_STEP):
            while piece:
                try:
                    left -= len(stream.decompress(piece, _STEP))
                except zlib.error as error:
                    raise _unreadable(path, "gzip", error) from None
                if left < 0:
                    raise _too_large(path, UNPACKED_BYTES)
                piece = stream.unconsumed_tail
                if stream.eof and stream.unused_data:  # another member follows
                    piece, stream = stream.unused_data, zlib.decompressobj(31)
    if not stream.eof:
        raise _unreadable(path, "gzip", "it ends in the middle")


def _zipped(path: Path) -> None:
    """Count what the parts of a workbook really unpack to, whatever its directory says."""
    left = WORKBOOK_BYTES
    try:
        with zipfile.ZipFile(path) as book, path.open("rb") as raw:
            for part in book.infolist():
                if part.compress_type == zipfile.ZIP_STORED:
                    continue
                raw.seek(part.header_offset + 26)
                raw.seek(sum(struct.unpack("<HH", raw.read(4))), 1)
                stream, packed = zlib.decompressobj(-15), part.compress_size
                while packed > 0 and not stream.eof and (piece := raw.read(min(packed, _STEP))):
                    packed -= len(piece)
                    while piece and not stream.eof:
                        left -= len(stream.decompress(piece, _STEP))
                        piece = stream.unconsumed_tail
                        if left < 0:
                            raise _too_large(path, WORKBOOK_BYTES)
    except (zipfile.BadZipFile, zlib.error, struct.error, OSError, ValueError, NotImplementedError) as error:
        raise _unreadable(path, "workbook", error) from None


def _arrow(path: Path) -> None:
    """Add up what the record batches of an Arrow file say of themselves: their rows, and the length before each packed buffer."""
    content = memoryview(path.read_bytes())
    rows = size = 0
    try:
        if bytes(content[:6]) != b"ARROW1" or bytes(content[-6:]) != b"ARROW1":
            raise ValueError("its marks are not there")
        (length,) = struct.unpack_from("<i", content, len(content) - 10)
        footer = _Table.root(content, len(content) - 10 - length)
        for at in [*footer.structs(2, 24), *footer.structs(3, 24)]:
            offset, described = struct.unpack_from("<qi", content, at)
            mark = struct.unpack_from("<i", content, offset)[0]
            message = _Table.root(content, offset + (8 if mark == -1 else 4))
            batch = message.table(2)
            if message.byte(1) == 2:  # a dictionary wraps its batch
                batch = batch.table(1)
            rows += batch.long(0)
            packed = batch.has(3)
            for buffer in batch.structs(2, 16):
                begin, stored = struct.unpack_from("<qq", content, buffer)
                whole = (
                    struct.unpack_from("<q", content, offset + described + begin)[0] if packed and stored >= 8 else -1
                )
                size += stored if whole == -1 else whole
                if whole < -1 or stored < 0 or size > UNPACKED_BYTES:
                    raise _too_large(path, UNPACKED_BYTES)
            if batch.long(0) < 0 or rows > ROWS:
                raise too_many_rows(path, rows)
    except (struct.error, ValueError, IndexError) as error:
        raise _unreadable(path, "Arrow file", error) from None


class _Table:
    """A table of FlatBuffers: what Arrow's descriptions are written in."""

    def __init__(self, content: memoryview, at: int) -> None:
        if not 0 <= at < len(content):
            raise ValueError("it points outside of itself")
        self._content, self._at = content, at
        self._fields = at - struct.unpack_from("<i", content, at)[0]
        (self._size,) = struct.unpack_from("<H", content, self._fields)

    @classmethod
    def root(cls, content: memoryview, at: int) -> _Table:
        return cls(content, at + struct.unpack_from("<I", content, at)[0])

    def _place(self, slot: int) -> int:
        at = 4 + 2 * slot
        offset = struct.unpack_from("<H", self._content, self._fields + at)[0] if at < self._size else 0
        return self._at + offset if offset else 0

    def has(self, slot: int) -> bool:
        return bool(self._place(slot))

    def byte(self, slot: int) -> int:
        at = self._place(slot)
        return self._content[at] if at else 0

    def long(self, slot: int) -> int:
        at = self._place(slot)
        return int(struct.unpack_from("<q", self._content, at)[0]) if at else 0

    def table(self, slot: int) -> _Table:
        at = self._place(slot)
        if not at:
            raise ValueError("a part of its description lacks")
        return _Table(self._content, at + struct.unpack_from("<I", self._content, at)[0])

    def structs(self, slot: int, size: int) -> Iterator[int]:
        """Where each of a list of structs is."""
        at = self._place(slot)
        if not at:
            return
        at += struct.unpack_from("<I", self._content, at)[0]
        (count,) = struct.unpack_from("<I", self._content, at)
        if at + 4 + count * size > len(self._content):
            raise ValueError("it points outside of itself")
        for n in range(count):
            yield at + 4 + n * size


def _unreadable(path: Path, kind: str, error: object) -> Problem:
    said = (str(error).splitlines() or [repr(error)])[0]
    return Problem(
        f"it cannot be read, it is no whole {kind}: {said}", where=str(path), hint="write it anew and send it again"
    )
