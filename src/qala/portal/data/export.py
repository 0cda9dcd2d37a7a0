"""A dataset of a city as a file, written as it is read: CSV, Parquet, GeoJSON."""

from __future__ import annotations

import contextlib
import csv
import io
import json
import shutil
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import IO, Any, Literal

from qala import facts
from qala.datasets import Contract
from qala.portal.data.columns import MASK

Kind = Literal["csv", "parquet", "geojson"]
KINDS: tuple[Kind, ...] = ("csv", "parquet", "geojson")
_BATCH = 20_000
_OWN = frozenset({"_key", "_row", "_sign", "year", "hour"})


@dataclass(frozen=True)
class Export:
    """Which rows.

    Attributes:
        first, last: city-local days, inclusive; None for all there are.
        masked: columns of which only is told whether they are filled.
    """

    contract: Contract
    city: str
    first: date | None = None
    last: date | None = None
    masked: frozenset[str] = frozenset()

    @property
    def columns(self) -> list[str]:
        """Stored columns; of the border's what a reader needs to follow a row back to its delivery."""
        return [name for name in self.contract.stored_types() if name not in _OWN]

    def sql(self) -> str | None:
        """The query; None where there are no rows."""
        snapshot = facts.values().computer.snapshot(self.contract.id)
        files = snapshot.files(city=self.city, first_day=self.first, last_day=self.last)
        if not files:
            return None
        listed = ", ".join(
            f'CASE WHEN "{name}" IS NOT NULL THEN \'{MASK}\' END AS "{name}"' if name in self.masked else f'"{name}"'
            for name in self.columns
        )
        where = [f"day >= DATE '{self.first}'"] if self.first else []
        where += [f"day <= DATE '{self.last}'"] if self.last else []
        chosen = f" WHERE {' AND '.join(where)}" if where else ""
        key = ", ".join(f'"{name}"' for name in self.contract.key)
        return f"SELECT {listed} FROM {snapshot.current_sql(files)}{chosen} ORDER BY day, {key}"


def rows_known(export: Export) -> int:
    """About how many rows it has, from the table's log alone: what a progress bar needs."""
    snapshot = facts.values().computer.snapshot(export.contract.id)
    files = snapshot.files(city=export.city, first_day=export.first, last_day=export.last)
    return sum(-file.rows if file.retractions else file.rows for file in files)


def csv_lines(export: Export) -> Iterator[bytes]:
    """RFC 4180, UTF-8, for machines: points in decimals, times in UTC."""
    page = io.StringIO()
    writer = csv.writer(page)
    writer.writerow([name.lstrip("_") for name in export.columns])
    for row in _rows(export):
        writer.writerow([_plain(value) for value in row.values()])
        if page.tell() > 1 << 16:
            yield page.getvalue().encode()
            page.seek(0)
            page.truncate()
    yield page.getvalue().encode()


def geojson_parts(export: Export) -> Iterator[bytes]:
    """A FeatureCollection (RFC 7946); rows without a place have no geometry."""
    place = export.contract.place
    yield b'{"type":"FeatureCollection","features":['
    part: list[str] = []
    first = True
    for row in _rows(export):
        lat, lon = row.get(place.lat or ""), row.get(place.lon or "")
        point = [float(lon), float(lat)] if isinstance(lat, Decimal) and isinstance(lon, Decimal) else None
        feature = {
            "type": "Feature",
            "geometry": None if point is None else {"type": "Point", "coordinates": point},
            "properties": {
                name.lstrip("_"): _json(value) for name, value in row.items() if name not in (place.lat, place.lon)
            },
        }
        part.append(("" if first else ",") + json.dumps(feature, ensure_ascii=False, separators=(",", ":")))
        first = False
        if len(part) >= 500:
            yield "".join(part).encode()
            part.clear()
    yield "".join(part).encode() + b"]}"


def parquet_file(export: Export) -> IO[bytes]:
    """A Parquet file on the disk, gone when it is closed; DuckDB writes it a row group at a time."""
    folder = Path(tempfile.mkdtemp(prefix="qala-export-"))
    path = folder / "rows.parquet"
    try:
        with contextlib.closing(facts.lake().connection()) as con:
            con.execute(f"COPY ({export.sql()}) TO '{path}' (FORMAT parquet, COMPRESSION zstd)")
        return path.open("rb")  # the file lives until it is closed
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _rows(export: Export) -> Iterator[dict[str, Any]]:
    sql = export.sql()
    if sql is None:
        return
    with contextlib.closing(facts.lake().connection()) as con:
        for batch in con.sql(sql).to_arrow_reader(_BATCH):
            yield from batch.to_pylist()


def _plain(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, datetime):
        return value.strftime("%Y-%m-%dT%H:%M:%S.%fZ").replace(".000000Z", "Z")
    return str(value)


def _json(value: Any) -> Any:
    if value is None or isinstance(value, bool | int | str):
        return value
    return float(value) if isinstance(value, Decimal) else _plain(value)
