"""Roadmaps that somebody may see, what is due in them, and what their actions are expected to gain."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from fractions import Fraction

from django.http import Http404
from django.utils.translation import gettext as _

from qala import facts
from qala.kits.procedure.queries import access_paper
from qala.people.access import Somebody
from qala.planning import Effect, Own, Standpoint
from qala.ratings.queries import newest_of
from qala.roadmaps import gate
from qala.roadmaps.models import Action, Choosing, Message, Roadmap
from qala.standard.period import Period
from qala.standard.problems import Problem
from qala.standard.types import Kpi

SEE, LEAD = "roadmaps.see", "roadmaps.lead"


def access_roadmap(user: Somebody, number: int, permission: str = "") -> Roadmap:
    """As `access_paper`."""
    return access_paper(user, Roadmap, number, permission)


def access_action(user: Somebody, number: int, permission: str = "") -> Action:
    """An action by its number, with the rights of its roadmap."""
    found = Action.objects.select_related("roadmap", "owner").filter(pk=number).first()
    if found is None:
        raise Http404(_("There is no such action."))
    access_roadmap(user, found.roadmap_id, permission)
    return found


def access_choosing(user: Somebody, number: int, permission: str = SEE) -> Choosing:
    """What was asked to be chosen first of a roadmap, with the rights of that roadmap."""
    found = Choosing.objects.select_related("roadmap").filter(pk=number).first()
    if found is None:
        raise Http404(_("There is no such choice."))
    access_roadmap(user, found.roadmap_id, permission)
    return found


def access_message(user: Somebody, number: int, permission: str = SEE) -> Message:
    """A line of a communication plan, with the rights of its roadmap."""
    found = Message.objects.select_related("roadmap").filter(pk=number).first()
    if found is None:
        raise Http404(_("There is no such line."))
    access_roadmap(user, found.roadmap_id, permission)
    return found


def in_the_way(roadmap: Roadmap, actions: list[Action]) -> list[str]:
    """What keeps a draft from being submitted, in words (items 22, 23)."""
    found = []
    if not actions:
        found.append(_("It has no action."))
    wanting = [one for one in actions if one.owner_id is None and not one.executors.strip()]
    if wanting:
        found.append(_("Nobody answers for: %(actions)s.") % {"actions": _listed(wanting)})
    wanting = [one for one in actions if not one.results.strip() and not one.effects]
    if wanting:
        found.append(_("No result is expected of: %(actions)s.") % {"actions": _listed(wanting)})
    found += [
        _("Item 13, %(action)s: lacking are %(what)s.") % {"action": one.name, "what": "; ".join(lacking)}
        for one in actions
        if (lacking := gate.lacking(one))
    ]
    there = {one.initiative for one in actions}
    law = facts.editions().get(roadmap.edition)
    if law is not None:
        lacking = [
            str(no) for no, one in law.initiatives.items() if roadmap.category in one.roadmap and no not in there
        ]
        if lacking:
            found.append(_("Base initiatives of annex 2 are not in it: %(numbers)s.") % {"numbers": ", ".join(lacking)})
    return found


def _listed(actions: list[Action]) -> str:
    names = [one.name for one in actions[:4]]
    return ", ".join(names) + (" …" if len(actions) > 4 else "")


def money_by_year(roadmap: Roadmap, actions: list[Action]) -> list[tuple[int, Decimal]]:
    """Millions of tenge by year; years outside of the plan too, if something is spent in them."""
    years = sorted({*roadmap.years, *(int(year) for one in actions for year in one.money)})
    return [(year, sum((one.spends(year) for one in actions), Decimal(0))) for year in years]


@dataclass(frozen=True)
class Basis:
    """The published run by which effects are told."""

    run: str
    year: int
    at: Standpoint


def own_indicators(city: str) -> dict[str, Kpi]:
    """Own indicators of a city that have a target, by id."""
    found = facts.values().own_indicators(city)
    return {one.id: one for one in found if next(iter(one.target.values())).kind != "none"}


def kpis_of(roadmap: Roadmap) -> dict[str, Kpi]:
    """What an action may change, by the name that its effects have: KPIs by their row, own indicators by their id."""
    law = {kpi.row: kpi for kpi in facts.editions()[roadmap.edition].kpis.values()}
    return law | own_indicators(roadmap.city)


def basis_of(roadmap: Roadmap) -> Basis | None:
    """The city as the newest published rating found it; None where there is none that can be read."""
    found = newest_of(roadmap.city)
    if found is None:
        return None
    run, score = found
    seen = {one.row: one.observation for one in score.kpis}
    year = Period.of(date(run.year, 1, 1), "year")
    own = {
        name: Own(
            one, next(iter(one.target.values())), facts.values().value(roadmap.city, one, year, year.last_day).value
        )
        for name, one in own_indicators(roadmap.city).items()
    }
    return Basis(run.id, run.year, Standpoint(run.edition, score.category, run.year, run.profile, seen, own))


def effects_of(action: Action) -> dict[str, Effect]:
    """Its expected results as the planning reads them."""
    return {row: Effect(**{kind: Fraction(value)}) for row, (kind, value) in action.effects.items()}


def gains(basis: Basis, actions: list[Action], year: int | None = None) -> Mapping[int, Fraction | None]:
    """By action: what it alone, finished, would add to the index of a year; None where nothing can be told.

    Args:
        year: by whose law it is scored, all else as in the basis' year, which it is by default. Of a later year KPIs count
            that are not due yet.
    """
    year = year or basis.year
    now = basis.at.city(basis.at.observations, year).index
    found: dict[int, Fraction | None] = {}
    for one in actions:
        found[one.pk] = None
        if one.effects and now is not None:
            try:
                after = basis.at.city(basis.at.with_effects(effects_of(one).items()), year).index
            except Problem:
                continue  # an effect on a KPI without a value that says no value
            found[one.pk] = None if after is None else after - now
    return found
