"""Compressed bodies, unpacked within a bound: a bomb is refused when it has grown to the bound, not after."""

from __future__ import annotations

import zlib

import pyarrow as pa

from qala.intake.payloads.limits import USUAL, Limits, Undecodable

_STEP = 1 << 20
_ENCODINGS = ("gzip", "deflate", "zstd")


def unpacked(body: bytes, encoding: str, limits: Limits = USUAL) -> bytes:
    """A body without its compression.

    Args:
        encoding: as HTTP names it (RFC 9110, 8.4.1; zstd: RFC 8878); several by commas, the last one applied last.

    Raises:
        Undecodable: an unknown encoding, broken or truncated data, or more bytes than the bound allows.
    """
    for one in reversed([part.strip().lower() for part in encoding.split(",")]):
        if one in ("", "identity"):
            continue
        name = one.removeprefix("x-")
        if name not in _ENCODINGS:
            raise Undecodable(f"the encoding {one!r} is not known", hint="use " + ", ".join(_ENCODINGS))
        body = _by_pyarrow(body, limits) if name == "zstd" else _by_zlib(body, name, limits)
    return body


def _by_zlib(body: bytes, name: str, limits: Limits) -> bytes:
    pieces: list[bytes] = []
    left = limits.size
    rest = body
    while rest:  # a gzip file may have several members (RFC 1952, 2.2)
        raw = name == "deflate" and not (rest[0] & 0x0F == 8 and int.from_bytes(rest[:2], "big") % 31 == 0)
        work = zlib.decompressobj(31 if name == "gzip" else -15 if raw else 15)
        while not work.eof:
            try:
                piece = work.decompress(rest, min(_STEP, left + 1))
            except zlib.error as error:
                raise _broken(name, str(error)) from None
            rest = work.unconsumed_tail
            left -= len(piece)
            if left < 0:
                raise _too_big(limits)
            if not piece and not rest and not work.eof:
                raise _broken(name, "it ends too early")
            pieces.append(piece)
        rest = work.unused_data
        if name == "deflate" and rest:
            raise _broken(name, "there are bytes after its end")
    return b"".join(pieces)


def _by_pyarrow(body: bytes, limits: Limits) -> bytes:
    pieces: list[bytes] = []
    left = limits.size
    try:
        with pa.CompressedInputStream(pa.BufferReader(body), "zstd") as stream:
            while piece := stream.read(_STEP):
                left -= len(piece)
                if left < 0:
                    raise _too_big(limits)
                pieces.append(piece)
    except (OSError, pa.ArrowException) as error:
        raise _broken("zstd", str(error)) from None
    return b"".join(pieces)


def _broken(name: str, why: str) -> Undecodable:
    return Undecodable(f"the body is not whole {name} data: {why}", hint="send it again; say how it is compressed")


def _too_big(limits: Limits) -> Undecodable:
    return Undecodable(
        f"unpacked, the message has more than {limits.size} bytes", hint="send smaller messages, or the whole as a file"
    )
