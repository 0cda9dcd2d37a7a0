"""The situation centre of a simulated city: its platform, what happens in the city, and what is measured around it.

Rates follow `world.quality_by_day`: at 0.75 a side of the centre just meets its norm.
"""

from __future__ import annotations

from collections.abc import Iterator

from qala.systems.situation_centre.simulation import events, platform, surroundings
from qala.systems.situation_centre.simulation.books import books
from qala.world import Facts, World

__all__ = ["books", "record"]


def record(world: World) -> Iterator[Facts]:
    """Everything that the situation centre records."""
    yield from platform.record(world)
    yield from events.record(world)
    yield from surroundings.record(world)
