"""Walking access: how far the residents of each H3 cell are from the nearest school, clinic, stop, park and shop.

Annex 3 of the order asks for it (`walking_norms.yaml` says where). Distances are metres along the streets that people may
walk, with the straight ways from the cell's middle to its street and from the facility's street to its door. They depend
neither on a speed nor on minutes, so one computation serves every question about a day.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from pathlib import Path
from typing import Any

import h3
import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.parquet as pq

from qala.lake import Lake
from qala.lake.durable import held
from qala.places.walking_layers import DISTRICTS, GRID, POINT_COLUMNS, STREET_COLUMNS, STREETS, Layer, layer, lines_of
from qala.places.walking_network import Floats, Ints, Network
from qala.places.walking_norms import Kind, WalkingNorms, walking_norms

_METHOD = 1
"""Is part of the name of what is kept: a change of the method forgets what was computed by the old one."""
_KEPT_FILES = 12


@dataclass(frozen=True)
class Facilities:
    """What is known of one kind of facility on the day.

    Attributes:
        known: rows of the registry.
        placed: those with coordinates and a street within reach.
    """

    known: int
    placed: int


@dataclass(frozen=True)
class Walks:
    """The distances of one city on one day.

    Attributes:
        cells: one row per populated cell: `cell`, `district`, `residents`, `lat`, `lon`, `street_m` (to the nearest
            street; empty where none is within reach), and for each kind `<kind>_m` and `<kind>_place` (the nearest
            facility's name; empty where no facility can be reached).
        streets: stretches that people may walk.
        facilities: by kind.
        versions: of the tables that were read.
        simulated: whether any row is.
        lacking: datasets without which nothing can be said; `cells` is empty then.
    """

    city: str
    day: date
    cells: pa.Table
    streets: int
    facilities: Mapping[str, Facilities]
    versions: Mapping[str, int]
    simulated: bool
    lacking: tuple[str, ...] = ()

    @cached_property
    def residents(self) -> Ints:
        """People of each cell."""
        return np.asarray(self.cells.column("residents").to_numpy()).astype(np.int64)

    @cached_property
    def people(self) -> int:
        """People of all cells."""
        return int(self.residents.sum())

    @cached_property
    def off_the_streets(self) -> int:
        """People in cells with no street within reach; they count as people who reach nothing."""
        return int(self.residents[np.isnan(_floats(self.cells, "street_m"))].sum())

    def metres(self, kind: str) -> Floats:
        """From each cell to the nearest facility of a kind; infinite where none can be reached."""
        found = _floats(self.cells, f"{kind}_m")
        return np.where(np.isnan(found), np.inf, found)


def walks(lake: Lake, city: str, day: date, kept_in: Path, norms: WalkingNorms | None = None) -> Walks:
    """The distances of a city on a day; computed once for the same tables, then read from `kept_in`.

    Args:
        day: the city's own day: registries are read as they hold on it.
        kept_in: a folder for results; may be emptied at any time.

    Raises:
        Problem: the city is not registered.
    """
    lake.cities.get(city)
    norms = norms or walking_norms()
    datasets = dict.fromkeys((STREETS, GRID, *(kind.of for kind in norms.kinds.values())))
    versions = {dataset: lake.table(dataset).version() for dataset in datasets}
    asked = [_METHOD, city, day.isoformat(), versions, norms.model_dump_json(include={"kinds", "not_walked"})]
    asked.append(str(norms.street_within_m.value))
    name = hashlib.sha256(json.dumps(asked).encode()).hexdigest()[:24]
    folder = kept_in / city
    path = folder / f"{name}.parquet"
    if not path.exists():
        with held(folder / "lock"):
            if not path.exists():
                _write(path, _computed(lake, city, day, norms))
                _forget_old(folder)
    return _read(path)


def _computed(lake: Lake, city: str, day: date, norms: WalkingNorms) -> Walks:
    streets = layer(lake, city, STREETS, STREET_COLUMNS, day)
    places = {"cell": "cell", "district": "district", "residents": "residents", **POINT_COLUMNS}
    grid = layer(lake, city, GRID, places, day)
    layers = {kind.id: facilities_on(lake, city, day, kind) for kind in norms.kinds.values()}
    versions = {STREETS: streets.version, GRID: grid.version}
    versions |= {norms.kinds[kind].of: found.version for kind, found in layers.items()}
    walked = ~np.isin(streets.column("road_class").astype(str), norms.not_walked)
    lacking = tuple(name for name, there in ((STREETS, walked.any()), (GRID, len(grid))) if not there)
    simulated = any(one.simulated for one in (streets, grid, *layers.values()))
    reach = float(norms.street_within_m.value)
    facilities = {kind: Facilities(len(found), 0) for kind, found in layers.items()}
    if lacking:
        return Walks(city, day, grid.table.slice(0, 0), 0, facilities, versions, simulated, lacking)
    columns = {name: streets.column(name)[walked] for name in ("start_node", "end_node", "length_m")}
    network = Network(
        columns["start_node"].astype(str),
        columns["end_node"].astype(str),
        columns["length_m"],
        lines_of(streets)[walked],
    )
    lat, lon = _middles(grid)
    homes = network.meet(lat, lon, reach)
    cells = grid.table.set_column(3, "lat", pa.array(lat)).set_column(4, "lon", pa.array(lon))
    cells = cells.append_column("street_m", pa.array(np.round(homes.off, 1), mask=~homes.there))
    for kind, found in layers.items():
        targets = network.meet(found.column("lat"), found.column("lon"), reach)
        facilities[kind] = Facilities(len(found), int(targets.there.sum()))
        metres, which = network.nearest(homes, targets)
        names = np.array([*found.column("place"), None], dtype=object)  # -1 finds the last
        # a tenth of a metre: the same digits from the disk as from memory
        cells = cells.append_column(f"{kind}_m", pa.array(np.round(metres, 1), mask=~np.isfinite(metres)))
        cells = cells.append_column(f"{kind}_place", pa.array(names[which].tolist(), pa.string()))
    return Walks(city, day, cells, int(walked.sum()), facilities, versions, simulated)


def facilities_on(lake: Lake, city: str, day: date, kind: Kind) -> Layer:
    """The facilities of a kind that there are on a day: `place` (name, else id), `lat`, `lon`."""
    contract = lake.catalogue.contract(kind.of)
    named = f'coalesce(title, "{contract.key[0]}")' if "title" in contract.columns else f'"{contract.key[0]}"'
    return layer(lake, city, kind.of, {"place": named, **POINT_COLUMNS}, day, kind.where)


def _middles(grid: Layer) -> tuple[Floats, Floats]:
    """Where a cell's people are taken to stand: the place that its row gives, else the cell's own middle."""
    lat, lon = grid.column("lat").astype(np.float64), grid.column("lon").astype(np.float64)
    cells = grid.column("cell")
    for at in np.flatnonzero(np.isnan(lat) | np.isnan(lon)):
        if h3.is_valid_cell(cells[at]):
            lat[at], lon[at] = h3.cell_to_latlng(cells[at])
    return lat, lon


def _floats(table: pa.Table, name: str) -> npt.NDArray[np.float64]:
    return np.asarray(table.column(name).to_numpy(zero_copy_only=False)).astype(np.float64)


def _write(path: Path, found: Walks) -> None:
    about: dict[str, Any] = {
        "city": found.city,
        "day": found.day.isoformat(),
        "streets": found.streets,
        "facilities": {kind: [one.known, one.placed] for kind, one in found.facilities.items()},
        "versions": dict(found.versions),
        "simulated": found.simulated,
        "lacking": list(found.lacking),
    }
    path.parent.mkdir(parents=True, exist_ok=True)
    beside = path.with_suffix(".new")
    pq.write_table(found.cells.replace_schema_metadata({"walks": json.dumps(about)}), beside)
    beside.replace(path)


def _read(path: Path) -> Walks:
    cells = pq.read_table(path)
    about: dict[str, Any] = json.loads(cells.schema.metadata[b"walks"])
    return Walks(
        about["city"],
        date.fromisoformat(about["day"]),
        cells,
        about["streets"],
        {kind: Facilities(*numbers) for kind, numbers in about["facilities"].items()},
        about["versions"],
        about["simulated"],
        tuple(about["lacking"]),
    )


def _forget_old(folder: Path) -> None:
    files = sorted(folder.glob("*.parquet"), key=lambda file: file.stat().st_mtime, reverse=True)
    for file in files[_KEPT_FILES:]:
        file.unlink(missing_ok=True)


def district_names(lake: Lake, city: str, day: date) -> dict[str, dict[str, str]]:
    """Code -> names in kk, ru, en of the districts that there are on a day."""
    names = {"code": "district_id", "kk": "name_kk", "ru": "name_ru", "en": "coalesce(name_en, name_kk)"}
    rows = layer(lake, city, DISTRICTS, names, day).table.to_pylist()
    return {row.pop("code"): row for row in rows}


__all__ = ["Facilities", "Walks", "district_names", "facilities_on", "walks"]
