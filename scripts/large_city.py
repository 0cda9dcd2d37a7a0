"""One simulated city as large as the order's largest, with 3 million trees: what `make demo-large` shows.

    .venv/bin/python scripts/large_city.py LAKE [TREES]

Its registries (streets, buildings, places, networks, stops, green areas) are those of the simulated world at full size.
The inventory of trees is drawn here: rows of them along the streets, in yards and on green areas. No events are made, so
that it takes minutes and not hours. Everything goes through the same border as a real city's files, marked simulated.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import numpy as np

from qala.datasets import load_catalogue
from qala.systems.greenery import simulate as greenery
from qala.systems.stops import simulate as stops
from qala.world import Facts, World, city_facts
from qala.world.delivery import parcels
from qala.world.drawing import NO_DAY, ids
from qala.world.faults import manner_of
from qala.world.lake_sink import LakeSink
from qala.world.making import make_world

TREES = 3_000_000
_WANTED = frozenset({"greenery.areas", "greenery.plantings", "stops.stops"})
_IN_ROWS, _IN_YARDS = 0.6, 0.3
_BESIDE_M = (5.0, 14.0)
_YARD_M = 22.0


def trees(world: World, areas: Facts, count: int) -> Facts:
    """The inventory: so many trees, each in a green area's register, with species and condition."""
    rng = world.rng("greenery.trees.large")
    in_rows, in_yards = int(count * _IN_ROWS), int(count * _IN_YARDS)
    streets, own, plan = world.streets, world.buildings, world.plan
    edge = rng.choice(len(streets), in_rows, p=streets.length_m / streets.length_m.sum())
    along = rng.random(in_rows)
    away = rng.uniform(*_BESIDE_M, in_rows) * np.where(rng.random(in_rows) < 0.5, 1, -1)
    dx, dy = streets.x1[edge] - streets.x0[edge], streets.y1[edge] - streets.y0[edge]
    length = np.maximum(np.hypot(dx, dy), 1)
    x = streets.x0[edge] + dx * along - dy / length * away
    y = streets.y0[edge] + dy * along + dx / length * away
    east, north = 1 / (111_320 * np.cos(np.radians(world.lat))), 1 / 111_320

    def around(where: dict[str, Any], number: int, spread: Any) -> dict[str, Any]:
        return {
            "lat": where["lat"] + rng.standard_normal(number) * spread * north,
            "lon": where["lon"] + rng.standard_normal(number) * spread * east,
            "district": where["district"],
        }

    house = rng.integers(0, len(own), in_yards)
    yards = around({"lat": own.lat[house], "lon": own.lon[house], "district": own.district[house]}, in_yards, _YARD_M)
    rest = count - in_rows - in_yards
    columns = {name: np.asarray(values) for name, values in areas.columns.items()}
    area = rng.choice(len(areas), rest, p=columns["area_m2"] / columns["area_m2"].sum())
    parks = around(
        {name: columns[name][area] for name in ("lat", "lon", "district")}, rest, np.sqrt(columns["area_m2"][area]) / 3
    )
    rows = {"lat": plan.to_lat(y), "lon": plan.to_lon(x), "district": streets.district[edge]}
    place = {name: np.concatenate([rows[name], yards[name], parks[name]]) for name in rows}
    draw = rng.random(count)
    return Facts(
        "greenery.trees",
        {
            "tree_id": ids("tree-", count),
            "area_id": columns["area_id"][np.concatenate([rng.integers(0, len(areas), count - rest), area])],
            "species": rng.choice(greenery.SPECIES, count),
            "condition": np.where(draw < 0.015, "dead", np.where(draw < 0.12, "weak", "good")),
            "valid_from": np.full(count, np.datetime64(world.first_day, "D")),
            "valid_to": np.full(count, NO_DAY),
            "lat": np.round(place["lat"], 6),
            "lon": np.round(place["lon"], 6),
            "district": place["district"],
        },
    )


def main(folder: Path, count: int) -> None:
    """Make the city and deliver it."""
    catalogue = load_catalogue()
    world = make_world(469, 0, "republican", 1.0, (2026,), character="good")
    sink = LakeSink(folder, catalogue)
    sink.register(world)
    facts: list[Facts] = [one for system in (greenery, stops) for one in system.record(world) if one.dataset in _WANTED]
    areas = next(one for one in facts if one.dataset == "greenery.areas")
    facts += [*city_facts.record(world, {}), trees(world, areas, count)]
    for part in facts:
        for parcel in parcels(world, catalogue.contract(part.dataset), [part], manner_of(world, part.dataset)):
            sink.take(parcel)
        sys.stdout.write(f"     {part.dataset}: {len(part):,} rows\n")
        sys.stdout.flush()
    sys.stdout.write(f"{world.code}\n")


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]) if len(sys.argv) > 2 else TREES)
