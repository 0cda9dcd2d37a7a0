"""What the commands about scores start from: an edition, values up to date, and who takes part."""

from __future__ import annotations

from contextlib import nullcontext
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

from qala.cli.output import progress
from qala.cli.session import day_of, edition_for, open_lake

if TYPE_CHECKING:
    from qala.measures.values import Values as LakeValues
    from qala.runs import RatedCity, Run, RunStore, Values
    from qala.scoring import CityScore, Profile
    from qala.scoring.profile import Level
    from qala.standard import Edition


@dataclass
class Desk:
    """What scoring works with: an edition, values up to date, and who takes part."""

    lake: Path
    edition: Edition
    notice: str | None
    values: LakeValues
    cities: list[RatedCity]
    names: dict[str, str]


def desk(
    folder: Path,
    year: int,
    day: date,
    edition: str | None,
    *,
    city: str | None = None,
    category: str | None = None,
    level: Level = "settlements",
) -> Desk:
    """Open the lake, bring the sums of the cities up to date, and look up who takes part.

    Args:
        folder: of the lake.
        year, day: rated year and last day that counts; the day picks the edition.
        edition: an edition to use even where it is not in force.
        city, category: one city, or all of a category.
        level: which district centres are rated (reading S2).
    """
    from qala.measures.values import Values
    from qala.runs.rated import rated_city, rated_in

    law, said = edition_for(day, edition)
    if category is not None:
        law.category(category)
    store = open_lake(folder)
    codes = [store.cities.get(city).code] if city is not None else list(rated_in(store, category or "", year, level))
    values = Values(store, law, store.catalogue)
    with progress("measuring", len(codes)) if len(codes) > 1 else nullcontext(lambda _text="": None) as advance:
        for code in codes:
            values.computer.compute(code)
            advance(code)
    cities = [rated_city(store, values, code, year) for code in codes]
    return Desk(folder, law, said, values, cities, {code: store.cities.get(code).names["en"] for code in codes})


def recorded(lake: Path, name: str) -> tuple[RunStore, Run, Values, Edition]:
    """A recorded run, with what is needed to compute it again."""
    from qala.measures.values import Values
    from qala.runs import RunStore
    from qala.standard import Problem, editions

    runs = RunStore(lake)
    found = runs.get(name)
    law = editions().get(found.content["edition"])
    if law is None:
        raise Problem(f"The run was made by the edition '{found.content['edition']}', which is not loaded.")
    store = open_lake(lake)
    return runs, found, Values(store, law, store.catalogue), law


def one_city(
    lake: Path, city: str, year: int, as_of: str | None, profile: str, edition: str | None, *, save: bool
) -> tuple[Desk, CityScore, Run | None]:
    from qala.scoring import Profile

    switches = Profile.parse(profile)
    day = last_day(as_of, year)
    at = desk(lake, year, day, edition, city=city)
    scores, run = scored(at, year, day, switches, save=save)
    return at, scores[city], run


def scored(at: Desk, year: int, day: date, profile: Profile, *, save: bool) -> tuple[dict[str, CityScore], Run | None]:
    from qala.runs import build_run, score_cities

    with progress("scoring", len(at.cities)) if len(at.cities) > 1 else nullcontext(lambda _text="": None) as advance:

        def told(_done: int, _of: int) -> None:
            advance("")

        if not save:
            return score_cities(at.edition, year, day, at.cities, profile, at.values, progress=told), None
        run, scores = build_run(at.lake, at.edition, year, day, at.cities, profile, at.values, progress=told)
        return scores, run


def last_day(as_of: str | None, year: int) -> date:
    """The last day that counts; not before the year."""
    from qala.standard import Problem

    if not date.min.year < year < date.max.year:
        raise Problem(f"{year} is not a year.", where="--year", hint="For example 2026.")
    day = min(day_of(as_of, date(year, 12, 31)), date(year, 12, 31))
    if day < date(year, 1, 1):
        raise Problem(f"{day:%d.%m.%Y} lies before the year {year}.", where="--as-of", hint=f"Write a day of {year}.")
    return day
