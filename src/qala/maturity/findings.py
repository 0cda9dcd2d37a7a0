"""Findings by sphere for the report of an assessment: what rating, register and roadmap show of each sphere of item 5."""

from __future__ import annotations

from fractions import Fraction

from qala import facts
from qala.inventory.queries import asked_functions, objects_of
from qala.maturity.models import Assessment
from qala.maturity.portfolio import runs_of, section_of, spheres_of
from qala.maturity.queries import published_scores
from qala.reports.maturity_data import Portfolio, SphereFinding

MOST_LOST = 3
"""KPIs that are named of a sphere."""


def findings(city: str, model_digest: str, projects: list[Portfolio]) -> list[SphereFinding]:
    """By sphere of the order; a sphere of which nothing is known is left out.

    Args:
        model_digest: of the model; only assessments of spheres by the same one are told.
        projects: of the city, by sphere.
    """
    registry, law = facts.lake().cities, facts.edition()
    known = registry.get(city) if city in registry else None
    category = known.category_on(facts.today(known.zone)) if known else None
    before, now = runs_of(city)
    asked, own = asked_functions(law, category), spheres_of(law)
    live = {key for one in objects_of(city) if one.live for key in one.functions}
    by_name = {one.sphere: one for one in projects}
    found = []
    for name, sphere in law.spheres.items():
        functions = [key for key, row in asked.items() if own.get(row.initiative) == name]
        kpis = [one for one in now.score(city).kpis if one.section == name] if now and city in now else []
        lost = sorted(
            ((one.points * (1 - one.score), one.row) for one in kpis if one.score is not None and one.score < 1),
            key=lambda pair: (-pair[0], pair[1]),
        )
        project = by_name.get(sphere.name)
        line = SphereFinding(
            sphere.name, section_of(before, city, name), section_of(now, city, name), _own_survey(city, name, model_digest),
            len(live & set(functions)), len(functions), [(row, law.kpi(row).name) for _points, row in lost[:MOST_LOST]],
            sum(one.status == "missing" for one in kpis), project.running if project else 0, project.planned if project else 0,
        )  # fmt: skip
        if line.now is not None or line.silent or functions or project or line.own is not None:
            found.append(line)
    return found


def _own_survey(city: str, sphere: str, model_digest: str) -> Fraction | None:
    newest = (
        Assessment.objects.filter(city=city, sphere=sphere, model_digest=model_digest)
        .exclude(published_at=None)
        .first()
    )
    scores = published_scores(newest) if newest else None
    return scores.overall if scores else None
