"""Making a run: observations of every city, their scores, and what differs from the run of the same scope before."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import UTC, date, datetime
from pathlib import Path

from qala.runs.code_version import code_version
from qala.runs.comparison import differences, explained
from qala.runs.record import FORMAT, Json, RatedCity, Run, city_said, score_said
from qala.runs.store import RunStore
from qala.runs.values import Values
from qala.scoring import CityRules, CityScore, Observation, Profile
from qala.standard import Edition, Problem

Progress = Callable[[int, int], None]
"""Called with (cities done, cities in all)."""


def build_run(
    lake: Path,
    edition: Edition,
    year: int,
    as_of: date,
    cities: Sequence[RatedCity],
    profile: Profile,
    values: Values,
    *,
    progress: Progress | None = None,
) -> tuple[Run, dict[str, CityScore]]:
    """Score cities and write the run; an unchanged repetition gives the run that is there already.

    Args:
        lake: the lake's folder; the run is written to `runs/<id>` in it.
        edition: the law.
        year: the rated year.
        as_of: the last day that counts; a day before 31 December scores what is due so far.
        cities: who takes part; a code stands once.
        profile: the switchable readings.
        values: what was measured; its table versions are pinned in the run.
        progress: told after each city.

    Returns:
        The run, and the scores that it records.

    Raises:
        Problem: no cities, one twice, or a day outside the year.
    """
    _check(year, as_of, cities)
    scores = score_cities(edition, year, as_of, cities, profile, values, progress=progress)
    content: Json = {
        "format": FORMAT,
        "made_at": datetime.now(UTC).isoformat(timespec="seconds"),
        "edition": edition.id,
        "code": code_version(edition),
        "profile": str(profile),
        "year": year,
        "as_of": as_of.isoformat(),
        "cities": [city_said(city) for city in cities],
        "versions": dict(sorted(values.versions().items())),
        "datasets": {kpi.row: sorted(values.datasets(kpi)) for kpi in edition.kpis.values()},
        "results": {code: score_said(score) for code, score in scores.items()},
    }
    if corrected := {city: dict(sorted(own.items())) for city, own in sorted(values.corrected().items())}:
        content["corrected"] = corrected
    store = RunStore(lake)

    def make(before: list[Run]) -> Json | Run:
        last = latest_of_scope(before, Run({**content, "id": "", "hash": "", "previous": None}))
        if last is None:
            return {**content, "restates": None}
        old = store.get(last.id)
        if _same(old.content, content):
            return old
        new = Run({**content, "id": "", "hash": "", "previous": None})
        return {**content, "restates": {"run": old.id, "hash": old.hash, "changes": explained(old, new)}}

    return store.add(make), scores


def score_cities(
    edition: Edition,
    year: int,
    as_of: date,
    cities: Iterable[RatedCity],
    profile: Profile,
    values: Values,
    *,
    progress: Progress | None = None,
) -> dict[str, CityScore]:
    """The scores of cities without writing anything, by code."""
    wanted = list(cities)
    closed = as_of >= date(year, 12, 31)
    rules: dict[tuple[str, int | None], CityRules] = {}
    found: dict[str, CityScore] = {}
    for done, city in enumerate(wanted, 1):
        key = (city.category, city.first_year)
        if key not in rules:
            rules[key] = CityRules(edition, city.category, year, profile, closed=closed, first_year=city.first_year)
        found[city.code] = rules[key].score(
            observe(edition, city.code, year, as_of, profile, values), city.claims, city.code
        )
        if progress is not None:
            progress(done, len(wanted))
    return found


def observe(
    edition: Edition, city: str, year: int, as_of: date, profile: Profile, values: Values
) -> Mapping[str, Observation]:
    """Every KPI of a city, by row; what is not asked for is observed too, to be shown (T2)."""
    return {kpi.row: values.observation(city, kpi, year, as_of, profile) for kpi in edition.kpis.values()}


def latest_of_scope(runs: Sequence[Run], like: Run) -> Run | None:
    """The last run with the same edition, year, profile and cities."""
    return next((run for run in reversed(runs) if run.scope == like.scope), None)


def _same(old: Json, new: Json) -> bool:
    """Whether two records differ in nothing but when they were made and what they hang on."""
    own = ("id", "hash", "previous", "made_at", "restates")
    return {k: v for k, v in old.items() if k not in own} == {k: v for k, v in new.items() if k not in own}


def _check(year: int, as_of: date, cities: Sequence[RatedCity]) -> None:
    if not cities:
        raise Problem("There is no city to score.", hint="`qala city list` shows the cities of the lake.")
    codes = [city.code for city in cities]
    twice = sorted({code for code in codes if codes.count(code) > 1})
    if twice:
        raise Problem(f"The city {twice[0]} stands in the run twice.")
    if as_of < date(year, 1, 1):
        raise Problem(f"The day {as_of:%d.%m.%Y} lies before the year {year}.", hint="Choose a later day for --as-of.")


__all__ = ["build_run", "differences", "latest_of_scope", "observe", "score_cities"]
