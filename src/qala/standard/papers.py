"""The parts of an edition that are read rather than computed: dates, procedure, annex 1, glossary."""

from __future__ import annotations

from datetime import date
from typing import Literal

from pydantic import Field, model_validator

from qala.standard.values import Frozen, Strict, Text, Words


class Successor(Strict):
    """The act that replaces an edition, and whether its text is loaded."""

    number: str
    signed_on: date = Field(alias="date")
    from_day: date = Field(alias="from")
    title: Text | None = None
    loaded: bool


class Scope(Strict):
    """Which KPIs bind a category (reading S1).

    Attributes:
        by: `roadmap` (annex 2 lists the category) or `target` (annex 4 has a target for it).
        adds: rows of annex 4 that bind every category besides.
    """

    by: Literal["roadmap", "target"]
    adds: tuple[str, ...] = ()
    name: Text


class Act(Strict):
    """edition.yaml: what act this is and when it is in force (both days belong to it)."""

    number: str
    signed_on: date = Field(alias="date")
    short: Text
    title: Text
    issued_by: Text
    in_force: InForce
    replaced_by: Successor | None = None
    source: str | None = None
    goals: tuple[Text, ...]
    principles: tuple[Text, ...]
    definitions: Frozen[Definition] = Field(default_factory=dict, validate_default=True)
    abbreviations: Frozen[Text] = Field(default_factory=dict, validate_default=True)
    scopes: Frozen[Scope]


class InForce(Strict):
    """First and last day of force; `to_day` is None while nothing has ended it."""

    from_day: date = Field(alias="from")
    to_day: date | None = Field(default=None, alias="to")


class Definition(Strict):
    """A word and what the act means by it."""

    word: Text
    means: Text


class Deadline(Strict):
    """When something must be done: exactly one of the four.

    Attributes:
        working_days: so many working days after `after`.
        on: a calendar day.
        by: month and day "01-31" of the year given by `year` (`next` = after the reported year).
        each: a rhythm without a date, such as `year`.
        as_written: the order's own words.
    """

    working_days: int | None = None
    after: str | None = None
    on: date | None = None
    by: str | None = None
    year: Literal["same", "next"] | None = None
    each: Literal["year"] | None = None
    as_written: Words

    @model_validator(mode="after")
    def _one(self) -> Deadline:
        given = [name for name in ("working_days", "on", "by", "each") if getattr(self, name) is not None]
        if len(given) != 1:
            raise ValueError("a deadline is exactly one of working_days, on, by, each")
        return self


class Step(Strict):
    """One duty of items 11–37: who does what, and by when if the order says so."""

    id: str
    item: str
    who: tuple[str, ...]
    what: Text
    phase: Literal["requirements", "survey", "strategy", "roadmap", "approval", "publication", "work", "rating"]
    deadline: Deadline | None = None
    parts: tuple[Text, ...] = ()
    gives: Text | None = None
    readings: tuple[str, ...] = ()


class Procedure(Strict):
    """procedure.yaml: the actors and the steps of items 11–37."""

    actors: Frozen[Text]
    steps: tuple[Step, ...]


class Methodology(Strict):
    """A methodology of annex 1, in short and in our own words."""

    no: int
    name: Text
    by: Text
    says: Text
    strengths: Text


class Experience(Strict):
    """A country's experience of annex 1, in short and in our own words."""

    no: int
    country: Text
    programme: Text
    aims: Text
    directions: Text
    technologies: Text
    examples: Text
    outlook: Text


class International(Strict):
    """international.yaml: annex 1, to be shown under `label` («the order says»)."""

    label: Text
    methodologies: tuple[Methodology, ...]
    experience: tuple[Experience, ...]


class Term(Text):
    """One key term in three languages; `keep` are words that a text in that language is expected to use."""

    id: str
    remark: Text | None = None


class Crossing(Strict):
    """A KPI beside an indicator of an international standard.

    Attributes:
        kpi: row of annex 4.
        standard: `ISO 37120:2018` or `U4SSC`.
        number: the indicator's number in that standard; None where it could not be confirmed.
        clause: the chapter of the standard in which the indicator stands, where that much is confirmed.
        indicator: its name.
        match: `same` or `near`.
        difference: what differs; always said, also where little does.
    """

    kpi: str
    standard: Literal["ISO 37120:2018", "U4SSC"]
    number: str | None = None
    clause: str | None = None
    indicator: Text
    match: Literal["same", "near"]
    difference: Text


Act.model_rebuild()
