"""A profile: which of the switchable readings a rating is made by.

Readings S1 (scope), T1 (stage), N1b (way in), S2 (third category), C2 (`rank_all`).
"""

from __future__ import annotations

from dataclasses import dataclass, fields, replace
from typing import Literal, get_args

from qala.standard.problems import Problem

Scope = Literal["annex2", "annex4", "citywide"]
Due = Literal["start", "end"]
Ways = Literal["all_ways", "integration_only"]
Level = Literal["settlements", "all_centres"]

_CHOICES: dict[str, tuple[str, ...]] = {
    "scope": get_args(Scope),
    "due": get_args(Due),
    "ways": get_args(Ways),
    "level": get_args(Level),
}


@dataclass(frozen=True, slots=True)
class Profile:
    """The switches of one rating; equal profiles are the same rating's.

    Attributes:
        scope: which initiatives count for a category (S1).
        due: a KPI is due from the first year of its stage, or from its last (T1).
        ways: count data of every way in, or of integration only (N1b). Chosen by whoever makes the observations.
        level: who belongs to the third category (S2). Chosen by whoever lists the cities.
        rank_all: nobody is left out of the ranking for want of coverage (C2).
    """

    scope: Scope = "annex2"
    due: Due = "start"
    ways: Ways = "all_ways"
    level: Level = "settlements"
    rank_all: bool = False

    @classmethod
    def parse(cls, text: str) -> Profile:
        """Read `annex2`, `due=end`, `citywide,due=end,rank_all`; what is not named keeps its default.

        Raises:
            Problem: a word that no switch knows, or one switch set twice.
        """
        found: dict[str, object] = {}
        for word in text.replace(";", ",").split(","):
            name, value = _switch(word.strip(), text)
            if not name:
                continue
            if name in found and found[name] != value:
                raise Problem(f"The profile '{text}' sets '{name}' twice.", hint="Leave one of the two.")
            found[name] = value
        return replace(cls(), **found)  # type: ignore[arg-type]

    def __str__(self) -> str:
        """The scope, then only what differs from the default: `annex2`, `citywide,due=end`."""
        words = [self.scope, *(f"due={self.due}",) * (self.due != "start")]
        words += [
            value for value, default in ((self.ways, "all_ways"), (self.level, "settlements")) if value != default
        ]
        return ",".join([*words, *("rank_all",) * self.rank_all])


def _switch(word: str, text: str) -> tuple[str, object]:
    """One word of a profile as (field, value); an empty word is ("", None)."""
    if not word:
        return "", None
    name, equals, value = (part.strip() for part in word.partition("="))
    if name == "rank_all" and value in ("", "yes", "no"):
        return "rank_all", value != "no"
    if equals and value in _CHOICES.get(name, ()):
        return name, value
    if not equals:
        for field, choices in _CHOICES.items():
            if name in choices and field != "due":
                return field, name
    words = [*_CHOICES["scope"], *(f"due={end}" for end in _CHOICES["due"])]
    raise Problem(
        f"The profile '{text}' has the unknown word '{word}'.",
        hint=f"Known words: {', '.join([*words, *_CHOICES['ways'], *_CHOICES['level'], 'rank_all'])}.",
    )


SWITCHES: tuple[str, ...] = tuple(field.name for field in fields(Profile))
"""The names of the switches, in the order of `Profile`."""
