"""Simulated deliveries into a lake, over the same border as a real source; all of it is marked simulated."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Final

from qala.datasets.catalogue import Catalogue
from qala.lake import CategoryPeriod, City, CityDistrict, IngestRequest, Lake, Region
from qala.world.delivery import Parcel
from qala.world.types import World

MOST_ROWS: Final = 2_000_000
"""Rows of one delivery; more are sent in several, so that no delivery needs much memory."""

_ARRIVED: Final = {1: (1, 3), 2: (1, 20)}
"""Month and day of the following year on which a first and a second delivery come in."""


class LakeSink:
    """Registers a city and takes in what it sends.

    Args:
        folder: of the lake; made if it is not there.
    """

    def __init__(self, folder: Path, catalogue: Catalogue) -> None:
        self.lake = Lake(folder, catalogue)
        self._world: World | None = None

    def register(self, world: World) -> None:
        self._world = world
        if world.region != world.code:
            self.lake.cities.add_region(Region(code=world.region, names=world.region_name, simulated=True))
        self.lake.cities.add(
            City(
                code=world.code,
                names=world.name,
                region=world.region,
                zone=world.zone,
                lat=world.lat,
                lon=world.lon,
                districts=tuple(CityDistrict(code=d.code, names=d.name) for d in world.districts),
                categories=(
                    CategoryPeriod.model_validate(
                        {"from": world.first_day, "category": world.category, "reason": "simulated"}
                    ),
                ),
                simulated=True,
            )
        )

    def take(self, parcel: Parcel) -> None:
        assert self._world is not None
        arrived = datetime(self._world.last_day.year + 1, *_ARRIVED[parcel.part], tzinfo=UTC)
        for start in range(0, parcel.rows.num_rows, MOST_ROWS):
            self.lake.ingest(
                IngestRequest(
                    city=parcel.city,
                    dataset=parcel.dataset,
                    source=parcel.rows.slice(start, MOST_ROWS),
                    way=parcel.way,
                    simulated=True,
                    source_name=f"simulation of {parcel.city}, seed {self._world.seed}, part {parcel.part}",
                    received_at=arrived,
                )
            )

    def nothing_on(self, dataset: str, days: Sequence[tuple[date, date]]) -> None:
        assert self._world is not None
        for first, last in days:
            self.lake.report_nothing(self._world.code, dataset, first, last, "integration")

    def close(self) -> None:
        self._world = None
