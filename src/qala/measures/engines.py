"""Who runs a scan. DuckDB in this process is the default; anything that speaks SQL over Parquet files can stand in."""

from __future__ import annotations

import itertools
import threading
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

import duckdb
import numpy as np
import numpy.typing as npt

from qala.datasets import Contract
from qala.lake.reading import rows_sql
from qala.measures.blocks import Answer
from qala.measures.expressions import Dialect
from qala.measures.scan import Source
from qala.standard.problems import Problem

if TYPE_CHECKING:
    from qala.lake import DataFile, Snapshot

_PLANNING = 500_000  # rows that are read in the time in which a query is planned


class Engine(Protocol):
    """Reads files and runs one query.

    Attributes:
        dialect: how the query must be spelled.
        at_once: rows that it may hand over to be put in order here; 0 where it does that better itself.
    """

    dialect: Dialect
    at_once: int

    def sharing(self, rows: Sequence[int]) -> int:
        """How many of the next queries, which read so many rows, may run side by side."""

    def log(self, contract: Contract, files: Sequence[DataFile], columns: Sequence[str] | None = None) -> Source:
        """Rows as appended, retractions among them; `columns` are those that the query will name (all)."""

    def current(self, snapshot: Snapshot, files: Sequence[DataFile], columns: Sequence[str] | None = None) -> Source:
        """Rows that hold: neither retractions nor retracted."""

    def run(self, sql: str) -> Answer:
        """The answer of a query."""


class DuckDbEngine:
    """DuckDB in this process, over one connection of the lake.

    Queries run side by side, as many as there are threads: planning a small scan takes one core longer than running it.
    """

    dialect: Dialect = "duckdb"
    at_once = 5_000_000  # 400 MB

    def __init__(self, connection: duckdb.DuckDBPyConnection) -> None:
        self.connection = connection
        self.threads = int(connection.execute("SELECT current_setting('threads')").fetchall()[0][0])
        self._set = self.threads
        self._thread = threading.local()

    def sharing(self, rows: Sequence[int]) -> int:
        """Each query keeps to one thread, unless one takes longer than all others together.

        It stays so until it must be otherwise: to start and end threads takes as long as a small scan.
        """
        spent = [_PLANNING + number for number in rows]
        threads = self.threads if 2 * max(spent, default=1) > sum(spent) else 1
        if threads != self._set:
            self.connection.execute(f"SET threads = {threads}")
            self._set = threads
        return self.threads

    def log(self, contract: Contract, files: Sequence[DataFile], columns: Sequence[str] | None = None) -> Source:
        return Source(rows_sql(contract, files, columns), any(f.retractions for f in files), _way(files))

    def current(self, snapshot: Snapshot, files: Sequence[DataFile], columns: Sequence[str] | None = None) -> Source:
        return Source(snapshot.current_sql(files, columns), False, _way(files))

    def run(self, sql: str) -> Answer:
        # A relation would bind the query twice, which is most of a small scan.
        if not hasattr(self._thread, "cursor"):
            self._thread.cursor = self.connection.cursor()
        try:
            answer = self._thread.cursor.execute(sql).fetchnumpy()
        except (duckdb.ConversionException, duckdb.OutOfRangeException) as error:
            raise Problem(
                f"a sum is larger than 2^63: {str(error).splitlines()[0]}", hint="give its columns a larger unit"
            ) from None
        return {name: np.ma.filled(column, "" if column.dtype == object else 0) for name, column in answer.items()}


def _way(files: Sequence[DataFile]) -> str:
    """The one way in of all rows: then a scan need neither read that column nor group by it."""
    ways = {file.way for file in files}
    way = ways.pop() if len(ways) == 1 else None
    return "way" if way is None else f"'{way}'"


class SparkEngine:
    """Spark over the Delta tables' file lists, for a nation that outgrows one machine (extra `spark`).

    Delta's own Spark reader is not needed: the lake knows which files hold, and has no deletion vectors. Every worker
    must see the lake's folder under the path that it has here.
    """

    dialect: Dialect = "spark"
    at_once = 0

    def __init__(self, session: Any) -> None:
        self.session = session
        self.session.conf.set("spark.sql.session.timeZone", "UTC")
        # as in DuckDB: an overflow or a failed cast is an error, never a silent null
        self.session.conf.set("spark.sql.ansi.enabled", "true")
        # as in DuckDB: a decimal that would lose digits is an error, never a rounded number
        self.session.conf.set("spark.sql.decimalOperations.allowPrecisionLoss", "false")
        self._numbers = itertools.count(1)
        self._thread = threading.local()  # the views that the thread's next query reads

    def log(self, contract: Contract, files: Sequence[DataFile], columns: Sequence[str] | None = None) -> Source:  # noqa: ARG002
        return Source(self._view(self._rows(contract, files)), any(f.retractions for f in files))

    def current(self, snapshot: Snapshot, files: Sequence[DataFile], columns: Sequence[str] | None = None) -> Source:  # noqa: ARG002
        came = self._rows(snapshot.contract, [f for f in files if not f.retractions])
        minus = [f for f in files if f.retractions]
        if minus:
            came = came.join(self._rows(snapshot.contract, minus).select("_row"), "_row", "left_anti")
        return Source(self._view(came), signed=False)

    def run(self, sql: str) -> Answer:
        try:
            table = self.session.sql(sql).toArrow()
            return {name: _filled(table.column(name)) for name in table.column_names}
        finally:
            for name in self._views():
                self.session.catalog.dropTempView(name)
            self._views().clear()

    def sharing(self, rows: Sequence[int]) -> int:  # noqa: ARG002
        """Two: one query is planned here while another runs there."""
        return 2

    def _rows(self, contract: Contract, files: Sequence[DataFile]) -> Any:
        """Rows of files by the contract's own schema: no footer is read for it, and a column that an older contract
        version had not reads as empty. City and year stand in the path.
        """
        schema = ", ".join(f"`{name}` {_SPARK_TYPES.get(kind, kind)}" for name, kind in contract.stored_types().items())
        reader = self.session.read.schema(schema)
        if not files:
            return self.session.createDataFrame([], schema)
        return reader.option("basePath", f"file://{_root(files[0])}").parquet(*[f"file://{f.path}" for f in files])

    def _view(self, frame: Any) -> str:
        name = f"qala_rows_{next(self._numbers)}"
        frame.createOrReplaceTempView(name)
        self._views().append(name)
        return name

    def _views(self) -> list[str]:
        if not hasattr(self._thread, "views"):
            self._thread.views = []
        views: list[str] = self._thread.views
        return views


def spark_session(master: str) -> Any:
    """A session on a cluster (`spark://host:7077`, `yarn`, `local[*]`).

    Raises:
        Problem: PySpark is not installed, or the cluster does not answer.
    """
    try:
        from py4j.protocol import Py4JError
        from pyspark.errors import PySparkException
        from pyspark.sql import SparkSession
    except ImportError:
        raise Problem("PySpark is not installed.", where="--engine spark", hint="pip install 'qala[spark]'") from None
    try:
        return SparkSession.builder.master(master).appName("qala").getOrCreate()
    except (PySparkException, Py4JError) as error:
        said = str(error).strip().splitlines() or [type(error).__name__]
        raise Problem(
            f"Spark does not start: {said[0]}", where=f"--master {master}", hint="Is Java installed?"
        ) from None


def _filled(column: Any) -> npt.NDArray[Any]:
    """A column of Arrow's; what is empty is 0 or an empty text."""
    if column.null_count:
        column = column.fill_null("" if str(column.type) == "string" else 0)
    filled: npt.NDArray[Any] = column.to_numpy()
    return filled


_SPARK_TYPES = {"VARCHAR": "STRING", "TIMESTAMP": "TIMESTAMP_NTZ"}


def _root(file: DataFile) -> Path:
    """The table's folder: above `city=…/year=…/`."""
    return Path(file.path).parents[2]
