"""A small simulated city with a few of its datasets, for tests of layers and of the map."""

from __future__ import annotations

from pathlib import Path

from qala.datasets import load_catalogue
from qala.lake import Lake
from qala.systems.contact_centre import simulate as contact_centre
from qala.systems.greenery import simulate as greenery
from qala.systems.stops import simulate as stops
from qala.world import Facts
from qala.world.city_facts import record
from qala.world.delivery import parcels
from qala.world.faults import manner_of
from qala.world.lake_sink import LakeSink
from qala.world.making import make_world

CITY = "SIM-R01"
_WANTED = {
    "city.districts", "city.streets", "city.buildings", "city.population_grid", "greenery.trees", "greenery.areas",
    "stops.stops", "contact_centre.appeals",
}  # fmt: skip


def make(folder: Path) -> Lake:
    """The city's registries of things and its appeals of 2026, delivered."""
    catalogue = load_catalogue()
    world = make_world(7, 0, "republican", 0.005, (2026,))
    sink = LakeSink(folder, catalogue)
    sink.register(world)
    facts: dict[str, list[Facts]] = {}
    for parts in (*(system.record(world) for system in (greenery, stops, contact_centre)), record(world, {})):
        for part in parts:
            if part.dataset in _WANTED:
                facts.setdefault(part.dataset, []).append(part)
    for dataset, found in facts.items():
        for parcel in parcels(world, catalogue.contract(dataset), found, manner_of(world, dataset.split(".")[0])):
            sink.take(parcel)
    return sink.lake
