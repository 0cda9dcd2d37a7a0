"""The delivery calendar of a city, month by month, and of a region, city by city."""

from __future__ import annotations

from datetime import UTC, date

from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import render
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from qala import facts
from qala.intake.agreements import without_agreement
from qala.intake.calendar import STATES, Line, State, calendar
from qala.people.access import access_region_by_code, may, require, visible_cities
from qala.portal.data.pages import city_asked, year_asked
from qala.ui.downloads import table_response, wanted
from qala.ui.formats import language_of, said
from qala.ui.sent import whole

WORDS = {
    "overdue": ("bad", "bell", gettext_lazy("overdue")),
    "late": ("warn", "clock", gettext_lazy("came late")),
    "came": ("good", "check", gettext_lazy("came in time")),
    "coming": ("quiet", "dash", gettext_lazy("not due yet")),
}
"""State → tone, icon, words."""
MONTHS = range(1, 13)


@require_safe
def city_calendar(request: HttpRequest) -> HttpResponseBase:
    """What is due by KPI and month, what came when, what is overdue; filters in the address."""
    require(request.user, "data.see")
    city = city_asked(request)
    if city is None:
        return render(request, "portal/data/no_city.html")
    year, get, language = year_asked(request, city), request.GET, language_of(get_language())
    every = calendar(city, year)
    state = get.get("state", "")
    shown = [
        one
        for one in every
        if (not get.get("dataset") or get["dataset"] in one.datasets)
        and (not get.get("every") or one.kpi.every == get["every"])
        and (state not in STATES or any(cell.state == state for cell in one.cells))
    ]
    if wanted(request):
        columns = [
            _("KPI"),
            _("Name"),
            _("Datasets"),
            _("How often"),
            _("Period"),
            _("Due by"),
            _("Came (UTC)"),
            _("State"),
        ]
        rows = (
            (
                one.kpi.row, one.kpi.name.say(language), " ".join(one.datasets), one.kpi.every, str(cell.period), cell.due_by,
                cell.came_at.astimezone(UTC) if cell.came_at else None, str(WORDS[cell.state][2]),
            )
            for one in shown
            for cell in one.cells
            if state not in STATES or cell.state == state
        )  # fmt: skip
        return table_response(request, f"calendar-{city.code}-{year}", columns, rows)
    datasets = sorted({name for one in every for name in one.datasets})
    contracts = facts.catalogue().contracts
    sees = may(request.user, "sources.see", city=city.code)
    return render(
        request,
        "portal/intake/calendar.html",
        {
            "city": city,
            "cities": visible_cities(request.user, "data.see"),
            "year": year,
            "years": sorted({year, facts.today(city.zone).year, *range(year - 1, year + 2)}),
            "months": [date(year, month, 1) for month in MONTHS],
            "lines": [(one, [_cell(one, month) for month in MONTHS], _coverage(one)) for one in shown],
            "counts": [(code, WORDS[code], sum(one.count(code) for one in every)) for code in STATES],
            "datasets": [(name, said(contracts[name].name, language)) for name in datasets if name in contracts],
            "state": state,
            "without": without_agreement(city.code, facts.today(city.zone)) if sees else [],
            "simulated": city.simulated,
        },
    )


def _cell(line: Line, month: int) -> dict[str, object] | None:
    """A month of a line: its worst state, how many periods came of how many, and what a pointer is told."""
    cells = line.within(month)
    if not cells:
        return None
    worst: State = next(code for code in STATES if any(one.state == code for one in cells))
    came = sum(one.state in ("came", "late") for one in cells)
    tone, icon, words = WORDS[worst]
    moments = [one.came_at for one in cells if one.came_at]
    return {
        "tone": tone, "icon": icon, "words": words, "came": came, "due": len(cells), "at": max(moments, default=None),
        "by": cells[-1].due_by,
    }  # fmt: skip


def _coverage(line: Line) -> float | None:
    """Share of the periods that are due by now and came, in percent: what the KPI's points count for coverage (C1)."""
    due = line.delivered + line.count("overdue")
    return 100 * line.delivered / due if due else None


@require_safe
def region_calendar(request: HttpRequest, code: str) -> HttpResponseBase:
    """The cities of a region side by side: how many periods are overdue, by month."""
    region = access_region_by_code(request.user, code)
    cities = [one for one in visible_cities(request.user, "data.see") if one.region == code]
    year = whole(request.GET.get("year", ""), 1990, 2200) or facts.today().year
    lines = []
    for one in cities:
        found = calendar(one, year)
        months = [
            (
                sum(cell.state == "overdue" for line in found for cell in line.within(month)),
                sum(cell.state in ("came", "late") for line in found for cell in line.within(month)),
            )
            for month in MONTHS
        ]
        lines.append((one, months, sum(line.count("overdue") for line in found)))
    lines.sort(key=lambda one: -one[2])
    if wanted(request):
        columns = [_("City"), *(f"{year}-{month:02d}" for month in MONTHS), _("Overdue")]
        rows = ((one.code, *(late for late, _came in months), total) for one, months, total in lines)
        return table_response(request, f"calendar-{code}-{year}", columns, rows)
    return render(
        request,
        "portal/intake/region_calendar.html",
        {"region": region, "year": year, "months": [date(year, month, 1) for month in MONTHS], "lines": lines},
    )
