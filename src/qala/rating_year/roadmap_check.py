"""A claim beside the Roadmap that is kept here: is it in it, in force in time, planned then, of that sphere, additional?

What is not kept here cannot be checked: then the page says so, and what the city filed stands (reading D1).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from difflib import SequenceMatcher
from typing import Any

from django.utils.translation import gettext as _

from qala.kits.procedure.steps import IN_FORCE
from qala.rating_year.models import Claim
from qala.roadmaps.models import Action, Roadmap
from qala.standard import Edition
from qala.ui.formats import said

_ALIKE = 0.85
"""From so alike names on an action is told as the one that may be meant."""


@dataclass(frozen=True)
class Finding:
    """One thing that was looked up. `holds` is None where the Roadmap cannot tell."""

    what: str
    holds: bool | None
    why: str


@dataclass(frozen=True)
class Looked:
    """The Roadmap that was looked into, the action that is meant, and what was found.

    Attributes:
        roadmap: the version in force when the initiative was completed; None: none is kept here.
        action: the one that the claim names, or whose name is its own; `guessed` in the second case.
    """

    roadmap: Roadmap | None
    action: Action | None
    guessed: bool
    findings: tuple[Finding, ...]

    @property
    def against(self) -> bool:
        """Whether anything speaks against the claim."""
        return any(one.holds is False for one in self.findings)


def in_force(city: str, day: date) -> Roadmap | None:
    """The version of a city's roadmap that was approved by a day, the newest; None if none is kept here."""
    found = Roadmap.objects.filter(city=city, state__in=IN_FORCE, steps__verb="approve", steps__day__lte=day)
    return found.order_by("-version").first()


def actions_of(city: str) -> list[Action]:
    """Actions of a city's newest roadmap in force, for the form of a claim."""
    found = Roadmap.objects.filter(city=city, state__in=IN_FORCE).order_by("-version").first()
    return [] if found is None else list(found.actions.filter(initiative=None))


def look_up(claim: Claim, edition: Edition, language: Any) -> Looked:
    """What the Roadmap says of a claim."""
    roadmap = in_force(claim.city, claim.finished_on)
    if roadmap is None:
        return Looked(None, None, False, ())
    action, guessed = _meant(claim, roadmap)
    return Looked(roadmap, action, guessed, tuple(_found(claim, action, edition, language)))


def _meant(claim: Claim, roadmap: Roadmap) -> tuple[Action | None, bool]:
    actions = list(roadmap.actions.all())
    if claim.action is not None:  # of an earlier or later version: the same by name
        mine = next((one for one in actions if one.pk == claim.action_id), None)
        mine = mine or next((one for one in actions if _same(one.name, claim.action.name)), None)
        return mine, False
    likely = max(actions, key=lambda one: _alike(one.name, claim.title), default=None)
    return (likely, True) if likely is not None and _alike(likely.name, claim.title) >= _ALIKE else (None, False)


def _found(claim: Claim, action: Action | None, edition: Edition, language: Any) -> Iterator[Finding]:
    yield Finding(
        _("It stands in the Roadmap that was in force when it was completed"),
        action is not None,
        action.name if action is not None else _("No action of it is named so."),
    )
    if action is None:
        return
    years = {claim.started_on.year, claim.finished_on.year}
    yield Finding(
        _("It was planned for the years in which it was carried out"),
        years <= set(action.years),
        _("planned: %(planned)s; carried out: %(done)s")
        % {"planned": action.when, "done": "–".join(str(year) for year in sorted(years))},
    )
    same = None if not action.sphere else action.sphere == claim.sphere
    sphere = edition.spheres.get(action.sphere)
    yield Finding(
        _("It is of the sphere that the Roadmap names"),
        same,
        _("The Roadmap names no sphere.") if sphere is None else said(sphere.name, language),
    )
    yield Finding(
        _("In the Roadmap it is an additional initiative"),
        action.initiative is None,
        "" if action.initiative is None else _("base initiative %(number)s") % {"number": action.initiative},
    )


def _same(one: str, other: str) -> bool:
    return one.strip().casefold() == other.strip().casefold()


def _alike(one: str, other: str) -> float:
    return SequenceMatcher(None, one.strip().casefold(), other.strip().casefold()).ratio()
