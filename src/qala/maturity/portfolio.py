"""Running and planned projects of a city by sphere, out of its roadmap, beside what the rating found before and after."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from fractions import Fraction

from qala import facts
from qala.kits.procedure.steps import IN_FORCE
from qala.ratings import queries as ratings
from qala.ratings.rated_run import RatedRun, rated_run
from qala.reports.maturity_data import Portfolio
from qala.roadmaps.models import Action, Roadmap
from qala.standard import Edition


def portfolio(city: str) -> list[Portfolio]:
    """By sphere of item 5, those with projects only; nothing where no roadmap is in force here.

    The indicator is the score of the sphere's section in the city's last publication and in the one before it.
    """
    roadmap = Roadmap.objects.filter(city=city, state__in=IN_FORCE).order_by("-version").first()
    law = None if roadmap is None else facts.editions().get(roadmap.edition)
    if roadmap is None or law is None:
        return []
    by_sphere: dict[str, list[Action]] = {}
    own = spheres_of(law)
    for action in roadmap.actions.all():
        sphere = action.sphere or own.get(action.initiative or 0, "")
        if sphere in law.spheres:
            by_sphere.setdefault(sphere, []).append(action)
    before, after = runs_of(city)
    return [
        Portfolio(
            law.spheres[name].name,
            _count(actions, "running"),
            _count(actions, "planned"),
            _count(actions, "done"),
            Fraction(sum((one.cost for one in actions), Decimal(0))),
            section_of(before, city, name),
            section_of(after, city, name),
        )
        for name in law.spheres
        if (actions := by_sphere.get(name))
    ]


def _count(actions: list[Action], progress: str) -> int:
    return sum(one.progress == progress for one in actions)


def spheres_of(law: Edition) -> Mapping[int, str]:
    """Initiative -> the section that most of its KPIs are of."""
    found: dict[int, list[str]] = {}
    for kpi in law.kpis.values():
        found.setdefault(int(kpi.row.partition(".")[0]), []).append(kpi.section)
    return {number: max(sorted(set(names)), key=names.count) for number, names in found.items()}


def runs_of(city: str) -> tuple[RatedRun | None, RatedRun | None]:
    """The run before and the one that holds for a city, of its category."""
    holding = ratings.run_of(city)
    if holding is None:
        return None, None
    earlier = ratings.before(holding[0])
    return (None if earlier is None else rated_run(earlier.run)), holding[1]


def section_of(run: RatedRun | None, city: str, name: str) -> Fraction | None:
    """A section's score in a run; None where the run does not rate the city."""
    if run is None or city not in run:
        return None
    return next((one.score for one in run.score(city).sections if one.id == name), None)
