"""Bulk ingest with all checks, against DuckDB's own copy of the same CSV into Parquet."""

from __future__ import annotations

import shutil
from datetime import date
from pathlib import Path

from bench.figure import Figure, megabytes
from bench.large_dataset import CITY, DATASET, YEAR, make
from bench.places import Place, open_lake
from bench.timing import interleaved, medians, peak_memory, timed
from qala.lake import CategoryPeriod, City, IngestRequest

_WANTED = 0.3


def measure(place: Place) -> list[Figure]:
    folder = place.folder / "ingest"
    file, copied = folder / "payments.csv", folder / "copied.parquet"
    rows = _write_csv(folder, file, place.sizes.csv_rows)
    peer = open_lake(folder / "peer").connection()

    def ours() -> None:
        _take_in(folder / "lake", file, rows)

    def copy() -> None:
        copied.unlink(missing_ok=True)
        peer.execute(f"COPY (SELECT * FROM read_csv('{file}')) TO '{copied}' (FORMAT parquet, COMPRESSION zstd)")

    ours()
    peak = peak_memory()
    copy()
    found = interleaved(max(3, place.sizes.repeats - 2), ours=ours, copy=copy)
    peer.close()
    size = file.stat().st_size
    shutil.rmtree(folder)
    speed = {name: rows / value for name, value in medians(found).items()}
    ratio = speed["ours"] / speed["copy"]
    return [
        Figure(
            "ingest",
            f"bulk ingest of CSV with all checks, {rows / 1e6:.1f} million rows, {megabytes(size)}",
            f"{speed['ours'] / 1e3:,.0f} thousand rows/s, {megabytes(peak)}",
            f"{speed['copy'] / 1e3:,.0f} thousand rows/s (DuckDB's CSV → Parquet copy)",
            f"{ratio:.2f} ×",
            f"≥ {_WANTED} × its rows per second, < 2 GB",
            ratio >= _WANTED and peak < 2e9,
            {"rows": rows, "bytes": size, "seconds": found, "peak_bytes": peak},
        )
    ]


def once(place: Place, rows: int) -> tuple[float, float]:
    """Rows of a CSV file and the seconds that taking it in takes."""
    folder = place.folder / "ingest"
    file = folder / "payments.csv"
    written = _write_csv(folder, file, rows)
    spent = min(timed(lambda: _take_in(folder / "lake", file, written)) for _ in range(2))
    shutil.rmtree(folder)
    return float(written), spent


def _take_in(folder: Path, file: Path, rows: int) -> None:
    """Into a lake of its own, which is removed again."""
    lake = open_lake(folder)
    category = CategoryPeriod.model_validate({"from": date(2025, 1, 1), "category": "republican", "reason": "bench"})
    names = {"ru": "Город", "kk": "Қала", "en": "City"}
    lake.cities.add(City(code=CITY, names=names, zone="Asia/Almaty", categories=(category,), simulated=True))
    receipt = lake.ingest(IngestRequest(CITY, DATASET, file, simulated=True))
    assert receipt.stored == rows, receipt
    shutil.rmtree(folder)


def _write_csv(folder: Path, file: Path, rows: int) -> int:
    """The payments of a settlement centre as it would export them: local times, a point for the decimals."""
    folder.mkdir(parents=True, exist_ok=True)
    lake = make(folder / "source", rows)
    connection = lake.connection()
    snapshot = lake.table(DATASET).snapshot()
    connection.execute(
        f"""COPY (SELECT payment_id, strftime(paid_at + INTERVAL 5 HOUR, '%Y-%m-%d %H:%M:%S') AS paid_at,
                    strftime(credited_at + INTERVAL 5 HOUR, '%Y-%m-%d %H:%M:%S') AS credited_at, channel, supplier, amount
                  FROM {snapshot.current_sql(snapshot.all_files)} WHERE year = {YEAR})
            TO '{file}' (FORMAT csv, HEADER)"""
    )
    connection.close()
    shutil.rmtree(lake.folder)
    return sum(one.rows for one in snapshot.all_files)
