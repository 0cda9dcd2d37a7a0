"""The profile of a city for its report: population, economy, digital services, staff, systems and their age.

Read from `city.profile`, the register of digital objects, the newest published rating and connected sources. Parts that lie
above this one add what they know: `register` names a function of theirs.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from fractions import Fraction
from typing import Any

from django.utils.module_loading import import_string
from django.utils.translation import gettext as _
from django.utils.translation import override

from qala import facts
from qala.intake.models import Source
from qala.inventory.models import DigitalObject
from qala.inventory.queries import extent, objects_of
from qala.reports.language import Speaker
from qala.reports.maturity_data import ProfileLine, SystemsLine
from qala.standard import Text
from qala.standard.values import LANGUAGES, Language

GROUPS = ("population", "economy", "services", "staff", "systems")
"""Of lines, in the order of the report."""
_SOURCES: list[str] = []


def register(name: str) -> None:
    """Name a function `(city) -> lines` that knows more of a city, by its dotted name."""
    if name not in _SOURCES:
        _SOURCES.append(name)


def said(make: Callable[[Language], str]) -> Text:
    """A text in three languages, each made with its language active."""
    found = {}
    for language in LANGUAGES:
        with override(language):
            found[language] = make(language)
    return Text(**found)


def profile(city: str) -> list[ProfileLine]:
    """What is known of a city, group by group; what is not known is not there."""
    lines = [*_of_the_lake(city), *_services(city), *_systems(city)]
    for name in _SOURCES:
        lines += import_string(name)(city)
    return sorted(lines, key=lambda one: GROUPS.index(one.group))


def _number(value: Any, digits: int = 0) -> Text:
    return said(lambda language: Speaker(language).number(Fraction(value), digits))


_LAKE: tuple[tuple[str, str, int, Callable[[], str]], ...] = (
    ("population", "population", 1, lambda: _("Residents")),
    ("households", "population", 1, lambda: _("Households")),
    ("area_m2", "population", 1_000_000, lambda: _("Area, square kilometres")),
    ("vehicles", "economy", 1, lambda: _("Registered motor vehicles")),
    ("road_length_m", "economy", 1000, lambda: _("Streets and roads, kilometres")),
)
"""Column of `city.profile`, group, by what it is divided, how it is called."""


def _of_the_lake(city: str) -> Iterable[ProfileLine]:
    lake = facts.lake()
    snapshot = lake.table("city.profile").snapshot()
    files = snapshot.files(city) if snapshot.version >= 0 else []
    if not files:
        return
    columns = [column for column, *_rest in _LAKE]
    connection = lake.connection()
    try:
        rows, asked = snapshot.current_sql(files), ", ".join([*columns, "source", "valid_from"])
        found = connection.execute(f"select {asked} from {rows} order by valid_from desc limit 1").fetchall()
    finally:
        connection.close()
    for *values, source, since in found:
        whose = f"{source or 'city.profile'}, {since:%d.%m.%Y}"
        for (_column, group, by, name), value in zip(_LAKE, values, strict=True):
            if value is not None:
                amount = _number(Fraction(value, by), 1 if by > 1 else 0)
                yield ProfileLine(group, _words(name), amount, said(lambda _language, w=whose: w))  # type: ignore[misc]


def _words(name: Callable[[], str]) -> Text:
    return said(lambda _language: name())


def _services(city: str) -> Iterable[ProfileLine]:
    there = extent(city)
    register_ = said(lambda _language: _("register of digital objects"))
    if there.asked:
        live = said(lambda _language: _("%(live)s of %(asked)s") % {"live": there.live, "asked": there.asked})
        yield ProfileLine(
            "services", said(lambda _language: _("Functions of annex 3 live, of those asked")), live, register_
        )
    sent = {one.dataset for one in facts.lake().ledger.receipts(city=city) if one.stored}
    ledger = said(lambda _language: _("the platform's ledger"))
    yield ProfileLine("services", said(lambda _language: _("Datasets that the city sends")), _number(len(sent)), ledger)
    count = Source.objects.filter(city=city, removed_at=None).count()
    yield ProfileLine(
        "services", said(lambda _language: _("Sources connected to the platform")), _number(count), ledger
    )


def _systems(city: str) -> Iterable[ProfileLine]:
    there = extent(city)
    about = said(lambda _language: _("register of digital objects"))
    if not there.objects:
        return
    yield ProfileLine("systems", said(lambda _language: _("Digital objects in use")), _number(there.in_use), about)
    if there.mean_age is not None:
        age = _number(Fraction(there.mean_age).limit_denominator(100), 1)
        yield ProfileLine("systems", said(lambda _language: _("Their mean age, years")), age, about)
    late = said(lambda _language: _("In use beyond the year of their replacement"))
    yield ProfileLine("systems", late, _number(there.overdue), about)


def systems(city: str) -> list[SystemsLine]:
    """Objects in use by kind: how many, mean age, the oldest, beyond the year of their replacement; no names."""
    registry = facts.lake().cities
    year = (facts.today(registry.get(city).zone) if city in registry else facts.today()).year
    by_kind: dict[str, list[DigitalObject]] = {}
    for one in objects_of(city):
        if one.live:
            by_kind.setdefault(one.kind, []).append(one)
    found = []
    for kind, words in DigitalObject.Kind.choices:
        some = by_kind.get(kind, [])
        ages = [age for one in some if (age := one.age(year)) is not None]
        if some:
            found.append(
                SystemsLine(
                    said(lambda _language, w=words: str(w)), len(some), Fraction(sum(ages), len(ages)) if ages else None,  # type: ignore[misc]
                    max(ages, default=None), sum(one.replace_in is not None and one.replace_in < year for one in some),
                )
            )  # fmt: skip
    return found
