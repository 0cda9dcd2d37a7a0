"""A region: its cities side by side, what is overdue, who is behind, how they moved."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import render
from django.utils.translation import gettext as _

from qala import facts
from qala.people.access import access_region_by_code, visible_cities
from qala.portal.scores import queries
from qala.portal.scores.freshness import sources
from qala.portal.scores.said import View
from qala.ratings import queries as ratings
from qala.ratings.lines import gain_lines, words_of
from qala.ui.charts import Chart, Series
from qala.ui.downloads import table_response, wanted
from qala.ui.formats import day, said

_BEHIND = 3


def region(request: HttpRequest, code: str) -> HttpResponseBase:
    """A region: its cities side by side, what is overdue, who is behind, how they moved."""
    found = access_region_by_code(request.user, code)
    cities = [one for one in visible_cities(request.user) if one.region == code]
    lines = queries.city_lines(cities)
    rows = [_region_row(line) for line in lines]
    rows.sort(key=lambda row: (row["final"] is None, -(row["final"] or 0)))
    if wanted(request):
        columns = [
            _("Code"),
            _("City"),
            _("Category"),
            _("Place"),
            _("Index"),
            _("Low bound"),
            _("High bound"),
            _("Against the middle of its category"),
            _("Coverage"),
            _("Band"),
            _("Late sources"),
        ]
        return table_response(
            request,
            f"region_{code}",
            columns,
            [
                [
                    row["code"],
                    row["city"],
                    row["category"],
                    row["place"],
                    row["final"],
                    row["low"],
                    row["high"],
                    row["against"],
                    row["coverage_number"],
                    row["band"],
                    len(row["late"]),
                ]
                for row in rows
            ],
        )
    histories = {line.city.code: ratings.history(line.city.code) for line in lines if line.run is not None}
    days = sorted({one.as_of for history in histories.values() for one, _run in history})
    language = words_of(facts.edition()).language
    trend = Chart(
        id="trend",
        kind="line",
        title=_("Index by published rating"),
        categories=[day(one, language, "short") for one in days],
        series=[
            Series(
                said(facts.lake().cities.get(name).names, language),
                [next((run.score(name).final for one, run in history if one.as_of == each), None) for each in days],
            )
            for name, history in histories.items()
        ],
        digits=2,
    )
    return render(
        request,
        "portal/scores/region.html",
        {
            "region": found,
            "rows": rows,
            "trend": trend if len(days) > 1 else None,
            "late": [row for row in rows if row["late"]],
            "simulated": any(line.city.simulated for line in lines),
        },
    )


def _region_row(line: queries.CityLine) -> View:
    city, run = line.city, line.run
    row: View = {
        "code": city.code,
        "city": said(city.names, words_of(facts.edition()).language),
        "simulated": city.simulated,
        "final": None,
        "low": None,
        "high": None,
        "place": None,
        "against": None,
        "coverage_number": None,
        "band": "",
        "category": "",
        "late": [],
        "behind": [],
    }
    if run is None:
        return row
    words, score = words_of(run.edition), run.score(city.code)
    middle = queries.middle(run, score.category)
    low, high = words.bounds(score)
    return row | {
        "final": score.final,
        "index": words.index(score.final),
        "interval": words.interval(low, high),
        "low": low,
        "high": high,
        "place": line.place,
        "of": sum(place.place is not None for place in run.places[score.category]),
        "against": None if middle is None or score.final is None else score.final - middle,
        "coverage": words.maybe_share(score.coverage),
        "coverage_number": score.coverage,
        "band_id": score.band,
        "band": words.band(score),
        "standing": score.standing,
        "standing_said": words.say(f"standing.{score.standing}"),
        "category": words.title(run.edition.categories[score.category].name),
        "sections": [None if one.score is None else one.score * 100 for one in score.sections],
        "section_names": [words.section(one.id) for one in score.sections],
        "late": [one for one in sources(run, city.code) if one.late],
        "behind": [
            {
                "row": one.kpi.row,
                "name": one.kpi.name,
                "lacking": words.lacking(one),
                "won": words.points(max(one.line.to_win, one.line.to_secure), sign=True),
            }
            for one in gain_lines(run, city.code, _BEHIND)
        ],
    }
