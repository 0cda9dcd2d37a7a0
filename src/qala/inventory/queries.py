"""Digital objects that somebody may see; functions that are asked, live, and run elsewhere."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from django.db.models import Q, QuerySet
from django.http import Http404
from django.utils.translation import gettext as _

from qala import facts
from qala.inventory.models import DigitalObject
from qala.people.access import Somebody, reach, require
from qala.standard import Edition
from qala.standard.types import FunctionRow

SEE, KEEP = "inventory.see", "inventory.keep"


def objects_of(city: str) -> QuerySet[DigitalObject]:
    """The register of a city; whoever asks has checked that it may be seen."""
    return DigitalObject.objects.filter(city=city, removed_at=None)


def objects_for(user: Somebody) -> QuerySet[DigitalObject]:
    """Objects of the cities whose registers somebody may see."""
    found = DigitalObject.objects.filter(removed_at=None)
    where = reach(user, SEE)
    return found if where.everywhere else found.filter(city__in=where.cities)


def access_object(user: Somebody, number: int, permission: str = SEE) -> DigitalObject:
    """One by its number; 404 if there is none, `Refused` if the user lacks the permission there."""
    found = DigitalObject.objects.select_related("passport").filter(pk=number, removed_at=None).first()
    if found is None:
        raise Http404(_("There is no such digital object."))
    require(user, permission, city=found.city)
    return found


def chosen(found: QuerySet[DigitalObject], asked: Mapping[str, str]) -> list[DigitalObject]:
    """Those that filters leave: `q` (words), kind, state, platform, initiative, function, wants."""
    for word in asked.get("q", "").split():
        found = found.filter(
            Q(name__icontains=word) | Q(purpose__icontains=word) | Q(owner__icontains=word) | Q(maker__icontains=word)
        )
    for name in ("kind", "state", "platform"):
        if asked.get(name):
            found = found.filter(**{name: asked[name]})
    if asked.get("function"):
        found = found.filter(functions__contains=[asked["function"]])
    left = list(found)
    if asked.get("initiative"):
        left = [one for one in left if any(each.split(".")[0] == asked["initiative"] for each in one.functions)]
    if asked.get("wants"):
        left = [one for one in left if asked["wants"] in one.wants()]
    return left


def key_of(function: FunctionRow) -> str:
    """`2.1`: the function as registers write it."""
    return f"{function.initiative}.{function.no}"


def functions(law: Edition) -> dict[str, FunctionRow]:
    """All functions of annex 3 by key."""
    return {key_of(row): row for one in law.initiatives.values() for row in one.functions}


def asked_functions(law: Edition, category: str | None) -> dict[str, FunctionRow]:
    """Functions that annexes 2 and 3 ask of a category; nothing where the city has none."""
    return {
        key_of(row): row
        for one in law.initiatives.values()
        if category in one.roadmap
        for row in one.functions
        if row.asked_of(category or "")
    }


def served(objects: Iterable[DigitalObject]) -> dict[str, list[DigitalObject]]:
    """Function -> the objects that serve it, whatever their state."""
    found: dict[str, list[DigitalObject]] = {}
    for one in objects:
        if one.state != DigitalObject.State.RETIRED:
            for key in one.functions:
                found.setdefault(key, []).append(one)
    return found


def elsewhere(city: str = "") -> dict[str, list[DigitalObject]]:
    """Function -> objects in use in other cities: what need not be built anew (items 12(2), 13(1))."""
    found = DigitalObject.objects.filter(removed_at=None, state=DigitalObject.State.IN_USE).exclude(city=city)
    return served(found)


@dataclass(frozen=True)
class Extent:
    """A city's register in figures.

    Attributes:
        objects, in_use: how many there are, retired ones left out; asked: functions that the order asks of the category;
        live: of these, served by an object in use.
        mean_age: years, of objects in use; None where there is none. overdue: in use beyond the year of their replacement.
        wants: code -> how many objects in use.
    """

    objects: int
    in_use: int
    asked: int
    live: int
    mean_age: float | None
    overdue: int
    wants: Mapping[str, int]


def extent(city: str, objects: Iterable[DigitalObject] | None = None) -> Extent:
    """The figures of a city's register today."""
    registry = facts.lake().cities
    known = registry.get(city) if city in registry else None
    day = facts.today(known.zone) if known else facts.today()
    there = [one for one in objects_of(city) if one.state != "retired"] if objects is None else list(objects)
    asked = asked_functions(facts.edition(), known.category_on(day) if known else None)
    live = {key for one in there if one.live for key in one.functions}
    ages = [age for one in there if (age := one.age(day.year)) is not None]
    wants: dict[str, int] = {}
    for one in there:
        for code in one.wants():
            wants[code] = wants.get(code, 0) + 1
    return Extent(
        len(there), sum(one.live for one in there), len(asked), len(asked.keys() & live),
        sum(ages) / len(ages) if ages else None,
        sum(one.live and one.replace_in is not None and one.replace_in < day.year for one in there), wants,
    )  # fmt: skip
