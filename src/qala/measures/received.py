"""Sums that another lake computed and sent (`city.partial_sums`), where a city shares no rows of a dataset.

A lake takes them for cities that it admitted (`exchange/from/<city>.json`). There a sum whose datasets are not all shared as
rows is never computed: it is read from the table, which has versions, so that a run pins it as it pins rows.
"""

from __future__ import annotations

import threading
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np

from qala.lake import DataFile, Lake, Snapshot
from qala.lake.reading import rows_sql
from qala.measures.blocks import Block, numbers_of
from qala.measures.following import PARTIAL_SUMS as DATASET
from qala.measures.sums import Shape, Sum

SHAPE = Shape(DATASET, "flow", "at_day")
"""Where received sums come from, in the place of the shape by which they would be computed."""
LEVEL, YEAR = "level", "year"
"""Instead of a sum's key: a dataset of which sums only are sent; a year in which the city has data."""
NONE = "-"


class Received:
    """What came of the cities that a lake admitted."""

    def __init__(self, lake: Lake, connection: Any) -> None:
        self._folder = lake.folder / "exchange" / "from"
        self._connection = connection
        self._said: dict[tuple[str, int], tuple[frozenset[str], tuple[int, ...] | None]] = {}
        self._lock = threading.Lock()

    def admitted(self, city: str) -> bool:
        """Whether the city is sent by a lake of its own."""
        return (self._folder / f"{city}.json").exists()

    def comes_as_sums(self, city: str, snapshot: Snapshot) -> Callable[[Sum], bool]:
        """Tells of a sum whether it is received: the city does not share the rows of all its datasets."""
        hidden = self._look(city, snapshot)[0]
        return lambda wanted: not hidden.isdisjoint(wanted.shape.datasets)

    def apart(
        self, city: str, snapshot: Snapshot, sums: Sequence[Sum], known: Mapping[str, int]
    ) -> tuple[dict[int, list[Sum]], list[Sum]]:
        """Sums that are received, by the version that they have read; and those to compute."""
        is_received = self.comes_as_sums(city, snapshot)
        come: dict[int, list[Sum]] = defaultdict(list)
        for wanted in filter(is_received, sums):
            come[known.get(f"{wanted.key}:{DATASET}", -1)].append(wanted)
        return come, [wanted for wanted in sums if not is_received(wanted)]

    def moved(self, city: str, snapshot: Snapshot, sums: Sequence[Sum], progress: dict[str, int]) -> list[Sum]:
        """Sums that came from elsewhere until now (computed here, or received); how far they had read is forgotten."""
        is_received = self.comes_as_sums(city, snapshot)
        found = []
        for wanted in sums:
            others = {*wanted.shape.datasets} if is_received(wanted) else {DATASET}
            if any(f"{wanted.key}:{other}" in progress for other in others):
                found.append(wanted)
                for name in [name for name in progress if name.startswith(f"{wanted.key}:")]:
                    del progress[name]
        return found

    def years(self, city: str, snapshot: Snapshot) -> tuple[int, ...] | None:
        """Years in which the city has data, as its own lake says; None for a city that has no other lake."""
        return self._look(city, snapshot)[1]

    def _look(self, city: str, snapshot: Snapshot) -> tuple[frozenset[str], tuple[int, ...] | None]:
        files = snapshot.files(city=city)
        if not files or not self.admitted(city):
            return frozenset(), None
        with self._lock:
            known = (city, snapshot.version)
            if known not in self._said:
                current = snapshot.current_sql(files, ["sum_key", "source_dataset", "at_day", "amount"])
                rows = (
                    self._connection.cursor()
                    .execute(
                        f"""SELECT sum_key, source_dataset, year(at_day) FROM {current}
                        WHERE sum_key IN ('{LEVEL}', '{YEAR}') AND amount <> 0""",
                    )
                    .fetchall()
                )
                self._said[known] = (
                    frozenset(dataset for key, dataset, _ in rows if key == LEVEL),
                    tuple(sorted({year for key, _, year in rows if key == YEAR})),
                )
            return self._said[known]

    def blocks(
        self, snapshot: Snapshot, city: str, came: Sequence[DataFile] | None, sums: Sequence[Sum]
    ) -> list[Block]:
        """The amounts of some sums of a city in files that came (None: in all there are), signs included."""
        files = snapshot.files(city=city) if came is None else [file for file in came if file.city == city]
        if not files:
            return []
        found = (
            self._connection.cursor()
            .execute(
                f"""SELECT sum_key, at_day, of_district, came_by, component, sum(amount * _sign)::BIGINT AS amount
                FROM {rows_sql(snapshot.contract, files)} SEMI JOIN
                  (SELECT unnest($1) AS sum_key) AS wanted USING (sum_key)
                GROUP BY ALL HAVING sum(amount * _sign) <> 0 ORDER BY sum_key""",
                [[one.key for one in sums]],
            )
            .fetchnumpy()
        )
        keys = found["sum_key"]
        starts = [0, *(np.flatnonzero(keys[1:] != keys[:-1]) + 1).tolist(), keys.size] if keys.size else [0]
        blocks = []
        for first, last in zip(starts, starts[1:], strict=False):
            texts = [
                tuple("" if text == NONE else str(text) for text in place)
                for place in zip(
                    *(found[name][first:last] for name in ("of_district", "came_by", "component")), strict=True
                )
            ]
            number = {place: n for n, place in enumerate(dict.fromkeys(texts))}
            blocks.append(
                Block(
                    (str(keys[first]),),
                    numbers_of(found["at_day"][first:last]),
                    tuple((a, b, c) for a, b, c in number),
                    np.fromiter((number[place] for place in texts), np.int32, last - first),
                    found["amount"][first:last].astype(np.int64).reshape(1, -1),
                )
            )
        return blocks
