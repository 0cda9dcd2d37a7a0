"""Heat in a simulated city: its buildings and meters, outages and bills."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from qala.world import Facts, Truth, World
from qala.world.metering import Supply, books_of_supply, record_supply

SUPPLY = Supply(
    system="heat",
    initiative=15,
    obis="6.0.1.0.0.255",
    connected={"flats": 0.97, "other": 0.9, "house": 0.03},
    per_flat=0.55,
    winter=9.0,
    first_sign="pressure_loss",
)


def record(world: World) -> Iterator[Facts]:
    """Connected buildings, readings, outages and billed consumption; nothing where the city has no heat network."""
    yield from record_supply(world, SUPPLY)


def books(world: World, facts: Mapping[str, list[Facts]]) -> dict[str, Truth]:
    """Truth for rows 15.1 to 15.5 of the rated year."""
    return books_of_supply(world, facts, SUPPLY)
