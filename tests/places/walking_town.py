"""A small town for tests of walking access: a street of a kilometre to the east, cells along it, facilities."""

from __future__ import annotations

import atexit
import shutil
import tempfile
from collections.abc import Mapping, Sequence
from datetime import date
from fractions import Fraction
from functools import cache
from pathlib import Path
from typing import Any

import h3
import pyarrow as pa

from qala.datasets import load_catalogue
from qala.lake import City, IngestRequest, Lake

CITY = "T"
LAT, LON = 45.0, 70.0
METRE = 1 / (111_320.0 * 0.7071067811865476)  # a metre to the east, in degrees
DAY = date(2026, 12, 31)
SPEED = Fraction("4.8")
CATALOGUE = load_catalogue()


def place(metres_east: float) -> dict[str, Any]:
    return {"lat": f"{LAT:.6f}", "lon": f"{LON + metres_east * METRE:.6f}"}


def cell(metres_east: float) -> str:
    return str(h3.latlng_to_cell(LAT, LON + metres_east * METRE, 11))


def street(name: str, start: float, end: float, **also: Any) -> dict[str, Any]:
    line = f'{{"type":"LineString","coordinates":[[{LON + start * METRE:.7f},{LAT}],[{LON + end * METRE:.7f},{LAT}]]}}'
    return {
        "edge_id": name,
        "road_class": "residential",
        "start_node": f"at {start}",
        "end_node": f"at {end}",
        "length_m": str(round(end - start)),
        "geometry": line,
        "valid_from": "2026-01-01",
        **also,
    }


def facility(kind: str, name: str, at: float, **also: Any) -> dict[str, Any]:
    return {"place_id": name, "place_kind": kind, "title": name, "valid_from": "2026-01-01", **place(at), **also}


def people(at: float, residents: int, district: str | None = "west") -> dict[str, Any]:
    return {
        "cell": cell(at),
        "residents": str(residents),
        "district": district,
        "valid_from": "2026-01-01",
        **place(at),
    }


STREETS = [street("E1", -10, 500), street("E2", 500, 1010)]
PEOPLE = [people(0, 100), people(300, 40), people(1000, 60, "east")]


def deliver(lake: Lake, dataset: str, rows: Sequence[Mapping[str, Any]]) -> None:
    names = list(dict.fromkeys(name for row in rows for name in row))
    table = pa.table({name: pa.array([row.get(name) for row in rows], pa.string()) for name in names})
    receipt = lake.ingest(IngestRequest(city=CITY, dataset=dataset, source=table, source_name="test"))
    assert not receipt.quarantined, receipt.reasons


def new_lake(folder: Path) -> Lake:
    """A lake with the city, and nothing sent."""
    found = Lake(folder, CATALOGUE)
    found.cities.add(City(code=CITY, names={"kk": "Қала", "ru": "Город", "en": "Town"}, zone="Asia/Almaty"))
    return found


@cache
def _furnished() -> Path:
    folder = Path(tempfile.mkdtemp(prefix="qala-town-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    furnish(new_lake(folder / "lake"))
    return folder / "lake"


def new_town(folder: Path) -> Lake:
    """A lake with streets, people, a school and a shop; a copy of one that is made once."""
    shutil.copytree(_furnished(), folder)
    return Lake(folder, CATALOGUE)


def furnish(lake: Lake) -> None:
    """Streets, people, a school and a shop."""
    deliver(lake, "city.streets", STREETS)
    deliver(lake, "city.population_grid", PEOPLE)
    deliver(lake, "city.places", [facility("school", "School 1", 0), facility("shop", "Shop", 650)])
