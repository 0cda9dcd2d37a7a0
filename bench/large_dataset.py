"""One dataset of 100 million rows: payments of one city in one year, as its settlement centre would send them.

DuckDB writes the rows straight into the lake's layout, and the table's own commit makes them part of it: the border, which
has a figure of its own, is passed over.
"""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path

import duckdb

from bench.places import open_lake
from qala.lake import CategoryPeriod, City, Lake
from qala.lake.row_numbers import take_row_numbers
from qala.lake.writing import pieces, planned_files, write_files

DATASET = "settlement_centre.payments"
KPIS = ("settlement_centre.payments_per_month", "settlement_centre.mean_processing_time")
CITY = "LARGE"
YEAR = 2026
NEW_DAY = date(YEAR, 12, 31)
"""The year is made without its last day, which comes as the new one."""

# The same four numbers by day and way in, written by hand.
BY_HAND = """
SELECT day, way, count(*) AS payments, sum(epoch_us(credited_at) - epoch_us(paid_at)) AS waited,
       count(credited_at) AS credited, count(*) FILTER (credited_at IS NULL) AS not_credited
FROM read_parquet([{files}]) GROUP BY day, way
"""


def make(folder: Path, rows: int) -> Lake:
    """A lake with `rows` payments from 1 January to 30 December, in two commits."""
    lake = open_lake(folder)
    category = CategoryPeriod.model_validate({"from": date(2025, 1, 1), "category": "republican", "reason": "bench"})
    names = {"ru": "Большой", "kk": "Үлкен", "en": "Large"}
    lake.cities.add(City(code=CITY, names=names, zone="Asia/Almaty", categories=(category,), simulated=True))
    days = [date(YEAR, 1, 1) + timedelta(days=n) for n in range((NEW_DAY - date(YEAR, 1, 1)).days)]
    for half, part in enumerate((days[: len(days) // 2], days[len(days) // 2 :]), 1):
        add_days(lake, part, rows // len(days), f"half{half}")
    return lake


def add_days(lake: Lake, days: list[date], rows_a_day: int, receipt: str) -> int:
    """Add rows of some days in one commit; returns how many."""
    table = lake.table(DATASET)
    base = take_row_numbers(lake.folder, rows_a_day * len(days))
    planned = planned_files(table, CITY, pieces([(day, rows_a_day) for day in days]), receipt, minus=False)
    connection = lake.connection()
    try:
        written = []
        at = 0
        for piece, path in planned:
            select = _rows(piece.first_day, rows_a_day, piece.rows, base + at, receipt)
            written += write_files(connection, table, CITY, [(piece, path)], select, minus=False)
            at += piece.rows
    finally:
        connection.close()
    table.commit(receipt, written)
    return rows_a_day * len(days)


def _rows(first_day: date, rows_a_day: int, rows: int, base: int, receipt: str) -> str:
    """Rows in the order of time; what differs from row to row comes from a hash of its number."""
    gap = 86_400_000_000 // rows_a_day
    return f"""
    SELECT payment_id, paid_at, CASE WHEN h % 50 <> 0 THEN paid_at + to_microseconds(h % 172800000000) END AS credited_at,
      CASE h % 6 WHEN 0 THEN 'bank_app' WHEN 1 THEN 'card' WHEN 2 THEN 'qr' WHEN 3 THEN 'terminal' WHEN 4 THEN 'cash'
        ELSE 'autopay' END AS channel,
      CASE (h // 7) % 8 WHEN 0 THEN 'power' WHEN 1 THEN 'water' WHEN 2 THEN 'heat' WHEN 3 THEN 'gas' WHEN 4 THEN 'waste'
        WHEN 5 THEN 'housing' WHEN 6 THEN 'lift' ELSE 'other' END AS supplier,
      ((h // 64) % 3000000)::DECIMAL(18, 0)::DECIMAL(18, 2) AS amount, paid_at AS registered_at, NULL::TIMESTAMP AS changed_at,
      day, hour, TIMESTAMP '{YEAR + 1}-01-02' AS received_at_platform, 'integration' AS way, true AS simulated,
      (md5_number(payment_id) >> 65)::BIGINT AS _key, row AS _row, 1::TINYINT AS _sign, '{receipt}' AS _receipt
    FROM (
      SELECT row, 'P' || row AS payment_id, (hash(row) >> 1)::BIGINT AS h,
        (DATE '{first_day}' + (n // {rows_a_day})::INTEGER)::DATE AS day,
        ((n % {rows_a_day}) * {gap} // 3600000000)::SMALLINT AS hour,
        (DATE '{first_day}' + (n // {rows_a_day})::INTEGER)::TIMESTAMP
          + to_microseconds((n % {rows_a_day}) * {gap} - 18000000000) AS paid_at
      FROM (SELECT n, n + {base} AS row FROM range({rows}) AS t (n))
    )"""


def by_hand(connection: duckdb.DuckDBPyConnection, lake: Lake) -> dict[tuple[date, str], tuple[int, ...]]:
    """The sums of all files, by the hand-written query."""
    files = ", ".join(f"'{file.path}'" for file in lake.table(DATASET).snapshot().files(city=CITY))
    found = connection.execute(BY_HAND.format(files=files)).fetchall()
    return {(day, way): tuple(int(n) for n in rest) for day, way, *rest in found}
