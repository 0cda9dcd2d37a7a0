"""A questionnaire as data: pages of questions with choices, in three languages.

A survey keeps its own copy as JSON, so that what was asked stays what was asked. Answers are kept under the question's id
as the value of the choice; a question without choices is free text.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from pydantic import model_validator

from qala.standard.values import Frozen, Strict, Text


class Choice(Strict):
    """One choice; `counts` is false for “I do not know”."""

    value: str
    text: Text
    name: Text | None = None
    counts: bool = True


class Question(Strict):
    """One question.

    Attributes:
        short: its name in tables.
        lead: what is told before it, such as an imagined city.
        listed: choices stand in a list that opens, for when there are many.
        remarks, files: whether a remark and evidence may be added.
        distinct: questions of one such name must get different answers.
    """

    id: str
    short: Text
    text: Text
    lead: Text | None = None
    choices: tuple[Choice, ...]
    listed: bool = False
    remarks: bool = False
    files: bool = False
    distinct: str = ""

    def choice(self, value: str) -> Choice | None:
        """The choice of a value; None if there is none."""
        return next((one for one in self.choices if one.value == value), None)


class Page(Strict):
    """What stands on one screen."""

    id: str
    title: Text
    questions: tuple[Question, ...]


class Questionnaire(Strict):
    """All pages, and the roles that people answer in."""

    title: Text
    lead: Text
    minutes: int
    roles: Frozen[Text]
    pages: tuple[Page, ...]

    @model_validator(mode="after")
    def _once(self) -> Questionnaire:
        ids = [one.id for one in self.questions()]
        if len(ids) != len(set(ids)) or len({page.id for page in self.pages}) != len(self.pages):
            raise ValueError("every page and every question wants an id of its own")
        return self

    def questions(self) -> Iterable[Question]:
        """Every question, in order."""
        return (one for page in self.pages for one in page.questions)

    def page_at(self, id_: str) -> int | None:
        """The place of a page."""
        return next((at for at, page in enumerate(self.pages) if page.id == id_), None)


def wrong(page: Page, answers: Mapping[str, str]) -> dict[str, str]:
    """Question -> what is wrong with its answer: `unknown` (no such choice) or `twice` (a distinct one is given twice)."""
    found: dict[str, str] = {}
    given: dict[tuple[str, str], str] = {}
    for one in page.questions:
        value = answers.get(one.id, "")
        if value and one.choice(value) is None:
            found[one.id] = "unknown"
        elif value and one.distinct and given.setdefault((one.distinct, value), one.id) != one.id:
            found[one.id] = "twice"
    return found


def as_json(questionnaire: Questionnaire) -> dict[str, Any]:
    """What a survey keeps."""
    return questionnaire.model_dump(mode="json")
