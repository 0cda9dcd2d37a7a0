"""Pages of one KPI, of its rows and cells, of a section and of an initiative."""

from __future__ import annotations

from typing import Any

from django.core.paginator import Page, Paginator
from django.http import Http404, HttpRequest, HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from qala import facts
from qala.people.access import may, require
from qala.portal.kpi.behind import PAGE, all_rows, asked, behind
from qala.portal.kpi.cells import cells, has_places
from qala.portal.kpi.footing import footing
from qala.portal.kpi.lists import initiative_view, kpi_rows, section_score
from qala.portal.kpi.maps import cell_map, district_map
from qala.portal.kpi.peers import peers
from qala.portal.kpi.series import (
    GRAINS,
    At,
    District,
    Span,
    by_district,
    chart,
    computed,
    district_chart,
    knows_districts,
    place_period,
    points,
    rows_url,
    span,
    through_time,
    whole,
)
from qala.portal.kpi.subject import Ground, Subject, ground, subject
from qala.portal.kpi.told import Public, tells_of_persons
from qala.ratings.page_cache import keep_for
from qala.reports.wording import grade
from qala.standard.period import Period
from qala.standard.problems import Problem
from qala.ui.downloads import table_response, wanted

PERIODS = 31
"""Lines of the table of periods on one page."""
LIVE_S = 1.0
"""For how long guests may be shown the same live values."""


def kpi(request: HttpRequest, code: str, row: str) -> HttpResponseBase:
    """A KPI of a city: through time, its sums, districts, peers, law and footing."""
    about = subject(request, code, row)
    chosen = span(request, about)
    everything = may(request.user, "rows.see", city=code)
    found = through_time(about, chosen, everything=everything)
    if wanted(request):
        return _series_file(request, about, found)
    page = Paginator(found, PERIODS).get_page(request.GET.get("page"))
    sums = whole(about, chosen, everything=everything)
    there = place_period(about, chosen, everything=everything)
    districts = by_district(about, there, everything=everything) if chosen.district is None else []
    rivals = peers(about)
    answer = render(
        request,
        "portal/kpi/kpi.html",
        {
            **_common(about),
            "span": chosen,
            "points": points(about, page, chosen.district),
            "page": page,
            "chart": chart(about, chosen, found) if found else None,
            "whole": sums,
            "hidden": sum(one.first_day <= about.ground.as_of for one in chosen.periods) - len(found),
            "there": there,
            "districts": districts,
            "district_chart": district_chart(about, districts) if districts else None,
            "peers": rivals,
            "place": next((one.place for one in rivals if one.here), None),
            "footing": footing(about),
            "grains": _grains(),
            "places": ways_on_map(about),
            "computed": computed(about),
            "may_rows": everything,
            "api_url": api_url(about, chosen),
            "embed_code": embed_code(request, about),
            "live_of": "" if about.ground.pinned else " ".join(facts.values().datasets(about.kpi)),
        },
    )
    keep_for(answer, LIVE_S)
    return answer


def _common(about: Subject) -> dict[str, Any]:
    here, line = about.ground, about.line
    return {
        "subject": about,
        "kpi": about.kpi,
        "city": about.city,
        "ground": here,
        "line": line,
        "grade": None if line is None else grade(line.score),
        "target": here.words.target(about.kpi, about.rule),
        "section_name": here.words.section(about.kpi.section),
        "initiative": here.edition.initiatives.get(about.kpi.initiative),
        "simulated": about.city.simulated,
        "said": _said(about),
    }


def _said(about: Subject) -> dict[str, str]:
    """Of the run: value, plain total, score and contribution in words."""
    line, words = about.line, about.words
    if line is None:
        return {}
    return {
        "value": words.value(line),
        "plain": words.plain(line) if about.compares else "",
        "score": words.maybe_share(line.score.score),
        "contribution": words.points(line.line.contribution),
        "most": words.points(line.line.weight or line.line.bound_weight),
        "lacking": words.lacking(line) if line.gap is not None or line.score.score is None else "",
        "url": rows_url(about, about.year, "numerator", run=about.ground.run_id or "")
        if line.score.observation.numerator is not None
        else "",
        "why": words.why_shown(line.score) if line.score.status in ("not_due", "not_applicable", "no_target") else "",
        "flags": " · ".join(words.flag(one) for one in line.score.flags),
    }


def _grains() -> list[tuple[str, str]]:
    names = {"day": _("day"), "week": _("week"), "month": _("month"), "quarter": _("quarter"), "year": _("year")}
    return [(grain, names[grain]) for grain in GRAINS]


def api_url(about: Subject, chosen: Span) -> str:
    """The call of the API that gives the same series."""
    district = f"&district={chosen.district}" if chosen.district else ""
    last = min(chosen.last, about.ground.as_of)
    return (
        f"/api/v1/cities/{about.city.code}/kpis/{about.kpi.row}/values"
        f"?from={chosen.first}&to={max(last, chosen.first)}&grain={chosen.grain}{district}"
    )


def embed_code(request: HttpRequest, about: Subject) -> str:
    """HTML that puts the KPI's card on another site; nothing for what is not published."""
    if about.line is None:
        return ""
    address = reverse("embed:kpi", args=[get_language(), about.city.code, about.kpi.row])
    name = about.words.text(about.kpi.name).replace('"', "&quot;")
    return f'<iframe src="{request.build_absolute_uri(address)}" title="{name}" width="360" height="270" loading="lazy"></iframe>'


def _series_file(request: HttpRequest, about: Subject, found: list[At]) -> HttpResponseBase:
    columns = [
        _("Period"), _("First day"), _("Last day"), _("Status"), _("Value"), _("Change, %"), _("Unit"), _("Numerator"),
        _("Denominator"), _("Rows counted"), _("City"), _("KPI"), _("Simulated"),
    ]  # fmt: skip
    rows = (
        (
            str(one.period), one.period.first_day, one.period.last_day, one.value.status, one.value.value,
            one.value.change, about.words.unit(about.unit), one.value.numerator, one.value.denominator, one.value.rows,
            about.city.code, about.kpi.row, about.city.simulated,
        )
        for one in found
    )  # fmt: skip
    return table_response(request, f"{about.city.code}-{about.kpi.row}", columns, rows)


def rows(request: HttpRequest, code: str, row: str) -> HttpResponseBase:
    """The very rows behind a number."""
    about = subject(request, code, row, "rows.see")
    chosen = asked(request, about)
    if wanted(request):
        require(request.user, "data.download", city=code)
        columns, lines, dataset = all_rows(request, about, chosen)
        name = f"{code}-{about.kpi.row}-{chosen.period}-{chosen.side}-{dataset}"
        return table_response(request, name, columns, lines)
    found = behind(request, about, chosen)
    pager = _pages(found.total, chosen.page)
    return render(
        request,
        "portal/kpi/rows.html",
        {
            **_common(about),
            "asked": chosen,
            "behind": found,
            "page": pager,
            "number": about.sum_said(found.number) if found.number is not None else "",
            "exact": found.number,
            "may_download": may(request.user, "data.download", city=code),
            "sides": _sides(about),
        },
    )


def _sides(about: Subject) -> list[tuple[str, str]]:
    figure = facts.values().of(about.city.code).planner.figures(about.kpi.id)[0]
    found = [("numerator", _("Numerator"))]
    return found if figure.denominator is None else [*found, ("denominator", _("Denominator"))]


def _pages(total: int, page: int) -> Page[int]:
    """A Django page over so many rows, for the pager alone."""
    pages = Paginator(range(total), PAGE)
    return pages.page(min(page, pages.num_pages))


def places(request: HttpRequest, code: str, row: str) -> HttpResponseBase:
    """Where a number comes from: by district, or by the H3 cell in which its rows lie."""
    about = subject(request, code, row)
    ways = ways_on_map(about)
    if not ways:
        raise Http404(_("The rows of this KPI name neither places nor districts."))
    chosen = span(request, about)
    by = request.GET.get("by") or ways[-1]
    if by not in ways:
        raise Problem(_("This KPI is not known by “%(by)s”.") % {"by": by[:20]}, where="by", hint=", ".join(ways))
    everything = may(request.user, "rows.see", city=code)
    months = [m for m in about.year.parts("month") if m.first_day <= about.ground.as_of]
    there = place_period(about, chosen, everything=everything)
    if by == "cell" and there.grain != "month" and not everything and tells_of_persons(about.kpi):
        there = Public(about.city, about.kpi, about.ground.as_of, everything=False).last_month
    context = {**_common(about), "span": chosen, "months": months, "by": by, "ways": ways, "there": there}
    if by == "district":
        districts = by_district(about, there, everything=everything)
        if wanted(request):
            return _districts_file(request, about, there, districts)
        return render(request, "portal/kpi/places.html", context | {"map": district_map(about, districts)})
    found = cells(about, there, chosen.district, everything=everything)
    if wanted(request):
        columns = [_("Cell"), _("Rows counted"), _("In the numerator"), _("Share, %")]
        lines = ((one.cell, one.whole, one.part, one.share) for one in found.cells)
        return table_response(request, f"{code}-{about.kpi.row}-{there}-h3", columns, lines)
    return render(request, "portal/kpi/places.html", context | {"found": found, "map": cell_map(about, found)})


def ways_on_map(about: Subject) -> list[str]:
    """How a KPI can be shown on the map: by district, by cell; the finest last."""
    districts = bool(about.city.districts) and knows_districts(about)
    return [*(["district"] if districts else []), *(["cell"] if has_places(about) else [])]


def _districts_file(
    request: HttpRequest, about: Subject, period: Period, districts: list[District]
) -> HttpResponseBase:
    columns = [_("Code"), _("District"), _("Status"), _("Value"), _("Unit"), _("Numerator"), _("Denominator")]
    rows = (
        (one.code, one.name, one.status, None, "", None, None)
        if one.point is None
        else (
            one.code, one.name, one.status, about.number(one.point.value),
            "%" if about.compares else about.words.unit(about.unit),
            one.point.value.numerator, one.point.value.denominator,
        )
        for one in districts
    )  # fmt: skip
    return table_response(request, f"{about.city.code}-{about.kpi.row}-{period}-districts", columns, rows)


def section(request: HttpRequest, code: str, section: str) -> HttpResponseBase:
    """A section of the index: its KPIs."""
    here = ground(request, code)
    if section not in here.edition.sections:
        raise Http404(_("The order has no section “%(section)s”.") % {"section": section})
    lines = kpi_rows(here, lambda one: one.section == section)
    if wanted(request):
        return _list_file(request, here, lines, section)
    return render(
        request,
        "portal/kpi/section.html",
        {
            "ground": here,
            "city": here.city,
            "section": section,
            "name": here.words.section(section),
            "score": section_score(here, section),
            "rows": lines,
            "own": [one for one in facts.values().own_indicators(code) if one.section == section],
            "simulated": here.city.simulated,
        },
    )


def initiative(request: HttpRequest, code: str, number: int) -> HttpResponseBase:
    """An initiative: its stage, functions, KPIs and datasets in a city."""
    here = ground(request, code)
    if number not in here.edition.initiatives:
        raise Http404(_("The order has no initiative %(number)s.") % {"number": number})
    lines = kpi_rows(here, lambda one: one.initiative == number)
    if wanted(request):
        return _list_file(request, here, lines, f"initiative-{number}")
    return render(
        request,
        "portal/kpi/initiative.html",
        {
            "ground": here,
            "city": here.city,
            "view": initiative_view(here, here.edition.initiatives[number], [one.kpi for one in lines]),
            "rows": lines,
            "simulated": here.city.simulated,
        },
    )


def _list_file(request: HttpRequest, here: Ground, lines: Any, name: str) -> HttpResponseBase:
    columns = [
        _("Row"), _("KPI"), _("Value"), _("Unit"), _("Target"), _("Status"), _("Score"), _("Adds to the index"), _("Points"),
    ]  # fmt: skip
    found = (
        (
            one.kpi.row, here.words.text(one.kpi.name), one.said, here.words.unit(one.kpi.unit), one.target, one.status,
            one.score, one.contribution, one.kpi.points,
        )
        for one in lines
    )  # fmt: skip
    return table_response(request, f"{here.city.code}-{name}", columns, found)


__all__ = ["initiative", "kpi", "places", "rows", "section"]
