"""The one kind of error that is meant for the person at the keyboard.

Anything that a user can cause (a wrong file, a misspelt column, a period before the law) is raised as a
`Problem`;
the command line prints it without a traceback and exits with 2. Everything else is our own defect and
keeps its traceback.
"""

from __future__ import annotations


def phrase(text: str) -> str:
    """A part of a problem that is put together elsewhere: gathered, as problems' own texts are, for other languages."""
    return text


class Problem(Exception):  # noqa: N818 - a message for a person, not a failure of the program
    """What is wrong, where it is, and how to mend it.

    Args:
        message: what is wrong, one sentence.
        where: file, row, column or YAML path, as precise as is known.
        hint: what to do about it.
    """

    def __init__(self, message: str, *, where: str = "", hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.where = where
        self.hint = hint

    def __str__(self) -> str:
        parts = [self.message]
        if self.where:
            parts.append(f"  where: {self.where}")
        if self.hint:
            parts.append(f"  mend:  {self.hint}")
        return "\n".join(parts)


class Problems(Problem):
    """Several problems found in one pass, so that a user mends a file once and not line by line."""

    def __init__(self, problems: list[Problem], summary: str) -> None:
        super().__init__(summary)
        self.problems = problems

    def __str__(self) -> str:
        return "\n".join([self.message, *(f"- {problem}" for problem in self.problems)])
