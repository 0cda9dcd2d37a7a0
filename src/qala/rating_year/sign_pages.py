"""Signs of dressed-up numbers, for who may look for them: a list of cities, and a city's signs with their rows."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from qala import facts
from qala.people.access import access_city_by_code, require_somewhere
from qala.rating_year.queries import SIGNS, cities_of, signs_of
from qala.ratings import queries as ratings
from qala.signs import Sign, rules
from qala.ui.charts import Chart, Series
from qala.ui.downloads import table_response, wanted
from qala.ui.formats import language_of
from qala.ui.sent import whole


def index(request: HttpRequest) -> HttpResponse:
    """The cities in which one may look, and the rules."""
    require_somewhere(request.user, SIGNS)
    return render(
        request,
        "rating_year/signs.html",
        {
            "cities": cities_of(request.user, SIGNS),
            "rules": list(rules().values()),
            "year": _year(request),
        },
    )


def city(request: HttpRequest, code: str) -> HttpResponseBase:
    """A city's signs; `year`, `rule` and `format` in the address."""
    found = access_city_by_code(request.user, code, SIGNS)
    year, language = _year(request), language_of(get_language())
    if found.category_on(date(year, 12, 31)) is None:
        raise Http404(year)
    signs = signs_of(code, year)
    rule = request.GET.get("rule", "")
    counts = {name: sum(one.rule == name for one in signs) for name in rules()}
    signs = [one for one in signs if rule in ("", one.rule)]
    if wanted(request):
        columns = [_("Rule"), _("KPI"), _("Dataset"), _("Why"), _("Rows or months")]
        rows = [
            [rules()[one.rule].name[language], one.kpi, one.dataset, one.reason[language], one.count] for one in signs
        ]
        return table_response(request, f"signs_{code}_{year}", columns, rows)
    return render(
        request,
        "rating_year/city_signs.html",
        {
            "city": found,
            "year": year,
            "signs": [_view(one, at, language) for at, one in enumerate(signs)],
            "rules": [(name, one.name, counts[name]) for name, one in rules().items() if counts[name]],
            "rule": rule,
            "simulated": found.simulated,
        },
    )


def _view(one: Sign, at: int, language: Any) -> dict[str, Any]:
    edition, contracts = facts.edition(), facts.catalogue().contracts
    heads = list(one.rows[0]) if one.rows else []
    kpi = edition.kpi(one.kpi) if one.kpi else None
    return {
        "sign": one,
        "rule": rules()[one.rule].name,
        "reason": one.reason[language],
        "kpi": kpi,
        "dataset": contracts[one.dataset].name if one.dataset in contracts else None,
        "chart": Chart(
            f"sign-{at}",
            "line",
            _("Values by month"),
            list(one.months),
            [Series(one.kpi, list(one.months.values()))],
            unit=edition.units[kpi.unit].symbol.say(language) if kpi else "",
            heading=3,
        )
        if one.months
        else None,
        "heads": heads,
        "rows": [[row[name] for name in heads] for row in one.rows],
    }


def _year(request: HttpRequest) -> int:
    text = request.GET.get("year", "")
    if not text:
        return next(iter(ratings.years()), facts.today().year - 1)
    year = whole(text, 2000, 2100)
    if year is None:
        raise Http404(text)
    return year
