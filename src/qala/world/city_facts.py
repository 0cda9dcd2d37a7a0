"""Facts of a simulated city that no system owns: profile, districts, networks, acts, and the layers that maps need."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from datetime import date
from typing import Any, Final

import h3
import numpy as np
import numpy.typing as npt

from qala.world.clock import year_of
from qala.world.names import street_name
from qala.world.registries import numbered
from qala.world.types import Facts, World

H3_RESOLUTION: Final = 9

_NO_DAY: Final = np.datetime64("NaT", "D")


def record(world: World, facts: Mapping[str, list[Facts]]) -> Iterator[Facts]:
    """All rows of the `city.*` datasets.

    Args:
        facts: what the systems delivered; the base of 1.16 is set against the trips among them.
    """
    yield from _who_and_where(world)
    yield from _acts(world, facts)
    yield from _layers(world)


def _lasting(world: World, dataset: str, columns: dict[str, Any]) -> Facts:
    """Rows of a registry that hold from the world's first day on."""
    count = len(next(iter(columns.values())))
    return Facts(
        dataset,
        {
            **columns,
            "valid_from": np.full(count, np.datetime64(world.first_day, "D")),
            "valid_to": np.full(count, _NO_DAY),
        },
    )


def _texts(values: list[str | None]) -> npt.NDArray[np.object_]:
    return np.array(values, dtype=object)


def _who_and_where(world: World) -> Iterator[Facts]:
    yield _lasting(
        world,
        "city.profile",
        {
            "population": np.array([world.population]),
            "area_m2": np.array([world.area_m2]),
            "vehicles": np.array([world.vehicles]),
            "road_length_m": np.array([world.road_length_m]),
            "households": np.array([int(world.buildings.flats.sum())]),
            "source": _texts(["simulated"]),
        },
    )
    own = world.districts
    yield _lasting(
        world,
        "city.districts",
        {
            "district_id": _texts([d.code for d in own]),
            "name_ru": _texts([d.name["ru"] for d in own]),
            "name_kk": _texts([d.name["kk"] for d in own]),
            "name_en": _texts([d.name["en"] for d in own]),
            "population": np.array([d.population for d in own]),
            "area_m2": np.array([d.area_m2 for d in own]),
            "outline": _texts([json.dumps({"type": "Polygon", "coordinates": [d.ring]}) for d in own]),
        },
    )
    networks = ["power", "water", "heat", "gas"]
    connected = np.array([network in world.networks for network in networks])
    yield _lasting(
        world,
        "city.networks",
        {
            "network": _texts([*networks]),
            "connected": connected,
            "length_m": np.where(connected, np.rint(world.road_length_m * np.array([1.4, 1.0, 0.5, 0.8])), 0).astype(
                np.int64
            ),
        },
    )


def _acts(world: World, facts: Mapping[str, list[Facts]]) -> Iterator[Facts]:
    """What the city files with an act: N3, the base of 1.16, its peak hours, claims of additional initiatives."""
    lacking = [n for n in ("power", "water", "heat", "gas") if n not in world.networks for _ in world.years]
    years = [year for _ in range(4 - len(world.networks)) for year in world.years]
    if lacking:
        yield Facts(
            "city.justifications",
            {
                "network": _texts([*lacking]),
                "for_year": np.array(years),
                "reason": _texts([f"В городе нет сети: {network}" for network in lacking]),
                "act": _texts([f"№ {40 + i} от 15.01.{year}" for i, year in enumerate(years)]),
                "filed_on": np.array([f"{year}-01-20" for year in years], dtype="datetime64[D]"),
            },
        )
    base = _base_of_trips(world, facts)
    if base is not None:
        before = world.years[0] - 1
        yield Facts(
            "city.baselines",
            {
                "kpi": _texts(["situation_centre.transit_time_change"]),
                "component": _texts(["all"]),
                "base_period": _texts([str(before)]),
                "base_value": np.array([base]),
                "source": _texts(["обследование поездок"]),
                "act": _texts([f"№ 17 от 26.01.{before + 1}"]),
                "filed_on": np.array([f"{before + 1}-01-27"], dtype="datetime64[D]"),
            },
        )
    yield _lasting(
        world,
        "city.parameters",
        {
            "term": _texts(["peak_hours"]),
            "term_value": _texts(["[7, 8, 9, 17, 18, 19]"]),
            "act": _texts([f"№ 5 от 09.01.{world.first_day.year}"]),
        },
    )
    if world.character in ("good", "middling"):
        yield _claims(world)


def _base_of_trips(world: World, facts: Mapping[str, list[Facts]]) -> float | None:
    """Minutes of a trip in the base year, so that a good city's trips have become shorter; poor cities filed none."""
    if world.character == "poor":
        return None
    minutes = [
        np.asarray(part.columns["minutes"], dtype=np.float64)[
            year_of(world.local_day(np.asarray(part.columns["started_at"]))) == world.rated_year
        ]
        for part in facts.get("transport.od_trips", [])
    ]
    now = np.concatenate(minutes) if minutes else np.array([])
    mean = float(np.nanmean(now)) if len(now) else 35.0
    fall = 0.25 * (world.quality("transport.trips") - 0.6)
    return round(mean / (1 - fall), 6)


def _claims(world: World) -> Facts:
    """Two claims; a good city meets all five criteria with both, a middling one left a report unsigned."""
    year, whole = world.rated_year, world.character == "good"
    start = np.array([date(year, 2, 1), date(year, 3, 15)], dtype="datetime64[D]")
    finish = np.array([date(year, 10, 30), date(year, 11, 20)], dtype="datetime64[D]")
    return Facts(
        "city.additional_initiatives",
        {
            "claim_id": _texts([f"{world.code}-{year}-{i}" for i in (1, 2)]),
            "for_year": np.array([year, year]),
            "title": _texts(["Цифровая карта доступной среды", "Единый календарь городских событий"]),
            "sphere": _texts(["social", "economy"]),
            "in_roadmap": np.array([True, True]),
            "report_signed": np.array([True, whole]),
            "indicators": np.array([2, 1]),
            "started_on": start,
            "finished_on": finish,
            "report_url": _texts([f"https://example.invalid/{world.code}/{i}" for i in (1, 2)]),
            "filed_on": np.array([date(year, 12, 10)] * 2, dtype="datetime64[D]"),
        },
    )


def _layers(world: World) -> Iterator[Facts]:
    streets = world.streets
    words = {int(s): street_name(int(s))["ru"] for s in np.unique(streets.street)}
    middle_lat = np.round((streets.start_lat + streets.end_lat) / 2, 6)
    middle_lon = np.round((streets.start_lon + streets.end_lon) / 2, 6)
    line = _lines(streets.start_lon, streets.start_lat, streets.end_lon, streets.end_lat)
    lanes = {"primary": 6, "secondary": 4, "residential": 2}
    yield _lasting(
        world,
        "city.streets",
        {
            "edge_id": streets.id,
            "street": _texts([words[int(s)] for s in streets.street]),
            "road_class": streets.road_class,
            "start_node": streets.start,
            "end_node": streets.end,
            "length_m": streets.length_m,
            "lanes": np.array([lanes[c] for c in streets.road_class.tolist()]),
            "one_way": np.zeros(len(streets), dtype=bool),
            "geometry": line,
            "district": streets.district,
            "lat": middle_lat,
            "lon": middle_lon,
        },
    )
    own = world.buildings
    yield _lasting(
        world,
        "city.buildings",
        {
            "building_id": own.id,
            "building_kind": own.kind,
            "address": world.addresses(np.arange(len(own))),
            "residents": own.residents,
            "flats": own.flats,
            "floors": own.floors,
            "height_m": own.height_m,
            "area_m2": own.area_m2,
            "built_year": own.built,
            "district": own.district,
            "lat": np.round(own.lat, 6),
            "lon": np.round(own.lon, 6),
        },
    )
    yield _places(world)
    yield _grid(world)
    yield from _pipes(world, line, middle_lat, middle_lon)


def _lines(lon0: Any, lat0: Any, lon1: Any, lat1: Any) -> npt.NDArray[np.object_]:
    """GeoJSON lines of two points each, six digits."""
    ends = zip(*(np.round(part, 6).tolist() for part in (lon0, lat0, lon1, lat1)), strict=True)
    return _texts([f'{{"type":"LineString","coordinates":[[{a},{b}],[{c},{d}]]}}' for a, b, c, d in ends])


_TITLES: Final = {
    "school": "Школа", "kindergarten": "Детский сад", "clinic": "Поликлиника", "hospital": "Больница",
    "shop": "Магазин", "office": "Офис", "fire_station": "Пожарная часть", "park": "Парк",
}  # fmt: skip
_CAPACITY: Final = {"school": 900, "kindergarten": 240, "clinic": 500, "hospital": 300}


def _places(world: World) -> Facts:
    own, parks = world.buildings, world.parks
    chosen = np.flatnonzero(np.isin(own.kind, sorted(_TITLES)))
    kind = np.concatenate([own.kind[chosen], np.full(len(parks), "park")])
    return _lasting(
        world,
        "city.places",
        {
            "place_id": numbered("P", len(kind)),
            "place_kind": kind,
            "title": _texts([f"{_TITLES[k]} {i}" for i, k in enumerate(kind.tolist(), start=1)]),
            "capacity": _texts([_CAPACITY.get(k) for k in kind.tolist()]),  # type: ignore[misc]
            "district": np.concatenate([own.district[chosen], parks.district]),
            "lat": np.round(np.concatenate([own.lat[chosen], parks.lat]), 6),
            "lon": np.round(np.concatenate([own.lon[chosen], parks.lon]), 6),
        },
    )


def _grid(world: World) -> Facts:
    """Residents by H3 cell, from the homes in it; a cell's district is that of its first home."""
    own = world.buildings
    homes = np.flatnonzero(own.residents > 0)
    cells = np.array(
        [
            h3.latlng_to_cell(lat, lon, H3_RESOLUTION)
            for lat, lon in zip(own.lat[homes].tolist(), own.lon[homes].tolist(), strict=True)
        ]
    )
    cell, first, back = np.unique(cells, return_index=True, return_inverse=True)
    residents = np.bincount(back, weights=own.residents[homes]).astype(np.int64)
    centres = np.array([h3.cell_to_latlng(c) for c in cell.tolist()])
    return _lasting(
        world,
        "city.population_grid",
        {
            "cell": cell,
            "residents": residents,
            "children": np.rint(residents * 0.3).astype(np.int64),
            "district": own.district[homes[first]],
            "lat": np.round(centres[:, 0], 6),
            "lon": np.round(centres[:, 1], 6),
        },
    )


_SHARE_OF_STREETS: Final = {"power": 1.0, "water": 0.9, "heat": 0.45, "gas": 0.7, "sewer": 0.75}
_SOURCE: Final = {"power": "substation", "water": "pump", "heat": "boiler_house", "gas": "gas_station", "sewer": "pump"}
_STATES: Final = ("works", "reserve", "repair", "stopped")
_WIDE: Final = {"primary": 600, "secondary": 300, "residential": 150}


def _states(rng: Any, count: int) -> list[str]:
    """Of sources: the first works, so that no network is without one; a few of the others do not."""
    return ["works", *rng.choice(_STATES, count - 1, p=(0.85, 0.08, 0.05, 0.02)).tolist()]


def _pipes(world: World, line: Any, lat: Any, lon: Any) -> Iterator[Facts]:
    """Networks follow the streets; each begins at some stations that stand at crossings."""
    streets = world.streets
    for network in sorted((world.networks & set(_SHARE_OF_STREETS)) | {"sewer"}):
        rng = world.rng(f"utility_networks.{network}")
        laid = np.flatnonzero(rng.random(len(streets)) < _SHARE_OF_STREETS[network])
        stations = rng.choice(len(streets), max(1, round(world.population / 15_000)), replace=False)
        count, points = len(laid), len(stations)
        none: list[Any] = [None] * points
        letter = network[0].upper() if network != "sewer" else "K"
        widths = [_WIDE[c] if network != "power" else None for c in streets.road_class[laid].tolist()]
        yield _lasting(
            world,
            "city.utility_networks",
            {
                "element_id": np.concatenate([numbered(f"{letter}L", count), numbered(f"{letter}S", points, 3)]),
                "network": np.full(count + points, network),
                "element_kind": np.concatenate([np.full(count, "line"), np.full(points, _SOURCE[network])]),
                "from_element": _texts([*streets.start[laid].tolist(), *none]),
                "to_element": _texts([*streets.end[laid].tolist(), *none]),
                "length_m": np.array([*streets.length_m[laid].tolist(), *none], dtype=object),
                "diameter_mm": np.array([*widths, *none], dtype=object),
                "state": _texts([*[None] * count, *_states(world.rng(f"utility_networks.{network}.state"), points)]),
                "built_year": rng.integers(1960, 2024, count + points),
                "geometry": _texts([*line[laid].tolist(), *none]),
                "district": streets.district[np.concatenate([laid, stations])],
                "lat": np.concatenate([lat[laid], np.round(streets.start_lat[stations], 6)]),
                "lon": np.concatenate([lon[laid], np.round(streets.start_lon[stations], 6)]),
            },
        )
