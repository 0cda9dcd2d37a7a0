"""A nation-year, projected from slopes that were measured at two sizes each."""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from bench import bulk_ingest
from bench.figure import Figure
from bench.large_dataset import CITY, DATASET, KPIS
from bench.places import Place, catalogue, edition, open_lake
from bench.simulated import YEAR
from bench.timing import timed
from qala.measures.compute import Computer

CITIES = {"republican": (3, 3), "oblast": (39, 39), "district": (73, 170)}
"""Cities of each category, at least and at most."""


@dataclass(frozen=True)
class Line:
    """Seconds = fixed + slope × rows, through two measurements."""

    fixed: float
    slope: float

    @staticmethod
    def through(points: list[tuple[float, float]]) -> Line:
        (x1, y1), (x2, y2) = points
        slope = (y2 - y1) / (x2 - x1)
        return Line(max(0.0, y1 - slope * x1), slope)


def measure(place: Place) -> list[Figure]:
    rows, size = _rows_a_year(place)
    compute_points = [_all_kpis(folder) for folder in (place.smaller_city, place.city)]
    scan_points = _large(place)
    csv = place.sizes.csv_rows
    ingest_points = [bulk_ingest.once(place, csv // 3), bulk_ingest.once(place, csv)]
    compute, scan, ingest = Line.through(compute_points), Line.through(scan_points), Line.through(ingest_points)
    projected: dict[str, Any] = {
        "rows_a_year_of_a_city": rows,
        "bytes_a_row": size,
        "all_kpis": {"points": compute_points, "fixed_s": compute.fixed, "s_per_million_rows": compute.slope * 1e6},
        "large_dataset": {"points": scan_points, "fixed_s": scan.fixed, "s_per_million_rows": scan.slope * 1e6},
        "ingest": {"points": ingest_points, "fixed_s": ingest.fixed, "s_per_million_rows": ingest.slope * 1e6},
    }
    figures = []
    for name, index in (("fewest", 0), ("most", 1)):
        cities = sum(count[index] for count in CITIES.values())
        total = sum(count[index] * rows[category] for category, count in CITIES.items())
        computing = cities * compute.fixed + total * compute.slope
        taking_in = total * ingest.slope
        a_day = cities * compute.fixed + total / 365 * (compute.slope + ingest.slope)
        projected[name] = {
            "cities": cities, "rows": total, "compute_s": computing, "ingest_s": taking_in,
            "bytes": total * size, "a_day_s": a_day,
        }  # fmt: skip
        figures.append(
            Figure(
                f"nation_{name}",
                f"projected: a nation-year of {cities} cities, {total / 1e9:.1f} thousand million rows",
                f"all KPIs in {_long(computing)}, taken in in {_long(taking_in)}, {total * size / 1e9:,.0f} GB",
                f"a day's news: {_long(a_day)}",
                raw=projected if index else {},
            )
        )
    return figures


def _rows_a_year(place: Place) -> tuple[dict[str, int], float]:
    """Rows a year of a city of each category at scale 1, and bytes on the disk for a row.

    Some datasets do not grow with the city (probes of the dashboard, air stations…): two sizes of one city tell how many
    rows these are. The rest grows with the scale.
    """
    sizes = place.sizes
    small, large = (_event_rows(folder)["republican"] for folder in (place.smaller_city, place.city))
    grows = (large - small) / (sizes.scale - sizes.smaller_scale)
    fixed = max(0.0, small - grows * sizes.smaller_scale)
    of_category = _event_rows(place.nation)
    rows = {name: round(fixed + max(0.0, of_category[name] - fixed) / sizes.smaller_scale) for name in CITIES}
    files = open_lake(place.large).table(DATASET).snapshot().all_files
    return rows, sum(file.size for file in files) / sum(file.rows for file in files)


def _event_rows(folder: Path) -> dict[str, int]:
    """Rows of events and readings by the city's category."""
    lake = open_lake(folder)
    on = date(YEAR, 12, 31)
    category = {city.code: lake.cities.category_on(city.code, on) for city in lake.cities.all()}
    found = dict.fromkeys(CITIES, 0)
    for dataset in lake.tables():
        if catalogue().contract(dataset).kind != "registry":
            for file in lake.table(dataset).snapshot().all_files:
                found[category[file.city]] += file.rows
    return found


def _all_kpis(folder: Path) -> tuple[float, float]:
    """Rows of a city and the seconds that all its KPIs take, planning done."""
    lake = open_lake(folder)
    city = lake.cities.all()[0].code
    computer = Computer(lake, edition(), catalogue())
    spent = []
    for _ in range(3):
        shutil.rmtree(folder / "sums", ignore_errors=True)
        spent.append(timed(lambda: computer.compute(city)))
    rows = sum(file.rows for dataset in lake.tables() for file in lake.table(dataset).snapshot().files(city=city))
    return float(rows), min(spent)


def _large(place: Place) -> list[tuple[float, float]]:
    """The large dataset as it was after each of its first two commits."""
    lake = open_lake(place.large)
    points = []
    for version in (1, 2):
        snapshot = lake.table(DATASET).snapshot(version)
        computer = Computer(lake, edition(), catalogue(), versions={DATASET: version})
        computer.in_memory(CITY, KPIS)
        points.append(
            (
                float(sum(file.rows for file in snapshot.all_files)),
                timed(lambda computer=computer: computer.in_memory(CITY, KPIS)),
            )
        )
    return points


def _long(value: float) -> str:
    return f"{value / 3600:.1f} h" if value >= 5400 else f"{value / 60:.0f} min" if value >= 90 else f"{value:.0f} s"
