"""Values of KPIs through time, as they are computed from the stored sums."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Any, Literal

from django.http import HttpRequest
from ninja import Query, Router

from qala import facts
from qala.measures.value import Value
from qala.people.access import may
from qala.portal.api.cities import the_city
from qala.portal.api.shapes import SeriesOut, ValueOut, exact, number, words
from qala.portal.api.troubles import TROUBLES, NotHereError
from qala.portal.kpi.told import Public
from qala.standard.period import Period
from qala.standard.problems import Problem
from qala.standard.types import Kpi

router = Router(tags=["Values"])
LONGEST = 800
"""Periods in one answer."""

Grain = Literal["day", "week", "month", "quarter", "year"]


@router.get("/cities/{code}/kpis/{row}/values", response={200: SeriesOut, **TROUBLES})
def series(
    request: HttpRequest,
    code: str,
    row: str,
    since: Annotated[date, Query(alias="from", description="first day, the city's own")],
    until: Annotated[date, Query(alias="to", description="last day, the city's own")],
    grain: Grain = "month",
    district: str | None = None,
) -> Any:
    """Values of a KPI (row, id, or an own indicator's id) for the periods that end in a stretch of days.

    Where its rows are about persons, who may not see rows is told a day or week from five rows on, and of a district whole
    months and years that are over; other periods have the status `hidden`.
    """
    city = the_city(request, code, "values.see")
    values = facts.values()
    kpi = measured(row)
    if district is not None and district not in {one.code for one in city.districts}:
        raise NotHereError(f"There is no district '{district}' in {code}.")
    periods = periods_in(since, until, grain)
    of = values.of(code, district)
    found = [of.value(kpi, period, until, extras=False) for period in periods]
    public = Public(city, kpi, max(until, facts.today(city.zone)), everything=may(request.user, "rows.see", city=code))
    days = public.days(periods)
    told = [one in days and (district is None or public.district(district, one)) for one in periods]
    datasets = found[0].datasets if found else tuple(values.datasets(kpi))
    notice = facts.edition_notice(until)
    return SeriesOut(
        city=code,
        kpi=kpi.id,
        row=kpi.row,
        name=words(kpi.name),
        unit=kpi.unit,
        grain=grain,
        district=district,
        simulated=city.simulated,
        edition=values.edition.id,
        notice=None if notice is None else words(notice),
        table_versions={name: values.computer.snapshot(name).version for name in datasets},
        values=[
            _value(one, period) if shown else _hidden(period)
            for one, period, shown in zip(found, periods, told, strict=True)
        ],
    )


def measured(row: str) -> Kpi:
    """A KPI or own indicator.

    Raises:
        NotHereError: there is none.
    """
    try:
        return facts.values().kpi(row)
    except Problem as problem:
        raise NotHereError(problem.message) from None


def periods_in(since: date, until: date, grain: Grain) -> list[Period]:
    """Periods of a grain that end between two days.

    Raises:
        Problem: the days are the wrong way round, or there are too many periods.
    """
    if until < since or until.year > 9000 or since.year < 1900:
        raise Problem("`from` is after `to`, or a day is out of reach.", where="from, to")
    found: list[Period] = []
    period = Period.of(since, grain)
    while period.last_day <= until:
        found.append(period)
        if len(found) > LONGEST:
            raise Problem(f"More than {LONGEST} periods.", where="from, to", hint="Ask for less, or a longer grain.")
        period = period.next()
    return found


def _hidden(period: Period) -> ValueOut:
    """A period of which the public is told nothing: so few rows would point at persons."""
    return ValueOut(
        period=str(period), first_day=period.first_day, last_day=period.last_day, status="hidden", value=None, exact=None,
        numerator=None, denominator=None, change_percent=None, components={}, rows=None, delivered=None, due=None,
    )  # fmt: skip


def _value(value: Value, period: Period) -> ValueOut:
    shown = value.change if value.change is not None else value.value
    return ValueOut(
        period=str(period),
        first_day=period.first_day,
        last_day=period.last_day,
        status=value.status,
        value=number(shown),
        exact=exact(shown),
        numerator=exact(value.numerator),
        denominator=exact(value.denominator),
        change_percent=number(value.change),
        components={name: number(one) for name, one in value.components.items()},
        rows=value.rows,
        delivered=value.delivered,
        due=value.due,
    )
