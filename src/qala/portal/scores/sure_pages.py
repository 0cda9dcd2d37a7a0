"""How sure a published rating is: between which places, in which band, above whom, and what moves places."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from qala import facts
from qala.people.access import may, require
from qala.portal.scores import queries
from qala.portal.scores.said import View, places_said
from qala.ratings import queries as ratings
from qala.ratings import services
from qala.ratings.lines import words_of
from qala.ratings.queries import Shown
from qala.reports.wording import Wording
from qala.robustness import Influence, Robustness, Shift
from qala.standard import Problem
from qala.ui.charts import Chart, Series
from qala.ui.downloads import table_response, wanted

_NEIGHBOURS = 15
_MOST_SHIFTS = 12
_HUNDRED = 100


def how_sure(request: HttpRequest) -> HttpResponseBase:
    """The analysis of a category's run, where it was made; who may compute ratings asks for it here."""
    require(request.user, "rating.see")
    edition = facts.edition()
    asked = request.GET.get("category") or ""
    first = next((name for name in edition.categories if ratings.published(None, name) is not None), "")
    category = asked if asked in edition.categories else first
    shown = queries.asked_run(request, category=category) if category else None
    if shown is None:
        return redirect("scores:rating")
    if request.method == "POST":
        require(request.user, "runs.compute")
        try:
            services.ask_how_sure(shown.run.id, shown.category)
            messages.success(request, _("It is being computed; it stands here in a minute."))
        except Problem as problem:
            messages.error(request, problem.message)
        return redirect(request.get_full_path())
    words = words_of(shown.run.edition)
    found = ratings.sureness(shown.run.id, shown.category)
    names = {code: words.text(facts.lake().cities.get(code).names) for code in shown.run.cities}
    if found is not None and wanted(request):
        return _table(request, shown, found, names, words)
    context: View = {
        "shown": shown,
        "run": shown.run,
        "category": words.title(shown.run.edition.categories[shown.category].name),
        "category_id": shown.category,
        "categories": [
            {"id": name, "name": one.name, "here": name == shown.category} for name, one in edition.categories.items()
        ],
        "found": found,
        "may_compute": may(request.user, "runs.compute"),
        "simulated": shown.run.simulated,
    }
    if found is not None and found.cities:
        context |= _said(shown, found, names, words, request.GET.get("city") or "")
    return render(request, "portal/scores/how_sure.html", context)


def _said(shown: Shown, found: Robustness, names: dict[str, str], words: Wording, city: str) -> View:
    near = _near(found, city)
    bands = [name for _, name in words.law.bands]
    return {
        "rows": [
            {
                "code": one.city,
                "name": names[one.city],
                "place": one.place,
                "places": places_said(found, one.city),
                "median": round(one.places.median),
                "final": one.final,
                "finals": "–".join(words.number(Fraction(end), 1) for end in (one.finals.low, one.finals.high)),
                "bands": [
                    {"id": name, "share": one.bands[name] * _HUNDRED} for name in bands if one.bands.get(name, 0) > 0
                ],
                "here": one.city == city,
            }
            for one in found.cities
        ],
        "ranges": Chart(
            "ranges",
            "range",
            _("Between which places a city stays"),
            [names[one.city] for one in found.cities],
            [
                Series(_("5 % of the draws are better"), [round(one.places.low) for one in found.cities]),
                Series(_("5 % are worse"), [round(one.places.high) for one in found.cities]),
                Series(_("As rated"), [one.place for one in found.cities]),
            ],
            note=_("The bar holds nine of ten drawn ratings; the dot is the place of the rating."),
            digits=0,
            least=0,
            horizontal=True,
            heading=2,
        ),
        "above": Chart(
            "above",
            "heat",
            _("How probably the city of the row is above that of the column"),
            [names[code] for code in near],
            [
                Series(
                    names[code],
                    [None if other == code else _share(found.probability_above(code, other)) for other in near],
                )
                for code in near
            ],
            unit="%",
            digits=0,
            least=0,
            most=_HUNDRED,
            heading=2,
        ),
        "cut": len(near) < len(found.cities),
        "factors": [(_factor(one, words), one) for one in found.influences],
        "influences": Chart(
            "influences",
            "bar",
            _("What moves places: share of the variance of the mean rank shift"),
            [_factor(one, words) for one in found.influences],
            [
                Series(_("by itself"), [max(0, _share(one.first)) for one in found.influences]),
                Series(
                    _("with all that it does together with others"), [_share(one.total) for one in found.influences]
                ),
            ],
            unit="%",
            digits=0,
            horizontal=True,
            heading=2,
        )
        if found.influences
        else None,
        "groups": [
            {"title": title, "rows": rows}
            for title, kinds in (
                (_("Another reading, term, profile or weight"), ("reading", "term", "profile", "silent", "weights")),
                (_("Without one KPI"), ("without_kpi",)),
                (_("Without an initiative or a section"), ("without_initiative", "without_section")),
            )
            if (rows := [_shift(one, words, names) for one in found.shifts_of(*kinds) if one.moved][:_MOST_SHIFTS])
        ],
        "mean_shift": found.mean_shift,
        "assumed": found.assumptions,
        "weights": found.assumptions.weights * _HUNDRED,
        "error": found.assumptions.error * _HUNDRED,
        "city": city,
    }


def _near(found: Robustness, city: str) -> list[str]:
    """The cities around one, or the first."""
    codes = [one.city for one in found.cities]
    at = codes.index(city) if city in codes else 0
    begin = max(0, min(at - _NEIGHBOURS // 2, len(codes) - _NEIGHBOURS))
    return codes[begin : begin + _NEIGHBOURS]


def _share(value: float) -> float:
    return round(value * _HUNDRED, 1)


def _factor(one: Influence, words: Wording) -> str:
    if one.kind == "reading":
        return words.variant(one.id)
    return {
        "terms": _("Open terms of annex 4"),
        "weights": _("Weights of the sections"),
        "points": _("Points of the KPIs"),
        "silent": _("What missing data counts as"),
        "error": _("Errors of the values"),
    }[one.kind]


def _shift(one: Shift, words: Wording, names: dict[str, str]) -> View:
    return {
        "what": _changed(one, words),
        "mean": one.mean,
        "moved": one.moved,
        "most": -one.most,  # as changes of place are told elsewhere: a rise is positive
        "city": names.get(one.city, ""),
        "bands": one.bands,
    }


def _changed(one: Shift, words: Wording) -> str:
    if one.kind in ("reading", "term"):
        return words.variant(one.id)
    if one.kind == "without_kpi":
        return f"{one.id} {words.text(words.edition.kpi(one.id).name)}"
    if one.kind == "without_initiative":
        return f"{one.id}. {words.text(words.edition.initiatives[int(one.id)].name)}"
    if one.kind == "without_section":
        return words.section(one.id)
    if one.kind == "profile":
        return _("profile %(profile)s") % {"profile": one.id}
    return {
        "zero": _("what is missing counts as nothing"),
        "one": _("what is missing counts as reached"),
        "equal": _("all sections weigh the same"),
    }[one.id]


def _table(
    request: HttpRequest, shown: Shown, found: Robustness, names: dict[str, str], words: Wording
) -> HttpResponseBase:
    bands = [name for _, name in words.law.bands]
    columns = [
        _("Code"), _("City"), _("Place"), _("Place from"), _("Median place"), _("Place to"), _("Index"),
        _("Index from"), _("Index to"), *(words.text(words.edition.scoring["bands"][name]["name"]) for name in bands),
    ]  # fmt: skip
    rows: list[list[Any]] = [
        [
            one.city, names[one.city], one.place, *(round(place) for place in one.places), one.final,
            one.finals.low, one.finals.high, *(one.bands.get(name, 0) for name in bands),
        ]
        for one in found.cities
    ]  # fmt: skip
    return table_response(request, f"how_sure_{shown.run.year}_{shown.category}", columns, rows)
