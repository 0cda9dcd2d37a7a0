"""Streets as a network for people on foot: where a place meets it, and how far it is from there to the nearest of many.

Lengths are metres. A plane is exact enough for a city some tens of kilometres wide; it only serves to find the street
beside a place, since a street's length is what its registry says.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import shapely

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

_METRES_PER_DEGREE = 111_320.0
NOBODY = -1


@dataclass(frozen=True)
class Meeting:
    """Where each of n places meets the network: by the straight way to the nearest street.

    Attributes:
        edge: position of that street's stretch; -1 where none is within reach.
        along: metres from the stretch's start.
        off: metres from the place to the street.
    """

    edge: Ints
    along: Floats
    off: Floats

    def __len__(self) -> int:
        return len(self.edge)

    @property
    def there(self) -> npt.NDArray[np.bool_]:
        """Which places meet the network at all."""
        return np.asarray(self.edge >= 0)


class Network:
    """Stretches of street that people may walk, in both directions.

    Args:
        start, end: ids of the crossings at both ends, n of each.
        length_m: of each stretch.
        lines: shapely geometries in degrees (lon, lat), from start to end; a point stands for a stretch of which only
            the middle is known, None for one whose place is not known: it connects, and nothing meets it.
    """

    def __init__(
        self, start: npt.NDArray[Any], end: npt.NDArray[Any], length_m: npt.NDArray[Any], lines: npt.NDArray[Any]
    ) -> None:
        self.length = length_m.astype(np.float64)
        crossings, ends = np.unique(np.concatenate([start, end]), return_inverse=True)
        self.crossings = len(crossings)
        self.start, self.end = np.split(ends.astype(np.int64), 2)
        tail = np.concatenate([self.start, self.end])
        order = np.argsort(tail, kind="stable")
        self._head = np.concatenate([self.end, self.start])[order]
        self._weight = np.concatenate([self.length, self.length])[order]
        self._first = np.searchsorted(tail[order], np.arange(self.crossings + 1))
        known = np.flatnonzero(~(shapely.is_missing(lines) | shapely.is_empty(lines)))
        box = shapely.total_bounds(lines[known]) if len(known) else np.zeros(4)
        self._centre = np.array([(box[0] + box[2]) / 2, (box[1] + box[3]) / 2])
        degree = _METRES_PER_DEGREE
        self._scale = np.array([degree * math.cos(math.radians(float(self._centre[1]))), degree])
        self._lines = shapely.transform(lines[known], lambda lonlat: (lonlat - self._centre) * self._scale)
        self._known = known
        self._tree = shapely.STRtree(self._lines)

    def __len__(self) -> int:
        return len(self.length)

    def meet(self, lat: Floats, lon: Floats, reach_m: float) -> Meeting:
        """Where places (degrees; NaN where not known) meet the network, if a street is within `reach_m` of them."""
        count = len(lat)
        edge, along, off = np.full(count, NOBODY), np.zeros(count), np.zeros(count)
        placed = np.flatnonzero(np.isfinite(lat) & np.isfinite(lon))
        if len(placed) == 0 or len(self._known) == 0:
            return Meeting(edge, along, off)
        points = shapely.points((np.stack([lon[placed], lat[placed]], axis=1) - self._centre) * self._scale)
        (point, line), away = self._tree.query_nearest(
            points, max_distance=reach_m, all_matches=False, return_distance=True
        )
        who, found = placed[point], self._lines[line]
        is_line = shapely.get_type_id(found) == shapely.GeometryType.LINESTRING
        share = np.full(len(who), 0.5)
        share[is_line] = shapely.line_locate_point(found[is_line], points[point[is_line]], normalized=True)
        edge[who] = self._known[line]
        along[who] = share * self.length[edge[who]]
        off[who] = away
        return Meeting(edge, along, off)

    def nearest(self, places: Meeting, targets: Meeting) -> tuple[Floats, Ints]:
        """How far each place is from the nearest target on foot, and which target that is.

        Returns:
            Metres (infinite where none can be reached), and positions in `targets` (-1 there). Of targets that are
            equally far, any one.
        """
        away, who = self._from_targets(targets)
        best, which = np.full(len(places), np.inf), np.full(len(places), NOBODY)
        here = np.flatnonzero(places.there)
        edge, along = places.edge[here], places.along[here]
        for crossing, on_the_way in ((self.start[edge], along), (self.end[edge], self.length[edge] - along)):
            metres = away[crossing] + on_the_way + places.off[here]
            nearer = metres < best[here]
            best[here[nearer]], which[here[nearer]] = metres[nearer], who[crossing[nearer]]
        for place, target, straight in zip(*_on_one_stretch(places, targets), strict=True):
            if straight < best[place]:
                best[place], which[place] = straight, target
        return best, which

    def _from_targets(self, targets: Meeting) -> tuple[Floats, Ints]:
        """Metres from every crossing to its nearest target, and which.

        Distances are corrected in rounds, a whole front at a time, until nothing becomes nearer: every round is a few
        numpy calls, so that half a million streets take less time than a queue in Python would for a tenth of them.
        """
        away, who = np.full(self.crossings, np.inf), np.full(self.crossings, NOBODY)
        here = np.flatnonzero(targets.there)
        edge, along, off = targets.edge[here], targets.along[here], targets.off[here]
        head = np.concatenate([self.start[edge], self.end[edge]])
        metres = np.concatenate([along + off, self.length[edge] - along + off])
        source = np.concatenate([here, here])
        while len(head):
            np.minimum.at(away, head, metres)
            kept = metres == away[head]
            front, who[head[kept]] = np.unique(head[kept]), source[kept]
            first, last = self._first[front], self._first[front + 1]
            ways = last - first
            arcs = np.repeat(last - np.cumsum(ways), ways) + np.arange(int(ways.sum()))
            metres = np.repeat(away[front], ways) + self._weight[arcs]
            head, source = self._head[arcs], np.repeat(who[front], ways)
            nearer = metres < away[head]
            head, metres, source = head[nearer], metres[nearer], source[nearer]
        return away, who


def _on_one_stretch(places: Meeting, targets: Meeting) -> tuple[list[int], list[int], list[float]]:
    """Pairs that meet the same stretch: their way need not pass a crossing."""
    order = np.argsort(targets.edge, kind="stable")
    on = targets.edge[order]
    first, last = np.searchsorted(on, places.edge, "left"), np.searchsorted(on, places.edge, "right")
    count = np.where(places.there, last - first, 0)
    place = np.repeat(np.arange(len(places)), count)
    target = order[np.repeat(last - np.cumsum(count), count) + np.arange(int(count.sum()))] if len(place) else place
    metres = np.abs(places.along[place] - targets.along[target]) + places.off[place] + targets.off[target]
    return place.tolist(), target.tolist(), metres.tolist()
