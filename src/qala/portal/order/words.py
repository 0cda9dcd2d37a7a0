"""How words are matched in three languages without a dictionary: by beginnings, and by a common stem with short endings.

Russian and Kazakh put their grammar at the end of a word; so two words are forms of one if they begin alike for most of
their length and what is left of each is short. That finds «парковку» by «парковка» and «көрсеткіштер» by «көрсеткіші».
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache

_TOKEN = re.compile(r"[0-9]+(?:\.[0-9]+)+|\w+", re.UNICODE)
_SAME = str.maketrans({"ё": "е", "’": "'", "_": " "})
# Letters of Kazakh as they are typed on a keyboard that lacks them.
_PLAIN = str.maketrans("әғқңөұүһі", "агкноуухи")
_LEAST_STEM = 4
_LONGEST_ENDING = 3
_LONGEST_SUFFIXES = 6
"""Kazakh stacks suffixes: a word that is wholly the beginning of another may be followed by this much."""

EXACT, BEGINS, FORM = 4, 3, 2
"""How well a word fits: the very word, a beginning of it, another form of it."""


def spans(text: str) -> Iterator[tuple[str, int, int]]:
    """The words of a text as they are compared, each with where it stands (start, end)."""
    for found in _TOKEN.finditer(text.translate(_SAME)):
        yield plain(found.group()), found.start(), found.end()


def words(text: str) -> list[str]:
    """The words of a text as they are compared."""
    return [word for word, _, _ in spans(text)]


def plain(word: str) -> str:
    """A word in small letters, Kazakh letters as their plain likes."""
    return word.casefold().translate(_SAME).translate(_PLAIN)


@lru_cache(maxsize=200_000)
def fit(asked: str, word: str) -> int:
    """How well a word fits the one asked for (both plain): EXACT, BEGINS, FORM, or 0."""
    if asked == word:
        return EXACT
    if asked[0].isdigit():
        return 0
    if word.startswith(asked) and len(asked) > 1:
        return BEGINS
    common = 0
    for one, other in zip(asked, word, strict=False):
        if one != other:
            break
        common += 1
    ending, of_word = len(asked) - common, len(word) - common
    if common < _LEAST_STEM:
        return 0
    short = max(ending, of_word) <= _LONGEST_ENDING and 2 * common >= max(len(asked), len(word))
    stacked = common > _LEAST_STEM and of_word == 0 and ending <= _LONGEST_SUFFIXES
    inflected = common > _LEAST_STEM and ending == 1 and of_word <= _LONGEST_SUFFIXES
    return FORM if short or stacked or inflected else 0
