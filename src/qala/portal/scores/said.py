"""Scores in the words of a page: texts of the reports, numbers for small pictures, addresses of what stands behind."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from typing import Any

from django.http import QueryDict
from django.urls import reverse

from qala import facts
from qala.portal.scores.queries import shows_by_itself
from qala.ratings.changes import KpiChange
from qala.ratings.queries import Shown, ends, published
from qala.ratings.rated_run import rated_run
from qala.reports import charts
from qala.reports.rating import RatingData, RatingLine
from qala.reports.rating_view import line_view
from qala.reports.sheet import KpiLine
from qala.reports.wording import Wording, grade
from qala.robustness import Robustness
from qala.scoring import CityScore, SectionScore
from qala.ui.charts import Chart, Series

View = dict[str, Any]
HUNDRED = Fraction(100)
LEAST_AXES = 3
HEATS = 5


def heat(score: Fraction | None) -> int | str:
    """The colour of a cell, 1 (nothing is reached) to `HEATS` (the target is), or none."""
    return "none" if score is None else min(HEATS, 1 + int(score * HEATS))


def run_query(shown: Shown) -> str:
    """`?run=…` for links to other pages, where the run is not the one that an address without it shows."""
    if shows_by_itself(shown):
        return ""
    query = QueryDict(mutable=True)
    query["run"] = shown.run.id
    return f"?{query.urlencode()}"


def ratings_to_choose(shown: Shown, city: str | None = None) -> list[View]:
    """The published ratings of a category (or of a city in it) for a form: year, last day, edition; none of only one.

    The one that an address without a run shows has an empty `run`.
    """
    found = [one for one in ends(shown.category) if city is None or city in rated_run(one.run)]
    known = facts.editions()
    edition = len({one.edition for one in found}) > 1
    latest = published(None, shown.category)
    made: list[View] = [
        {
            "run": "" if latest is not None and one.pk == latest.pk else one.run,
            "here": one.run == shown.run.id,
            "year": one.year,
            "day": one.as_of,
            "edition": known[one.edition].act.short if edition and one.edition in known else "",
        }
        for one in found
    ]
    if not any(one["here"] for one in made):
        here = {
            "run": shown.run.id,
            "here": True,
            "year": shown.run.year,
            "day": shown.run.as_of,
            "edition": "",
            "other": True,
        }
        made.insert(0, here)
    return made if len(made) > 1 else []


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
        "old": _moved_value(change.old, words),
        "new": _moved_value(change.line, words),
        "added": change.added,
    }


def _moved_value(line: KpiLine, words: Wording) -> str:
    """The value where it was scored; else why it was not: an unscored value may be another thing (a total, a projection)."""
    return words.value(line) if line.score.score is not None else words.status(line.score)


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
        "cells": [
            {
                "id": one.id,
                "name": words.section(one.id),
                "said": "" if one.score is None else words.number(one.score * HUNDRED, 1),
                "url": reverse("kpi:section", args=[line.city.code, one.id]) + query,
            }
            for one in score.sections
        ],
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


def places_said(sure: Robustness | None, code: str) -> str:
    """Between which places nine draws of ten lie, `5–10`; empty where nothing is known."""
    found = None if sure is None else sure.city(code)
    if found is None:
        return ""
    low, high = round(found.places.low), round(found.places.high)
    return str(low) if low == high else f"{low}–{high}"


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
