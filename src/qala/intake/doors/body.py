"""A request's body in memory that has a name: unpacked, bounded, and never a file on the disk, for it may hold persons."""

from __future__ import annotations

import asyncio
import hashlib
import json
import os
import zlib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pyarrow as pa
from starlette.requests import Request

from qala.lake.landing import Full
from qala.standard.problems import Problem

MOST_BYTES = 256 * 1024 * 1024
"""Of a body, unpacked."""
MOST_IN_ALL = 768 * 1024 * 1024
"""Of all bodies of a process together, unpacked; more is told to wait."""
SMALL = 64 * 1024
"""Of a body that says a thing or two and has no rows."""
_PIECE = 1 << 20


class TooLarge(Exception):  # noqa: N818  it is told as 413
    """The body is larger than what is taken at once."""

    def __init__(self) -> None:
        super().__init__(f"the body is larger than {MOST_BYTES // (1024 * 1024)} MB (unpacked)")


class Body:
    """What a sender sent, unpacked, in an anonymous file of memory.

    Args:
        path: by which this process can open it.
    """

    held = 0  # bytes of all bodies; in the event loop only

    def __init__(self) -> None:
        self._handle = os.memfd_create("body", os.MFD_CLOEXEC)
        self.path = Path(f"/proc/self/fd/{self._handle}")
        self.size = 0
        self._hash = hashlib.blake2b(digest_size=8)

    def write(self, piece: bytes) -> None:
        """Add to it.

        Raises:
            TooLarge: that is too much.
            Full: all bodies together are.
        """
        self.size += len(piece)
        Body.held += len(piece)
        if self.size > MOST_BYTES:
            raise TooLarge
        if Body.held > MOST_IN_ALL:
            raise Full("bodies under way fill the memory that there is for them", 2)
        self._hash.update(piece)
        view = memoryview(piece)
        while view:
            view = view[os.write(self._handle, view) :]

    @property
    def digest(self) -> str:
        return self._hash.hexdigest()

    def content(self) -> bytes:
        """All of it."""
        return os.pread(self._handle, self.size, 0)

    def close(self) -> None:
        Body.held -= self.size
        os.close(self._handle)


@asynccontextmanager
async def read_body(request: Request) -> AsyncIterator[Body]:
    """The body of a request; it is gone afterwards.

    Raises:
        TooLarge, Problem: it is packed in a way that is not known, or its packing is broken.
    """
    declared = request.headers.get("content-length", "")
    if declared.isascii() and declared.isdigit() and (len(declared) > 15 or int(declared) > MOST_BYTES):
        raise TooLarge
    body = Body()
    unpack = _Plain(body)
    try:
        unpack = _unpacker(request.headers.get("content-encoding", "identity").strip().lower(), body)
        async for piece in request.stream():
            await unpack.feed(piece)
        await unpack.end()
        unpack.close()  # what came packed is not needed any more
        unpack = _Plain(body)
        yield body
    finally:
        unpack.close()
        body.close()


async def read_json(request: Request) -> Any:
    """A small body of JSON.

    Raises:
        Problem: it is none, or it is not small.
    """
    content = b""
    async for piece in request.stream():
        content += piece
        if len(content) > SMALL:
            raise Problem(
                f"this body is larger than {SMALL // 1024} KB", where="body", hint="it holds no rows: say it shorter"
            )
    try:
        return json.loads(content)
    except (ValueError, RecursionError) as error:
        raise Problem(
            f"this is not JSON: {type(error).__name__}", where="body", hint="UTF-8, an object of a few keys"
        ) from None


class _Plain:
    def __init__(self, body: Body) -> None:
        self._body = body

    async def feed(self, piece: bytes) -> None:
        self._body.write(piece)

    async def end(self) -> None:
        return None

    def close(self) -> None:
        return None


class _Gzip(_Plain):
    """Unpacks piece by piece, so that a bomb is noticed when it has grown to the bound and not after.

    Between two pieces the others have their turn: 64 KB of a bomb unpack for a fifth of a second.
    """

    def __init__(self, body: Body) -> None:
        super().__init__(body)
        self._stream = zlib.decompressobj(wbits=31)

    async def feed(self, piece: bytes) -> None:
        try:
            while piece:
                self._body.write(self._stream.decompress(piece, _PIECE))
                piece = self._stream.unconsumed_tail
                if self._stream.eof and self._stream.unused_data:  # another member follows
                    piece, self._stream = self._stream.unused_data, zlib.decompressobj(wbits=31)
                if piece:
                    await asyncio.sleep(0)
        except zlib.error as error:
            raise _broken("gzip", error) from None

    async def end(self) -> None:
        if not self._stream.eof:
            raise _broken("gzip", "it ends in the middle")


class _Zstd(_Plain):
    """Collects what came, which is bounded as bodies are, and unpacks it by pieces at the end."""

    def __init__(self, body: Body) -> None:
        super().__init__(body)
        self._came = Body()

    async def feed(self, piece: bytes) -> None:
        self._came.write(piece)

    async def end(self) -> None:
        try:
            with pa.CompressedInputStream(pa.OSFile(str(self._came.path)), "zstd") as stream:
                while piece := stream.read(_PIECE):
                    self._body.write(piece)
                    await asyncio.sleep(0)
        except (OSError, pa.ArrowException) as error:
            raise _broken("zstd", error) from None

    def close(self) -> None:
        self._came.close()


def _unpacker(encoding: str, body: Body) -> _Plain:
    if encoding in ("", "identity"):
        return _Plain(body)
    if encoding in ("gzip", "x-gzip"):
        return _Gzip(body)
    if encoding == "zstd":
        return _Zstd(body)
    raise Problem(
        f"bodies packed as {encoding!r} are not read", where="Content-Encoding", hint="gzip, zstd or identity"
    )


def _broken(how: str, error: Any) -> Problem:
    return Problem(f"the body is no whole {how}: {error}", where="body", hint="pack it anew and send it again")
