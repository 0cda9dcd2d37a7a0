"""Who belongs into a working group (item 18), and when it can decide.

The order names kinds of members and no numbers. That more than half of the members make a quorum, and more than half of those
present a decision, is this program's, and is said so on the page.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext_lazy as _

CHAIR, SECRETARY = "chair", "secretary"
KINDS: Mapping[str, Any] = {
    CHAIR: _("head of the group: deputy head of the akimat in charge of digitalisation, or head of its office"),
    SECRETARY: _("secretary: head of the department of digitalisation"),
    "department": _("departments of the akimat"),
    "territorial": _("territorial bodies of central state bodies"),
    "science": _("scientific organisations"),
    "business": _("business communities"),
    "maslikhat": _("deputies of the maslikhat"),
    "public": _("public associations"),
}
"""Kind -> its words, in the order of item 18."""
SHORT: Mapping[str, Any] = {
    CHAIR: _("head of the group"),
    SECRETARY: _("secretary"),
    "department": _("department of the akimat"),
    "territorial": _("territorial body"),
    "science": _("science"),
    "business": _("business"),
    "maslikhat": _("maslikhat"),
    "public": _("public association"),
}
ONLY_ONE = (CHAIR, SECRETARY)
VOTES: Mapping[str, Any] = {"for": _("for"), "against": _("against"), "abstained": _("abstained")}


@dataclass(frozen=True)
class Rule:
    """A kind of members, how many there are, and whether that is what item 18 asks."""

    kind: str
    words: Any
    there: int

    @property
    def held(self) -> bool:
        return self.there == 1 if self.kind in ONLY_ONE else self.there > 0


def checked(kinds: Iterable[str]) -> list[Rule]:
    """Each rule of item 18 against the kinds of the members that a group has."""
    there = list(kinds)
    return [Rule(kind, words, there.count(kind)) for kind, words in KINDS.items()]


def quorum(members: int) -> int:
    """How many must be present: more than half."""
    return members // 2 + 1


def counted(votes: Iterable[str]) -> dict[str, int]:
    """Vote -> how many."""
    given = list(votes)
    return {one: given.count(one) for one in VOTES}


def accepted(votes: Mapping[int, str], present: Sequence[int]) -> bool:
    """Whether more than half of those present are for it; only those present vote."""
    return sum(votes.get(one) == "for" for one in present) * 2 > len(present)
