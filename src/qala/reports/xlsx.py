"""The hand of every workbook: formats, sheets with a head that says what they are, tables that a person can filter."""

from __future__ import annotations

import io
from collections.abc import Sequence
from datetime import date
from fractions import Fraction
from typing import Any

import xlsxwriter

from qala.reports.wording import Wording

MAIN, SOFT, PALE, WARNING = "#00667A", "#5B6773", "#8FC3CB", "#FFD23F"
GRADES = {"reached": "#1F7A4D", "near": "#9A6410", "far": "#B3412E", "missing": "#B3412E", "invalid": "#B3412E"}
HEAD_HEIGHT = 46  # three lines
Cell = str | int | float | Fraction | date | None


class Book:
    """A workbook in memory.

    Args:
        title: what it is.
        warnings: lines that stand on top of every sheet: the simulated mark, the notice of the edition.
        words: the language.
    """

    def __init__(self, title: str, warnings: Sequence[str], words: Wording) -> None:
        self._memory = io.BytesIO()
        self.book = xlsxwriter.Workbook(self._memory, {"in_memory": True, "default_date_format": "dd.mm.yyyy"})
        self.book.set_properties({"title": title, "comments": " ".join(warnings), "author": "Qala"})
        self.book.set_calc_mode("auto")
        self.title = title
        self.warnings = warnings
        self.words = words
        self._formats: dict[tuple[tuple[str, object], ...], Any] = {}

    def format(self, **wanted: object) -> Any:
        """A cell format; the same wish gives the same one."""
        key = tuple(sorted(wanted.items()))
        if key not in self._formats:
            self._formats[key] = self.book.add_format(
                {"font_name": "Calibri", "font_size": 11, "valign": "top", **wanted}
            )
        return self._formats[key]

    def sheet(self, name: str, heading: str, widths: Sequence[float]) -> tuple[Any, int]:
        """A new sheet with its head; gives it and the first free row."""
        forbidden = str.maketrans("", "", "[]:*?/\\'")
        page = self.book.add_worksheet(name.translate(forbidden)[:31])
        page.hide_gridlines(2)
        page.set_landscape()
        page.set_paper(9)
        page.fit_to_pages(1, 0)
        for column, width in enumerate(widths):
            page.set_column(column, column, width)
        row = 0
        for line in self.warnings:
            for column in range(len(widths)):
                page.write(row, column, line if column == 0 else "", self.format(bold=True, bg_color=WARNING))
            row += 1
        page.write(row, 0, heading, self.format(bold=True, font_size=16, font_color=MAIN))
        page.set_row(row, 24)
        return page, row + 2

    def pairs(self, page: Any, row: int, pairs: Sequence[tuple[str, Cell, str]]) -> int:
        """Names and values, one a line; (name, value, number format). Gives the next free row."""
        for name, value, shape in pairs:
            page.write(row, 0, name, self.format(font_color=SOFT))
            self.put(page, row, 1, value, bold=True, align="left", **({"num_format": shape} if shape else {}))
            row += 1
        return row + 1

    def table(
        self,
        page: Any,
        row: int,
        heads: Sequence[str],
        rows: Sequence[Sequence[Cell]],
        shapes: Sequence[str],
        *,
        freeze: bool = True,
    ) -> int:
        """A table with a head that stays and can be filtered; `shapes` are number formats by column ("" = text)."""
        top = self.format(bold=True, bottom=1, text_wrap=True, font_color=SOFT, valign="bottom")
        page.set_row(row, HEAD_HEIGHT)
        for column, name in enumerate(heads):
            page.write(row, column, name, top)
        for number, cells in enumerate(rows, row + 1):
            for column, cell in enumerate(cells):
                shape = shapes[column]
                more = {"num_format": shape} if shape else {"text_wrap": True}
                self.put(page, number, column, cell, bottom=4, bottom_color="#D5DADE", **more)
        if freeze and rows:
            page.freeze_panes(row + 1, 0)
            page.autofilter(row, 0, row + len(rows), len(heads) - 1)
            page.repeat_rows(row)
        return row + len(rows) + 2

    def put(self, page: Any, row: int, column: int, cell: Cell, **wanted: object) -> None:
        """One cell, by what it is: a number stays a number, a text never becomes a formula."""
        style = self.format(**wanted)
        if cell is None:
            page.write_blank(row, column, None, style)
        elif isinstance(cell, str):
            page.write_string(row, column, cell, style)
        elif isinstance(cell, date):
            page.write_datetime(
                row, column, cell, self.format(**{**wanted, "num_format": "dd.mm.yyyy", "align": "left"})
            )
        else:
            page.write_number(row, column, float(cell), style)

    def bars(self, page: Any, row: int, column: int, count: int, most: int | None) -> None:
        """Bars behind the numbers of a column, from 0 to `most` (None: the greatest of them)."""
        bar: dict[str, object] = {
            "type": "data_bar",
            "bar_color": PALE,
            "bar_solid": True,
            "min_type": "num",
            "min_value": 0,
        }
        if most is not None:
            bar |= {"max_type": "num", "max_value": most}
        if count:
            page.conditional_format(row, column, row + count - 1, column, bar)

    def bytes(self) -> bytes:
        """The finished file."""
        self.book.close()
        return self._memory.getvalue()
