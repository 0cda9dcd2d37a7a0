"""Matching the headers of a file with the columns of a contract.

A header may be the column's name or its meaning in Kazakh, Russian or English, as in our templates; case, spaces and
underscores do not matter.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Sequence

from qala.datasets import Contract
from qala.standard.problems import phrase


def plain(header: str) -> str:
    """A header without what does not matter in it."""
    return re.sub(r"[\s_\-]+", " ", header.replace("\ufeff", "").strip().casefold()).strip(" *:")


class Headers:
    """The headers of one source, in order.

    Args:
        names: as written in the source.
    """

    def __init__(self, names: Sequence[str]) -> None:
        self.names = tuple(names)
        self._exact: dict[str, int] = {}
        self._plain: dict[str, int] = {}
        for at, name in enumerate(self.names):
            self._exact.setdefault(name.strip(), at)
            self._plain.setdefault(plain(name), at)

    def find(self, name: str) -> int | None:
        """The position of a header; exact spelling wins."""
        return self._exact.get(name.strip(), self._plain.get(plain(name)))

    def near(self, name: str) -> str:
        """A hint that names the headers most like `name`."""
        close = difflib.get_close_matches(plain(name), list(self._plain), n=3, cutoff=0.5)
        found = [self.names[self._plain[word]] for word in close] or list(self.names[:30])
        said = ", ".join(found)
        return phrase(f"nearest: {said}") if close else phrase(f"headers: {said}")


def aliases(contract: Contract) -> dict[str, str]:
    """Every plain spelling of every column of a contract; a label that two columns share is nobody's."""
    found: dict[str, str] = {}
    shared: set[str] = set()
    for name, column in contract.all_columns.items():
        for label in (column.meaning.ru, column.meaning.kk, column.meaning.en):
            word = plain(label)
            if found.setdefault(word, name) != name:
                shared.add(word)
    for word in shared:
        del found[word]
    return {**found, **{plain(name): name for name in contract.all_columns}}


def matched(headers: Sequence[str], contract: Contract) -> int:
    """How many of the headers the contract knows."""
    known = aliases(contract)
    return sum(plain(header) in known for header in headers)
