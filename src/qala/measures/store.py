"""Where partial sums are kept: one Delta table `sums` of the lake, partitioned by city and year, a log of additions.

A recomputation appends what changed (new − old); reading adds up. How far each sum has read each dataset is kept in the
same table (rows of grain `version`, year 0), so that a crash can never separate a sum from its progress. Folding
rewrites a city to one row per sum and day; it changes no number.
"""

from __future__ import annotations

import contextlib
import json
import time
from collections.abc import Iterator, Sequence
from datetime import date
from pathlib import Path
from uuid import uuid4

import duckdb
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
from deltalake import DeltaTable, Schema, write_deltalake
from deltalake.exceptions import TableNotFoundError
from deltalake.transaction import AddAction, RemoveAction

from qala.lake.durable import held
from qala.measures.amounts import PLAIN, SCHEMA, CitySums

_PROGRESS = "version"
_EPOCH = date(1970, 1, 1)
FOLD_AT_FILES = 64  # additions of one city and year before they are folded


class SumStore:
    """The sums of a lake.

    Args:
        folder: where the table lives; made on the first addition.
        connection: a DuckDB connection to read with.
    """

    def __init__(self, folder: Path, connection: duckdb.DuckDBPyConnection) -> None:
        self.folder = folder
        self.connection = connection
        self._files: dict[tuple[str, int], list[str]] | None = None
        self._table: DeltaTable | None = None
        self._counts: dict[tuple[str, int], int] = {}  # files after the last addition, at most

    def refresh(self) -> None:
        """Forget what files there are; the next look reads the log anew."""
        self._files = None

    def files(self, city: str | None = None, years: Sequence[int] | None = None) -> list[str]:
        """Data files of a city (of all) and some years (of all)."""
        if self._files is None:
            self._files = {}
            table = self._open()
            if table is not None:
                adds = pa.table(table.get_add_actions(flatten=True))
                for path, of_city, year in zip(
                    adds.column("path").to_pylist(),
                    adds.column("partition.city").to_pylist(),
                    adds.column("partition.year").to_pylist(),
                    strict=True,
                ):
                    self._files.setdefault((of_city, int(year)), []).append(str(self.folder / path))
        return [
            path
            for (of_city, year), paths in self._files.items()
            if (city is None or of_city == city) and (years is None or year in years)
            for path in paths
        ]

    def _open(self) -> DeltaTable | None:
        """The table as it is now; one that was open already only reads what is new in its log."""
        if not (self.folder / "_delta_log").is_dir():
            self._table = None
        elif self._table is not None:
            self._table.update_incremental()
        else:
            with contextlib.suppress(TableNotFoundError):
                self._table = DeltaTable(str(self.folder))
        return self._table

    def progress(self, city: str) -> dict[str, int]:
        """`key:dataset` -> version of the dataset's table that the sum has read up to; absent means never."""
        files = self.files(city, [0])
        if not files:
            return {}
        found = self.connection.execute(
            f"SELECT key, sum(amount)::BIGINT - 1 FROM {_read(files)} GROUP BY key"
        ).fetchall()
        return {str(key): int(version) for key, version in found}

    def amounts(self, city: str, keys: Sequence[str], days: Sequence[date] | None = None) -> pa.Table:
        """What is stored for some sums, as rows of `SCHEMA`; for some days only, where given."""
        years = None if days is None else sorted({d.year for d in days})
        files = [f for f in self.files(city, years) if f not in set(self.files(city, [0]))]
        if not files or not keys:
            return SCHEMA.empty_table()
        among = "" if days is None else f" AND at_day IN ({', '.join(f"DATE '{d}'" for d in days)})"
        names = ", ".join(f"'{key}'" for key in keys)
        found = (
            self.connection.cursor()
            .sql(
                "SELECT key, grain, at_day, district, way, component, sum(amount)::BIGINT AS amount "
                f"FROM {_read(files)} WHERE key IN ({names}){among} GROUP BY ALL HAVING sum(amount) <> 0"
            )
            .to_arrow_table()
        )
        return _with_place(found, city)

    def append(self, rows: pa.Table, progress: pa.Table) -> None:
        """Add amounts and progress in one commit: both or neither."""
        together = pa.concat_tables([rows, progress])
        if together.num_rows:
            self._counts = {place: len(paths) + 1 for place, paths in self._known().items()}
            files = self._write(together)
            with self._committing():
                table = self._open() or DeltaTable.create(
                    str(self.folder), schema=Schema.from_arrow(PLAIN), partition_by=["city", "year"], mode="ignore"
                )
                table.create_write_transaction(files, "append", table.schema(), partition_by=["city", "year"])
            self.refresh()

    def _write(self, rows: pa.Table) -> list[AddAction | RemoveAction]:
        """One file for each city and year. The writer of `deltalake` would spell out every name of every row first."""
        rows = rows.unify_dictionaries().combine_chunks()
        found: list[AddAction | RemoveAction] = []
        cities = rows.column("city").unique().to_pylist()
        for city in cities:
            of_city = rows if len(cities) == 1 else rows.filter(pc.equal(rows.column("city").cast(pa.string()), city))
            for year in of_city.column("year").unique().to_pylist():
                part = of_city.filter(pc.equal(of_city.column("year"), pa.scalar(year, pa.int16())))
                name = f"city={city}/year={year}/{uuid4()}.parquet"
                path = self.folder / name
                path.parent.mkdir(parents=True, exist_ok=True)
                # statistics would prune nothing: every file holds every sum of its days
                pq.write_table(
                    part.drop_columns(["city", "year"]), path, compression="zstd", write_statistics=False,
                    use_dictionary=[name for name in part.column_names if name not in ("city", "year", "amount")],
                )  # fmt: skip
                place: dict[str, str | None] = {"city": city, "year": str(year)}
                size, now = path.stat().st_size, int(time.time() * 1000)
                found.append(AddAction(name, size, place, now, True, json.dumps({"numRecords": part.num_rows})))
        return found

    def load(self, city: str, district: str | None = None) -> CitySums:
        """All sums of a city, or of one of its districts."""
        progress = set(self.files(city, [0]))
        files = [f for f in self.files(city) if f not in progress]
        if not files:
            return CitySums(city, {}, {})
        where = "" if district is None else "WHERE district = $district"
        found = self.connection.execute(
            "SELECT key, component, way, (at_day - DATE '1970-01-01')::BIGINT AS at_day, sum(amount)::BIGINT AS amount "
            f"FROM {_read(files)} {where} GROUP BY ALL ORDER BY 1, 2, 3, 4",
            {} if district is None else {"district": district},
        ).fetchnumpy()
        return CitySums.of(city, found)

    def fold(self, city: str) -> None:
        """Rewrite a city's additions as one row per sum and day, where there are many files."""
        if max((n for (of_city, _), n in self._counts.items() if of_city == city), default=0) <= FOLD_AT_FILES:
            return
        crowded = {
            year for (of_city, year), paths in (self._known()).items() if of_city == city and len(paths) > FOLD_AT_FILES
        }
        for year in sorted(crowded):
            folded = self.connection.sql(
                "SELECT key, grain, at_day, district, way, component, sum(amount)::BIGINT AS amount "
                f"FROM {_read(self.files(city, [year]))} GROUP BY ALL HAVING sum(amount) <> 0"
            ).to_arrow_table()
            rows = _with_place(folded, city).cast(PLAIN)
            rows = rows.set_column(1, "year", pa.repeat(pa.scalar(year, pa.int16()), rows.num_rows))
            with self._committing():
                write_deltalake(
                    str(self.folder), rows, mode="overwrite", partition_by=["city", "year"],
                    predicate=f"city = '{city}' AND year = {year}",
                )  # fmt: skip
        if crowded:
            self.refresh()

    def _known(self) -> dict[tuple[str, int], list[str]]:
        self.files()
        return self._files or {}

    @contextlib.contextmanager
    def alone(self, city: str) -> Iterator[None]:
        """Only one computation of a city at a time on this machine: two would add the same news twice."""
        with held(self._locks / f"sums-{city}.lock"):
            self.refresh()
            yield

    def _committing(self) -> contextlib.AbstractContextManager[object]:
        """One commit at a time: Delta takes an addition beside another city's folding for a conflict."""
        return held(self._locks / "sums.lock")

    @property
    def _locks(self) -> Path:
        return self.folder.parent / "locks"


def progress_rows(city: str, steps: dict[str, int]) -> pa.Table:
    """Progress as rows: how far each `key:dataset` moves on (from never, to a version: version + 1)."""
    size = len(steps)
    return pa.table(
        [
            pa.repeat(pa.scalar(city), size),
            pa.repeat(pa.scalar(0, pa.int16()), size),
            pa.array(list(steps), pa.string()),
            pa.repeat(pa.scalar(_PROGRESS), size),
            pa.repeat(pa.scalar(_EPOCH, pa.date32()), size),
            *(pa.repeat(pa.scalar(""), size) for _ in range(3)),
            pa.array(list(steps.values()), pa.int64()),
        ],
        schema=PLAIN,
    ).cast(SCHEMA)


def _with_place(rows: pa.Table, city: str) -> pa.Table:
    years = pc.year(rows.column("at_day")).cast(pa.int16())
    rows = rows.add_column(0, "year", years)
    rows = rows.add_column(0, "city", pa.repeat(pa.scalar(city), rows.num_rows))
    return rows.select(SCHEMA.names).cast(SCHEMA)


def _read(files: Sequence[str]) -> str:
    names = ", ".join("'" + f.replace("'", "''") + "'" for f in files)
    return f"read_parquet([{names}], hive_partitioning=false)"
