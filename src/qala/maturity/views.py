"""Results in the shape in which the page and the report show them: lines of tables, charts. Scores stay exact."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from django.utils.translation import gettext as _

from qala import facts
from qala.kits.surveys.models import Group
from qala.maturity import queries
from qala.maturity.contradictions import contradictions
from qala.maturity.models import Assessment
from qala.maturity.results import GroupLine, Results
from qala.scoring.maturity import Scores
from qala.scoring.maturity_intervals import Interval, Intervals
from qala.standard.maturity import MaturityModel
from qala.standard.maturity_actions import load_actions
from qala.standard.values import Language
from qala.ui.charts import Chart, Series
from qala.ui.formats import said

Score = Fraction | None


@dataclass(frozen=True)
class VariantLine:
    """One way of reading the answers: its dimensions with intervals, its stages."""

    name: str
    ours: bool
    cells: Sequence[tuple[Score, Interval | None]]
    overall: Score
    interval: Interval | None
    nearest: Any
    completed: Any
    note: str


@dataclass(frozen=True)
class SubLine:
    """One sub-dimension: its score, its interval, the stage it stands on and what the next one looks like."""

    sub: Any
    dimension: Any
    score: Score
    interval: Interval | None
    stage: Any
    following: Any
    looks: Any
    action: Any
    apart: Score


def name(text: object, language: Language) -> str:
    """A name in a language."""
    return said(text, language)


def method_name(method: str) -> str:
    """How a method is called."""
    names = {
        queries.METHOD: _("Qala: self-assessment by our own descriptors, raw answers"),
        "idc_maturityscape": _("IDC Smart City MaturityScape, as published"),
    }
    return names.get(method, method)


def whole(model: MaturityModel, one: Assessment, found: Results, language: Language) -> dict[str, Any]:
    """Everything that the page shows of an assessment with enough answers."""
    before, others = queries.previous(one), queries.peers(one)
    compared = [queries.published_scores(other) for other in others]
    lines = sub_lines(model, found)
    return {
        "stage": stage(model, found.raw.overall),
        "done": completed(model, found.raw.overall),
        "overall_interval": _of(found.intervals["raw"]),
        "variants": variant_lines(model, found),
        "before": before,
        "peers": others,
        "radar": radar(model, found, before, [scores for scores in compared if scores], language),
        "spread": spread_chart(model, found, language),
        "subs": lines,
        "strong": sorted((one for one in lines if one.score is not None), key=lambda one: -(one.score or 0))[:3],
        "weak": sorted((one for one in lines if one.score is not None), key=lambda one: one.score or 0)[:3],
        "departments": departments(one, found),
        "gap": gap(model, found.roles),
        "it_gap": gap(model, found.it),
        "ranks": [(model.dimensions[id_], ranks, rank_cells(ranks)) for id_, ranks in found.ranks.items()],
        "needs": _named(found.needs, {id_: sub.name for id_, sub in model.sub_dimensions.items()}),
        "sphere_needs": _named(found.sphere_needs, {id_: one.name for id_, one in facts.edition().spheres.items()}),
        "remarks": [
            (model.sub_dimensions[id_], texts) for id_, texts in found.remarks.items() if id_ in model.sub_dimensions
        ],
        "invited": one.survey.invitations.count(),
        "against": contradictions(one.city, {line.sub.id: line.score for line in lines}) if not one.sphere else [],
    }


def stage(model: MaturityModel, score: Score) -> Any:
    """The nearest stage of a score."""
    return None if score is None else model.stages[str(model.nearest_stage(score))]


def completed(model: MaturityModel, score: Score) -> Any:
    """The stage that lies behind a score."""
    return None if score is None else model.stages[str(model.completed_stage(score))]


def variant_lines(model: MaturityModel, found: Results) -> list[VariantLine]:
    """Raw first, then corrections, then other instruments."""
    lines = []
    for variant, city in found.variants.items():
        names = {
            "raw": _("Raw answers"),
            "control": _("Shifted by control questions"),
            "vignettes": _("Calibrated by vignettes"),
        }
        left = _("of %(n)s people some answers stay as given") % {"n": city.uncorrected} if city.uncorrected else ""
        lines.append(_line(model, names[variant], variant != "raw", city.whole, found.intervals[variant], left))
    if found.experts is not None:
        lines.append(
            _line(model, _("Expert panel"), False, found.experts, None, _("%(n)s experts") % {"n": found.panel})
        )
    if found.blend is not None:
        shares = model.about.expert_blend
        note = f"{float(shares.experts):g} / {float(shares.respondents):g}"
        lines.append(_line(model, _("Experts and respondents blended"), True, found.blend, None, note))
    if found.interviews is not None:
        note = _("%(n)s interviews") % {"n": found.interviewed}
        lines.append(_line(model, _("Interviews"), False, found.interviews, None, note))
    return lines


def _line(
    model: MaturityModel, title: str, ours: bool, scores: Scores, limits: Intervals | None, note: str
) -> VariantLine:
    return VariantLine(
        title, ours, [(score, limits.dimensions[id_] if limits else None) for id_, score in scores.dimensions.items()],
        scores.overall, _of(limits), stage(model, scores.overall), completed(model, scores.overall), note,
    )  # fmt: skip


def _of(limits: Intervals | None) -> Interval | None:
    return limits.overall if limits else None


def sub_lines(model: MaturityModel, found: Results) -> list[SubLine]:
    """Every sub-dimension in the model's order; without a score where too few answered."""
    lines = []
    limits = found.intervals["raw"]
    people = {one.name: one for one in found.roles}
    actions = load_actions(model)
    for id_, sub in model.sub_dimensions.items():
        score = found.raw.sub_dimensions[id_] if id_ in found.spreads["raw"] else None
        done = completed(model, score)
        following = None if done is None else model.stages.get(str(done.number + 1))
        apart = None
        if "management" in people and "staff" in people:
            one, other = (people[role].scores.sub_dimensions[id_] for role in ("management", "staff"))
            apart = None if one is None or other is None else one - other
        lines.append(
            SubLine(
                sub, model.dimensions[sub.dimension], score,
                limits.sub_dimensions[id_] if limits and score is not None else None,
                done, following, sub.at(following.number) if following else None,
                actions[id_].get(following.number) if following else None, apart,
            )
        )  # fmt: skip
    return lines


def departments(one: Assessment, found: Results) -> list[tuple[Any, int, Scores]]:
    """Departments that may be shown, with their names."""
    names = {str(group.number): group.names for group in Group.objects.filter(survey=one.survey)}
    return [(names.get(line.name, line.name), line.people, line.scores) for line in found.departments]


def gap(model: MaturityModel, lines: Sequence[GroupLine]) -> list[tuple[Any, Score, Score, Score]]:
    """Dimension, first group, second group, first − second; nothing unless both may be shown."""
    if len(lines) != 2:
        return []
    first, second = (one.scores.dimensions for one in lines)
    both = [(model.dimensions[id_], first[id_], second[id_]) for id_ in model.dimensions]
    return [(one, a, b, None if a is None or b is None else a - b) for one, a, b in both]


def rank_cells(ranks: Any) -> list[Fraction]:
    """Shares of the ranks, lowest first."""
    return list(ranks.shares)


def _named(found: Any, names: Any) -> Any:
    if found is None:
        return None
    return {
        "lines": [(names[one.id], one) for one in found.ranked if one.points],
        "agreement": found.agreement,
        "people": found.people,
    }


def radar(
    model: MaturityModel, found: Results, before: Assessment | None, peers: Sequence[Scores], language: Language
) -> Chart:
    """The five dimensions against the assessment before and the mean of peers."""
    series = [Series(_("now"), [found.raw.dimensions[id_] for id_ in model.dimensions], token="accent")]
    if before is not None and (earlier := queries.published_scores(before)) is not None:
        series.append(Series(str(before.year), [earlier.dimensions[id_] for id_ in model.dimensions], dashed=True))
    if peers:
        means = []
        for id_ in model.dimensions:
            known = [score for one in peers if (score := one.dimensions[id_]) is not None]
            means.append(sum(known, Fraction(0)) / len(known) if known else None)
        series.append(Series(_("mean of other cities"), means, dashed=True))
    scale = model.about.scale
    categories = [said(one.name, language) for one in model.dimensions.values()]
    return Chart(
        "dimensions",
        "radar",
        _("Dimensions"),
        categories,
        series,
        digits=2,
        least=scale.lowest,
        most=scale.highest,
        tall=True,
    )


def spread_chart(model: MaturityModel, found: Results, language: Language) -> Chart:
    """How raw answers lie on the steps, sub-dimension by sub-dimension."""
    spreads = found.spreads["raw"]
    shown = [id_ for id_ in model.sub_dimensions if id_ in spreads]
    bands = ("band-5", "band-4", "band-3", "band-2", "band-1")
    series = [
        Series(f"{step}", [spreads[id_].shares[at] * 100 for id_ in shown], token=bands[at])
        for at, step in enumerate(model.about.scale.steps)
    ]
    names = [said(model.sub_dimensions[id_].name, language) for id_ in shown]
    return Chart(
        "answers", "stacked", _("How answers lie on the steps"), names, series, unit="%", digits=0, least=0, most=100,
        tall=True, horizontal=True,
    )  # fmt: skip
