"""Who may do what, where; and the only way from an address to an object.

    may(user, "rows.see", city="750000000")      a question
    require(user, "runs.publish")                a demand: 403 page, or to sign-in
    access_city_by_code(user, code)              an object, or 404, or 403

A place is a city, a region or an organisation. Where an object has several (a layer of a department in a city), name
them all: one that the user's scope covers is enough. Without a place, a permission that has one must hold for the country.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypedDict, cast

from django.contrib.auth.models import AnonymousUser
from django.core.exceptions import PermissionDenied
from django.http import Http404
from django.utils.translation import gettext as _

from qala import facts
from qala.lake import City, Region
from qala.people.models import CityTenancy, Membership, Organisation, User
from qala.people.rights import Role, rights

if TYPE_CHECKING:
    from django.contrib.auth.base_user import AbstractBaseUser

type Somebody = User | AnonymousUser | AbstractBaseUser


class Refused(PermissionDenied):
    """A permission lacks. Pages answer with 403 and say which, or lead a guest to sign-in; an API says 401 or 403.

    Args:
        permission: its code in rights.yaml.
        guest: nobody is signed in, so that signing in may help.
    """

    def __init__(self, permission: str, *, guest: bool) -> None:
        super().__init__(permission)
        self.permission = permission
        self.guest = guest


def may(
    user: Somebody,
    permission: str,
    *,
    city: str | None = None,
    region: str | None = None,
    organisation: int | None = None,
) -> bool:
    """Whether a user (or guest) has a permission at a place.

    Raises:
        KeyError: rights.yaml does not know the permission.
    """
    asked = rights().permissions[permission]
    if permission not in _limit(user):
        return False
    if permission in rights().of_everyone(signed_in=_signed_in(user)):
        return True
    return any(
        asked.where == "any" or _covers(user, membership, permission, city, region, organisation)
        for membership in memberships(user)
        if permission in _role(membership).permissions
    )


def may_somewhere(user: Somebody, permission: str) -> bool:
    """Whether there is any place where a user has a permission: for menus, never for objects."""
    return permission in _limit(user) and (
        permission in rights().of_everyone(signed_in=_signed_in(user))
        or any(permission in _role(membership).permissions for membership in memberships(user))
    )


def require(
    user: Somebody,
    permission: str,
    *,
    city: str | None = None,
    region: str | None = None,
    organisation: int | None = None,
) -> None:
    """Pass, or raise `Refused`."""
    if not may(user, permission, city=city, region=region, organisation=organisation):
        raise Refused(permission, guest=not _signed_in(user))


def require_somewhere(user: Somebody, permission: str) -> None:
    """Pass if there is any place where it holds, or raise `Refused`; the page then shows those places only."""
    if not may_somewhere(user, permission):
        raise Refused(permission, guest=not _signed_in(user))


def access_city_by_code(user: Somebody, code: str, permission: str = "city.see") -> City:
    """A city of the registry; 404 if there is none, `Refused` if the user lacks the permission there."""
    registry = facts.lake().cities
    if code not in registry:
        raise Http404(_("There is no city with the code %(code)s.") % {"code": code})
    require(user, permission, city=code)
    return registry.get(code)


def access_region_by_code(user: Somebody, code: str, permission: str = "city.see") -> Region:
    """A region; 404 if there is none, `Refused` if the user lacks the permission there."""
    found = known_regions().get(code)
    if found is None:
        raise Http404(_("There is no region with the code %(code)s.") % {"code": code})
    require(user, permission, region=code)
    return found


def access_organisation_by_id(user: Somebody, number: int, permission: str) -> Organisation:
    """An organisation; 404 if there is none, `Refused` if the user lacks the permission where it is."""
    found = Organisation.objects.filter(pk=number).first()
    if found is None:
        raise Http404(_("There is no such organisation."))
    require(user, permission, **place_of(found))
    return found


def visible_cities(user: Somebody, permission: str = "city.see") -> list[City]:
    """The cities of the registry where a user has a permission, by code."""
    return [city for city in facts.lake().cities.all() if may(user, permission, city=city.code)]


def visible_regions(user: Somebody, permission: str = "city.see") -> list[Region]:
    """The regions where a user has a permission, by code."""
    return [region for code, region in known_regions().items() if may(user, permission, region=code)]


@dataclass(frozen=True)
class Reach:
    """Where a user has a permission: codes of regions and cities (those of the regions included), organisations' ids."""

    everywhere: bool = False
    regions: frozenset[str] = frozenset()
    cities: frozenset[str] = frozenset()
    organisations: frozenset[int] = frozenset()


def reach(user: Somebody, permission: str) -> Reach:
    """Where a user has a permission by appointment; for lists, which then ask the database once."""
    if permission not in _limit(user):
        return Reach()
    scope = Membership.Scope
    having = [one for one in memberships(user) if permission in _role(one).permissions]
    if any(one.scope == scope.COUNTRY for one in having):
        return Reach(everywhere=True)
    return Reach(
        regions=frozenset(one.code for one in having if one.scope == scope.REGION),
        cities=frozenset(city.code for city in visible_cities(user, permission)) if having else frozenset(),
        organisations=frozenset(one.organisation_id for one in having if one.organisation_id),
    )


def known_regions() -> dict[str, Region]:
    """The regions of the country, and those that a city of the registry names besides; by code."""
    return facts.lake().cities.regions()


def region_of(city: str) -> str | None:
    """The region that watches a city."""
    registry = facts.lake().cities
    return registry.get(city).region if city in registry else None


def host_of(city: str) -> str | None:
    """The city in whose centre a city lives as a tenant."""
    return CityTenancy.objects.filter(city=city).values_list("host", flat=True).first()


class Place(TypedDict, total=False):
    """Where something is, as `may` and `require` ask it."""

    city: str
    region: str
    organisation: int


def place_of(organisation: Organisation) -> Place:
    """Where an organisation is."""
    place = Place(organisation=organisation.pk)
    if organisation.city:
        place["city"] = organisation.city
    elif organisation.region:
        place["region"] = organisation.region
    return place


def memberships(user: Somebody) -> list[Membership]:
    """The roles of a user by appointment; read once for a user object, and so once for a request."""
    if not _signed_in(user):
        return []
    kept = user.__dict__.get("_memberships_kept")
    if kept is None:
        kept = list(Membership.objects.filter(user=cast(User, user), role__in=list(rights().appointed())))
        user.__dict__["_memberships_kept"] = kept
    return cast(list[Membership], kept)


def forget(user: Somebody) -> None:
    """Let the next question read the user's roles anew, after they were changed."""
    user.__dict__.pop("_memberships_kept", None)


def limit(user: User, scopes: Iterable[str]) -> frozenset[str]:
    """Let a user (as a request holds it) do only what these token scopes allow: the permissions that are returned."""
    known = rights().token_scopes
    allowed: frozenset[str] = frozenset().union(*(known[scope].permissions for scope in scopes if scope in known))
    user.__dict__["_limit"] = allowed
    return allowed


def needs_second_factor(user: Somebody) -> bool:
    """Whether a role of the user is closed until a second factor is set up."""
    return any(_role(membership).second_factor for membership in memberships(user))


def may_give(
    user: Somebody,
    role: str,
    *,
    city: str | None = None,
    region: str | None = None,
    organisation: int | None = None,
) -> bool:
    """Whether a user may give a role (or take it) for a place; without a place, for the country."""
    return any(
        role in _role(own).gives and _covers(user, own, "people.manage", city, region, organisation)
        for own in memberships(user)
    )


def _limit(user: Somebody) -> frozenset[str]:
    return cast("frozenset[str]", user.__dict__.get("_limit", _EVERYTHING))


class _Everything(frozenset[str]):
    def __contains__(self, _: object) -> bool:
        return True


_EVERYTHING = _Everything()


def _signed_in(user: Somebody) -> bool:
    return bool(user.is_authenticated and user.is_active)


def _role(membership: Membership) -> Role:
    return rights().roles[membership.role]


def _covers(
    user: Somebody,
    own: Membership,
    permission: str,
    city: str | None,
    region: str | None,
    organisation: int | None,
) -> bool:
    scope = Membership.Scope
    if own.scope == scope.COUNTRY:
        return True
    if own.scope == scope.ORGANISATION:
        return organisation is not None and own.organisation_id == organisation
    if own.scope == scope.REGION:
        return own.code == region or (city is not None and own.code == region_of(city))
    if own.code in (city, region):  # a city of republican significance is its own region
        return True
    return city is not None and rights().permissions[permission].reaches_tenants and own.code == _hosts(user).get(city)


def _hosts(user: Somebody) -> dict[str, str]:
    kept = user.__dict__.get("_hosts_kept")
    if kept is None:
        kept = user.__dict__["_hosts_kept"] = dict(CityTenancy.objects.values_list("city", "host"))
    return cast("dict[str, str]", kept)
