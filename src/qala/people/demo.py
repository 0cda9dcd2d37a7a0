"""Accounts of a demo: one for each role, with a password that is shown. They can sign in nowhere else."""

from __future__ import annotations

import os
import secrets
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from allauth.account.models import EmailAddress
from django.conf import settings
from django.contrib.auth.hashers import make_password
from django.utils.translation import gettext_lazy as _

from qala import facts
from qala.lake import City
from qala.people import access, services
from qala.people.models import Membership, Organisation, User
from qala.people.places import Place
from qala.people.rights import rights
from qala.standard import Text
from qala.standard.problems import Problem

_DOMAIN = "demo.example"
_ORGANISATION = "000000000000"
"""The business identification number of the demo's organisation: none that was ever given."""


@dataclass(frozen=True)
class Account:
    """One account of the demo."""

    role: Text
    email: str
    place: object


@dataclass(frozen=True)
class Demo:
    """All of them."""

    listed: tuple[Account, ...]
    password: str


def accounts() -> list[str]:
    """Make an account for each role, or find those that are there; returns lines for a screen.

    Raises:
        Problem: this is no demo.
    """
    if not settings.DEMO:
        raise Problem("Demo accounts are for demos.", hint="Set QALA_DEMO=1, on a site with simulated data only.")
    password = _password()
    lines = ["Demo accounts (password for all: " + password + "; the second factor is not asked of them):"]
    right: set[str] = set()  # hashes of it: all share one, for making one and checking one takes long on purpose
    for account, role in _wanted():
        user = User.objects.filter(email=account.email).first()
        if user is None:
            user = User.objects.create_user(account.email, None, is_demo=True)
            EmailAddress.objects.create(user=user, email=user.email, verified=True, primary=True)
        if user.password not in right and not (user.has_usable_password() and user.check_password(password)):
            user.password = next(iter(right), "") or make_password(password)
            user.save()
        right.add(user.password)
        for place in _places(role):
            services.give_role(None, user, role, place)
        lines.append(f"  {account.role.en:<20} {account.email}")
    return lines


def own_city() -> str:
    """The code of the city whose people the demo plays; nothing if there is none."""
    city = _city()
    return city.code if city else ""


def shown() -> Demo | None:
    """What the sign-in page of a demo says; None on any other site."""
    file = settings.HOME / "demo_password"
    if not settings.DEMO or not file.exists():
        return None
    there = set(User.objects.filter(is_demo=True, is_active=True).values_list("email", flat=True))
    return Demo(tuple(account for account, _role in _wanted() if account.email in there), file.read_text())


def _wanted() -> Iterator[tuple[Account, str]]:
    """Account and code of its role; a role that is given to everyone signed in has an account without appointment."""
    for code, role in rights().roles.items():
        if role.given_to == "everyone":
            continue
        places = _places(code)
        name = places[0].name if places else _("no appointment")
        yield Account(role.name, f"{code.replace('_', '-')}@{_DOMAIN}", name), code


def _places(role: str) -> list[Place]:
    scope = Membership.Scope
    scopes = rights().roles[role].scopes
    city = _city()
    if not scopes:
        return []
    first = scope(scopes[0])
    if first == scope.COUNTRY:
        return [Place(scope.COUNTRY)]
    if first == scope.REGION:
        region = city.region if city and city.region else next(iter(access.known_regions()))
        return [Place(scope.REGION, region)]
    if first == scope.ORGANISATION:
        return [Place(scope.ORGANISATION, organisation=_organisation(city))]
    return [Place(scope.CITY, city.code)] if city else []


def _city() -> City | None:
    """The city whose people the demo plays: the first whose region is known, or the first."""
    cities = facts.lake().cities.all()
    return next((city for city in cities if city.region), cities[0] if cities else None)


def _organisation(city: City | None) -> Organisation:
    names: Mapping[str, str] = {"kk": "Демо ұйым", "ru": "Демонстрационная организация", "en": "Demo organisation"}
    return Organisation.objects.get_or_create(
        bin=_ORGANISATION,
        defaults={
            **{f"name_{language}": name for language, name in names.items()},
            "kind": "utility",
            "city": city.code if city else "",
        },
    )[0]


def _password() -> str:
    """One for this demo, kept in the site's folder for its owner."""
    file = settings.HOME / "demo_password"
    try:
        with os.fdopen(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as made:
            made.write(f"demo-{secrets.token_hex(4)}-{secrets.token_hex(4)}")
    except FileExistsError:
        pass
    return file.read_text()
