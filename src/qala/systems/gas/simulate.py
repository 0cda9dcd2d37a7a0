"""Gas in a simulated city: its buildings and meters, outages and bills."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from qala.world import Facts, Truth, World
from qala.world.metering import Supply, books_of_supply, record_supply

SUPPLY = Supply(
    system="gas",
    initiative=16,
    obis="7.0.3.0.0.255",
    connected={"flats": 0.85, "house": 0.9, "shop": 0.3, "other": 0.5},
    per_flat=45.0,
    winter=3.5,
    first_sign="pressure_loss",
)


def record(world: World) -> Iterator[Facts]:
    """Connected buildings, readings, outages and billed consumption; nothing where the city has no gas network."""
    yield from record_supply(world, SUPPLY)


def books(world: World, facts: Mapping[str, list[Facts]]) -> dict[str, Truth]:
    """Truth for rows 16.1 to 16.5 of the rated year."""
    return books_of_supply(world, facts, SUPPLY)
