"""The peer of the engine: one SQL query per KPI over the same files, as an analyst would write them (`analyst/*.sql`)."""

from __future__ import annotations

import re
from pathlib import Path

import duckdb

from qala.lake import Lake

_HEAD = re.compile(r"^-- (\d+\.\d+) (\S+)$", re.MULTILINE)
Answer = dict[int, float]  # 0 is the year; 1… are its months, or its quarters


def queries() -> dict[str, str]:
    """The queries by id of the KPI."""
    found: dict[str, str] = {}
    for file in sorted((Path(__file__).parent / "analyst").glob("*.sql")):
        _, *parts = _HEAD.split(file.read_text())
        for _, kpi, text in zip(parts[::3], parts[1::3], parts[2::3], strict=True):
            found[kpi] = text.strip().rstrip(";")
    return found


def connect(lake: Lake, city: str) -> duckdb.DuckDBPyConnection:
    """A connection with the same limits as the lake's own, where each dataset of the city is a view."""
    connection: duckdb.DuckDBPyConnection = lake.connection()
    for dataset in lake.catalogue.contracts:
        system = dataset.partition(".")[0]
        snapshot = lake.table(dataset).snapshot()
        connection.execute(f"CREATE SCHEMA IF NOT EXISTS {system}")
        connection.execute(f"CREATE VIEW {dataset} AS SELECT * FROM {snapshot.current_sql(snapshot.files(city=city))}")
    connection.execute(
        """CREATE TABLE months AS
             SELECT n AS period, last_day(make_date(2026, n, 1)) AS last_day FROM range(1, 13) AS t(n);
           CREATE TABLE quarters AS
             SELECT n AS period, last_day(make_date(2026, 3 * n, 1)) AS last_day,
                    1440 * (last_day(make_date(2026, 3 * n, 1)) - make_date(2026, 3 * n - 2, 1) + 1) AS minutes
             FROM range(1, 5) AS t(n)"""
    )
    return connection


def answer(connection: duckdb.DuckDBPyConnection, query: str) -> Answer:
    """Values by period; periods without a value are left out."""
    rows = connection.execute(query).fetchall()
    return {int(period or 0): float(value) for period, value in rows if value is not None}
