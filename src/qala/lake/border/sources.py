"""Opening what is to be taken in: CSV, JSON lines, XLSX, Parquet, Arrow files, or a table in memory.

Whatever it is, it becomes a FROM-able SQL relation with columns `c0`, `c1`, … in the order of its headers.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from qala.datasets import Contract
from qala.lake.border.csv_shape import csv_shape, encoding_of, is_packed, opened
from qala.lake.border.headers import Headers, aliases, plain
from qala.lake.border.mapping import Format, quoted
from qala.lake.border.transcode import as_utf8
from qala.lake.border.workbook import read_workbook
from qala.standard.problems import Problem

if TYPE_CHECKING:
    import pyarrow as pa

_SPOKEN_BY_DUCKDB = ("utf-8", "utf8", "utf-8-sig", "ascii", "us-ascii")
_LINES_LOOKED_AT = 2000


@dataclass(frozen=True)
class OpenSource:
    """A source that can be selected from.

    Args:
        relation: a FROM-able with columns c0, c1, …
        types: their DuckDB types.
        typed: whether its times are typed (a naive one in memory is UTC); a file of text has the city's own times.
        keeps_rejects: whether lines that are no rows go to the table `reject_errors`.
        once: whether it can be read only once.
    """

    relation: str
    headers: Headers
    types: tuple[str, ...]
    keeps_rejects: bool = False


@contextmanager
def open_source(
    connection: Any, source: Path | pa.Table, how: Format, contract: Contract, work: Path, suffix: str | None = None
) -> Iterator[OpenSource]:
    """Open a source by its content and name.

    Args:
        connection: the DuckDB connection that will read it.
        work: an existing folder for a pipe, if one is needed.
        suffix: what kind of file it is, such as `.csv`, where its name does not tell.

    Raises:
        Problem: no such file, an unknown kind, an unreadable one.
    """
    if not isinstance(source, Path):
        yield _arrow(connection, source)
        return
    if not source.is_file():
        raise Problem("there is no such file", where=str(source))
    suffixes = [one.lower() for one in source.suffixes if one.lower() not in (".gz",)]
    kind = suffix or (suffixes[-1] if suffixes else ".csv")
    if kind in (".csv", ".tsv", ".txt"):
        with _csv(source, how, contract, work) as found:
            yield found
    elif kind in (".jsonl", ".ndjson", ".json"):
        with _json_lines(source, how, contract, work) as found:
            yield found
    elif kind in (".xlsx", ".xls", ".ods", ".xlsb"):
        yield _arrow(connection, read_workbook(source, how.sheet, contract))
    elif kind in (".parquet", ".pq"):
        yield _described(connection, f"read_parquet({quoted(str(source))})", str(source))
    elif kind in (".arrow", ".feather", ".ipc"):
        import pyarrow as pa

        with pa.memory_map(str(source)) as file:
            try:
                table = pa.ipc.open_file(file).read_all()
                table.validate(full=True)  # a broken one would have memory read that is not its own
            except (pa.ArrowException, OSError) as error:
                raise Problem(f"the file cannot be read: {str(error).splitlines()[0]}", where=str(source)) from None
            except UnicodeError:
                raise Problem(
                    "the name of a column is no text in UTF-8", where=str(source), hint="write the file anew"
                ) from None
            yield _arrow(connection, table)
    else:
        raise Problem(
            f"files of the kind {kind} are not read",
            where=str(source),
            hint="CSV, XLSX, JSON lines, Parquet; each may be .gz",
        )


@contextmanager
def _csv(path: Path, how: Format, contract: Contract, work: Path) -> Iterator[OpenSource]:
    shape = csv_shape(path, how, contract)
    columns = ", ".join(f"'c{at}': 'VARCHAR'" for at in range(len(shape.headers)))

    def relation(file: Path, packed: bool) -> str:
        return (
            f"read_csv({quoted(str(file))}, columns={{{columns}}}, header=true, auto_detect=false, "
            f"delim={quoted(shape.delimiter)}, quote='\"', escape='\"', nullstr='', store_rejects=true, rejects_limit=0, "
            f"max_line_size=4194304, compression='{'gzip' if packed else 'none'}')"
        )

    types = ("VARCHAR",) * len(shape.headers)
    if shape.encoding in _SPOKEN_BY_DUCKDB:
        yield OpenSource(relation(path, shape.packed), Headers(shape.headers), types, keeps_rejects=True)
        return
    with as_utf8(path, shape.encoding, work / "utf8.csv") as pipe:
        yield OpenSource(relation(pipe, False), Headers(shape.headers), types, keeps_rejects=True)


@contextmanager
def _json_lines(path: Path, how: Format, contract: Contract, work: Path) -> Iterator[OpenSource]:
    names: dict[str, None] = {}
    with opened(path) as stream:
        encoding = how.encoding or encoding_of(stream.read(65536), whole=False)
    with opened(path) as stream:
        if encoding in _SPOKEN_BY_DUCKDB:
            for _, line in zip(range(_LINES_LOOKED_AT), stream, strict=False):
                names.update(dict.fromkeys(_keys(line)))
    known = aliases(contract)
    seen = {known[plain(name)] for name in names if plain(name) in known}
    names.update(dict.fromkeys(name for name in contract.all_columns if name not in seen))
    columns = ", ".join(f"{quoted(name)}: 'VARCHAR'" for name in names)
    picked = ", ".join(f'"{name.replace(chr(34), chr(34) * 2)}" AS c{at}' for at, name in enumerate(names))

    def relation(file: Path, packed: bool) -> str:
        read = (
            f"read_json({quoted(str(file))}, columns={{{columns}}}, format='newline_delimited', ignore_errors=true, "
            f"compression='{'gzip' if packed else 'none'}')"
        )
        return f"(SELECT {picked} FROM {read})"

    types = ("VARCHAR",) * len(names)
    if encoding in _SPOKEN_BY_DUCKDB:
        yield OpenSource(relation(path, is_packed(path)), Headers(list(names)), types)
        return
    with as_utf8(path, encoding, work / "utf8.jsonl") as pipe:
        yield OpenSource(relation(pipe, False), Headers(list(names)), types)


def _keys(line: bytes) -> Sequence[str]:
    try:
        row = json.loads(line)
    except (ValueError, RecursionError):
        return ()
    return tuple(row) if isinstance(row, dict) else ()


def _arrow(connection: Any, table: pa.Table) -> OpenSource:
    renamed = table.rename_columns([f"c{at}" for at in range(table.num_columns)])
    connection.register("incoming_table", renamed)
    described = connection.execute("DESCRIBE incoming_table").fetchall()
    return OpenSource("incoming_table", Headers(table.column_names), tuple(row[1] for row in described))


def _described(connection: Any, relation: str, where: str) -> OpenSource:
    import duckdb

    try:
        described = connection.execute(f"DESCRIBE SELECT * FROM {relation}").fetchall()
    except duckdb.Error as error:
        raise Problem(f"the file cannot be read: {str(error).splitlines()[0]}", where=where) from None
    picked = ", ".join(f'"{row[0].replace(chr(34), chr(34) * 2)}" AS c{at}' for at, row in enumerate(described))
    return OpenSource(
        f"(SELECT {picked} FROM {relation})", Headers([row[0] for row in described]), tuple(row[1] for row in described)
    )
