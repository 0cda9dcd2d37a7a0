"""The fields of a protobuf message, one at a time, so that a big message never becomes objects all at once.

The parser of the library builds everything that a message holds before anyone can count it: two bytes of an empty
element become some hundred in memory. A message is therefore cut at its repeated field, and each element parsed alone.
"""

from __future__ import annotations

from collections.abc import Iterator

from qala.intake.payloads.limits import Undecodable

_VARINT, _FIXED64, _BYTES, _FIXED32 = 0, 1, 2, 5
_LONGEST_VARINT = 10


def fields(body: bytes) -> Iterator[tuple[int, int | bytes]]:
    """Number and value of each field at the top of a message; a value is an int (varint) or bytes (anything else).

    Args:
        body: a message, encoded as https://protobuf.dev/programming-guides/encoding says.

    Raises:
        Undecodable: it is truncated or no such message.
    """
    at, end = 0, len(body)
    while at < end:
        start = at
        key, at = _varint(body, at)
        number, kind = key >> 3, key & 7
        value: int | bytes
        if kind == _VARINT:
            value, at = _varint(body, at)
        else:
            if kind == _BYTES:
                length, at = _varint(body, at)
            elif kind in (_FIXED64, _FIXED32):
                length = 8 if kind == _FIXED64 else 4
            else:
                raise _broken(start, f"wire type {kind}")
            if at + length > end:
                raise _broken(start, f"it wants {at + length - end} bytes more")
            value = body[at : at + length]
            at += length
        if number == 0:
            raise _broken(start, "field 0")
        yield number, value


def _varint(body: bytes, at: int) -> tuple[int, int]:
    value, shift, start = 0, 0, at
    while True:
        if at >= len(body):
            raise _broken(start, "it ends within a number")
        byte = body[at]
        at += 1
        value |= (byte & 0x7F) << shift
        if byte < 0x80:
            return value & 0xFFFFFFFFFFFFFFFF, at
        shift += 7
        if shift >= 7 * _LONGEST_VARINT:
            raise _broken(start, "a number without an end")


def _broken(at: int, why: str) -> Undecodable:
    return Undecodable(
        f"this is not a whole protobuf message: {why}", where=f"byte {at}", hint="is it cut, compressed, or JSON?"
    )
