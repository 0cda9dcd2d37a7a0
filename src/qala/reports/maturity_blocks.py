"""What the report of a maturity assessment is put together of: blocks of sentences and tables."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from fractions import Fraction

from qala.reports.language import NOTHING
from qala.reports.wording import Wording

DIGITS = 2


@dataclass(frozen=True)
class Table:
    """A table of texts; `numbers` are the columns that are set to the right."""

    caption: str
    heads: Sequence[str]
    rows: Sequence[Sequence[str]]
    numbers: Sequence[int] = ()
    wide: int = 0


@dataclass(frozen=True)
class Block:
    """A heading with sentences, a list and tables under it."""

    title: str
    said: Sequence[str] = ()
    items: Sequence[str] = ()
    tables: Sequence[Table] = field(default_factory=tuple)


def score_of(words: Wording, score: Fraction | None, digits: int = DIGITS, *, sign: bool = False) -> str:
    """A score, or a dash."""
    return NOTHING if score is None else words.number(score, digits, sign=sign)
