"""Sources, as far as somebody may see them."""

from __future__ import annotations

from typing import Any

from django.db.models import Q, QuerySet
from django.http import Http404
from django.utils.translation import gettext as _

from qala.intake.models import Source
from qala.people.access import Somebody, may, reach, require

SEE, MANAGE, SEND = "sources.see", "sources.manage", "data.send"


def sources_for(user: Somebody, permission: str = SEE) -> QuerySet[Source]:
    """Sources for which a user has a permission: by their city, or by the organisation that owns them."""
    found = Source.objects.filter(removed_at=None).select_related("owner")
    where = reach(user, permission)
    if where.everywhere:
        return found
    return found.filter(Q(city__in=where.cities) | Q(owner__in=where.organisations))


def access_source(user: Somebody, name: str, permission: str = SEE) -> Source:
    """A source by its name; 404 if there is none, `Refused` if the user lacks the permission there."""
    found = Source.objects.filter(name=name, removed_at=None).select_related("owner").first()
    if found is None:
        raise Http404(_("There is no such source."))
    require(user, permission, **place_of(found))
    return found


def may_do(user: Somebody, permission: str, source: Source) -> bool:
    """Whether a user has a permission for a source."""
    return may(user, permission, **place_of(source))


def place_of(source: Source) -> dict[str, Any]:
    """Where a source is: its city, and the organisation that owns it."""
    return {"city": source.city, "organisation": source.owner_id}
