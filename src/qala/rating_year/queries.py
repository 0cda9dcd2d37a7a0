"""What the pages of a rating year read, and who may."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from typing import Any

from django.http import Http404

from qala import facts
from qala.lake import City
from qala.people.access import Somebody, may, require
from qala.rating_year.models import Claim, Decided, Objection, YearStep
from qala.rating_year.timetable import Dated, dated
from qala.signs import Sign, look

FILE, SIGN, DECIDE, SIGNS = "year.file", "year.sign", "year.decide", "signs.see"


@dataclass(frozen=True)
class StepLine:
    """A step of a year and category, what was decided about it, and how it stands today."""

    dated: Dated
    row: YearStep | None
    state: str

    @property
    def days_left(self) -> int | None:
        """Calendar days to it; negative after it."""
        return None if self.dated.day is None else (self.dated.day - facts.today()).days


def timetable(year: int, category: str) -> list[StepLine]:
    """The steps of a rated year in one category, in their order."""
    rows = {row.step: row for row in YearStep.objects.filter(year=year, category=category)}
    off = frozenset(name for name, row in rows.items() if row.off)
    moved = {name: row.day for name, row in rows.items() if row.day is not None}
    today = facts.today()
    return [
        StepLine(one, row := rows.get(one.id), one.state(today, done=row is not None and row.done_at is not None))
        for one in dated(year, off, moved)
    ]


def cities_of(user: Somebody, permission: str) -> list[City]:
    """Cities in which somebody has a permission."""
    return [one for one in facts.lake().cities.all() if may(user, permission, city=one.code)]


def papers[T: (Claim, Objection)](model: type[T], user: Somebody) -> list[T]:
    """Claims or objections that somebody may see: the city's own people its own, who decides all that are filed."""
    codes = {one.code for one in cities_of(user, FILE)}
    decides = {one.code for one in cities_of(user, DECIDE)}
    found: list[T] = []
    for one in model.objects.all():
        filed = one.state != one.State.DRAFT
        if one.city in codes or (one.city in decides and filed) or (filed and _published(one)):
            found.append(one)
    return found


def _published(one: Decided) -> bool:
    """Decisions are public: whoever reads the rating may read why a claim counted."""
    return isinstance(one, Claim) and one.state in (one.State.ACCEPTED, one.State.REFUSED)


def access_paper[T: (Claim, Objection)](model: type[T], user: Somebody, number: int) -> T:
    """A claim or objection; 404 if there is none or it is not for this reader."""
    one = next((one for one in papers(model, user) if one.pk == number), None)
    if one is None:
        if model.objects.filter(pk=number).exists():
            require(user, FILE, city=model.objects.get(pk=number).city)
        raise Http404
    return one


def signs_of(city: str, year: int) -> list[Sign]:
    """Signs in a city's year; kept until one of its tables changes."""
    values = facts.values()
    versions = tuple(sorted(values.versions().items()))
    return _signs(city, year, facts.today(), versions)


@lru_cache(maxsize=64)
def _signs(city: str, year: int, today: date, _versions: Any) -> list[Sign]:
    lake = facts.lake()
    as_of = min(today, date(year, 12, 31))
    return look(facts.values(), city, year, as_of, lake.cities.category_on(city, date(year, 12, 31)))
