"""Sources of a city, and what it is to send."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from qala import facts
from qala.lake import City
from qala.lake import what_to_send as checklists
from qala.people.access import access_city_by_code, require, visible_cities
from qala.portal.data.sources import due, last_delivery
from qala.portal.data.sources import sources as sources_of
from qala.ratings import queries as ratings
from qala.standard.problems import Problem
from qala.ui.downloads import table_response, wanted
from qala.ui.formats import language_of
from qala.ui.sent import whole


def city_asked(request: HttpRequest) -> City | None:
    """`?city=`, or the first city that is there; None where there is none at all.

    Raises:
        Http404, Refused: there is none such, or the right lacks.
    """
    if code := request.GET.get("city"):
        return access_city_by_code(request.user, code, "data.see")
    return next(iter(visible_cities(request.user, "data.see")), None)


def year_asked(request: HttpRequest, city: City) -> int:
    """`?year=`, or the latest rated year of the city, or this one.

    Raises:
        Problem: it is no year.
    """
    said = request.GET.get("year", "")
    if said:
        year = whole(said, 1990, 2200)
        if year is None:
            raise Problem(_("This is no year."), where="year", hint="2026")
        return year
    found = ratings.run_of(city.code)
    return facts.today(city.zone).year if found is None else found[1].year


def sources(request: HttpRequest) -> HttpResponseBase:
    """What came of what is due, and what is late."""
    require(request.user, "data.see")
    city = city_asked(request)
    if city is None:
        return render(request, "portal/data/no_city.html")
    year = year_asked(request, city)
    found = sources_of(city, year)
    if wanted(request):
        columns = [
            _("Dataset"), _("Name"), _("For the KPIs"), _("How often"), _("Way in"), _("Last delivery"), _("Data up to"),
            _("Days late"), _("Rows"), _("Refused"), _("State"),
        ]  # fmt: skip
        language = language_of(get_language())
        rows = (
            (
                one.contract.id, one.contract.name.say(language), ", ".join(one.needed_by), one.contract.arrives.every,
                one.last.way if one.last else None, one.last.received_at if one.last else None, one.last_day,
                one.late_days, one.rows, one.quarantined, one.state,
            )
            for one in found
        )  # fmt: skip
        return table_response(request, f"{city.code}-sources-{year}", columns, rows)
    return render(
        request,
        "portal/data/sources.html",
        {
            "city": city,
            "cities": visible_cities(request.user, "data.see"),
            "year": year,
            "sources": found,
            "late": [one for one in found if one.state == "late"],
            "never": [one for one in found if one.state == "never"],
            "newest": last_delivery(found),
            "simulated": city.simulated,
        },
    )


def what_to_send(request: HttpRequest) -> HttpResponseBase:
    """The checklist of datasets due, with templates."""
    require(request.user, "data.see")
    city = city_asked(request)
    if city is None:
        return render(request, "portal/data/no_city.html")
    year = year_asked(request, city)
    found = due(city, year)
    if wanted(request):
        lines = [one.line(language_of(get_language())) for one in found]
        columns = list(lines[0]) if lines else ["dataset"]
        return table_response(request, f"{city.code}-what-to-send-{year}", columns, lines)
    language = language_of(get_language())
    return render(
        request,
        "portal/data/what_to_send.html",
        {
            "city": city,
            "cities": visible_cities(request.user, "data.see"),
            "year": year,
            "lines": [(one, checklists.often(one.contract, language)) for one in found],
            "simulated": city.simulated,
        },
    )


def dictionary(request: HttpRequest) -> HttpResponseBase:
    """The dictionary of every column due, as Markdown."""
    require(request.user, "data.see")
    city = city_asked(request)
    if city is None:
        return render(request, "portal/data/no_city.html")
    year = year_asked(request, city)
    language = language_of(get_language())
    text = checklists.dictionary(due(city, year), language)
    response = HttpResponse(text, content_type="text/markdown; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="dictionary.{language}.md"'
    return response
