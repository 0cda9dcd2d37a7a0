"""Lists of people, organisations and audit entries, as far as who asks may see them."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime, time, timedelta

from django.db.models import Q, QuerySet
from django.utils import timezone

from qala.people import access
from qala.people.access import Reach, Somebody
from qala.people.models import AuditEntry, Membership, Organisation, User
from qala.people.rights import rights


def people_of(user: Somebody) -> QuerySet[User]:
    """The people whom a user leads: with a role, or in an organisation, where the user has `people.manage`."""
    reach = access.reach(user, "people.manage")
    if reach.everywhere:
        return User.objects.all()
    scope = Membership.Scope
    here = Membership.objects.filter(
        Q(scope=scope.REGION, code__in=reach.regions)
        | Q(scope=scope.CITY, code__in=reach.cities)
        | Q(scope=scope.ORGANISATION, organisation__in=organisations_of(user))
    )
    return User.objects.filter(Q(memberships__in=here) | Q(organisation__in=organisations_of(user))).distinct()


def leads(user: Somebody, person: User) -> bool:
    """Whether a user may deactivate a person: whoever could have given them every role that they have."""
    from qala.people.places import Place

    return (
        all(access.may_give(user, one.role, **Place.of(one).asked) for one in access.memberships(person))
        and people_of(user).filter(pk=person.pk).exists()
    )


def organisations_of(user: Somebody) -> QuerySet[Organisation]:
    """The organisations whose people a user leads."""
    reach = access.reach(user, "people.manage")
    if reach.everywhere:
        return Organisation.objects.all()
    return Organisation.objects.filter(
        Q(pk__in=reach.organisations) | Q(city__in=reach.cities) | (Q(region__in=reach.regions) & Q(city=""))
    )


def audit_of(user: Somebody, filters: Mapping[str, str]) -> QuerySet[AuditEntry]:
    """Entries that a user may see: all, or those of their cities, and what the people whom they lead did in no city,
    such as signing in.

    Args:
        filters: `who` (a part of the email), `verb`, `city`, `since` and `until` (days of the site's time zone); what
            is empty or no day is not asked.
    """
    found = AuditEntry.objects.all()
    reach: Reach = access.reach(user, "audit.see")
    if not reach.everywhere:
        found = found.filter(Q(city__in=reach.cities) | Q(city="", who__in=people_of(user)))
    if who := filters.get("who", "").strip():
        found = found.filter(who_said__icontains=who)
    if verb := filters.get("verb"):
        found = found.filter(verb=verb)
    if city := filters.get("city"):
        found = found.filter(city=city)
    if since := _midnight(filters.get("since", "")):
        found = found.filter(at__gte=since)
    if until := _midnight(filters.get("until", "")):
        found = found.filter(at__lt=until + timedelta(days=1))
    return found.order_by("-id")


def holders(permission: str, *, city: str = "", organisation: int | None = None) -> list[User]:
    """Who answers for something: who has a permission by appointment for the organisation; if nobody, in the city; if
    nobody there either, in its region, and at last in the country.
    """
    roles = [name for name, role in rights().roles.items() if permission in role.permissions]
    having = Membership.objects.filter(role__in=roles, user__is_active=True).select_related("user")
    scope, region = Membership.Scope, access.region_of(city) if city else None
    for where in (
        Q(scope=scope.ORGANISATION, organisation=organisation) if organisation else None,
        Q(scope=scope.CITY, code=city) if city else None,
        Q(scope=scope.REGION, code=region) if region else None,
        Q(scope=scope.COUNTRY),
    ):
        if where is not None and (found := list(having.filter(where).order_by("user"))):
            return list({one.user.pk: one.user for one in found}.values())
    return []


def _midnight(day: str) -> datetime | None:
    try:
        return timezone.make_aware(datetime.combine(date.fromisoformat(day), time.min))
    except ValueError:
        return None
