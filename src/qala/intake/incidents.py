"""Incidents of the platform: opened when something is found wrong, told to those responsible, closed when it is over."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from django.conf import settings
from django.db import transaction
from django.db.models import Q, QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import override

from qala.intake.models import Incident, Source
from qala.intake.queries import MANAGE, SEE
from qala.people import audit, letters
from qala.people.access import Somebody, reach
from qala.people.letters import Unsent
from qala.people.models import User
from qala.people.queries import holders


@dataclass(frozen=True)
class Wrong:
    """One thing that is wrong now. `place` names it; `said` are the figures of its sentence."""

    place: str
    said: Mapping[str, Any] = field(default_factory=dict)
    source: Source | None = None
    city: str = ""
    dataset: str = ""


def follow(kind: str, found: list[Wrong], *, within: Q | None = None) -> None:
    """Open what is new, close what is over, and tell those responsible of both, once each.

    Args:
        found: everything of a kind that is wrong now.
        within: of which incidents that is all; default: all of the kind.
    """
    still = {one.place for one in found}
    opened = Incident.objects.filter(kind=kind, closed_at=None)
    known = set(opened.values_list("place", flat=True))
    for one in found:
        if one.place not in known:
            Incident.objects.create(
                kind=kind, place=one.place, source=one.source, said=dict(one.said), dataset=one.dataset,
                city=one.source.city if one.source else one.city,
            )  # fmt: skip
        else:
            opened.filter(place=one.place).exclude(said=dict(one.said)).update(said=dict(one.said))
    over = opened.filter(within) if within is not None else opened
    over.exclude(place__in=still).update(closed_at=timezone.now())
    tell()


def tell() -> None:
    """Mail what nobody was told of yet; where mail does not go out it is tried again the next time."""
    for one in Incident.objects.filter(told_at=None).select_related("source"):
        if one.closed_at is not None:  # over before anybody could be told
            Incident.objects.filter(pk=one.pk).update(told_at=one.closed_at, told_over_at=one.closed_at)
        elif _mailed(one, "opened"):
            Incident.objects.filter(pk=one.pk).update(told_at=timezone.now())
    for one in Incident.objects.filter(told_over_at=None).exclude(closed_at=None).select_related("source"):
        if _mailed(one, "closed"):
            Incident.objects.filter(pk=one.pk).update(told_over_at=timezone.now())


def responsible(incident: Incident) -> list[User]:
    """Who is told: who leads sources for the owner; if there is none, in the city; if none there either, in its region."""
    owner = incident.source.owner_id if incident.source else None
    return holders(MANAGE, city=incident.city, organisation=owner) if owner or incident.city else []


def _mailed(incident: Incident, what: str) -> bool:
    for user in responsible(incident):
        with override(user.language):
            where = (
                reverse("intake:source", args=(incident.source.name,))
                if incident.source
                else reverse("intake:incidents")
            )
            told = {"incident": incident, "what": what, "link": f"{settings.PUBLIC_URL}{where}"}
        try:
            letters.write(user.email, user.language, "intake/mail/incident", told)
        except Unsent:
            return False
    return True


def incidents_for(user: Somebody) -> QuerySet[Incident]:
    """Incidents that a user may see: of the cities, and of the sources of the organisations, whose sources they see."""
    found = Incident.objects.select_related("source", "seen_by")
    where = reach(user, SEE)
    if where.everywhere:
        return found
    return found.filter(Q(city__in=where.cities) | Q(source__owner__in=where.organisations))


@transaction.atomic
def take_note(by: HttpRequest, incident: Incident, note: str) -> None:
    """Say that somebody looks after it."""
    incident.seen_by = by.user if isinstance(by.user, User) else None
    incident.seen_at, incident.note = timezone.now(), note.strip()[:500]
    incident.save(update_fields=["seen_by", "seen_at", "note"])
    audit.wrote(by, "note_incident", incident, after={"note": incident.note})
