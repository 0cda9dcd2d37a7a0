"""Problems that parts below the screens tell, in the page's language. What stands in none of these lines is told as it is:
a sentence of a file's reader or of the law's loader, which names its own places."""

from __future__ import annotations

import re
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from qala.standard.problems import Problem

_KNOWN = tuple(
    (re.compile(pattern), message)
    for pattern, message in (
        (r"'(?P<said>.*)' is not a period\.", gettext_noop("“%(said)s” is not a period.")),
        (
            r"Write 2026, 2026-Q1, 2026-03, 2026-W09 or 2026-03-05\.",
            gettext_noop("Write 2026, 2026-Q1, 2026-03, 2026-W09 or 2026-03-05."),
        ),
        (r"There is no KPI '(?P<said>.*)' in \S+\.", gettext_noop("There is no KPI “%(said)s” in this edition.")),
        (
            r"There is no category '(?P<said>.*)' in \S+\.",
            gettext_noop("There is no category “%(said)s” in this edition."),
        ),
        (
            r"(?P<said>\S+) has no column '(?P<column>.*)'",
            gettext_noop("The dataset %(said)s has no column “%(column)s”."),
        ),
        (
            r"'(?P<said>.*)' is neither numerator nor denominator",
            gettext_noop("“%(said)s” is neither numerator nor denominator."),
        ),
        (
            r"(?P<said>\S+) has no denominator: its numerator is its value",
            gettext_noop("KPI %(said)s has no denominator: its numerator is its value."),
        ),
        (
            r"rows of (?P<said>\S+) do not know their district",
            gettext_noop("Rows of %(said)s do not know their district."),
        ),
        (r"city '(?P<said>.*)' is not in the registry", gettext_noop("City %(said)s is not in the registry.")),
        (
            r"city (?P<said>\S+) has no category on (?P<day>\S+)",
            gettext_noop("City %(said)s has no category on %(day)s."),
        ),
        (r"The run cannot be read: .*", gettext_noop("The run cannot be read.")),
        (r"The run is damaged: .*", gettext_noop("The run is damaged.")),
        (r"One of: (?P<said>.*)\.", gettext_noop("One of: %(said)s.")),
    )
)
"""Whole sentence as it is said below -> the same as a text to translate."""


def told(sentence: Any) -> str:
    """A sentence of a problem in the page's language; itself where it is none of the known ones."""
    text = str(sentence or "")
    for pattern, message in _KNOWN:
        if found := pattern.fullmatch(text):
            return _(message) % found.groupdict() if found.groupdict() else _(message)
    return text


def line(problem: Problem) -> str:
    """A problem in one line: where, what, how to mend it."""
    return " ".join(part for part in (problem.where, told(problem.message), told(problem.hint)) if part)
