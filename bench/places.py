"""Where the measured lakes are, how large they are, and how they are opened."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from pathlib import Path

from qala.datasets import Catalogue, load_catalogue
from qala.lake import Lake
from qala.standard import editions
from qala.standard.edition import Edition

EDITION = "order_469"


@dataclass(frozen=True)
class Sizes:
    """How large everything is.

    Attributes:
        rows: of the one large dataset.
        scale, smaller_scale: of the simulated republican city, and of the second size for slopes.
        repeats: of each side.
        csv_rows: of the file that is taken in.
        cities: that are scored.
    """

    rows: int = 100_000_000
    scale: float = 0.1
    smaller_scale: float = 0.02
    repeats: int = 5
    pandas_repeats: int = 2
    csv_rows: int = 3_000_000
    cities: int = 200


FULL = Sizes()
QUICK = Sizes(300_000, 0.002, 0.001, 2, 1, 60_000, 20)


@dataclass(frozen=True)
class Place:
    """A folder of work and the sizes of what is in it."""

    folder: Path
    sizes: Sizes

    @property
    def city(self) -> Path:
        """The lake of the simulated republican city."""
        return self.folder / "city"

    @property
    def smaller_city(self) -> Path:
        return self.folder / "smaller_city"

    @property
    def nation(self) -> Path:
        """The lake with a city of each category."""
        return self.folder / "nation"

    @property
    def large(self) -> Path:
        """The lake with the one large dataset."""
        return self.folder / "large"


@cache
def catalogue() -> Catalogue:
    return load_catalogue()


@cache
def edition() -> Edition:
    return editions()[EDITION]


def open_lake(folder: Path) -> Lake:
    return Lake(folder, catalogue())


def only_city(lake: Lake) -> str:
    """The code of the first city."""
    return lake.cities.all()[0].code
