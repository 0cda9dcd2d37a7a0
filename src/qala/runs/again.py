"""A record's scores as typed values: made again from what it observed, by the law that it names."""

from __future__ import annotations

from fractions import Fraction
from typing import Any, cast

from qala.runs.record import Json, Run
from qala.scoring import CityRules, CityScore, Observation, Profile
from qala.scoring.observation import Status
from qala.standard import Edition


def scores_of(run: Run, edition: Edition, category: str | None = None) -> dict[str, CityScore]:
    """The scores of a run's cities, by code: pure arithmetic, some milliseconds a city.

    Where the program or the law has changed since, they differ from the record, which then holds.

    Args:
        run: the whole run (not a head).
        edition: the edition that it names, as it is loaded now.
        category: only the cities of one.
    """
    profile, closed = Profile.parse(run.content["profile"]), run.closed
    rules: dict[tuple[str, int | None], CityRules] = {}
    found: dict[str, CityScore] = {}
    for city in run.cities:
        if category not in (None, city.category):
            continue
        key = (city.category, city.first_year)
        if key not in rules:
            rules[key] = CityRules(edition, city.category, run.year, profile, closed=closed, first_year=city.first_year)
        said = run.results[city.code]["kpis"]
        seen = {row: observation_read(row, kpi["observation"]) for row, kpi in said.items()}
        found[city.code] = rules[key].score(seen, city.claims, city.code)
    return found


def observation_read(row: str, said: Json) -> Observation:
    """An observation out of its record; the reverse of `observation_said`."""
    parts: dict[str, Any] = {
        name: Fraction(said[name]) for name in ("value", "numerator", "denominator", "base") if name in said
    }
    for name in ("components", "norms", "variants"):
        if name in said:
            parts[name] = {key: None if text is None else Fraction(text) for key, text in said[name].items()}
    return Observation(
        row=row,
        status=cast(Status, said["status"]),
        delivered=Fraction(said["delivered"]),
        flags=tuple(said.get("flags", ())),
        **parts,
    )
