"""What is due, and how near it is."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from typing import Literal

from django.utils.module_loading import import_string

from qala.standard.calendar import working_day_after

Stage = Literal["ahead", "over", "escalated"]
AHEAD_DAYS, PATIENCE_DAYS = 3, 3
"""Working days before a last day on which one is reminded, and after it before somebody above is told. Ours, not the order's."""


@dataclass(frozen=True)
class Due:
    """Something that somebody has to do by a day.

    Attributes:
        key: names it for ever, its day included, so that a moved day is told anew.
        what: says it in the language that is active when it is called.
        day: the last day; it counts.
        url: name and arguments of the page where it is done.
        permission: who has it (in `city`, where one is named) has to do it.
        above: who has it is told when it stays undone; empty: nobody, and it is not overdue but past.
        city: its code; empty: of the country.
        item: of the order; empty where the day is this program's own.
    """

    key: str
    what: Callable[[], str]
    day: date
    url: tuple[str, tuple[object, ...]]
    permission: str
    above: str = ""
    city: str = ""
    item: str = ""

    def stage(self, today: date) -> Stage | None:
        """How near it is; None while nobody need be reminded, or once it is past and nothing follows."""
        if today > self.day:
            if not self.above:
                return None
            return "escalated" if today > working_day_after(self.day, PATIENCE_DAYS) else "over"
        return "ahead" if working_day_after(today, AHEAD_DAYS) >= self.day else None


Source = Callable[[], Iterable[Due]]
_sources: dict[str, str] = {}


def register(name: str, source: str) -> None:
    """Let a part say what is due in it, by the dotted name of a `Source`: it is imported when it is asked.

    Registering a part again replaces it.
    """
    _sources[name] = source


def everything() -> Iterator[Due]:
    """All that is open in all parts, the earliest day first."""
    sources: list[Source] = [import_string(name) for name in _sources.values()]
    yield from sorted((one for source in sources for one in source()), key=lambda one: (one.day, one.key))
