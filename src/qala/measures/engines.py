"""Who runs a scan. DuckDB in this process is the default; anything that speaks SQL over Parquet files can stand in."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

import duckdb
import pyarrow as pa

from qala.datasets import Contract
from qala.lake.reading import rows_sql
from qala.measures.expressions import Dialect
from qala.measures.scan import Source

if TYPE_CHECKING:
    from qala.lake import DataFile, Snapshot


class Engine(Protocol):
    """Reads files and runs one query; `dialect` says how the query must be spelled."""

    dialect: Dialect

    def log(self, contract: Contract, files: Sequence[DataFile]) -> Source:
        """Rows as appended, retractions among them."""

    def current(self, snapshot: Snapshot, files: Sequence[DataFile]) -> Source:
        """Rows that hold: neither retractions nor retracted."""

    def run(self, sql: str) -> pa.Table:
        """The answer of a query."""


class DuckDbEngine:
    """DuckDB in this process, over one connection of the lake."""

    dialect: Dialect = "duckdb"

    def __init__(self, connection: duckdb.DuckDBPyConnection) -> None:
        self.connection = connection

    def log(self, contract: Contract, files: Sequence[DataFile]) -> Source:
        return Source(rows_sql(contract, files), signed=any(f.retractions for f in files))

    def current(self, snapshot: Snapshot, files: Sequence[DataFile]) -> Source:
        return Source(snapshot.current_sql(files), signed=False)

    def run(self, sql: str) -> pa.Table:
        return self.connection.sql(sql).to_arrow_table()


class SparkEngine:
    """Spark over the Delta tables' file lists, for a nation that outgrows one machine (extra `spark`).

    Delta's own Spark reader is not needed: the lake knows which files hold, and has no deletion vectors.
    """

    dialect: Dialect = "spark"

    def __init__(self, session: Any) -> None:
        self.session = session
        self.session.conf.set("spark.sql.session.timeZone", "UTC")
        # as in DuckDB: an overflow or a failed cast is an error, never a silent null
        self.session.conf.set("spark.sql.ansi.enabled", "true")
        self._views = 0

    def log(self, contract: Contract, files: Sequence[DataFile]) -> Source:  # noqa: ARG002
        frame = self.session.read.option("mergeSchema", "true").option("recursiveFileLookup", "true")
        return Source(
            self._view(frame.parquet(*[Path(f.path).as_uri() for f in files])), any(f.retractions for f in files)
        )

    def current(self, snapshot: Snapshot, files: Sequence[DataFile]) -> Source:
        log = self.log(snapshot.contract, files)
        if not log.signed:
            return Source(log.relation, signed=False)
        rows = self.session.table(log.relation)
        gone = rows.where("_sign = -1").select("_row")
        return Source(self._view(rows.where("_sign = 1").join(gone, "_row", "left_anti")), signed=False)

    def run(self, sql: str) -> pa.Table:
        return self.session.sql(sql).toArrow()

    def _view(self, frame: Any) -> str:
        self._views += 1
        name = f"qala_rows_{self._views}"
        frame.createOrReplaceTempView(name)
        return name
