"""A city: its index and what it rests on, what moved, what to win, how fresh its sources are; all its KPIs on one page."""

from __future__ import annotations

from collections import Counter
from datetime import date
from typing import Any

from django.http import FileResponse, Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from qala import facts
from qala.lake import City
from qala.people.access import access_city_by_code, known_regions
from qala.portal.scores import queries, services
from qala.portal.scores.freshness import sources
from qala.portal.scores.obligations import obligations
from qala.portal.scores.said import (
    View,
    change_said,
    kpi_said,
    places_said,
    radar,
    ratings_to_choose,
    run_query,
    section_rows,
)
from qala.ratings import queries as ratings
from qala.ratings.changes import kpi_moves
from qala.ratings.lines import gain_lines, kpi_lines, words_of
from qala.ratings.queries import Shown
from qala.ratings.rated_run import rated_run
from qala.reports import FORMS
from qala.reports.wording import Wording
from qala.scoring import CityScore
from qala.ui.charts import Chart, Series
from qala.ui.downloads import table_response, wanted
from qala.ui.formats import day

_MOST_MOVES = 5
_MOST_GAINS = 8
_GRADES = (
    "reached",
    "near",
    "far",
    "missing",
    "invalid",
    "no_events",
    "no_baseline",
    "not_due",
    "not_applicable",
    "no_target",
)
_TYPES: dict[str, str] = {
    "html": "text/html; charset=utf-8",
    "pdf": "application/pdf",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}


def city(request: HttpRequest, code: str) -> HttpResponseBase:
    """A city by the published run that holds (or the one that the address names); `?all=1`: every KPI."""
    found = access_city_by_code(request.user, code)
    shown = queries.asked_run(request, city=code)
    if shown is None:
        return _unrated(request, found)
    run, words, query = shown.run, words_of(shown.run.edition), run_query(shown)
    score = run.score(code)
    lines = kpi_lines(run, code)
    if wanted(request):
        return _table(request, shown, found, words)
    whole = bool(request.GET.get("all"))
    context = _head(shown, found, score, words) | {
        "lines": [],
        "all": whole,
        "query": query,
        "kpis": len(lines),
        "ratings": ratings_to_choose(shown, code),
    }
    if whole:
        rows = [kpi_said(line, code, words, query) for line in lines]
        status = request.GET.get("status") or ""
        context["statuses"] = _statuses(rows, status)
        rows = [row for row in rows if status in ("", row["grade"])]
        groups = [
            {"initiative": initiative, "rows": [row for row in rows if row["initiative"] == initiative.no]}
            for initiative in run.edition.initiatives.values()
        ]
        context |= {"groups": [group for group in groups if group["rows"]], "status": status}
        return render(request, "portal/scores/city_all.html", context)
    earlier = queries.compared_with(shown)
    old = None if earlier is None else rated_run(earlier.run)
    moves = [] if old is None else kpi_moves(old, run, code)
    means = queries.section_means(run, score.category)
    category = words.title(run.edition.categories[score.category].name)
    fresh = sources(run, code)
    return render(
        request,
        "portal/scores/city.html",
        context
        | {
            "sections": section_rows(score, means, words, code, query),
            "radar": radar(
                "sections",
                _("Sections beside the mean of the category"),
                words,
                [
                    (words.text(found.names), {one.id: one.score for one in score.sections}, False),
                    (_("Mean of its category"), dict(means), True),
                ],
            ),
            "earlier": earlier,
            "risen": [change_said(one, code, words, query) for one in moves if one.added > 0][:_MOST_MOVES],
            "fallen": [change_said(one, code, words, query) for one in moves if one.added < 0][:_MOST_MOVES],
            "gains": [kpi_said(line, code, words, query) for line in gain_lines(run, code, _MOST_GAINS)],
            "initiatives": [
                {
                    "line": one,
                    "stage": _stage(run.edition.stages, one.step),
                    "earned": words.points(one.earned),
                    "most": words.points(one.most),
                }
                for one in queries.initiative_lines(run, lines, score.category)
            ],
            "late": [one for one in fresh if one.late],
            "in_time": [one for one in fresh if not one.late],
            "obligations": obligations(run.edition, facts.today(found.zone)),
            "own": [
                {
                    "indicator": one.indicator,
                    "value": words.amount(one.value.value, one.value.unit, beside=rule.edges),
                    "target": words.target(one.indicator, rule),
                    "grade": one.value.status if one.met is None else "reached" if one.met else "far",
                }
                for one in queries.own_lines(run, code)
                for rule in [next(iter(one.indicator.target.values()))]
            ],
            "trend": _trend(found, words),
            "category": category,
        },
    )


def _statuses(rows: list[View], chosen: str) -> list[View]:
    """How many KPIs stand how, for choosing among them; what comes first is what can be acted on."""
    count = Counter(row["grade"] for row in rows)
    known = [one for one in _GRADES if count[one]] + [one for one in count if one not in _GRADES]
    return [{"id": one, "count": count[one], "here": one == chosen} for one in known]


def sheet(request: HttpRequest, code: str, form: str) -> HttpResponseBase:
    """The score sheet of a city as a file: HTML, PDF or XLSX, in the page's language."""
    access_city_by_code(request.user, code)
    if form not in FORMS:
        raise Http404(form)
    shown = queries.asked_run(request, city=code)
    if shown is None:
        raise Http404(_("Nothing is published of this city yet."))
    file = services.sheet_file(shown.run, code, words_of(shown.run.edition).language, form)
    response = FileResponse(file.open("rb"), as_attachment=True, filename=file.name, content_type=_TYPES[form])
    return response


def _unrated(request: HttpRequest, city: City) -> HttpResponse:
    """A city of which nothing is published: what is known of it all the same."""
    edition = facts.edition()
    category = city.category_on(date(facts.today(city.zone).year, 12, 31))
    return render(
        request,
        "portal/scores/city_empty.html",
        {
            "city": city,
            "category": None if category is None else edition.categories[category].name,
            "region": known_regions().get(city.region or ""),
            "obligations": obligations(edition, facts.today(city.zone)),
            "simulated": city.simulated,
        },
    )


def _head(shown: Shown, city: City, score: CityScore, words: Wording) -> View:
    """The city's result, and by what it was made."""
    run = shown.run
    low, high = words.bounds(score)
    places = run.places[score.category]
    place = next(one for one in places if one.score.city == score.city)
    earlier = queries.compared_with(shown)
    was = None if earlier is None else rated_run(earlier.run).place_of.get(score.city)
    return {
        "shown": shown,
        "run": run,
        "city": city,
        "score": score,
        "region": known_regions().get(city.region or ""),
        "category": words.title(run.edition.categories[score.category].name),
        "index": words.index(score.final),
        "base": words.index(score.index),
        "bonus": words.points(score.bonus) if score.bonus else "",
        "low": low,
        "high": high,
        "interval": words.interval(low, high),
        "band_note": "" if score.band is None else words.band_of(score.band, "characteristic"),
        "place": place.place,
        "shared": place.shared,
        "places": places_said(ratings.sureness(run.id, score.category), score.city),
        "ranked": sum(one.place is not None for one in places),
        "moved": None if was is None or place.place is None else was - place.place,
        "coverage": words.maybe_share(score.coverage),
        "scored": sum(one.scored for one in score.sections),
        "due": sum(one.due for one in score.sections),
        "standing_said": words.say(f"standing.{score.standing}"),
        "reasons": _reasons(score, words),
        "closed": run.closed,
        "changed_since": score.city in run.unfaithful,
        "simulated": city.simulated,
        "forms": FORMS,
    }


def _reasons(score: CityScore, words: Wording) -> list[tuple[str, bool]]:
    """Why the city stands as it does, and whether it bears on its place; sections without KPIs are in their table."""
    return [
        (words.reason(one), score.standing != "rated" and one.reading in ("C1", "C2"))
        for one in score.reasons
        if one.case != "section_without_due"
    ]


def _stage(stages: Any, step: Any) -> Any:
    return None if step is None else stages[str(step.stage)].name


def _trend(city: City, words: Wording) -> Chart | None:
    """The index through the published ratings, with its bounds; None while there is only one."""
    history = ratings.history(city.code)
    if len(history) < 2:
        return None
    scores = [run.score(city.code) for _one, run in history]
    bounds = [words.bounds(score) for score in scores]
    return Chart(
        id="trend",
        kind="line",
        title=_("Index by published rating"),
        categories=[day(one.as_of, words.language, "short") for one, _run in history],
        series=[
            Series(_("Index"), [score.final for score in scores]),
            Series(_("Low bound"), [low for low, _high in bounds], dashed=True),
            Series(_("High bound"), [high for _low, high in bounds], dashed=True),
        ],
        digits=2,
    )


def _table(request: HttpRequest, shown: Shown, city: City, words: Wording) -> HttpResponseBase:
    columns = [
        _("Row"), _("KPI"), _("Name"), _("Section"), _("Initiative"), _("Status"), _("Target"), _("Value"), _("Unit"),
        _("Change, %"), _("Score"), _("Points"), _("Adds to the index"), _("At most"), _("Could be won"), _("Simulated"),
        pgettext("of a rating", "Run"),
    ]  # fmt: skip
    rows = (
        [
            line.kpi.row,
            line.kpi.id,
            words.text(line.kpi.name),
            words.section(line.kpi.section),
            line.kpi.initiative,
            line.score.status,
            words.target(line.kpi, line.score.target),
            line.score.observation.value,
            words.unit(line.kpi.unit),
            line.score.change,
            line.score.score,
            line.kpi.points,
            line.line.contribution,
            line.line.weight,
            max(line.line.to_win, line.line.to_secure),
            city.simulated,
            shown.run.id,
        ]
        for line in kpi_lines(shown.run, city.code)
    )
    return table_response(request, f"kpis_{city.code}_{shown.run.year}", columns, rows)
