"""How a simulated city's systems deliver: what is withheld, late, wrong at first, sent twice or broken."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal

from qala.world.character import SYSTEMS, fraction
from qala.world.types import World

Way = Literal["integration", "file", "hand"]

LATE_SHARE: Final = 0.10
"""Share of the rows that a late system sends only with its second delivery."""

WRONG_SHARE: Final = 0.05
"""Share of the rows that a late system sends incomplete at first and corrects with its second delivery."""

DAYS_LATE: Final = 9
"""How long after its first state a corrected row was changed."""

LOOK_BACK: Final = {"contact_centre.appeals": 92, "fire_safety.calls": 31}
"""Days before the first rated year that are delivered, because a repeat is found by looking back."""


@dataclass(frozen=True)
class Manner:
    """How one system of one city sends its data.

    Attributes:
        sends: False = not connected at all.
        withheld: months (1..12) of the rated years that are kept back, registries apart.
        late: in two deliveries, the second with late rows and corrections.
        twice: share of the rows that are sent twice.
        broken: share of rows that come a second time unusable, for the quarantine.
        way: how the data come in.
    """

    sends: bool = True
    withheld: frozenset[int] = frozenset()
    late: bool = False
    twice: float = 0.0
    broken: float = 0.0
    way: Way = "integration"


_TWICE: Final = {"middling": 0.004, "poor": 0.01, "late": 0.01}
_BROKEN: Final = {"middling": 0.001, "poor": 0.004, "late": 0.002}


def manner_of(world: World, system: str) -> Manner:
    """How a system of this city delivers; `city` are the facts that no system owns, which are always complete."""
    if system not in SYSTEMS:
        return Manner(way="hand" if world.character == "poor" else "file")
    if system == world.missing_system:
        return Manner(sends=False)
    chance = fraction(world.seed, world.code, "way", system)
    way: Way = "integration"
    if world.character == "poor":
        way = "hand" if chance < 0.15 else "file" if chance < 0.55 else "integration"
    elif world.character != "good" and chance < 0.15:
        way = "file"
    late = world.character == "late" and fraction(world.seed, world.code, "late", system) < 0.6
    return Manner(
        withheld=world.bad_months(system),
        late=late,
        twice=_TWICE.get(world.character, 0.0),
        broken=_BROKEN.get(world.character, 0.0),
        way=way,
    )


def faults_of(world: World) -> dict[str, object]:
    """What is wrong with a city's deliveries, for its books."""
    manners = {system: manner_of(world, system) for system in SYSTEMS}
    return {
        "not_connected": [s for s in SYSTEMS if not manners[s].sends],
        "withheld_months": {s: sorted(manners[s].withheld) for s in SYSTEMS if manners[s].withheld},
        "late_and_corrected": [s for s in SYSTEMS if manners[s].late],
        "sent_twice": max(m.twice for m in manners.values()),
        "broken_rows": max(m.broken for m in manners.values()),
        "ways": {s: manners[s].way for s in SYSTEMS if manners[s].way != "integration"},
    }
