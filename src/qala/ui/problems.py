"""Problems that parts below the screens tell, in the page's language.

They are raised in English with their values in them (`Problem(f"there is no column {name}")`). `scripts/problem_texts.py` gathers
the sentences from the code, with a place for each value, into the catalogue `problems` of this part; here a sentence is found
again by its shape and said with its values. What stands in no catalogue is told as it is.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path
from typing import Any

from babel.messages.mofile import read_mo
from django.utils.translation import get_language

from qala.standard.problems import Problem, Problems, phrase

PYDANTIC = (
    phrase("Field required"),
    phrase("Extra inputs are not permitted"),
    phrase("Input should be a valid integer, unable to parse string as an integer"),
    phrase("Input should be a valid string"),
    phrase("Input should be a valid boolean, unable to interpret input"),
    phrase("String should have at least 1 character"),
)
"""What pydantic says of settings and mappings."""

_PLACE = re.compile(r"%\((\w+)\)s|%%|'")
_LABEL = re.compile(r"^  (where: |mend:  )")
"""What a problem in several lines, as commands print it, has before its place and its remedy."""


def told(sentence: Any) -> str:
    """A problem's sentence, or several in lines, in the page's language; itself where it is none that is known."""
    text, language = str(sentence or ""), get_language() or "en"
    return _of(text, language) or "\n".join(_line_of(_LABEL.sub("", one), language) for one in text.split("\n"))


def line(problem: Problem) -> str:
    """A problem in one line: where, what, how to mend it; the problems that it is made of, too."""
    several = [line(one) for one in problem.problems] if isinstance(problem, Problems) else []
    said = (problem.where, told(problem.message), told(problem.hint), *several)
    return " ".join(part for part in said if part)


def _line_of(text: str, language: str) -> str:
    said = text.removeprefix("- ")
    return text[: len(text) - len(said)] + (_of(said, language) or said)


def _of(text: str, language: str) -> str:
    for shape, message in _shapes(language):
        if found := shape.fullmatch(text):
            values = {name: _of(value, language) or value for name, value in found.groupdict().items()}
            return message % values
    return ""


@lru_cache(maxsize=4)
def _shapes(language: str) -> tuple[tuple[re.Pattern[str], str], ...]:
    """Shape of a sentence and the same in a language; those with the most words of their own come first."""
    file = Path(__file__).parent / "locale" / language / "LC_MESSAGES" / "problems.mo"
    if not file.exists():
        return ()
    with file.open("rb") as stream:
        texts = {str(one.id): str(one.string) for one in read_mo(stream) if one.id and one.string}
    return tuple(
        (re.compile("".join(_shape(text)), re.S), texts[text])
        for text in sorted(texts, key=lambda text: (-len(_PLACE.sub("", text)), text))
    )


def _shape(text: str) -> Iterator[str]:
    """A text's pattern: any value in a place; quotes as Python writes them about a value, or none about a number."""
    at = 0
    for place in _PLACE.finditer(text):
        yield re.escape(text[at : place.start()])
        yield f"(?P<{place[1]}>.*?)" if place[1] else "%" if place[0] == "%%" else "['\"]?"
        at = place.end()
    yield re.escape(text[at:])
