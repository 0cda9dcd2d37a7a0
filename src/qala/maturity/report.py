"""The report of an assessment: gathered from its results, written by `qala.reports`."""

from __future__ import annotations

from fractions import Fraction
from importlib.metadata import version

from qala import facts
from qala.kits.surveys.models import Group
from qala.maturity import queries
from qala.maturity.city_profile import profile, systems
from qala.maturity.contradictions import contradictions
from qala.maturity.findings import findings
from qala.maturity.models import Assessment
from qala.maturity.portfolio import portfolio
from qala.maturity.results import Results
from qala.reports.maturity_data import MaturityData, Way
from qala.scoring.maturity import Scores
from qala.standard import Text
from qala.standard.maturity import MaturityModel
from qala.standard.maturity_actions import load_actions


def gathered(model: MaturityModel, one: Assessment, found: Results) -> MaturityData:
    """All that the report tells of an assessment with enough answers."""
    city = facts.lake().cities.get(one.city)
    edition = facts.edition()
    before = queries.previous(one)
    earlier = None if before is None else queries.published_scores(before)
    names = {str(group.number): group.names for group in Group.objects.filter(survey=one.survey)}
    projects = portfolio(one.city) if not one.sphere else []
    subs = {id_: score if id_ in found.spreads["raw"] else None for id_, score in found.raw.sub_dimensions.items()}
    return MaturityData(
        model=model,
        city=city.names,
        code=city.code,
        year=one.year,
        sphere=edition.spheres[one.sphere].name if one.sphere in edition.spheres else None,
        simulated=city.simulated,
        program=version("qala"),
        notice=None,
        people=found.people,
        invited=one.survey.invitations.count(),
        on_paper=found.paper,
        ways=ways(found),
        spreads={id_: (spread.shares, spread.unknown) for id_, spread in found.spreads["control"].items()},
        departments=[(names.get(line.name, {}), line.people, line.scores) for line in found.departments],
        hidden=found.hidden,
        roles=_pair([line.scores for line in found.roles]),
        it=_pair([line.scores for line in found.it]),
        before=None if before is None or earlier is None else (before.year, earlier),
        peers=[scores for peer in queries.peers(one) if (scores := queries.published_scores(peer)) is not None],
        needs=_needs(model, found),
        agreement=found.needs.agreement if found.needs else None,
        actions=load_actions(model),
        initiatives={number: initiative.name for number, initiative in edition.initiatives.items()},
        portfolio=projects,
        profile=profile(one.city),
        systems=systems(one.city),
        findings=findings(one.city, one.model_digest, projects) if not one.sphere else [],
        sphere_needs=_sphere_needs(found),
        against=contradictions(one.city, subs) if not one.sphere else [],
    )


def ways(found: Results) -> list[Way]:
    """Raw first, then corrections, then other instruments."""
    made = [
        Way(variant, variant != "raw", city.whole, found.intervals[variant], city.respondents, city.uncorrected)
        for variant, city in found.variants.items()
    ]
    if found.experts is not None:
        made.append(Way("experts", False, found.experts, None, found.panel))
    if found.blend is not None:
        made.append(Way("blend", True, found.blend, None, found.panel))
    if found.interviews is not None:
        made.append(Way("interviews", False, found.interviews, None, found.interviewed))
    return made


def _pair(lines: list[Scores]) -> tuple[Scores, Scores] | None:
    return (lines[0], lines[1]) if len(lines) == 2 else None


def _needs(model: MaturityModel, found: Results) -> list[tuple[Text, Fraction, Fraction]]:
    if found.needs is None:
        return []
    return [(model.sub_dimensions[one.id].name, one.points, one.share) for one in found.needs.ranked if one.points]


def _sphere_needs(found: Results) -> list[tuple[Text, Fraction, Fraction]]:
    if found.sphere_needs is None:
        return []
    spheres = facts.edition().spheres
    return [(spheres[one.id].name, one.points, one.share) for one in found.sphere_needs.ranked if one.points]
