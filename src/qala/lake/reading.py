"""SQL for reading a table's files: cheap for ten thousand of them, whatever contract versions they were written under.

Files of one contract version have the same columns, so that DuckDB need look at one footer only; files of an older
version are read apart, with empty columns where the version had none. The footer of every file is never read for that.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from qala.datasets import Contract

if TYPE_CHECKING:
    from qala.lake.table import DataFile

_FROM_PATH = ("city", "year")
_HIVE = "hive_partitioning = true, hive_types = {'city': VARCHAR, 'year': SMALLINT}"


def rows_sql(
    contract: Contract, files: Sequence[DataFile], columns: Sequence[str] | None = None, extra: Sequence[str] = ()
) -> str:
    """A FROM-able of all rows of files, of whatever sign.

    Args:
        columns: stored columns; default all.
        extra: virtual columns of Parquet readers besides (`filename`, `file_row_number`).
    """
    types = contract.stored_types()
    wanted = list(types) if columns is None else list(columns)
    if not files:
        empty = ", ".join(f'NULL::{types[name]} AS "{name}"' for name in wanted)
        return f"(SELECT {empty or '1 AS one'} LIMIT 0)"
    parts = []
    for version in sorted({file.contract_version for file in files}):
        of_version = [file for file in files if file.contract_version == version]
        there = set(types) if version == contract.version else {*_FROM_PATH, *_columns_of(of_version[0])}
        picked = [f'"{name}"' if name in there else f'NULL::{types[name]} AS "{name}"' for name in wanted]
        paths = ", ".join("'" + file.path.replace("'", "''") + "'" for file in of_version)
        hive = _HIVE if any(name in _FROM_PATH for name in wanted) else "hive_partitioning = false"
        chosen = ", ".join([*picked, *extra]) or "1 AS one"
        parts.append(f"SELECT {chosen} FROM read_parquet([{paths}], {hive})")
    return "(" + " UNION ALL ".join(parts) + ")"


def current_rows_sql(
    contract: Contract, files: Sequence[DataFile], columns: Sequence[str] | None = None, extra: Sequence[str] = ()
) -> str:
    """A FROM-able of the current rows: plus rows that no minus row takes back.

    Numbers of rows are a lake's own, and cities that sent theirs from lakes of their own may have the same.
    """
    plus = [file for file in files if not file.retractions]
    minus = [file for file in files if file.retractions]
    if not minus:
        return rows_sql(contract, plus, columns, extra)
    which = ["_row"] if len({file.city for file in files}) == 1 else ["city", "_row"]
    wanted = list(contract.stored_types()) if columns is None else list(columns)
    inner = rows_sql(contract, plus, [*wanted, *(name for name in which if name not in wanted)], extra)
    listed = ", ".join([*(f'"{name}"' for name in wanted), *extra]) or "1 AS one"
    same = " AND ".join(f"came.{name} = went.{name}" for name in which)
    return f"(SELECT {listed} FROM {inner} AS came ANTI JOIN {rows_sql(contract, minus, which)} AS went ON {same})"


def _columns_of(file: DataFile) -> Sequence[str]:
    import pyarrow.parquet as pq  # most readers meet files of one contract version only

    return list(pq.read_schema(file.path).names)
