"""A KPI through time and across the city: the numbers of its page, out of the stored sums."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from typing import get_args

from django.http import HttpRequest
from django.utils.http import urlencode
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from qala import facts
from qala.measures.city_values import CityValues
from qala.measures.value import Value
from qala.portal.kpi.subject import Subject
from qala.portal.kpi.told import Public
from qala.scoring.observation import Status
from qala.standard.period import Period
from qala.standard.problems import Problem
from qala.standard.values import Every
from qala.ui import formats
from qala.ui.charts import Chart, Series

GRAINS: tuple[Every, ...] = get_args(Every)
LONGEST = 400
"""Periods in one series."""


@dataclass(frozen=True)
class Span:
    """What a page's filters choose.

    Attributes:
        first, last: days; the periods that end between them are shown.
        district: code of a district of the city; None for all of it.
        chosen: the period whose sums, districts and cells are shown.
    """

    grain: Every
    first: date
    last: date
    district: str | None
    chosen: Period

    @property
    def periods(self) -> list[Period]:
        """Periods that begin between its days."""
        found, period = [], Period.of(self.first, self.grain)
        if period.first_day < self.first and self.grain != "week":
            period = period.next()
        while period.first_day <= self.last:
            found.append(period)
            period = period.next()
        return found


def span(request: HttpRequest, subject: Subject) -> Span:
    """The filters `grain`, `from`, `to`, `district` and `period` of an address; by default the rated year.

    Raises:
        Problem: one of them cannot be understood, or asks for too many periods.
    """
    asked = request.GET.get("grain") or _usual(subject.kpi.every)
    if asked not in GRAINS:
        raise Problem(_("There is no grain “%(grain)s”.") % {"grain": asked[:20]}, hint=", ".join(GRAINS))
    grain: Every = next(one for one in GRAINS if one == asked)
    year = subject.year
    first = Period.parse(request.GET["from"]).first_day if request.GET.get("from") else year.first_day
    last = Period.parse(request.GET["to"]).last_day if request.GET.get("to") else year.last_day
    if grain == "year" and not request.GET.get("from"):
        first = date(year.first_day.year - 2, 1, 1)
    district = request.GET.get("district") or None
    if district is not None and district not in {one.code for one in subject.city.districts}:
        raise Problem(_("The city has no district “%(district)s”.") % {"district": district[:40]})
    chosen = Period.parse(request.GET["period"]) if request.GET.get("period") else year
    if last < first or (last - first).days > LONGEST * {"day": 1, "week": 7}.get(grain, 30):
        raise Problem(
            _("Too many periods, or the first is after the last."),
            hint=_("Choose a shorter stretch or a longer grain."),
        )
    return Span(grain, first, last, district, chosen)


def _usual(every: Every) -> Every:
    return "quarter" if every == "quarter" else "month"


@dataclass(frozen=True)
class Point:
    """One period of the series.

    Attributes:
        so_far: the year up to the end of the period, where that is shown.
        top_url, bottom_url: the rows behind numerator and denominator; empty where there are none.
    """

    period: Period
    value: Value
    said: str
    top: str
    bottom: str
    top_url: str
    bottom_url: str


@dataclass(frozen=True)
class At:
    """The value of one period; `so_far` is the year up to its end, where that is shown."""

    period: Period
    value: Value
    so_far: Value | None = None


def through_time(subject: Subject, chosen: Span, *, everything: bool) -> list[At]:
    """The KPI in every period of the span that has begun by the last day counted.

    Args:
        everything: what is too few to tell, too, for who may see rows.
    """
    of = _values(subject, chosen.district)
    as_of = subject.ground.as_of
    running = chosen.grain in ("month", "quarter") and chosen.district is None
    found = []
    for period in chosen.periods:
        if period.first_day > as_of:
            break
        value = of.value(subject.kpi, period, as_of, extras=False)
        year = Period.of(period.first_day, "year")
        over = period.last_day <= as_of
        so_far = of.value(subject.kpi, year, period.last_day, extras=False) if running and over else None
        found.append(At(period, value, so_far))
    public = Public(subject.city, subject.kpi, as_of, everything=everything)
    if chosen.district is not None:
        return [one for one in found if public.district(chosen.district, one.period)]
    told = public.days([one.period for one in found])
    return [one for one in found if one.period in told]


def points(subject: Subject, found: Iterable[At], district: str | None) -> list[Point]:
    """Periods with their words."""
    return [point(subject, one.value, one.period, district) for one in found]


def point(subject: Subject, value: Value, period: Period, district: str | None = None) -> Point:
    """A value with its words and the addresses of its rows."""
    top, bottom = value.numerator, value.denominator
    return Point(
        period,
        value,
        subject.said(value),
        subject.sum_said(top),
        "" if bottom is None else subject.words.short(bottom),
        "" if top is None else rows_url(subject, period, "numerator", district),
        "" if bottom is None else rows_url(subject, period, "denominator", district),
    )


def rows_url(subject: Subject, period: Period, side: str, district: str | None = None, **more: str) -> str:
    """The address of the rows behind a number."""
    query = {"period": str(period), "side": side, **more}
    if subject.ground.pinned and subject.ground.run_id is not None and "run" not in query:
        query["run"] = subject.ground.run_id
    if district is not None:
        query["district"] = district
    return f"{subject.rows_address}?{urlencode(query)}"


def chart(subject: Subject, chosen: Span, points: Sequence[At]) -> Chart:
    """Value against target; what is not a whole period's value is dashed and named a projection."""
    language = formats.language_of(get_language())
    short = {one.period.first_day.year for one in points}
    labels = [
        formats.short_period(one.period, language) if len(short) == 1 else formats.period(one.period, language)
        for one in points
    ]
    series = [Series(_("Value"), [subject.number(one.value) for one in points])]
    if any(one.so_far is not None for one in points):
        forming = [None if one.so_far is None else _so_far(subject, one.so_far) for one in points]
        if any(value is not None for value in forming):
            series.append(Series(_("The year up to then (projection)"), forming, dashed=True))
    elif chosen.grain == "year" and any(one.value.projection is not None for one in points):
        series.append(
            Series(
                _("Projection: the year so far"),
                [one.value.projection if one.value.value is None else subject.number(one.value) for one in points],
                dashed=True,
            )
        )
    limits = subject.limits()
    return Chart(
        id="through-time",
        kind="line" if len(points) > 1 else "bar",
        title=_("Value against the target"),
        categories=labels,
        series=series,
        unit="%" if subject.compares else subject.words.unit(subject.unit),
        target=limits or None,
        heading=2,
    )


def _so_far(subject: Subject, value: Value) -> Fraction | None:
    found = subject.number(value)
    return value.projection if found is None and not subject.compares else found


@dataclass(frozen=True)
class Part:
    """A part of the chosen period's number: a component, a way in, or a figure shown beside it."""

    name: str
    said: str
    url: str = ""
    rows: int | None = None


@dataclass(frozen=True)
class Whole:
    """The chosen period: the number, its sums, and what they are made of."""

    point: Point
    components: tuple[Part, ...]
    ways: tuple[Part, ...]
    beside: tuple[Part, ...]
    variants: tuple[Part, ...]
    base: str
    base_url: str
    projection: str


def whole(subject: Subject, chosen: Span, *, everything: bool) -> Whole | None:
    """The sums behind the chosen period, with every part of them; None where they are too few to tell.

    Args:
        everything: these too, for who may see rows.
    """
    public = Public(subject.city, subject.kpi, subject.ground.as_of, everything=everything)
    if chosen.district is None and chosen.chosen not in public.days([chosen.chosen]):
        return None
    if chosen.district is not None and not public.district(chosen.district, chosen.chosen):
        return None
    words, period = subject.words, chosen.chosen
    value = _values(subject, chosen.district).value(subject.kpi, period, subject.ground.as_of)
    components = tuple(
        Part(
            words.component(name),
            words.amount(number, subject.kpi.unit),
            rows_url(subject, period, "denominator", chosen.district, component=name),
        )
        for name, number in value.components.items()
    )
    side = "numerator" if value.denominator is None else "denominator"
    ways = tuple(
        Part(
            words.say(f"way.{way}"), words.short(rows), rows_url(subject, period, side, chosen.district, way=way), rows
        )
        for way, rows in value.ways.items()
    )
    beside = tuple(
        Part(words.say(f"beside.{name}") if words.knows(f"beside.{name}") else name, words.amount(number, unit))
        for name, (number, unit) in value.beside.items()
    )
    variants = tuple(
        Part(words.variant(name), words.amount(number, subject.unit)) for name, number in value.variants.items()
    )
    previous = subject.kpi.compare == "previous_year" and value.base is not None
    return Whole(
        point(subject, value, period, chosen.district),
        components,
        ways,
        beside,
        variants,
        "" if value.base is None else words.amount(value.base, subject.unit),
        rows_url(subject, period.year_before(), "numerator", chosen.district) if previous else "",
        "" if value.projection is None else words.amount(value.projection, subject.unit, beside=subject.limits()),
    )


@dataclass(frozen=True)
class District:
    """A district's number in the chosen period; None where too few rows would point at persons, or none is known."""

    code: str
    name: str
    point: Point | None
    status: Status | None


def place_period(subject: Subject, chosen: Span, *, everything: bool) -> Period:
    """The period that is shown by place: the chosen one, or the last month that is over where the public is told no other."""
    public = Public(subject.city, subject.kpi, subject.ground.as_of, everything=everything)
    return chosen.chosen if public.by_place(chosen.chosen) else public.last_month


def by_district(subject: Subject, period: Period, *, everything: bool) -> list[District]:
    """A period in each district; nothing where rows do not know their district.

    Args:
        everything: small numbers too, for who may see rows.
    """
    city, kpi = subject.city, subject.kpi
    if not city.districts or not knows_districts(subject):
        return []
    public = Public(city, kpi, subject.ground.as_of, everything=everything)
    found = []
    for one in city.districts:
        name = subject.words.text(one.names)
        if not public.district(one.code, period):
            found.append(District(one.code, name, None, None))
            continue
        value = _values(subject, one.code).value(kpi, period, subject.ground.as_of, extras=False)
        found.append(District(one.code, name, point(subject, value, period, one.code), value.status))
    return found


def district_chart(subject: Subject, districts: Sequence[District]) -> Chart:
    """The same as bars."""
    return Chart(
        id="by-district",
        kind="bar",
        title=_("By district"),
        categories=[one.name for one in districts],
        series=[
            Series(_("Value"), [None if one.point is None else subject.number(one.point.value) for one in districts])
        ],
        unit="%" if subject.compares else subject.words.unit(subject.unit),
        target=subject.limits() or None,
        horizontal=True,
    )


def computed(subject: Subject) -> bool:
    """Whether the sums of the KPI were ever computed: after a change of its definition they are not, for a while."""
    values = facts.values()
    figure = values.of(subject.city.code).planner.figures(subject.kpi.id)[0]
    known = values.computer.store.progress(subject.city.code)
    return any(f"{one.key}:{dataset}" in known for one in figure.sums for dataset in one.shape.datasets)


def knows_districts(subject: Subject) -> bool:
    """Whether the rows of all its sums name a district."""
    figure = facts.values().of(subject.city.code).planner.figures(subject.kpi.id)[0]
    catalogue = facts.catalogue()
    return all(
        one.shape.form != "distinct" and catalogue.contract(one.shape.dataset).place.district for one in figure.sums
    )


def _values(subject: Subject, district: str | None) -> CityValues:
    return facts.values().of(subject.city.code, district)
