"""Scores in the words of a page: texts of the reports, numbers for small pictures, addresses of what stands behind."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from typing import Any

from django.http import QueryDict
from django.urls import reverse
from django.utils.translation import gettext as _

from qala.portal.scores.queries import shows_by_itself
from qala.ratings.changes import KpiChange
from qala.ratings.queries import Shown
from qala.reports import charts
from qala.reports.rating import RatingData, RatingLine
from qala.reports.rating_view import line_view
from qala.reports.sheet import KpiLine
from qala.reports.wording import Wording, grade
from qala.scoring import CityScore, SectionScore
from qala.ui.charts import Chart, Series
from qala.ui.maps import Key, MapView, Table

View = dict[str, Any]
_LEAST_SPAN = 6.0  # degrees that a map of cities shows at least, and its margin
_MARGIN = 1.2
HUNDRED = Fraction(100)
LEAST_AXES = 3


def run_query(shown: Shown) -> str:
    """`?run=…` for links to other pages, where the run is not the one that an address without it shows."""
    if shows_by_itself(shown):
        return ""
    query = QueryDict(mutable=True)
    query["run"] = shown.run.id
    return f"?{query.urlencode()}"


def kpi_said(line: KpiLine, code: str, words: Wording, query: str) -> View:
    """One KPI as a row of a table."""
    score = line.score
    seen = score.score is not None
    return {
        "row": line.kpi.row,
        "name": line.kpi.name,
        "url": reverse("kpi:kpi", args=[code, line.kpi.row]) + query,
        "initiative": line.kpi.initiative,
        "section": line.kpi.section,
        "grade": grade(score),
        "status": words.status(score) if seen or score.status not in _SHOWN else words.why_shown(score),
        "target": words.target(line.kpi, score.target),
        "value": words.value(line),
        "score": words.maybe_share(score.score),
        "of_100": None if score.score is None else score.score * HUNDRED,
        "tone": {"reached": "good", "near": "warn", "far": "bad"}.get(grade(score), "quiet"),
        "points": line.kpi.points,
        "adds": words.points(line.line.contribution) if seen else "—",
        "most": words.points(line.line.weight) if seen else "—",
        "won": words.points(max(line.line.to_win, line.line.to_secure), sign=True),
        "delivery": line.line.to_secure > line.line.to_win,
        "lacking": words.lacking(line),
        "flags": [words.flag(flag) for flag in score.flags],
        "missing": words.share(score.missing) if score.missing and seen else "",
    }


_SHOWN = ("not_due", "not_applicable", "no_target")


def change_said(change: KpiChange, code: str, words: Wording, query: str) -> View:
    """A KPI that rose or fell."""
    assert change.old is not None
    return {
        "row": change.line.kpi.row,
        "name": change.line.kpi.name,
        "url": reverse("kpi:kpi", args=[code, change.line.kpi.row]) + query,
        "old": words.value(change.old),
        "new": words.value(change.line),
        "added": change.added,
    }


def rating_row(line: RatingLine, words: Wording, query: str) -> View:
    """A city's row in a rating: the words of the report, and numbers for the pictures."""
    score = line.score
    low, high = words.bounds(score)
    return {
        **line_view(line, words, charts.ON_PAGE),
        "url": reverse("scores:city", args=[line.city.code]) + query,
        "place_number": line.place.place,
        "final": score.final,
        "low": low,
        "high": high,
        "band_id": score.band,
        "coverage_number": score.coverage,
        "moved_by": line.moved,
        "region": line.city.region,
        "by_section": {
            one.id: {
                "score": None if one.score is None else one.score * HUNDRED,
                "low": None if one.low is None else one.low * HUNDRED,
                "high": None if one.high is None else one.high * HUNDRED,
            }
            for one in score.sections
        },
    }


def section_rows(score: CityScore, means: dict[str, Fraction], words: Wording, code: str, query: str) -> list[View]:
    """The sections of a city."""
    found = []
    for one in score.sections:
        mean = means.get(one.id)
        found.append(
            {
                "id": one.id,
                "name": words.section(one.id),
                "url": reverse("kpi:section", args=[code, one.id]) + query,
                "weight": words.percent(words.short(one.weight)),
                "score": None if one.score is None else one.score * HUNDRED,
                "low": None if one.low is None else one.low * HUNDRED,
                "high": None if one.high is None else one.high * HUNDRED,
                "bounds": "" if one.low == one.high else _bounds_said(one, words),
                "coverage": words.maybe_share(one.coverage),
                "scored": one.scored,
                "due": one.due,
                "mean": None if mean is None else mean * HUNDRED,
                "against": None if mean is None or one.score is None else (one.score - mean) * HUNDRED,
            }
        )
    return found


def _bounds_said(section: SectionScore, words: Wording) -> str:
    if section.low is None or section.high is None:
        return ""
    return f"{words.number(section.low * HUNDRED, 1)}–{words.number(section.high * HUNDRED, 1)}"


def radar(
    name: str, title: str, words: Wording, polygons: Sequence[tuple[str, dict[str, Fraction | None], bool]]
) -> Chart | None:
    """Sections as axes, cities (or the mean of a category) as polygons; scores of 0 to 100. None below three axes."""
    sections = [one for one in words.law.weights if any(values.get(one) is not None for _n, values, _d in polygons)]
    if len(sections) < LEAST_AXES:
        return None
    return Chart(
        id=name,
        kind="radar",
        title=title,
        categories=[words.section(one) for one in sections],
        series=[
            Series(label, [None if (v := values.get(one)) is None else v * HUNDRED for one in sections], dashed=dashed)
            for label, values, dashed in polygons
        ],
        digits=1,
        least=0,
        most=100,
    )


def country_map(
    rows: Sequence[View], places: dict[str, tuple[float, float]], bands: Sequence[View], said: Any, heading: int
) -> MapView:
    """Cities as points, coloured by the band of their rating.

    Args:
        rows: with code, city, index, band_id, band and place.
        places: code -> (lon, lat) of those whose place is known.
        bands: of the edition, the best first.
        said: says a text in three languages in the page's.
        heading: level of its title.
    """
    number = {band["id"]: band["place"] for band in bands}
    points = [
        {
            "type": "Feature",
            "geometry": {"type": "Point", "coordinates": list(places[row["code"]])},
            "properties": {
                "name": row["city"],
                "index": row["index"],
                "said": row["band"],
                "place": row["place"],
                "band": number.get(row["band_id"], 0),
            },
        }
        for row in rows
        if row["code"] in places
    ]
    colours: list[Any] = ["match", ["get", "band"]]
    for band in bands:
        colours += [band["place"], f"var(--band-{band['place']})"]
    paint = {
        "circle-radius": 8,
        "circle-color": [*colours, "var(--none)"],
        "circle-stroke-color": "var(--ink)",
        "circle-stroke-width": 1.25,
    }
    names = {"text-field": ["get", "name"], "text-size": 13, "text-anchor": "left", "text-offset": [0.9, 0]}
    return MapView(
        id="country",
        title=_("Cities by band"),
        sources={"cities": {"type": "geojson", "data": {"type": "FeatureCollection", "features": points}}},
        layers=[
            {"id": "cities", "type": "circle", "source": "cities", "paint": paint},
            {"id": "names", "type": "symbol", "source": "cities", "layout": names},
        ],
        bounds=_bounds([places[row["code"]] for row in rows if row["code"] in places]),
        legend=[
            *(Key(said(band["name"]), f"band-{band['place']}", "point") for band in bands),
            Key(_("No band: not ranked"), "none", "point"),
        ],
        table=Table(
            [_("City"), _("Place"), _("Index"), _("Band")],
            [[row["city"], row["place"], row["index"], row["band"]] for row in rows],
        ),
        popup={"cities": [("name", _("City")), ("place", _("Place")), ("index", _("Index")), ("said", _("Band"))]},
        heading=heading,
    )


def _bounds(points: Sequence[tuple[float, float]]) -> tuple[float, float, float, float]:
    """Around the points, with a margin; around the country's middle where there are none."""
    lons, lats = [lon for lon, _lat in points] or [67.0], [lat for _lon, lat in points] or [48.0]
    wide = max(0.0, _LEAST_SPAN - (max(lons) - min(lons))) / 2 + _MARGIN
    high = max(0.0, _LEAST_SPAN / 2 - (max(lats) - min(lats))) / 2 + _MARGIN
    return min(lons) - wide, min(lats) - high, max(lons) + wide, max(lats) + high


def weak_and_gaps(data: RatingData, words: Wording) -> View:
    """What is weakest in the category, where data lack, and on which readings places hang."""
    return {
        "weak": [
            {"kpi": one.kpi, "mean": one.mean * HUNDRED, "reached": one.reached, "scored": one.scored}
            for one in data.weak
        ],
        "gaps": [{"kpi": one.kpi, "missing": one.missing, "asked": one.asked} for one in data.gaps],
        "hinges": [
            {
                "what": words.variant(one.id),
                "change": words.points(one.change),
                "cities": one.cities,
                "moved": one.moved,
            }
            for one in data.hinges
        ],
    }
