"""Writing data files of a table from SQL, straight to their place: nobody sees them before the commit."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import Any

import duckdb

from qala.lake.table import DataFile, Table, file_name
from qala.standard.problems import Problem

ROWS_IN_A_FILE = 16_000_000
ROW_GROUP = 122_880
_PARQUET = (
    "(FORMAT parquet, PARQUET_VERSION v2, COMPRESSION zstd, COMPRESSION_LEVEL 1, "
    f"ROW_GROUP_SIZE {ROW_GROUP}, RETURN_STATS)"
)


@dataclass(frozen=True)
class Piece:
    """Days of one year that go into one file."""

    year: int
    first_day: date
    last_day: date
    rows: int

    @property
    def condition(self) -> str:
        return f"day BETWEEN DATE '{self.first_day}' AND DATE '{self.last_day}'"


def pieces(days: Sequence[tuple[date, int]], rows_in_a_file: int = ROWS_IN_A_FILE) -> list[Piece]:
    """Days with their row counts, cut into files at the ends of years and where a file is full."""
    found: list[Piece] = []
    for day, rows in sorted(days):
        last = found[-1] if found else None
        if last is not None and last.year == day.year and last.rows + rows <= rows_in_a_file:
            found[-1] = replace(last, last_day=day, rows=last.rows + rows)
        else:
            found.append(Piece(day.year, day, day, rows))
    return found


def planned_files(
    table: Table, city: str, parts: Sequence[Piece], receipt_id: str, *, minus: bool
) -> list[tuple[Piece, Path]]:
    """Where each piece will be written."""
    version = table.contract.version
    return [
        (piece, table.new_path(city, piece.year, file_name(receipt_id, version, at, minus=minus)))
        for at, piece in enumerate(parts)
    ]


def write_files(
    connection: Any,
    table: Table,
    city: str,
    planned: Sequence[tuple[Piece, Path]],
    select: str,
    *,
    minus: bool,
    order: str = "",
) -> list[DataFile]:
    """Write each piece of `select` (a query with a `day`) to its path.

    Args:
        order: an ORDER BY clause where the rows do not come in the order of days already.
    """
    found: list[DataFile] = []
    for piece, path in planned:
        chosen = select if len(planned) == 1 else f"SELECT * FROM ({select}) WHERE {piece.condition}"
        path.parent.mkdir(parents=True, exist_ok=True)
        written = connection.execute(f"COPY ({chosen} {order}) TO '{path}' {_PARQUET}")
        (said,) = (
            dict(zip([column[0] for column in written.description], row, strict=True)) for row in written.fetchall()
        )
        found.append(
            DataFile(
                str(path),
                city,
                piece.year,
                piece.rows,
                piece.first_day,
                piece.last_day,
                piece.rows if minus else 0,
                table.contract.version,
                said["file_size_bytes"],
                _one_way(said["column_statistics"].get('"way"', {})),
            )
        )
    return found


def _one_way(column: Mapping[str, str]) -> str | None:
    """The way in of all rows of a file, by its statistics."""
    alike = column.get("min") == column.get("max") and column.get("null_count") == "0"
    return column.get("min") if alike else None


@contextmanager
def told(what: str, where: Path) -> Iterator[None]:
    """A frame for writing: a disk that is full or cannot be written to becomes a `Problem`."""
    from deltalake.exceptions import DeltaError

    try:
        yield
    except (duckdb.IOException, DeltaError, OSError) as error:
        raise Problem(
            f"{what} could not be written: {str(error).splitlines()[0]}",
            where=str(where),
            hint="free some space and do it again: a delivery is stored whole or not at all",
        ) from error
