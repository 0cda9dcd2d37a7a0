"""The ground plan of a simulated city: an outline, districts that tile it, and places on it in metres and
degrees.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Ring = list[tuple[float, float]]

METRES_PER_DEGREE = 111_320.0
"""Length of a degree of latitude; a plane is exact enough for a city some tens of kilometres wide."""


def clip(polygon: Floats, normal: Floats, limit: float) -> Floats:
    """The part of a convex polygon (n × 2, metres) where `normal · p <= limit`."""
    side = polygon @ normal - limit
    kept: list[Floats] = []
    for i in range(len(polygon)):
        j = (i + 1) % len(polygon)
        if side[i] <= 0:
            kept.append(polygon[i])
        if (side[i] < 0 < side[j]) or (side[j] < 0 < side[i]):
            share = side[i] / (side[i] - side[j])
            kept.append(polygon[i] + share * (polygon[j] - polygon[i]))
    return np.array(kept).reshape(-1, 2)


def polygon_area(polygon: Floats) -> float:
    """Area in m² (shoelace)."""
    x, y = polygon[:, 0], polygon[:, 1]
    return float(abs(np.dot(x, np.roll(y, -1)) - np.dot(y, np.roll(x, -1))) / 2)


@dataclass(frozen=True)
class Plan:
    """The plane of a city: metres east and north of its centre.

    Attributes:
        lat, lon: the centre, degrees.
        outline: convex, n × 2, metres, counter-clockwise.
        seeds: one point per district; a place belongs to the district whose seed is nearest, hence the
            districts tile the outline without gap or overlap.
    """

    lat: float
    lon: float
    outline: Floats
    seeds: Floats

    def tiles(self) -> list[Floats]:
        """The polygon of each district, metres."""
        out = []
        for i, seed in enumerate(self.seeds):
            polygon = self.outline
            for j, other in enumerate(self.seeds):
                if i != j:
                    normal = other - seed
                    polygon = clip(polygon, normal, float(normal @ (other + seed) / 2))
            out.append(polygon)
        return out

    def district_index(self, x: Floats, y: Floats) -> npt.NDArray[np.int64]:
        """The district of each place, as an index."""
        squared = (x[:, None] - self.seeds[None, :, 0]) ** 2 + (y[:, None] - self.seeds[None, :, 1]) ** 2
        return np.asarray(squared.argmin(axis=1))

    def inside(self, x: Floats, y: Floats, margin: float = 1.0) -> npt.NDArray[np.bool_]:
        """Whether each place lies in the outline shrunk by `margin` (1 = not shrunk)."""
        ok = np.ones(len(x), dtype=bool)
        points = self.outline * margin
        for a, b in zip(points, np.roll(points, -1, axis=0), strict=True):
            ok &= (b[0] - a[0]) * (y - a[1]) - (b[1] - a[1]) * (x - a[0]) >= 0
        return ok

    def to_lat(self, y: npt.ArrayLike) -> Floats:
        """Degrees north of places, seven digits (a centimetre)."""
        return np.asarray(np.round(self.lat + np.asarray(y) / METRES_PER_DEGREE, 7))

    def to_lon(self, x: npt.ArrayLike) -> Floats:
        """Degrees east of places, seven digits."""
        per_degree = METRES_PER_DEGREE * math.cos(math.radians(self.lat))
        return np.asarray(np.round(self.lon + np.asarray(x) / per_degree, 7))

    def ring(self, polygon: Floats) -> Ring:
        """A closed GeoJSON ring [(lon, lat), …] of a polygon in metres."""
        points = list(zip(self.to_lon(polygon[:, 0]).tolist(), self.to_lat(polygon[:, 1]).tolist(), strict=True))
        return [*points, points[0]]


def make_plan(rng: np.random.Generator, area_m2: int, districts: int) -> Plan:
    """An oval city of the given area somewhere on the steppe, cut into districts."""
    lat, lon = float(rng.uniform(44.5, 52.5)), float(rng.uniform(56.0, 80.0))
    angle = np.linspace(0, 2 * np.pi, 28, endpoint=False)
    stretch, turn = float(rng.uniform(1.0, 1.6)), float(rng.uniform(0, np.pi))
    oval = np.stack([np.cos(angle) * stretch, np.sin(angle) / stretch], axis=1)
    rotation = np.array([[math.cos(turn), -math.sin(turn)], [math.sin(turn), math.cos(turn)]])
    oval = oval @ rotation.T
    outline = oval * math.sqrt(area_m2 / polygon_area(oval))
    if districts == 1:
        return Plan(lat, lon, outline, np.zeros((1, 2)))
    # Seeds on a ring around one in the middle, moved at random: districts of a like but not equal size.
    count = districts - 1
    around = np.arange(count) / count * 2 * np.pi + rng.uniform(0, 2 * np.pi) + rng.uniform(-0.2, 0.2, count)
    away = rng.uniform(0.55, 0.72, count)
    ring = np.stack([np.cos(around) * stretch, np.sin(around) / stretch], axis=1) * away[:, None]
    seeds = np.concatenate([rng.uniform(-0.05, 0.05, (1, 2)), ring]) @ rotation.T
    return Plan(lat, lon, outline, seeds * math.sqrt(area_m2 / polygon_area(oval)))
