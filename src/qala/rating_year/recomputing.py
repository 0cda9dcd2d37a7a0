"""The data freeze and the recomputation after accepted objections: prepared by the program, published by the ministry."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.utils.translation import gettext as _

from qala import facts
from qala.rating_year.models import Objection
from qala.ratings import services as ratings
from qala.ratings.models import Work
from qala.ratings.queries import published
from qala.runs.freezing import Freeze, correct, freeze, frozen, thaw
from qala.standard import Problem

WHY = "objections"


@dataclass(frozen=True)
class Frozen:
    """The freeze of a year and category, as its page says it."""

    at: datetime
    tables: int
    corrected: tuple[tuple[Any, tuple[str, ...]], ...]


def freeze_year(year: int, category: str) -> Freeze:
    """Pin the tables for every run of the category that rates the year."""
    return freeze(facts.lake(), year, category)


def thaw_year(year: int, category: str) -> None:
    """Take the freeze back.

    Raises:
        Problem: a rating of the year is published already.
    """
    if published(year, category) is not None and frozen(facts.lake(), year, category) is not None:
        raise Problem(_("A rating of this year is published: the freeze stays."))
    thaw(facts.lake(), year, category)


def freeze_said(year: int, category: str) -> Frozen | None:
    """The freeze for a page."""
    found = frozen(facts.lake(), year, category)
    if found is None:
        return None
    cities = facts.lake().cities
    corrected = tuple((cities.get(city).names, tuple(names)) for city, names in sorted(found.corrected.items()))
    return Frozen(datetime.fromisoformat(found.at), len(found.versions), corrected)


def let_in(objection: Objection) -> None:
    """After an accepted objection: the city's newest rows of the KPI's datasets hold, in spite of the freeze."""
    category = _category(objection)
    kpi = facts.edition().kpi(objection.kpi)
    correct(facts.lake(), objection.year, category, objection.city, facts.values().datasets(kpi))


def accepted(year: int, category: str) -> list[Objection]:
    """Accepted objections of a year and category."""
    found = Objection.objects.filter(year=year, state=Objection.State.ACCEPTED).order_by("decided_at")
    return [one for one in found if _category(one) == category]


def waiting(year: int, category: str) -> bool:
    """Whether an objection is still to be decided."""
    found = Objection.objects.filter(year=year, state__in=(Objection.State.FILED, Objection.State.APPEALED))
    return any(_category(one) == category for one in found)


def newest(year: int, category: str) -> Work | None:
    """The recomputation that was prepared last."""
    return Work.objects.filter(kind=Work.COMPUTE, why=WHY, year=year, category=category).first()


def needed(year: int, category: str) -> bool:
    """Whether an objection was accepted after the last recomputation was asked for."""
    last, found = newest(year, category), accepted(year, category)
    return bool(found) and (last is None or any(one.decided_at > last.asked_at for one in found if one.decided_at))


def prepare(by: Any, year: int, category: str) -> Work:
    """Let a job compute the rating anew, by the profile of the published one; nothing is published by that.

    Raises:
        Problem: no objection was accepted.
    """
    if not accepted(year, category):
        raise Problem(_("No objection was accepted: there is nothing to recompute."))
    holding = published(year, category)
    profile = holding.profile if holding is not None else "annex2"
    return ratings.ask_to_compute(by, year, date(year, 12, 31), category, profile, WHY)


def _category(one: Objection) -> str:
    return facts.lake().cities.category_on(one.city, date(one.year, 12, 31))
