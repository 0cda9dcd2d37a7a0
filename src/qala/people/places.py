"""Places at which a role can be given: the country, regions, cities, organisations."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Self

from django.utils.translation import gettext as _

from qala import facts
from qala.people import access, queries
from qala.people.access import Somebody
from qala.people.models import Membership, Organisation
from qala.people.rights import rights


@dataclass(frozen=True)
class Place:
    """A scope: its kind, and the code of the region or city, or the organisation. As text `city:351000000`."""

    scope: str
    code: str = ""
    organisation: Organisation | None = None

    def __str__(self) -> str:
        return f"{self.scope}:{self.organisation.pk if self.organisation else self.code}".rstrip(":")

    @classmethod
    def parse(cls, text: str) -> Self:
        """From its text.

        Raises:
            ValueError: it is none.
        """
        scope, _colon, code = text.partition(":")
        if scope not in Membership.Scope.values or (scope == Membership.Scope.COUNTRY) != (not code):
            raise ValueError(text)
        if scope != Membership.Scope.ORGANISATION:
            return cls(scope, code)
        organisation = Organisation.objects.filter(pk=int(code)).first()
        if organisation is None:
            raise ValueError(text)
        return cls(scope, organisation=organisation)

    @classmethod
    def of(cls, membership: Membership) -> Self:
        """Where a role was given."""
        return cls(membership.scope, membership.code, membership.organisation)

    @property
    def city(self) -> str:
        """The code of the city, if it is one."""
        return self.code if self.scope == Membership.Scope.CITY else ""

    @property
    def asked(self) -> access.Place:
        """As `access.may` and `access.may_give` ask it. An organisation is also where it is."""
        if self.scope == Membership.Scope.CITY:
            return {"city": self.code}
        if self.scope == Membership.Scope.REGION:
            return {"region": self.code}
        return access.place_of(self.organisation) if self.organisation else {}

    @property
    def name(self) -> Any:
        """What a reader is told: a mapping of names in three languages, an organisation's names, or a text."""
        if self.scope == Membership.Scope.CITY:
            registry = facts.lake().cities
            return registry.get(self.code).names if self.code in registry else self.code
        if self.scope == Membership.Scope.REGION:
            found = access.known_regions().get(self.code)
            return found.names if found else self.code
        return self.organisation.names if self.organisation else _("the country")


def givable_roles(user: Somebody) -> list[str]:
    """Roles that a user may give somewhere, in the order of rights.yaml."""
    held = {own.role for own in access.memberships(user)}
    gives = frozenset().union(*(rights().roles[role].gives for role in held))
    return [role for role in rights().roles if role in gives]


def places_to_give(user: Somebody) -> dict[str, list[Place]]:
    """Kind of scope -> the places within which a user leads people; for forms."""
    reach = access.reach(user, "people.manage")
    scope = Membership.Scope
    found: dict[str, list[Place]] = {}
    if reach.everywhere:
        found[scope.COUNTRY] = [Place(scope.COUNTRY)]
    found[scope.REGION] = [
        Place(scope.REGION, code) for code in access.known_regions() if reach.everywhere or code in reach.regions
    ]
    found[scope.CITY] = [Place(scope.CITY, city.code) for city in access.visible_cities(user, "people.manage")]
    found[scope.ORGANISATION] = [
        Place(scope.ORGANISATION, organisation=one) for one in queries.organisations_of(user).filter(is_active=True)
    ]
    return {kind: places for kind, places in found.items() if places}
