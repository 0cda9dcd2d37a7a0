"""How commands answer: a table for a person, JSON or CSV for a program, notices and progress beside the answer.

The answer goes to standard output and nothing else does; notices and progress go to standard error, and progress bars
stay away when that is not a terminal.
"""

from __future__ import annotations

import csv
import json
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from fractions import Fraction
from typing import Any

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table


class Format(StrEnum):
    """How an answer is written."""

    table = "table"
    json = "json"
    csv = "csv"


def console() -> Console:
    """Standard output; wide enough not to cut when it is not a terminal."""
    return Console(width=None if sys.stdout.isatty() else 200, soft_wrap=False)


def notice(text: str | None) -> None:
    """A notice that must not be overlooked and must not get into a file of results."""
    if text:
        Console(stderr=True).print(f"[yellow]Notice:[/yellow] {text}", soft_wrap=True, highlight=False)


def plain(value: Any) -> Any:
    """A value as JSON and CSV hold it: exact fractions become numbers, days and times ISO text."""
    if isinstance(value, Fraction):
        return value.numerator if value.denominator == 1 else float(value)
    if isinstance(value, Decimal):
        return int(value) if value == value.to_integral_value() else float(value)
    if isinstance(value, datetime | date):
        return value.isoformat()
    if isinstance(value, Mapping):
        return {str(key): plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [plain(item) for item in value]
    return value


def show_rows(
    rows: Sequence[Mapping[str, Any]], form: Format, *, title: str = "", columns: Sequence[str] = (), empty: str = ""
) -> None:
    """Rows of one shape.

    Args:
        columns: which, in which order; all of the first row's where none are given.
        empty: what a person reads when there are no rows.
    """
    names = list(columns) or (list(rows[0]) if rows else [])
    if form is Format.json:
        print_json([{name: row.get(name) for name in names} for row in rows])
    elif form is Format.csv:
        writer = csv.writer(sys.stdout, lineterminator="\n")
        writer.writerow(names)
        for row in rows:
            found = [plain(row.get(name)) for name in names]
            writer.writerow([json.dumps(v, ensure_ascii=False) if isinstance(v, dict | list) else v for v in found])
    elif not rows:
        console().print(empty or "Nothing found.")
    else:
        table = Table(title=title or None, title_justify="left", header_style="bold")
        for name in names:
            numeric = all(isinstance(row.get(name), int | float | Fraction | Decimal | None) for row in rows)
            table.add_column(name, justify="right" if numeric else "left", overflow="fold")
        for row in rows:
            table.add_row(*(_cell(row.get(name)) for name in names))
        console().print(table)


def print_json(value: Any) -> None:
    """A value as JSON, exact fractions as numbers."""
    sys.stdout.write(json.dumps(plain(value), ensure_ascii=False, indent=2) + "\n")


def _cell(value: Any) -> str:
    if value is None:
        return "—"
    if isinstance(value, bool):
        return "yes" if value else "no"
    value = plain(value)
    if isinstance(value, float):
        return f"{value:,.4f}".rstrip("0").rstrip(".")
    if isinstance(value, int):
        return f"{value:,}" if abs(value) >= 10_000 else str(value)  # a year has no comma
    if isinstance(value, dict):
        return ", ".join(f"{key}: {_cell(item)}" for key, item in value.items())
    if isinstance(value, list):
        return ", ".join(str(item) for item in value)
    return str(value)


@contextmanager
def progress(what: str, total: int | None) -> Iterator[Any]:
    """A progress bar on standard error, none where that is not a terminal; yields `advance(text)`."""
    if not sys.stderr.isatty():
        yield lambda _text="": None
        return
    bar = Progress(
        TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn(),
        console=Console(stderr=True), transient=True,
    )  # fmt: skip
    with bar:
        task = bar.add_task(what, total=total)

        def advance(text: str = "") -> None:
            bar.update(task, advance=1, description=f"{what} {text}".strip())

        yield advance
