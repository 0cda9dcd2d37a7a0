"""The things that stand in a simulated city: streets, stops, routes, buildings, container sites, places.

Each registry is a frozen set of parallel numpy arrays; a position in them is the thing. Systems choose
things by position (`world.buildings.lat[chosen]`), so that a million rows need no loop.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from qala.world.names import street_name
from qala.world.plan import Plan

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Texts = npt.NDArray[np.str_]

STREET_SPACING_M = 400.0


@dataclass(frozen=True)
class Streets:
    """Edges of the street graph, crossing to crossing.

    Attributes:
        id: `E00001`…
        street: position of the street's name (`street_name(position)`); several edges make one street.
        road_class: primary, secondary or residential.
        start, end: crossing ids (`N00001`…); lat/lon of both ends in degrees; x/y of both in metres from the
            centre.
        length_m: whole metres.
        district: district code of the middle.
    """

    id: Texts
    street: Ints
    road_class: Texts
    start: Texts
    end: Texts
    start_lat: Floats
    start_lon: Floats
    end_lat: Floats
    end_lon: Floats
    x0: Floats
    y0: Floats
    x1: Floats
    y1: Floats
    length_m: Ints
    district: Texts

    def __len__(self) -> int:
        return len(self.id)


@dataclass(frozen=True)
class Stops:
    """Stops of public transport: id `S00001`…, place, district; `boardings` is a stop's share of all
    boardings.
    """

    id: Texts
    street: Ints
    lat: Floats
    lon: Floats
    district: Texts
    boardings: Floats

    def __len__(self) -> int:
        return len(self.id)


@dataclass(frozen=True)
class Routes:
    """Routes: id `R001`…, mode, ordinary headway in seconds, `stops[i]` = positions in `Stops` in order of
    travel.
    """

    id: Texts
    mode: Texts
    headway_s: Ints
    stops: tuple[Ints, ...]

    def __len__(self) -> int:
        return len(self.id)


@dataclass(frozen=True)
class Buildings:
    """Buildings: id `B000001`…

    Attributes:
        kind: flats, house, school, kindergarten, clinic, hospital, shop, office, hall (a state body),
            fire_station.
        residents: people living there; they sum to the city's population. Zero where nobody lives.
        flats, floors, height_m (decimal, one digit), area_m2 (of all floors), built (year).
        street, number: the address.
    """

    id: Texts
    kind: Texts
    street: Ints
    number: Ints
    lat: Floats
    lon: Floats
    district: Texts
    residents: Ints
    flats: Ints
    floors: Ints
    height_m: Floats
    area_m2: Ints
    built: Ints

    def __len__(self) -> int:
        return len(self.id)


@dataclass(frozen=True)
class Sites:
    """Points of one sort (container sites, parks…): id, place, district, `size` in the sort's own unit."""

    id: Texts
    lat: Floats
    lon: Floats
    district: Texts
    size: Ints

    def __len__(self) -> int:
        return len(self.id)


def numbered(prefix: str, count: int, width: int = 5) -> Texts:
    """`E00001`, `E00002`, …"""
    return np.char.add(prefix, np.char.zfill(np.arange(1, count + 1).astype(str), width))


def make_streets(rng: np.random.Generator, plan: Plan, codes: Texts, area_m2: int) -> Streets:
    """A grid of streets, turned and bent a little, cut at the city's outline."""
    step = min(STREET_SPACING_M, (area_m2 / 40) ** 0.5)
    reach = int(np.abs(plan.outline).max() * 1.5 / step) + 1
    axis = np.arange(-reach, reach + 1)
    column, row = (grid.ravel() for grid in np.meshgrid(axis, axis))
    turn = rng.uniform(0, np.pi / 4)
    bent = rng.uniform(-0.16, 0.16, (2, len(column)))
    u, v = (column + bent[0]) * step, (row + bent[1]) * step
    x, y = u * np.cos(turn) - v * np.sin(turn), u * np.sin(turn) + v * np.cos(turn)
    inside = plan.inside(x, y, 0.985)
    place = np.full(len(column), -1)
    place[inside] = np.arange(int(inside.sum()))
    width = 2 * reach + 1
    position = np.arange(len(column))
    edges: list[tuple[Ints, Ints, Ints]] = []
    for ahead, line, last in ((1, row, column == reach), (width, column + width, row == reach)):
        starts = position[~last]
        kept = starts[inside[starts] & inside[starts + ahead]]
        edges.append((kept, kept + ahead, line[kept]))
    a, b, line = (np.concatenate(parts) for parts in zip(*edges, strict=True))
    lines, street = np.unique(line, return_inverse=True)
    order = rng.permutation(len(lines))
    rank = np.where(lines % 6 == 0, 0, np.where(lines % 2 == 0, 1, 2))[street]
    nodes = numbered("N", int(inside.sum()))
    mid_x, mid_y = (x[a] + x[b]) / 2, (y[a] + y[b]) / 2
    return Streets(
        id=numbered("E", len(a)),
        street=order[street],
        road_class=np.array(["primary", "secondary", "residential"])[rank],
        start=nodes[place[a]],
        end=nodes[place[b]],
        start_lat=plan.to_lat(y[a]),
        start_lon=plan.to_lon(x[a]),
        end_lat=plan.to_lat(y[b]),
        end_lon=plan.to_lon(x[b]),
        x0=x[a],
        y0=y[a],
        x1=x[b],
        y1=y[b],
        length_m=np.maximum(np.rint(np.hypot(x[b] - x[a], y[b] - y[a])), 1).astype(np.int64),
        district=codes[plan.district_index(mid_x, mid_y)],
    )


def _beside(
    rng: np.random.Generator, plan: Plan, streets: Streets, codes: Texts, edge: Ints, away_m: float
) -> dict[str, Any]:
    """Places beside street edges: street, lat, lon, district of each."""
    along = rng.uniform(0.05, 0.95, len(edge))
    side = np.where(rng.random(len(edge)) < 0.5, -1.0, 1.0) * away_m
    dx, dy = streets.x1[edge] - streets.x0[edge], streets.y1[edge] - streets.y0[edge]
    length = np.maximum(np.hypot(dx, dy), 1.0)
    x = streets.x0[edge] + dx * along - dy / length * side
    y = streets.y0[edge] + dy * along + dx / length * side
    return {
        "street": streets.street[edge],
        "lat": plan.to_lat(y),
        "lon": plan.to_lon(x),
        "district": codes[plan.district_index(x, y)],
    }


def make_stops(
    rng: np.random.Generator, plan: Plan, streets: Streets, codes: Texts, stops: int, routes: int
) -> tuple[Stops, Routes]:
    """Stops along the larger streets, and routes that pass them in order across the city."""
    large = np.flatnonzero(streets.road_class != "residential")
    large = large if len(large) else np.arange(len(streets))
    chosen = rng.choice(large, size=stops, replace=stops > len(large))
    place = _beside(rng, plan, streets, codes, chosen, 8.0)
    weight = rng.pareto(2.5, stops) + 0.2
    registry = Stops(id=numbered("S", stops), boardings=weight / weight.sum(), **place)
    lines = []
    for _ in range(routes):
        # A route is a band across the city: stops near a straight line, in order along it.
        angle, shift = rng.uniform(0, np.pi), rng.uniform(-0.4, 0.4) * float(np.abs(plan.outline).max())
        mid_x = (streets.x0[chosen] + streets.x1[chosen]) / 2
        mid_y = (streets.y0[chosen] + streets.y1[chosen]) / 2
        off = np.abs(-np.sin(angle) * mid_x + np.cos(angle) * mid_y - shift)
        near = np.argsort(off, kind="stable")[: max(4, min(28, stops // 3))]
        along = np.cos(angle) * mid_x[near] + np.sin(angle) * mid_y[near]
        lines.append(near[np.argsort(along, kind="stable")].astype(np.int64))
    modes = np.where(rng.random(routes) < 0.85, "bus", "trolleybus")
    headway = rng.choice(np.array([360, 480, 600, 720, 900]), routes)
    return registry, Routes(numbered("R", routes, 3), modes, headway.astype(np.int64), tuple(lines))


_PER_BUILDING = {
    "school": 3000,
    "kindergarten": 2500,
    "clinic": 15000,
    "hospital": 60000,
    "shop": 800,
    "office": 1500,
}
_PER_BUILDING |= {"hall": 30000, "fire_station": 40000}
"""Residents per building of a sort."""


def make_buildings(
    rng: np.random.Generator, plan: Plan, streets: Streets, codes: Texts, population: int, in_flats: float
) -> Buildings:
    """Houses for everyone, and the buildings that so many people need.

    Args:
        in_flats: share of the population that lives in blocks of flats.
    """
    blocks = max(4, round(population * in_flats / 130))
    houses = max(8, round(population * (1 - in_flats) / 4.5))
    kinds = ["flats"] * blocks + ["house"] * houses
    for sort, per in _PER_BUILDING.items():
        kinds += [sort] * max(2 if sort in ("school", "clinic") else 1, round(population / per))
    kind = np.array(kinds)
    count = len(kind)
    size = np.where(kind == "flats", rng.gamma(4.0, 130 / 4.0, count), np.where(kind == "house", 4.5, 0.0))
    running = np.rint(np.cumsum(size) * (population / size.sum())).astype(np.int64)
    floors = np.where(kind == "flats", rng.choice(np.array([2, 5, 5, 9, 9, 12, 16]), count), 1)
    floors = np.where(
        np.isin(kind, ["school", "clinic", "hospital", "office", "hall"]), rng.integers(2, 5, count), floors
    )
    residents = np.diff(running, prepend=0)
    flats = np.where(kind == "flats", np.maximum(1, np.rint(residents / 2.9)), np.where(kind == "house", 1, 0))
    area = np.where(flats > 0, flats * 68, rng.integers(200, 5000, count))
    edge = rng.integers(0, len(streets), count)
    return Buildings(
        id=numbered("B", count, 6),
        kind=kind,
        number=rng.integers(1, 180, count),
        residents=residents,
        flats=flats.astype(np.int64),
        floors=floors.astype(np.int64),
        height_m=np.round(floors * 3.0 + rng.uniform(0.5, 3.0, count), 1),
        area_m2=area.astype(np.int64),
        built=rng.integers(1955, 2024, count),
        **_beside(rng, plan, streets, codes, edge, 32.0),
    )


def make_sites(
    rng: np.random.Generator,
    plan: Plan,
    streets: Streets,
    codes: Texts,
    prefix: str,
    count: int,
    sizes: tuple[int, int],
) -> Sites:
    """Points beside streets with a size drawn between two whole numbers (both included)."""
    place = _beside(rng, plan, streets, codes, rng.integers(0, len(streets), count), 24.0)
    place.pop("street")
    return Sites(id=numbered(prefix, count), size=rng.integers(sizes[0], sizes[1] + 1, count), **place)


def address(street: Ints, number: npt.NDArray[Any], language: str = "ru") -> Texts:
    """Written addresses («Достык 2, 17») of positions of streets and house numbers."""
    used, back = np.unique(street, return_inverse=True)
    words = np.array([street_name(int(position))[language] + ", " for position in used])
    return np.asarray(np.char.add(words[back], np.asarray(number).astype(str)))
