"""The simulated cities that are measured: made by the program's own simulation, through the border."""

from __future__ import annotations

from pathlib import Path

from qala.world.simulation import Order, simulate
from qala.world.types import Category

SEED = 7
YEAR = 2026


def make(folder: Path, scale: float, categories: tuple[Category, ...] = ("republican",)) -> None:
    """A lake with a year of one city of each category."""
    simulate(Order(seed=SEED, cities=len(categories), scale=scale, year=YEAR, categories=categories, lake=folder))
