"""Ratings: runs, which of them are published, and what came out for each city."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from ninja import Router

from qala.people.access import may
from qala.portal.api.cities import the_city
from qala.portal.api.lists import Limit, Offset, page
from qala.portal.api.shapes import CityResult, KpiResult, Page, RunOut, exact, number
from qala.portal.api.troubles import TROUBLES, NotHereError
from qala.ratings import queries
from qala.ratings.rated_run import RatedRun, rated_run
from qala.scoring import CityScore

router = Router(tags=["Ratings"])


@router.get("/runs", response={200: Page[RunOut], **TROUBLES})
def runs(request: HttpRequest, year: int | None = None, limit: Limit = 100, offset: Offset = 0) -> Any:
    """Runs that who asks may see, the newest first: a guest sees those that are published."""
    found = [line for line in queries.run_lines(request.user) if year in (None, line.head.year)]
    part = page(request, found, limit, offset)
    return {**part, "items": [_run(line) for line in part["items"]]}


@router.get("/runs/{run}", response={200: RunOut, **TROUBLES})
def run(request: HttpRequest, run: str) -> Any:
    """One run: what it was made from."""
    return _run(_line(request, run))


@router.get("/runs/{run}/results", response={200: Page[CityResult], **TROUBLES})
def results(request: HttpRequest, run: str, category: str | None = None, limit: Limit = 200, offset: Offset = 0) -> Any:
    """The cities of a run by place, without their KPIs (those are at `/cities/{code}/score`)."""
    line = _line(request, run)
    seen = set(line.categories) if may(request.user, "runs.see_unpublished") else set(line.publications)
    rated = rated_run(run)
    scores = [one for one in rated.scores(category) if one.category in seen]
    scores.sort(key=lambda one: (one.category, rated.place_of.get(one.city, len(scores) + 1), one.city))
    return page(request, [_result(rated, one) for one in scores], limit, offset)


@router.get("/cities/{code}/score", response={200: CityResult, **TROUBLES})
def score(request: HttpRequest, code: str, year: int | None = None, run: str | None = None) -> Any:
    """A city's score in the rating that holds (or in a run), with every KPI."""
    the_city(request, code)
    if run is not None:
        _line(request, run)
    shown = queries.shown(request.user, city=code, year=year, run=run)
    if shown is None:
        raise NotHereError(f"No rating with {code} is published{f' for {year}' if year else ''}.")
    found = shown.run.score(code)
    kpis = [
        KpiResult(
            row=one.row,
            status=one.status,
            score=number(one.score),
            score_exact=exact(one.score),
            value=number(one.observation.value),
            value_exact=exact(one.observation.value),
            readings=list(one.readings),
            flags=list(one.flags),
        )
        for one in found.kpis
    ]
    return _result(shown.run, found).model_copy(update={"kpis": kpis})


def _line(request: HttpRequest, run: str) -> queries.RunLine:
    found = queries.line_of(request.user, run)
    if found is None:
        raise NotHereError(f"There is no run '{run}', or it is not published.")
    return found


def _run(line: queries.RunLine) -> RunOut:
    content = line.head.content
    published = sorted(one.published_at for one in line.publications.values())
    return RunOut(
        id=line.head.id,
        sha256=line.head.hash,
        previous=line.head.previous,
        year=line.head.year,
        as_of=line.head.as_of,
        edition=content["edition"],
        profile=content["profile"],
        categories=list(line.categories),
        published=list(line.publications),
        cities=[city.code for city in line.head.cities],
        made_at=content["made_at"],
        published_at=published[0] if published else None,
    )


def _result(run: RatedRun, score: CityScore) -> CityResult:
    return CityResult(
        city=score.city,
        category=score.category,
        place=run.place_of.get(score.city),
        index=number(score.index),
        low=number(score.low),
        high=number(score.high),
        coverage=number(score.coverage),
        bonus=number(score.bonus),
        final=number(score.final),
        band=score.band,
        standing=score.standing,
        sections={one.id: number(one.score) for one in score.sections},
        simulated=run.cities[score.city].simulated,
    )
