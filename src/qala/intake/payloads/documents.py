"""The general kinds: JSON, JSON lines, CSV, XML."""

from __future__ import annotations

import csv
import io

from qala.intake.payloads.flat import rows_of
from qala.intake.payloads.json_text import parsed, text_of
from qala.intake.payloads.limits import Counted, Row, Undecodable, shown
from qala.intake.payloads.message import Message
from qala.intake.payloads.xml_text import xml_document
from qala.lake.border.csv_shape import encoding_of

_DELIMITERS = ",;\t|"
_LOOKED_AT = 1 << 16


def json_rows(message: Message) -> list[Row]:
    """A JSON document (RFC 8259): an array of rows, one row, or rows at a path."""
    return rows_of(parsed(message.body, message.limits), message.rows_at, message.limits)


def json_lines(message: Message) -> list[Row]:
    """A JSON document on each line; empty lines are passed over."""
    found = Counted(message.limits)
    for number, line in enumerate(text_of(message.body).split("\n"), 1):
        if line.strip():
            where = f"line {number}"
            try:
                for row in rows_of(parsed(line, message.limits, where), message.rows_at, message.limits):
                    found.add(row)
            except Undecodable as error:
                error.where = error.where or where
                raise
    return found.rows


def csv_rows(message: Message) -> list[Row]:
    """A CSV table with a header (RFC 4180); comma, semicolon, tab or bar; UTF-8, UTF-16 or the Cyrillic of Windows."""
    encoding = encoding_of(message.body, whole=True)
    try:
        text = message.body.decode(encoding).removeprefix("\ufeff")
    except UnicodeDecodeError as error:
        raise Undecodable(
            f"this is not text in {encoding}: byte {error.start}", hint="send UTF-8; as a file, say the encoding"
        ) from None
    first = text[: text.find("\n")] if "\n" in text else text
    delimiter = max(_DELIMITERS, key=lambda mark: _cells_of(first[:_LOOKED_AT], mark))
    if first.count(delimiter) >= message.limits.columns:
        raise Undecodable(f"the header has more than {message.limits.columns} cells", where="line 1")
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    found = Counted(message.limits)
    try:
        names = [name.strip() or f"column {at}" for at, name in enumerate(next(reader, []), 1)]
        if len(set(names)) < len(names):
            twice = min(name for name in names if names.count(name) > 1)
            raise Undecodable(f"the header {shown(twice)} is there twice", where="line 1")
        for cells in reader:
            if not cells:
                continue
            if len(cells) != len(names):
                raise Undecodable(
                    f"the line has {len(cells)} cells, the header has {len(names)}",
                    where=f"line {reader.line_num}",
                    hint=f"a text that holds {delimiter!r} or a line break is put in double quotes",
                )
            found.add({name: cell or None for name, cell in zip(names, cells, strict=True)})
    except csv.Error as error:
        raise Undecodable(f"this is not CSV: {error}", where=f"line {reader.line_num}") from None
    return found.rows


def xml_rows(message: Message) -> list[Row]:
    """An XML document: rows at a path below its root; without one, the root's children where they are alike, else it.

    An element with attributes or children is an object of both, one that repeats is an array; names are without prefix.
    """
    document = xml_document(message.body, message.limits)
    if not message.rows_at and isinstance(document, dict) and len(document) == 1:
        only = next(iter(document.values()))
        if isinstance(only, (dict, list)):
            return rows_of(only, "", message.limits)
    return rows_of(document, message.rows_at, message.limits)


def _cells_of(line: str, delimiter: str) -> int:
    try:
        return len(next(csv.reader([line], delimiter=delimiter), []))
    except csv.Error:
        return 0
