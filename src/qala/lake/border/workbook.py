"""Reading a sheet of a workbook (XLSX, XLS, ODS) as a table of texts."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from pathlib import Path

import pyarrow as pa
from python_calamine import CalamineError, CalamineWorkbook

from qala.datasets import Contract
from qala.lake.border.headers import matched
from qala.standard.problems import Problem

_HEADER_WITHIN = 20  # rows; exports like to begin with a title


def read_workbook(path: Path, sheet: str | None, contract: Contract) -> pa.Table:
    """A sheet as texts. The header is the row among the first 20 that names most columns of the contract.

    Args:
        sheet: its name; default: the sheet with the most matching headers.

    Raises:
        Problem: not a workbook, no such sheet, an empty one.
    """
    try:
        book = CalamineWorkbook.from_path(str(path))
    except (CalamineError, OSError) as error:
        raise _unreadable(path, error) from None
    names = list(book.sheet_names)
    if sheet is not None and sheet not in names:
        raise Problem(f"there is no sheet {sheet!r}", where=str(path), hint="sheets: " + ", ".join(names))
    best: tuple[int, list[str], list[list[object]]] | None = None
    for name in [sheet] if sheet is not None else names:
        try:
            rows = [list[object](row) for row in book.get_sheet_by_name(name).to_python(skip_empty_area=False)]
        except (CalamineError, OSError) as error:
            raise _unreadable(path, error) from None
        for at, row in enumerate(rows[:_HEADER_WITHIN]):
            header = [_text(value) or "" for value in row]
            score = matched(header, contract)
            if any(header) and (best is None or score > best[0]):
                best = (score, header, rows[at + 1 :])
    if best is None:
        raise Problem("the workbook is empty", where=str(path))
    _, header, body = best
    width = max((at + 1 for at, name in enumerate(header) if name), default=0)
    body = [row for row in body if any(value not in ("", None) for value in row[:width])]
    columns = [[_text(row[at]) if at < len(row) else None for row in body] for at in range(width)]
    header = [name or f"column {at + 1}" for at, name in enumerate(header[:width])]
    return pa.Table.from_arrays([pa.array(column, pa.string()) for column in columns], names=header)


def _unreadable(path: Path, error: Exception) -> Problem:
    return Problem(f"the workbook cannot be read: {error}", where=str(path))


def _text(value: object) -> str | None:
    if value is None or value == "":
        return None
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        return str(int(value)) if value.is_integer() and abs(value) < 2**53 else repr(value)
    if isinstance(value, datetime):
        return value.isoformat(sep=" ", timespec="seconds" if not value.microsecond else "microseconds")
    if isinstance(value, date | time):
        return value.isoformat()
    if isinstance(value, timedelta):
        return str(value.total_seconds())
    return str(value)
