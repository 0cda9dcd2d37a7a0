"""Electricity in a simulated city: its buildings and meters, outages, bills, and the street lamps."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import numpy as np

from qala.world import Facts, Truth, World
from qala.world.drawing import NO_DAY, during_the_year, ids
from qala.world.metering import Supply, books_of_supply, record_supply

SUPPLY = Supply(
    system="power",
    initiative=13,
    obis="1.0.1.8.0.255",
    connected={"other": 1.0},
    per_flat=190.0,
    winter=1.5,
    first_sign="last_gasp",
)
LAMPS: dict[str, float] = {"republican": 90_000, "oblast": 16_000, "district": 2_200}


def record(world: World) -> Iterator[Facts]:
    """Connected buildings, readings, outages, billed consumption, and street lamps."""
    yield from record_supply(world, SUPPLY)
    yield _street_lamps(world)


def books(world: World, facts: Mapping[str, list[Facts]]) -> dict[str, Truth]:
    """Truth for rows 13.1 to 13.5 of the rated year."""
    return books_of_supply(world, facts, SUPPLY)


def _street_lamps(world: World) -> Facts:
    """Lamps stand along the streets; those that are changed for LED during the year have two rows."""
    rng = world.rng("power.street_lamps")
    n = world.sized(LAMPS, 20)
    edge = rng.integers(0, len(world.streets), n)
    along = rng.random(n)
    streets = world.streets
    quality = world.quality("power.street_lamps")
    led_from = during_the_year(world, rng, rng.random(n), 0.35 + 0.4 * quality, 0.45 + 0.4 * quality)
    first = np.datetime64(world.first_day, "D")
    led = ~np.isnat(led_from)
    changed = led & (led_from > first)
    older, newer = np.flatnonzero(~led | changed), np.flatnonzero(led)
    row = np.concatenate([older, newer])
    is_led = np.repeat([False, True], [older.size, newer.size])
    lat = streets.start_lat + (streets.end_lat - streets.start_lat) * 0.5
    return Facts(
        "power.street_lamps",
        {
            "lamp_id": ids("L", n)[row],
            "kind": np.where(is_led, "led", np.where(along[row] < 0.9, "sodium", "mercury")),
            "watts": np.where(is_led, 90, 250),
            "controlled": is_led & (along[row] < quality),
            "valid_from": np.concatenate([np.full(older.size, first), led_from[newer]]),
            "valid_to": np.concatenate(
                [
                    np.where(changed[older], led_from[older] - np.timedelta64(1, "D"), NO_DAY),
                    np.full(newer.size, NO_DAY),
                ]
            ),
            "district": streets.district[edge][row],
            "lat": np.round(lat[edge] + (along - 0.5) * (streets.end_lat - streets.start_lat)[edge], 6)[row],
            "lon": np.round(streets.start_lon[edge] + along * (streets.end_lon - streets.start_lon)[edge], 6)[row],
        },
    )
