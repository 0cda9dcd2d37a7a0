"""A region: its cities side by side, what is overdue, who is behind, how they moved, what the order asks next."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _

from qala import facts
from qala.people.access import access_region_by_code, visible_cities
from qala.portal.scores import queries
from qala.portal.scores.freshness import sources
from qala.portal.scores.obligations import obligations
from qala.portal.scores.pages import map_of
from qala.portal.scores.said import HEATS, View, heat
from qala.ratings import queries as ratings
from qala.ratings.lines import gain_lines, words_of
from qala.ratings.rated_run import rated_run
from qala.reports.wording import Wording
from qala.scoring import CityScore
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
    edition = facts.edition()
    words = words_of(edition)
    if wanted(request):
        columns = [
            _("Code"),
            _("City"),
            _("Category"),
            _("Place"),
            _("Index"),
            _("Change of the index"),
            _("Low bound"),
            _("High bound"),
            _("Against the middle of its category"),
            _("Coverage"),
            _("Band"),
            _("Late sources"),
            *(words.section(name) for name in edition.sections),
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
                    row["moved"],
                    row["low"],
                    row["high"],
                    row["against"],
                    row["coverage_number"],
                    row["band"],
                    len(row["late"]),
                    *(row["scores"].get(name) for name in edition.sections),
                ]
                for row in rows
            ],
        )
    histories = {line.city.code: ratings.history(line.city.code) for line in lines if line.run is not None}
    days = sorted({one.as_of for history in histories.values() for one, _run in history})
    language = words.language
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
            "sections": [(name, words.section(name)) for name in edition.sections],
            "heats": HEATS,
            "behind": [row for row in rows if row["against"] is not None and row["against"] < 0],
            "before": max((row["before"] for row in rows if row["before"]), default=None),
            "map": map_of([row for row in rows if row["category"]], words, edition, 2),
            "obligations": obligations(edition, facts.today()),
            "simulated": any(line.city.simulated for line in lines),
        },
    )


def _region_row(line: queries.CityLine) -> View:
    city, run = line.city, line.run
    row: View = {
        "code": city.code,
        "url": reverse("scores:city", args=[city.code]),
        "city": said(city.names, words_of(facts.edition()).language),
        "simulated": city.simulated,
        "final": None,
        "low": None,
        "high": None,
        "place": None,
        "index": "",
        "against": None,
        "coverage_number": None,
        "band": "",
        "category": "",
        "band_id": None,
        "moved": None,
        "climbed": None,
        "before": None,
        "scores": {},
        "late": [],
        "behind": [],
    }
    if run is None:
        return row
    words, score = words_of(run.edition), run.score(city.code)
    earlier = None if line.publication is None else ratings.before(line.publication)
    old = None if earlier is None else rated_run(earlier.run)
    was = None if old is None or city.code not in old else old.score(city.code)
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
        "moved": None if was is None or was.final is None or score.final is None else score.final - was.final,
        "climbed": _climbed(None if old is None else old.place_of.get(city.code), line.place),
        "before": None if earlier is None or was is None else earlier.as_of,
        "scores": {one.id: None if one.score is None else one.score * 100 for one in score.sections},
        "heat": _heat(score, words),
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


def _climbed(old: int | None, new: int | None) -> int | None:
    """By how many places a city rose."""
    return None if old is None or new is None else old - new


def _heat(score: CityScore, words: Wording) -> list[View]:
    """The sections as cells of a heat table, in the order's sequence."""
    found = {one.id: one for one in score.sections}
    return [
        {
            "id": name,
            "said": words.maybe_share(found[name].score) if name in found and found[name].due else "",
            "heat": heat(found[name].score if name in found else None),
        }
        for name in words.edition.sections
    ]
