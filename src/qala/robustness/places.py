"""Places of many ratings at once (reading E2)."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Places = NDArray[np.int32]
CORES = 2


def places_of(totals: Floats, quantum: float) -> Places:
    """Places, 1 the best; what is equal to the quantum shares a place (1, 1, 3).

    Args:
        totals: draws × cities; index and bonus without the cap, which decides wherever finals differ or are equal (D2).
        quantum: to which totals are compared.
    """
    steps = np.floor(totals / quantum + 1 / 2)
    order = np.argsort(-steps, axis=1, kind="stable")
    ranked = np.take_along_axis(steps, order, axis=1)
    first = np.ones(ranked.shape, dtype=bool)
    first[:, 1:] = ranked[:, 1:] != ranked[:, :-1]
    begin = np.where(first, np.arange(1, ranked.shape[1] + 1), 0)
    found = np.empty(ranked.shape, dtype=np.int32)
    np.put_along_axis(found, order, np.maximum.accumulate(begin, axis=1).astype(np.int32), axis=1)
    return found


def above(places: Places) -> Floats:
    """Cities × cities: the share of draws in which the first has a better place than the second."""
    by_city = np.ascontiguousarray(places.T.astype(np.int16))

    def better(one: Any) -> Any:
        return np.count_nonzero(one < by_city, axis=1)

    with ThreadPoolExecutor(CORES) as pool:
        return np.array(list(pool.map(better, by_city)), dtype=float) / len(places)
