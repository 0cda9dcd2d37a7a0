"""Sparkplug B's packed arrays (3.0, chapter 6) as JSON text."""

from __future__ import annotations

import json
import struct

from qala.intake.payloads import sparkplug_schema as schema
from qala.intake.payloads.floats import float32, float64
from qala.intake.payloads.limits import Undecodable
from qala.intake.payloads.moments import from_milliseconds

_LONGEST = 1 << 16


def array_text(packed: bytes, kind: int) -> str | None:
    """An array as JSON text; None if the data type is no array.

    Raises:
        Undecodable: its length does not fit its type.
    """
    if kind in schema.ARRAYS and len(packed) > _LONGEST:
        raise Undecodable(f"an array in a metric has more than {_LONGEST} bytes")
    if kind == schema.BOOLEAN_ARRAY:
        count = int.from_bytes(packed[:4], "little")
        if len(packed) < 4 or len(packed) - 4 != (count + 7) // 8:
            raise _misfit(kind)
        bits = "".join(f"{byte:08b}" for byte in packed[4:])[:count]
        return "[" + ",".join("true" if bit == "1" else "false" for bit in bits) + "]"
    if kind == schema.STRING_ARRAY:
        try:
            texts = packed.decode("utf-8").removesuffix("\0").split("\0") if packed else []
        except UnicodeDecodeError:
            raise _misfit(kind) from None
        return json.dumps(texts, ensure_ascii=False)
    letter = schema.PACKED.get(kind)
    if letter is None:
        return None
    try:
        numbers = [one for (one,) in struct.iter_unpack(f"<{letter}", packed)]
    except struct.error:
        raise _misfit(kind) from None
    if letter in "fd":
        return "[" + ",".join((float32 if letter == "f" else float64)(one) for one in numbers) + "]"
    if schema.DATA_TYPES[kind] == "DateTimeArray":
        return json.dumps([from_milliseconds(one) for one in numbers])
    return "[" + ",".join(map(str, numbers)) + "]"


def _misfit(kind: int) -> Undecodable:
    return Undecodable(f"the bytes of a metric are no {schema.DATA_TYPES[kind]}")
