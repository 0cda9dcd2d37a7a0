"""The draft of the next base list as a page and a table."""

from __future__ import annotations

from django.http import Http404, HttpRequest, HttpResponseBase
from django.shortcuts import render
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from qala import facts
from qala.people.access import require
from qala.rating_year.base_list import Candidate, Change, candidates
from qala.ui.downloads import table_response, wanted
from qala.ui.formats import language_of, said
from qala.ui.sent import whole

_DIGITS = 4


def index(request: HttpRequest) -> HttpResponseBase:
    """Accepted additional initiatives, those of most cities first; `least` cities in the address."""
    require(request.user, "rating.see")
    least = whole(request.GET.get("least", "1"), 1, 99)
    if least is None:
        raise Http404
    language, edition, registry = language_of(get_language()), facts.edition(), facts.lake().cities
    found = candidates(least)

    def names(one: Candidate) -> list[str]:
        return [said(registry.get(code).names, language) if code in registry else code for code in one.cities]

    def sphere(one: Candidate) -> str:
        known = edition.spheres.get(one.sphere)
        return one.sphere if known is None else said(known.name, language)

    if wanted(request):
        columns = [
            _("Initiative"), _("Sphere"), _("Number of cities"), _("Cities"), _("Years"), _("Section before"),
            _("Section after"), _("Others before"), _("Others after"), _("KPIs: before, after"),
        ]  # fmt: skip
        rows = [
            [
                one.title, sphere(one), len(one.cities), "; ".join(names(one)), "; ".join(map(str, one.years)),
                *_numbers(one.section), *_numbers(one.others),
                "; ".join(f"{row}: {_numbers(kpi)[0]}, {_numbers(kpi)[1]}" for row, kpi in one.kpis.items()),
            ]
            for one in found
        ]  # fmt: skip
        return table_response(request, "base_list_draft", columns, rows)
    lines = [{"one": one, "names": names(one), "sphere": sphere(one)} for one in found]
    context = {"lines": lines, "least": least, "simulated": any(one.simulated for one in registry.all())}
    return render(request, "rating_year/base_list.html", context)


def _numbers(one: Change) -> list[float | None]:
    return [None if value is None else round(float(value), _DIGITS) for value in (one.before, one.after)]
