"""The report of a maturity assessment as a workbook: a sheet for each table, sentences on the first; numbers are numbers."""

from __future__ import annotations

import re

from qala.reports.maturity import blocks, title
from qala.reports.maturity_data import MaturityData
from qala.reports.wording import Wording
from qala.reports.xlsx import Book, Cell


def maturity_book(data: MaturityData, words: Wording) -> bytes:
    """The workbook."""
    heading = f"{title(data, words)} {data.year}"
    warnings = [words.say("frame.simulated")] * data.simulated + [words.text(data.model.about.warning)]
    book = Book(f"{words.say('maturity.kind')}: {heading}", warnings, words)
    page, row = book.sheet(words.say("maturity.kind"), heading, [120])
    for block in blocks(data, words):
        page.write_string(row, 0, block.title, book.format(bold=True, font_size=13))
        row += 1
        for line in (*block.said, *block.items):
            page.write_string(row, 0, line, book.format(text_wrap=True))
            row += 1
        row += 1
    used: set[str] = set()
    for block in blocks(data, words):
        for table in block.tables:
            name = (table.caption or block.title)[:28]
            while name.casefold() in used:
                name += "+"
            used.add(name.casefold())
            widths = [34.0 if column not in table.numbers else 13.0 for column in range(len(table.heads))]
            sheet, top = book.sheet(name, table.caption or block.title, widths)
            rows: list[list[Cell]] = [
                [_cell(text, words) if at in table.numbers else text for at, text in enumerate(line)]
                for line in table.rows
            ]
            book.table(sheet, top, table.heads, rows, [""] * len(table.heads))
    return book.bytes()


def _cell(text: str, words: Wording) -> Cell:
    """A written number as a number; with its interval, or a share, it stays a text."""
    plain = text.replace("\u2212", "-").replace("\u202f", "").replace("+", "")
    if words.language != "en":
        plain = plain.replace(",", ".")
    return float(plain) if re.fullmatch(r"-?\d+(\.\d+)?", plain) else text
