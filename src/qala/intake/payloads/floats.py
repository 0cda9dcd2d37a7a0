"""Binary floats as the digits that were meant: the fewest that give the same float back, never with an exponent."""

from __future__ import annotations

from decimal import Decimal

import numpy as np

_WORDS = {"nan": "NaN", "inf": "Infinity", "-inf": "-Infinity"}


def float32(number: float) -> str:
    """A 32-bit float, as protobuf's `float` holds it: 43.238949 came as 43.23895, not as 43.238948822…"""
    return _plain(str(np.float32(number)))


def float64(number: float) -> str:
    """A 64-bit float."""
    return _plain(repr(number))


def _plain(text: str) -> str:
    if text in _WORDS:
        return _WORDS[text]
    return text.removesuffix(".0") if "e" not in text else f"{Decimal(text):f}"
