"""What kind of city it is: how well each system works, what is not connected, withheld or late."""

from __future__ import annotations

import hashlib
from typing import Final, Literal

Character = Literal["good", "middling", "poor", "disconnected", "withholding", "late"]

CHARACTERS: Final[tuple[Character, ...]] = ("good", "middling", "poor", "disconnected", "withholding", "late")

SYSTEMS: Final = (
    "situation_centre", "contact_centre", "settlement_centre", "transport", "parking", "traffic", "roads",
    "stops", "video", "fire_safety", "greenery", "waste", "power", "water", "heat", "gas",
)  # fmt: skip
"""The sixteen initiatives in the order's own sequence."""

_SPAN: Final[dict[Character, tuple[float, float]]] = {
    "good": (0.80, 0.97),
    "middling": (0.55, 0.85),
    "poor": (0.15, 0.50),
    "disconnected": (0.60, 0.90),
    "withholding": (0.50, 0.82),
    "late": (0.65, 0.92),
}

IMPROVEMENT: Final = 0.06
"""How much better a city's systems are on 31 December than on 1 January of the rated year."""

BAD_MONTH: Final = 0.35
"""How much worse a system is in a month that a withholding city will not send."""

_UNCONNECTED: Final = ("settlement_centre", "transport", "video")
"""One of these is the system that a `disconnected` city has not connected: they are due from the first stage on."""


def fraction(*parts: object) -> float:
    """A number in [0, 1) fixed by the parts; independent of PYTHONHASHSEED and of the order of calls."""
    digest = hashlib.blake2b("|".join(map(str, parts)).encode(), digest_size=8).digest()
    return int.from_bytes(digest, "big") / 2.0**64


def level(character: Character, seed: int, code: str, name: str) -> float:
    """Quality 0..1 of a system (`water`) or of one side of it (`water.outages`: near its system's, not
    equal).
    """
    low, high = _SPAN[character]
    system, _, side = name.partition(".")
    value = low + (high - low) * fraction(seed, code, "quality", system)
    if side:
        value += (fraction(seed, code, "side", name) - 0.5) * (high - low) * 0.5
    return min(max(value, low), high)


def missing_system(character: Character, seed: int, code: str) -> str | None:
    """The system that sends nothing, in a `disconnected` city."""
    if character != "disconnected":
        return None
    return _UNCONNECTED[int(fraction(seed, code, "missing") * len(_UNCONNECTED))]


def bad_months(character: Character, seed: int, code: str, system: str) -> frozenset[int]:
    """The months (1..12) in which a system of a `withholding` city does badly and sends nothing; about half
    the systems.

    The contact centre always has some, so that at least one system due in 2026 in every category shows it.
    """
    if character != "withholding":
        return frozenset()
    if system != "contact_centre" and fraction(seed, code, "withholds", system) >= 0.5:
        return frozenset()
    first = 1 + int(fraction(seed, code, "bad", system) * 9)
    return frozenset({first, first + 3} if fraction(seed, code, "few", system) < 0.6 else {first, first + 1, first + 3})
