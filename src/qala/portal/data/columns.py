"""Columns of a dataset as a page heads them, and which of them are masked."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.utils.translation import get_language
from django.utils.translation import gettext as _

from qala.datasets import Contract
from qala.measures.rows import COUNTED_IN
from qala.places.layers import word
from qala.portal.data.guard import personal_columns
from qala.standard import Text
from qala.ui import formats

MASK = "•••"


_SHORT = 36


@dataclass(frozen=True)
class Head:
    """A column: its name in the contract, what it means in three languages, its unit."""

    name: str
    meaning: Text | str
    unit: str = ""
    kind: str = "text"
    personal: bool = False

    @property
    def short(self) -> str:
        """The meaning up to its first mark, for the head of a narrow column."""
        whole = formats.said(self.meaning, formats.language_of(get_language()))
        first = re.split(r"[:;(,]", whole, maxsplit=1)[0].strip()
        return first if len(first) <= _SHORT else f"{first[: _SHORT - 1].rsplit(' ', 1)[0]}…"


@dataclass(frozen=True)
class Cell:
    """One cell of a row; `code` is the stored value where the text is its name."""

    text: Any
    masked: bool = False
    code: str = ""


def cell_of(contract: Contract, column: str, value: Any) -> Cell:
    """A stored value; one of a closed list is told by its name in the page's language."""
    known, language = contract.all_columns.get(column), formats.language_of(get_language())
    if not isinstance(value, str) or not (column == "way" or (known is not None and known.one_of)):
        return Cell(value)
    return Cell(word(value, language, "way" if known is None else f"{contract.id}.{column}"), code=value)


def heads_of(contract: Contract, names: Iterable[str]) -> tuple[Head, ...]:
    """Heads of some stored columns; what the border adds is explained here."""
    added = {
        COUNTED_IN: _("counted in the period that begins on this day"),
        "day": _("the city's own day of the row"),
        "received_at_platform": _("when the platform received it (UTC)"),
        "way": _("way in"),
    }
    personal, language = personal_columns(contract), formats.language_of(get_language())
    found = []
    for name in names:
        column = contract.all_columns.get(name)
        if column is None:
            found.append(Head(name, added.get(name, name), kind="time" if name.endswith("_at_platform") else "text"))
        else:
            unit = word(column.unit, language) if column.unit not in (None, "count") else ""
            found.append(Head(name, column.meaning, unit, column.type, name in personal))
    return tuple(found)
