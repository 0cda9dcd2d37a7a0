"""Distances on foot, against a graph that is built and searched in plain Python."""

from __future__ import annotations

import heapq
import math

import numpy as np
import pytest
import shapely
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from qala.places.walking_network import Meeting, Network

LAT = 45.0
METRES = 111_320.0
EAST = METRES * math.cos(math.radians(LAT))
Point = tuple[float, float]  # metres east and north


def degrees(points: list[Point]) -> tuple[np.ndarray, np.ndarray]:
    """lat, lon of points; the plan is laid around (0, 0), so that the network's own plane is this one."""
    found = np.array(points, dtype=float).reshape(-1, 2)
    return LAT + found[:, 1] / METRES, 70 + found[:, 0] / EAST


def town(rng: np.random.Generator, side: int, dropped: float) -> tuple[list[Point], list[tuple[int, int]], list[int]]:
    """A bent grid of crossings, some of its stretches taken away, and lengths that are not the straight ones."""
    half = (side - 1) / 2
    crossings = [
        ((x - half) * 100 + rng.uniform(-20, 20), (y - half) * 100 + rng.uniform(-20, 20))
        for y in range(side)
        for x in range(side)
    ]
    # the outermost crossings stay, so that the middle of the network's box is the plan's own
    crossings[0], crossings[-1] = (-half * 130, -half * 130), (half * 130, half * 130)
    pairs = [(a, a + 1) for a in range(side * side) if (a + 1) % side] + [
        (a, a + side) for a in range(side * (side - 1))
    ]
    kept = [pair for pair in pairs if rng.random() > dropped or {0, side * side - 1} & set(pair)]
    return crossings, kept, [round(math.dist(crossings[a], crossings[b]) * rng.uniform(1, 1.6)) for a, b in kept]


def network(crossings: list[Point], pairs: list[tuple[int, int]], lengths: list[int]) -> Network:
    lat, lon = degrees(crossings)
    lines = [shapely.LineString([(lon[a], lat[a]), (lon[b], lat[b])]) for a, b in pairs]
    ends = np.array([[f"N{a}", f"N{b}"] for a, b in pairs])
    return Network(ends[:, 0], ends[:, 1], np.array(lengths), np.array(lines, dtype=object))


def foot(point: Point, a: Point, b: Point) -> tuple[float, float]:
    """Distance to a stretch, and where on it (0 to 1)."""
    dx, dy = b[0] - a[0], b[1] - a[1]
    t = max(0.0, min(1.0, ((point[0] - a[0]) * dx + (point[1] - a[1]) * dy) / (dx * dx + dy * dy)))
    return math.dist(point, (a[0] + t * dx, a[1] + t * dy)), t


def plain(
    crossings: list[Point], pairs: list[tuple[int, int]], lengths: list[int], place: Point, targets: list[Point]
) -> float:
    """Metres to the nearest target by Dijkstra from the place over a graph of which every foot is a node of its own."""
    edges: dict[object, list[tuple[object, float]]] = {}

    def join(a: object, b: object, metres: float) -> None:
        edges.setdefault(a, []).append((b, metres))
        edges.setdefault(b, []).append((a, metres))

    on: dict[int, list[tuple[float, object, float]]] = {}
    for name, point in [("home", place), *((("target", i), target) for i, target in enumerate(targets))]:
        away, t, which = min((*foot(point, crossings[a], crossings[b]), i) for i, (a, b) in enumerate(pairs))
        on.setdefault(which, []).append((t, name, away))
    for i, (a, b) in enumerate(pairs):
        chain: list[tuple[float, object]] = [(0.0, a), (1.0, b)]
        for t, name, away in on.get(i, []):
            chain.append((t, ("foot", name)))
            join(name, ("foot", name), away)
        chain.sort(key=lambda step: (step[0], str(step[1])))
        for (t, one), (u, other) in zip(chain, chain[1:], strict=False):
            join(one, other, (u - t) * lengths[i])
    best: dict[object, float] = {"home": 0.0}
    heap: list[tuple[float, int, object]] = [(0.0, 0, "home")]
    count = 1
    while heap:
        metres, _, node = heapq.heappop(heap)
        if isinstance(node, tuple) and node[0] == "target":
            return metres
        for other, step in edges[node]:
            if metres + step < best.get(other, math.inf):
                best[other] = metres + step
                heapq.heappush(heap, (metres + step, count, other))
                count += 1
    return math.inf


@pytest.mark.parametrize("seed", range(8))
def test_the_distances_are_those_of_a_plain_search(seed: int) -> None:
    rng = np.random.default_rng(seed)
    crossings, pairs, lengths = town(rng, 7, 0.25)
    homes: list[Point] = [(float(x), float(y)) for x, y in rng.uniform(-330, 330, (25, 2))]
    targets: list[Point] = [(float(x), float(y)) for x, y in rng.uniform(-330, 330, (3, 2))]
    streets = network(crossings, pairs, lengths)
    metres, which = streets.nearest(streets.meet(*degrees(homes), 1e6), streets.meet(*degrees(targets), 1e6))
    wanted = [plain(crossings, pairs, lengths, home, targets) for home in homes]
    # the two planes differ by the box's middle: some millimetres
    assert metres == pytest.approx(wanted, abs=0.5)
    to_that_one = [plain(crossings, pairs, lengths, home, [targets[i]]) for home, i in zip(homes, which, strict=True)]
    assert to_that_one == pytest.approx(wanted, abs=0.5)


def meeting(edge: list[int], along: list[float], off: list[float]) -> Meeting:
    return Meeting(np.array(edge), np.array(along, dtype=float), np.array(off, dtype=float))


def street(length: int = 100) -> Network:
    return network([(-50, 0), (50, 0)], [(0, 1)], [length])


def test_two_places_on_one_stretch_need_no_crossing() -> None:
    metres, which = street().nearest(meeting([0], [40], [3]), meeting([0, 0], [90, 55], [0, 2]))
    assert metres.tolist() == [15 + 3 + 2]
    assert which.tolist() == [1]


def test_a_place_beyond_reach_of_any_street_reaches_nothing() -> None:
    found = street().meet(*degrees([(0, 30), (0, 31)]), 30.5)
    assert found.there.tolist() == [True, False]
    metres, which = street().nearest(found, meeting([0], [50], [0]))
    assert metres[0] == pytest.approx(30, abs=0.1)
    assert (metres[1], which[1]) == (math.inf, -1)


def test_a_facility_that_meets_no_street_is_reached_by_nobody() -> None:
    metres, _ = street().nearest(meeting([0], [50], [0]), meeting([-1], [0], [0]))
    assert metres.tolist() == [math.inf]


def test_a_place_whose_coordinates_are_not_known_meets_nothing() -> None:
    found = street().meet(np.array([np.nan, LAT]), np.array([70.0, 70.0]), 100)
    assert found.there.tolist() == [False, True]


def test_a_part_of_the_city_without_a_way_to_it_reaches_nothing() -> None:
    parts = network([(-50, 0), (-10, 0), (10, 0), (50, 0)], [(0, 1), (2, 3)], [40, 40])
    metres, _ = parts.nearest(meeting([0, 1], [20, 20], [0, 0]), meeting([1], [0], [0]))
    assert metres.tolist() == [math.inf, 20]


def test_a_street_of_which_only_the_middle_is_known_is_met_there() -> None:
    lat, lon = degrees([(0, 0)])
    streets = Network(np.array(["A"]), np.array(["B"]), np.array([60]), np.array([shapely.Point(lon[0], lat[0])]))
    found = streets.meet(*degrees([(0, 10)]), 100)
    assert (found.edge[0], found.along[0]) == (0, 30)


def test_a_street_that_lies_nowhere_still_connects() -> None:
    lat, lon = degrees([(-50, 0), (0, 0), (0, 50)])
    lines = np.array([shapely.LineString(zip(lon[:2], lat[:2], strict=True)), None], dtype=object)
    streets = Network(np.array(["A", "B"]), np.array(["B", "A"]), np.array([100, 10]), lines)
    metres, _ = streets.nearest(meeting([0], [5], [0]), meeting([0], [95], [0]))
    assert metres.tolist() == [5 + 10 + 5]


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(seed=st.integers(0, 10_000), facilities=st.integers(1, 6))
def test_another_facility_makes_no_way_longer(seed: int, facilities: int) -> None:
    rng = np.random.default_rng(seed)
    streets = network(*town(rng, 5, 0.3))
    homes = streets.meet(*degrees([(float(x), float(y)) for x, y in rng.uniform(-250, 250, (20, 2))]), 400)
    points: list[Point] = [(float(x), float(y)) for x, y in rng.uniform(-250, 250, (facilities + 1, 2))]
    before, _ = streets.nearest(homes, streets.meet(*degrees(points[:-1]), 400))
    after, _ = streets.nearest(homes, streets.meet(*degrees(points), 400))
    assert (after <= before).all()
