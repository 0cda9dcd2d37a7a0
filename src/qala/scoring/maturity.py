"""From answers to maturity: sub-dimension → dimension → overall, for respondents, departments and the city. Pure and exact.

A department's sub-dimension is the mean of its respondents, the city's the mean of its departments (a large department
outvotes no small one); at each of the three levels a dimension is the mean of its sub-dimensions and the overall score the
mean of the dimensions (IDC 2021, section 3.2). A dimension with fewer answered sub-dimensions than the model's share has no
score, and without it there is no overall score.

    found = score_city(load_maturity(), respondents, "control")
    found.whole.overall, found.departments["transport"].dimensions["data"]
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Literal, get_args

from qala.scoring.maturity_corrections import calibrated, shifted
from qala.standard.maturity import MaturityModel

Variant = Literal["raw", "control", "vignettes"]
"""`raw`: answers as given; `control`: shifted by the two control questions (Q1); `vignettes`: calibrated (Q2)."""
VARIANTS: tuple[Variant, ...] = get_args(Variant)

Known = Mapping[str, Fraction]


@dataclass(frozen=True)
class Respondent:
    """What one person answered; all on the model's scale, what was not answered is absent or None.

    Attributes:
        department: the group that the answer counts in.
        answers: sub-dimension -> step.
        self_rated, benefits: the control questions C1 and C2.
        vignettes: dimension -> level of an imagined city -> the person's rating of it.
        own: dimension -> the person's rating of the own city by the same measure.
        traits: anything to compare by: `{"level": "management", "it": "no"}`.
    """

    department: str
    answers: Mapping[str, int]
    self_rated: int | None = None
    benefits: int | None = None
    vignettes: Mapping[str, Mapping[int, int]] = field(default_factory=dict)
    own: Mapping[str, int] = field(default_factory=dict)
    traits: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Scores:
    """One sheet of scores, of a person, a department or a city; None where there is no score."""

    sub_dimensions: Mapping[str, Fraction | None]
    dimensions: Mapping[str, Fraction | None]
    overall: Fraction | None


@dataclass(frozen=True)
class CityMaturity:
    """A city by one variant.

    Attributes:
        departments: name -> its scores, in the order of first answers.
        respondents: how many answered anything.
        uncorrected: of how many of them a correction left some answers as given, for want of what it needs.
    """

    variant: Variant
    whole: Scores
    departments: Mapping[str, Scores]
    respondents: int
    uncorrected: int


def sheet(model: MaturityModel, answered: Mapping[str, Fraction | None]) -> Scores:
    """Scores from those of sub-dimensions; what is absent was not answered."""
    subs = {name: answered.get(name) for name in model.sub_dimensions}
    dimensions = {
        id_: _mean_of_enough([subs[name] for name in one.sub_dimensions], model.about.answered.share)
        for id_, one in model.dimensions.items()
    }
    return Scores(subs, dimensions, _mean_of_enough(list(dimensions.values()), Fraction(1)))


def corrected(model: MaturityModel, one: Respondent, variant: Variant) -> tuple[Known, bool]:
    """A person's answers by a variant, and whether some stay as given because the correction lacks what it needs."""
    raw = {name: Fraction(step) for name, step in one.answers.items()}
    if variant == "raw":
        return raw, False
    if variant == "control":
        if one.self_rated is None or one.benefits is None:
            return raw, bool(raw)
        return {name: shifted(model, step, one.self_rated, one.benefits) for name, step in raw.items()}, False
    found, lacking = {}, False
    for name, step in raw.items():
        better = calibrated(model, step, one.vignettes.get(model.sub_dimension(name).dimension, {}))
        found[name] = step if better is None else better
        lacking |= better is None
    return found, lacking


def score_city(model: MaturityModel, respondents: Iterable[Respondent], variant: Variant = "raw") -> CityMaturity:
    """Respondents → departments → city."""
    by_department: dict[str, list[Known]] = {}
    count = lacking = 0
    for one in respondents:
        if not one.answers:
            continue
        known, left = corrected(model, one, variant)
        by_department.setdefault(one.department, []).append(known)
        count, lacking = count + 1, lacking + left
    departments = {name: sheet(model, _means(model, people)) for name, people in by_department.items()}
    whole = sheet(model, _means(model, [_known(one) for one in departments.values()]))
    return CityMaturity(variant, whole, departments, count, lacking)


def blended(model: MaturityModel, experts: Scores, respondents: Scores) -> Scores:
    """An expert panel and the respondents, by the model's shares, figure by figure; None where either has none."""
    shares = model.about.expert_blend

    def both(panel: Fraction | None, people: Fraction | None) -> Fraction | None:
        return None if panel is None or people is None else shares.experts * panel + shares.respondents * people

    return Scores(
        {name: both(score, respondents.sub_dimensions[name]) for name, score in experts.sub_dimensions.items()},
        {name: both(score, respondents.dimensions[name]) for name, score in experts.dimensions.items()},
        both(experts.overall, respondents.overall),
    )


def mean(values: Sequence[Fraction]) -> Fraction | None:
    """The mean; None of nothing."""
    return sum(values, Fraction(0)) / len(values) if values else None


def _means(model: MaturityModel, sheets: Sequence[Known]) -> dict[str, Fraction | None]:
    return {name: mean([one[name] for one in sheets if name in one]) for name in model.sub_dimensions}


def _known(scores: Scores) -> Known:
    return {name: score for name, score in scores.sub_dimensions.items() if score is not None}


def _mean_of_enough(scores: Sequence[Fraction | None], share: Fraction) -> Fraction | None:
    known = [score for score in scores if score is not None]
    return mean(known) if len(known) >= share * len(scores) else None
