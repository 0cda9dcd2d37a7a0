"""Where simulated deliveries go: the border of a lake, or files as a sender would hand them over."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import Final, Literal, Protocol

import pyarrow as pa
import pyarrow.csv as pacsv
import pyarrow.parquet as pq

from qala.world.delivery import Parcel
from qala.world.types import World

Format = Literal["csv", "parquet"]

LONGEST_CSV: Final = 200_000
"""Rows above which an export is Parquet when no format is asked for."""


class Sink(Protocol):
    """Takes a city's deliveries in the order in which they are sent."""

    def register(self, world: World) -> None:
        """Make the city known before anything is sent."""

    def take(self, parcel: Parcel) -> None:
        """Receive rows."""

    def nothing_on(self, dataset: str, days: Sequence[tuple[date, date]]) -> None:
        """Receive the sender's word that it had nothing to record in these runs of days."""

    def close(self) -> None:
        """The city has sent everything."""


class FolderSink:
    """Writes `<folder>/<city>/<dataset>.csv` or `.parquet`, times as ISO 8601 in UTC, and `nothing_recorded.csv`."""

    def __init__(self, folder: Path, form: Format | None = None) -> None:
        self.folder = folder
        self.form = form
        self._quiet: list[tuple[str, date, date]] = []
        self._city = ""

    def register(self, world: World) -> None:
        self._city = world.code
        (self.folder / world.code).mkdir(parents=True, exist_ok=True)

    def take(self, parcel: Parcel) -> None:
        form = self.form or ("csv" if parcel.rows.num_rows <= LONGEST_CSV else "parquet")
        name = parcel.dataset + ("" if parcel.part == 1 else ".corrections") + f".{form}"
        path = self.folder / parcel.city / name
        if form == "parquet":
            pq.write_table(parcel.rows, path, compression="zstd")
        else:
            pacsv.write_csv(parcel.rows, path)

    def nothing_on(self, dataset: str, days: Sequence[tuple[date, date]]) -> None:
        self._quiet += [(dataset, first, last) for first, last in days]

    def close(self) -> None:
        dataset, first, last = zip(*self._quiet, strict=True) if self._quiet else ((), (), ())
        table = pa.table(
            {
                "dataset": pa.array(dataset, pa.string()),
                "first_day": pa.array(first, pa.date32()),
                "last_day": pa.array(last, pa.date32()),
            }
        )
        pacsv.write_csv(table, self.folder / self._city / "nothing_recorded.csv")
