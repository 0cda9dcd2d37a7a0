"""What a page about one KPI of one city is about: the city, the KPI, the year, the run that holds, the last day counted."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from functools import cached_property

from django.http import Http404, HttpRequest
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _

from qala import facts
from qala.lake import City
from qala.measures.indicators import Indicator
from qala.measures.value import Value
from qala.people.access import access_city_by_code
from qala.ratings import queries as ratings
from qala.ratings.lines import kpi_line, words_of
from qala.reports.sheet import KpiLine
from qala.reports.wording import Wording
from qala.scoring import explain
from qala.standard import Edition, Kpi, Rule
from qala.standard.period import Period
from qala.standard.problems import Problem
from qala.ui.sent import whole

COMPARED = ("fall", "grow", "save", "minimal")
"""Kinds of target that speak of a change and not of the value."""


@dataclass(frozen=True)
class Ground:
    """The city and the time that a page is about.

    Attributes:
        year: the rated year.
        shown: the run that its scores are from; None where none is published.
        as_of: last day that live values count: today, or the run's last day where that is later (simulated years).
        pinned: the address names the run.
    """

    city: City
    year: int
    shown: ratings.Shown | None
    as_of: date
    pinned: bool = False

    @cached_property
    def edition(self) -> Edition:
        """The law of the run, else that of today."""
        return facts.edition() if self.shown is None else self.shown.run.edition

    @cached_property
    def category(self) -> str:
        """Of the city in that year."""
        if self.shown is not None:
            return self.shown.category
        return self.city.category_on(date(self.year, 12, 31)) or self.city.categories[-1].category

    @cached_property
    def words(self) -> Wording:
        """How the law is said in the page's language."""
        return words_of(self.edition)

    @cached_property
    def query(self) -> str:
        """What links to other pages keep of the address: its run, or its year where that is not the one shown anyway."""
        if self.pinned and self.run_id is not None:
            return "?" + urlencode({"run": self.run_id})
        latest = ratings.shown(None, city=self.city.code)
        usual = latest is None or latest.run.year == self.year
        return "" if usual else "?" + urlencode({"year": self.year})

    @property
    def run_id(self) -> str | None:
        """The run's id."""
        return None if self.shown is None else self.shown.run.id


def ground(request: HttpRequest, code: str, permission: str = "values.see") -> Ground:
    """What the address and its `year` and `run` name.

    Raises:
        Http404: there is no such city.
        Refused: the right lacks.
        Problem: the year or the run is none.
    """
    city = access_city_by_code(request.user, code, permission)
    today = facts.today(city.zone)
    asked = year_of(request)
    named = request.GET.get("run") or None
    shown = ratings.shown(request.user, city=code, year=asked, run=named)
    year = shown.run.year if shown is not None else asked or today.year
    last = date(year, 12, 31)
    as_of = min(today, last)
    if shown is not None:
        as_of = max(as_of, min(shown.run.as_of, last))
    return Ground(city, year, shown, as_of, named is not None)


def year_of(request: HttpRequest) -> int | None:
    """`?year=`.

    Raises:
        Problem: it is no year.
    """
    said = request.GET.get("year", "")
    if not said:
        return None
    year = whole(said, 1990, 2200)
    if year is None:
        raise Problem(_("“%(said)s” is no year.") % {"said": said[:20]}, where="year", hint="2026")
    return year


@dataclass(frozen=True)
class Subject:
    """A KPI (or own indicator) of a city."""

    ground: Ground
    kpi: Kpi

    @property
    def city(self) -> City:
        return self.ground.city

    @property
    def own(self) -> Indicator | None:
        """The indicator, where it is an own one; these are never scored."""
        return self.kpi if isinstance(self.kpi, Indicator) else None

    @property
    def words(self) -> Wording:
        return self.ground.words

    @cached_property
    def line(self) -> KpiLine | None:
        """The KPI in the run: value, score, contribution."""
        shown = self.ground.shown
        if shown is None or self.own is not None:
            return None
        found = next((one for one in explain(shown.run.score(self.city.code)) if one.kpi.id == self.kpi.id), None)
        return None if found is None else kpi_line(shown.run, self.city.code, found)

    @cached_property
    def rule(self) -> Rule | None:
        """The target for the city's category."""
        return self.kpi.target.get(self.ground.category)

    @property
    def compares(self) -> bool:
        """Whether the target speaks of a change."""
        return self.kpi.compare is not None and self.rule is not None and self.rule.kind in COMPARED

    @property
    def unit(self) -> str:
        """The unit of the plain value: that of a total where the KPI's own is a change."""
        compare = self.kpi.compare is not None and self.ground.edition.units[self.kpi.unit].factor != 1
        return "count" if compare else self.kpi.unit

    def number(self, value: Value) -> Fraction | None:
        """The number that is compared with the target: a change where that is one."""
        return value.change if self.compares else value.value

    def said(self, value: Value) -> str:
        """It, in the page's language."""
        if self.compares:
            if value.change is None:
                return self.words.amount(None, self.unit)
            return self.words.percent(self.words.short(value.change, sign=True, beside=self.limits()))
        return self.words.amount(value.value, self.unit, beside=self.limits())

    def sum_said(self, amount: Fraction | None) -> str:
        """A numerator or denominator as a person reads it: a sum of times in the KPI's own unit."""
        if amount is None:
            return self.words.amount(None, "count")
        factor = self.ground.edition.units[self.kpi.unit].factor
        return self.words.amount(amount * factor, self.kpi.unit) if factor < 1 else self.words.short(amount)

    def limits(self) -> tuple[Fraction, ...]:
        """The target as a line across a chart of `number`."""
        return () if self.rule is None else self.rule.edges

    @cached_property
    def rows_address(self) -> str:
        """The page of the rows behind its numbers."""
        return reverse("kpi:rows", args=[self.city.code, self.kpi.row])

    @property
    def year(self) -> Period:
        """The rated year as a period."""
        return Period.of(date(self.ground.year, 1, 1), "year")


def subject(request: HttpRequest, code: str, row: str, permission: str = "values.see") -> Subject:
    """The KPI that an address names by row, or the own indicator by id.

    Raises:
        Http404, Refused, Problem: as `ground`.
    """
    here = ground(request, code, permission)
    try:
        kpi = facts.values().kpi(row)
    except Problem as problem:
        raise Http404(problem.message) from None
    if isinstance(kpi, Indicator) and not kpi.concerns(code):
        raise Http404(f"{kpi.id} does not concern {code}")
    return Subject(here, kpi)
