"""What an assessment found: every variant side by side, and who differs from whom. Nothing of fewer people than allowed.

Cells of few people are left out here, not in templates: what pages and reports are given holds none.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction

from qala.kits.surveys.models import Response, Survey
from qala.kits.surveys.queries import shown
from qala.maturity.asking import C1, C2, PICKS, levels_of
from qala.maturity.models import Assessment
from qala.scoring.maturity import (
    VARIANTS,
    CityMaturity,
    Respondent,
    Scores,
    Variant,
    blended,
    corrected,
    score_city,
    sheet,
)
from qala.scoring.maturity_corrections import Ranks, ranks
from qala.scoring.maturity_intervals import Intervals, intervals
from qala.scoring.maturity_needs import Needs, needs
from qala.standard.maturity import MaturityModel


@dataclass(frozen=True)
class GroupLine:
    """One group that may be shown; its scores rest on sub-dimensions that enough of its people answered."""

    name: str
    people: int
    scores: Scores


@dataclass(frozen=True)
class Spread:
    """How answers to a sub-dimension lie: shares of the steps, lowest first; who did not know; how many answered."""

    shares: tuple[Fraction, ...]
    unknown: Fraction
    people: int


@dataclass(frozen=True)
class Results:
    """All that may be shown.

    Attributes:
        people: answers of the survey; paper: how many of them on paper.
        variants: raw first; vignettes only where imagined cities were asked.
        hidden: departments that are counted and not shown, for they are too small or would give away one that is.
        spreads: variant -> sub-dimension -> how answers lie (raw, and control rounded to the nearest step).
        departments, roles, it: lines by group; departments are named by their numbers, roles are management and staff in
            this order, `it` is `no` (others) and `yes`.
    """

    people: int
    paper: int
    smallest: int
    variants: Mapping[Variant, CityMaturity]
    intervals: Mapping[Variant, Intervals | None]
    interviews: Scores | None
    interviewed: int
    experts: Scores | None
    panel: int
    blend: Scores | None
    ranks: Mapping[str, Ranks]
    spreads: Mapping[Variant, Mapping[str, Spread]]
    departments: Sequence[GroupLine]
    hidden: int
    roles: Sequence[GroupLine]
    it: Sequence[GroupLine]
    needs: Needs | None
    sphere_needs: Needs | None
    remarks: Mapping[str, Sequence[str]]

    @property
    def enough(self) -> bool:
        """Whether anything may be shown."""
        return self.people >= self.smallest

    @property
    def raw(self) -> Scores:
        """The city by answers as given."""
        return self.variants["raw"].whole


def results(model: MaturityModel, one: Assessment, spheres: Sequence[str]) -> Results:
    """Read the answers of an assessment and count them."""
    survey, smallest = one.survey, one.survey.smallest_group
    responses = list(survey.responses.select_related("group"))
    people = [respondent(model, response) for response in responses]
    levels = levels_of(model, one.vignettes)
    wanted: list[Variant] = [variant for variant in VARIANTS if variant != "vignettes" or levels]
    variants: dict[Variant, CityMaturity] = {variant: score_city(model, people, variant) for variant in wanted}
    interviews, interviewed = _instrument(model, one.interviews, 1)
    experts, panel = _instrument(model, one.experts, 1)
    departments, hidden = _lines(model, people, lambda person: person.department, smallest)
    return Results(
        people=len(people),
        paper=sum(response.way != "link" for response in responses),
        smallest=smallest,
        variants=variants,
        intervals={variant: intervals(model, city) for variant, city in variants.items()},
        interviews=interviews,
        interviewed=interviewed,
        experts=experts,
        panel=panel,
        blend=None if experts is None else blended(model, experts, variants["raw"].whole),
        ranks=_ranks(model, people, levels, smallest),
        spreads={variant: _spreads(model, people, responses, variant, smallest) for variant in ("raw", "control")},
        departments=departments,
        hidden=hidden,
        roles=sorted(
            _lines(model, people, lambda person: person.traits["role"], smallest)[0], key=lambda line: line.name
        ),
        it=_lines(model, people, lambda person: person.traits["it"], smallest)[0],
        needs=_needs(responses, "need", list(model.sub_dimensions), smallest),
        sphere_needs=_needs(responses, "sphere", spheres, smallest),
        remarks=_remarks(survey) if len(people) >= smallest else {},
    )


def respondent(model: MaturityModel, response: Response) -> Respondent:
    """A response as the arithmetic wants it."""
    given = {key: int(value) for key, value in response.answers.items() if str(value).isdigit()}
    vignettes: dict[str, dict[int, int]] = {}
    own: dict[str, int] = {}
    for key, value in given.items():
        kind, _, rest = key.partition(".")
        if kind == "vignette":
            dimension, _, level = rest.partition(".")
            vignettes.setdefault(dimension, {})[int(level)] = value
        elif kind == "own":
            own[rest] = value
    return Respondent(
        department=str(response.group.number),
        answers={name: given[name] for name in model.sub_dimensions if name in given},
        self_rated=given.get(C1),
        benefits=given.get(C2),
        vignettes=vignettes,
        own=own,
        traits={"role": response.role, "it": response.group.traits.get("it", "no")},
    )


def _instrument(model: MaturityModel, survey: Survey | None, least: int) -> tuple[Scores | None, int]:
    """Interviews and experts: the mean of all, by groups as everywhere."""
    if survey is None:
        return None, 0
    people = [respondent(model, one) for one in survey.responses.select_related("group")]
    return (score_city(model, people).whole if len(people) >= least else None), len(people)


def _lines(
    model: MaturityModel, people: Sequence[Respondent], by: Callable[[Respondent], str], smallest: int
) -> tuple[list[GroupLine], int]:
    """Groups that may be shown, and how many may not."""
    counts = Counter(by(one) for one in people)
    allowed = shown(counts, smallest)
    lines = []
    for name in sorted(allowed, key=lambda key: (len(key), key)):
        mine = [one for one in people if by(one) == name]
        enough: dict[str, Fraction | None] = {}
        for sub in model.sub_dimensions:
            answers = [Fraction(one.answers[sub]) for one in mine if sub in one.answers]
            if len(answers) >= smallest:
                enough[sub] = sum(answers, Fraction(0)) / len(answers)
        lines.append(GroupLine(name, counts[name], sheet(model, enough)))
    return lines, len(counts) - len(allowed)


def _spreads(
    model: MaturityModel, people: Sequence[Respondent], responses: Sequence[Response], variant: Variant, smallest: int
) -> dict[str, Spread]:
    """How answers lie; of a variant that moves them the nearest step counts, halves upwards."""
    steps = model.about.scale.steps
    lying: dict[str, Counter[int]] = {name: Counter() for name in model.sub_dimensions}
    for one in people:
        for name, value in corrected(model, one, variant)[0].items():
            lying[name][int(value + Fraction(1, 2))] += 1
    found = {}
    for name, counts in lying.items():
        total = counts.total()
        if total < smallest:
            continue
        unknown = sum(response.answers.get(name) in model.questions.no_answer for response in responses)
        shares = tuple(Fraction(counts[step], total) for step in steps)
        found[name] = Spread(shares, Fraction(unknown, total + unknown), total)
    return found


def _ranks(
    model: MaturityModel, people: Iterable[Respondent], levels: Sequence[int], smallest: int
) -> dict[str, Ranks]:
    found = {}
    for id_ in model.dimensions:
        one = ranks(
            ((person.own[id_], person.vignettes.get(id_, {})) for person in people if id_ in person.own), levels
        )
        if one is not None and one.people >= smallest:
            found[id_] = one
    return found


def _needs(responses: Iterable[Response], kind: str, things: Sequence[str], smallest: int) -> Needs | None:
    picked = [[one.answers.get(f"{kind}.{place}", "") for place in range(1, PICKS + 1)] for one in responses]
    known = [[id_ for id_ in one if id_ in things] for one in picked]
    return needs(known, things, PICKS) if sum(bool(one) for one in known) >= smallest else None


def _remarks(survey: Survey) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for one in survey.remarks.all():
        found.setdefault(one.question, []).append(one.text)
    return found
