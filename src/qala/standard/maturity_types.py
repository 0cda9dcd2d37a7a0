"""The parts of the maturity model, typed and frozen: stages, dimensions, ladders, questions, rules, references.

Scores run over the model's scale (1 to 5) and are exact (`Fraction`). A `source` of kind `ours` marks every choice that
the model's author does not publish.
"""

from __future__ import annotations

from fractions import Fraction
from typing import Literal

from pydantic import model_validator

from qala.standard.values import Exact, Frozen, Strict, Text, Words

Moment = Literal["before", "after"]
"""Whether a question comes before or after the ladders."""


class Source(Strict):
    """Where a rule comes from: `published` (the author says so) or `ours`."""

    kind: Literal["published", "ours"]
    where: Words


class MaturityRule(Strict):
    """A rule of the arithmetic, told in words."""

    text: Text
    source: Source


class Rules(Strict):
    """How scores add up and how a score becomes a stage."""

    dimension: MaturityRule
    overall: MaturityRule
    nearest_stage: MaturityRule
    completed_stage: MaturityRule


class Scale(Strict):
    """The ends of the scale of answers and scores."""

    lowest: int
    highest: int

    @property
    def steps(self) -> range:
        """The steps, lowest first."""
        return range(self.lowest, self.highest + 1)


class Answered(Strict):
    """Which share of a dimension's sub-dimensions must be answered for it to have a score."""

    share: Exact
    source: Source


class SmallestGroup(Strict):
    """The fewest people for whom a result may be shown."""

    people: int
    source: Source


class ControlShift(Strict):
    """Shift of an answer by the control questions: strength x (C2 - C1) / divide_by, clipped to the scale (Q1)."""

    reading: str
    strength: Exact
    divide_by: int
    source: Source


class ExpertBlend(Strict):
    """Shares of an expert panel and of the respondents in a blended score; they make one."""

    experts: Exact
    respondents: Exact
    source: Source

    @model_validator(mode="after")
    def _whole(self) -> ExpertBlend:
        if self.experts + self.respondents != 1:
            raise ValueError("the two shares of the blend must make 1")
        return self


class Resampling(Strict):
    """The interval of a score: draws of departments, the share of draws within it, the fewest departments for one."""

    draws: int
    level: Exact
    fewest: int
    source: Source


class About(Strict):
    """model.yaml: the model's name, source, warning and arithmetic."""

    name: Text
    author: Words
    source: Text
    warning: Text
    scale: Scale
    shown_decimals: int
    rules: Rules
    answered: Answered
    smallest_group: SmallestGroup
    control: ControlShift
    expert_blend: ExpertBlend
    interval: Resampling


class MaturityStage(Strict):
    """One stage: `nearest_from` and `completed_from` are scores."""

    number: int
    name: Text
    also_called: Text | None = None
    nearest_from: Exact
    completed_from: Exact
    portrait: Text
    aim: Text


class SubDimension(Strict):
    """One sub-dimension: the question, and for every stage what it looks like."""

    id: str
    dimension: str
    name: Text
    question: Text
    ladder: Frozen[Text]

    def at(self, stage: int) -> Text:
        """The descriptor of a stage."""
        return self.ladder[str(stage)]


class Dimension(Strict):
    """One dimension with its sub-dimensions in the model's order."""

    id: str
    name: Text
    about: Text
    sub_dimensions: Frozen[SubDimension]


class ControlQuestion(Strict):
    """A control question; `answers` are its own labels by step, or `plain_scale`."""

    symbol: Literal["C1", "C2"]
    asked: Moment
    text: Text
    answers: Literal["plain_scale"] | Frozen[Text]
    source: Source


class Questions(Strict):
    """questions.yaml: what is asked beside the ladders."""

    plain_scale: Frozen[Text]
    control: Frozen[ControlQuestion]
    no_answer: Frozen[Text]


class Calibration(Strict):
    """The piecewise linear calibration of a respondent (Q2); `anchors` stay where they are."""

    reading: str
    anchors: tuple[int, int]
    wants: Literal["rising"]
    otherwise: Literal["raw"]
    source: Source


class RankStatistic(Strict):
    """The nonparametric rank of the own city among the vignettes (Q3)."""

    reading: str
    on_tie: Literal["interval"]
    source: Source


class VignetteScheme(Strict):
    """vignettes.yaml: how the imagined cities are built, asked and used."""

    built_from: Literal["descriptors"]
    per: Literal["dimension"]
    asked: Moment
    answers: Literal["plain_scale"]
    levels: tuple[int, ...]
    levels_short: tuple[int, ...]
    cities: tuple[Text, ...]
    ask_rating: Text
    ask_own: Text
    calibration: Calibration
    rank: RankStatistic


class Reference(Strict):
    """A published assessment: scores as printed, None where none was printed."""

    id: str
    city: Text
    year: int
    instrument: str
    scores: Frozen[Exact | None]
    overall: Exact
    parts: Frozen[Exact] | None = None
    questionnaires: int
    stage_said: tuple[int, ...]
    method: Text
    not_published: tuple[Text, ...]
    source: Words

    def mean(self) -> Fraction | None:
        """The mean of the printed scores of dimensions; None where one of them was not printed."""
        known = [score for score in self.scores.values() if score is not None]
        return sum(known, Fraction(0)) / len(known) if len(known) == len(self.scores) else None
