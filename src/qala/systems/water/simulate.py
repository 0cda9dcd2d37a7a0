"""Water in a simulated city: its buildings and meters, outages and bills."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from qala.world import Facts, Truth, World
from qala.world.metering import Supply, books_of_supply, record_supply

SUPPLY = Supply(
    system="water",
    initiative=14,
    obis="8.0.1.0.0.255",
    connected={"flats": 1.0, "house": 0.8, "other": 1.0},
    per_flat=9.0,
    winter=1.02,
    first_sign="pressure_loss",
)


def record(world: World) -> Iterator[Facts]:
    """Connected buildings, readings, outages and billed consumption; nothing where the city has no water network."""
    yield from record_supply(world, SUPPLY)


def books(world: World, facts: Mapping[str, list[Facts]]) -> dict[str, Truth]:
    """Truth for rows 14.1 to 14.5 of the rated year."""
    return books_of_supply(world, facts, SUPPLY)
