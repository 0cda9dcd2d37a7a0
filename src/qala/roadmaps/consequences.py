"""What a choice of actions brings besides, told by parts that know roadmaps and that roadmaps do not know."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from django.utils.module_loading import import_string


@dataclass(frozen=True)
class Consequence:
    """A table with words before it, in the active language.

    Attributes:
        name: of its place in the page, a slug.
        lines: of the table, a cell for each of `heads`; the first names the line.
    """

    name: str
    title: str
    lead: str
    heads: Sequence[str]
    lines: Sequence[Sequence[str]]

    @property
    def labelled(self) -> list[list[tuple[str, str]]]:
        """Each line as pairs of head and cell."""
        return [list(zip(self.heads, line, strict=True)) for line in self.lines]


Source = Callable[[str, frozenset[int]], Consequence | None]
_sources: dict[str, str] = {}


def register(name: str, source: str) -> None:
    """Let a part tell what follows for it, by the dotted name of a `Source`, which is given a city and the numbers of the
    initiatives that are chosen; None where it has nothing to say. Registering a part again replaces it."""
    _sources[name] = source


def of(city: str, initiatives: frozenset[int]) -> list[Consequence]:
    """What every part says."""
    sources: list[Source] = [import_string(name) for name in _sources.values()]
    return [told for source in sources if (told := source(city, initiatives)) is not None]
