"""Finding out how a text table is written: compression, encoding, delimiter, headers."""

from __future__ import annotations

import codecs
import csv
import gzip
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, cast

from qala.datasets import Contract
from qala.lake.border.headers import matched
from qala.lake.border.mapping import Format
from qala.standard.problems import Problem

_LOOKED_AT = 1 << 18
_DELIMITERS = ",;\t|"


@dataclass(frozen=True)
class CsvShape:
    """How a CSV file is written.

    Args:
        encoding: a Python codec; `utf-8` and `utf-8-sig` are read by DuckDB itself, others are transcoded on the way.
        packed: whether the bytes are gzip.
        header_lines: lines before the first row, the header among them.
    """

    encoding: str
    packed: bool
    delimiter: str
    headers: tuple[str, ...]


@contextmanager
def opened(path: Path) -> Iterator[BinaryIO]:
    """A file's bytes, unpacked if they are gzip."""
    if is_packed(path):
        with gzip.open(path, "rb") as stream:
            yield cast(BinaryIO, stream)
    else:
        with path.open("rb") as stream:
            yield stream


def is_packed(path: Path) -> bool:
    with path.open("rb") as stream:
        return stream.read(2) == b"\x1f\x8b"


def encoding_of(sample: bytes, *, whole: bool) -> str:
    """The encoding of a text from its beginning: by its mark, else UTF-8 if it is that, else the Cyrillic of Windows."""
    if sample.startswith(codecs.BOM_UTF8):
        return "utf-8-sig"
    if sample.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return "utf-16"
    if sample[:200].count(0) > len(sample[:200]) // 4:
        return "utf-16-le" if sample[1:2] == b"\0" else "utf-16-be"
    try:
        codecs.getincrementaldecoder("utf-8")().decode(sample, final=whole)
    except UnicodeDecodeError:
        return "cp1251"
    return "utf-8"


def csv_shape(path: Path, how: Format, contract: Contract) -> CsvShape:
    """The shape of a CSV file: what the mapping says, and otherwise what its first 256 KB show.

    Raises:
        Problem: the file is empty, or not text in the encoding that was said.
    """
    with opened(path) as stream:
        sample = stream.read(_LOOKED_AT)
    if not sample.strip():
        raise Problem(
            "the file is empty",
            where=str(path),
            hint="a header without rows is enough; if nothing happened, say so with --nothing-happened",
        )
    encoding = (how.encoding or encoding_of(sample, whole=len(sample) < _LOOKED_AT)).lower()
    try:
        text = codecs.getincrementaldecoder(encoding)(errors="strict").decode(sample)
    except (LookupError, UnicodeDecodeError) as error:
        raise Problem(f"the file is not text in {encoding}: {error}", where=str(path)) from None
    text = text.removeprefix("\ufeff")

    def header(delimiter: str) -> list[str]:
        return next(csv.reader(text.splitlines(keepends=True), delimiter=delimiter), [])

    delimiter = how.delimiter or max(_DELIMITERS, key=lambda mark: (matched(header(mark), contract), len(header(mark))))
    names = tuple(name.strip() for name in header(delimiter))
    return CsvShape(encoding, is_packed(path), delimiter, names)
