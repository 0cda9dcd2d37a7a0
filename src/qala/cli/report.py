"""`qala report`: score sheets of cities, and the rating for the ministry."""

from __future__ import annotations

from datetime import date
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from qala.cli.output import console, notice, progress
from qala.cli.session import DEFAULT_LAKE, AsOfOption, EditionOption, LakeOption, YearOption, open_lake

if TYPE_CHECKING:
    from qala.lake import Lake
    from qala.measures.values import Values
    from qala.reports import Basis, Form
    from qala.robustness import Robustness
    from qala.runs import RatedCity
    from qala.standard.values import Language


def report(
    year: YearOption,
    city: Annotated[
        list[str] | None, typer.Option("--city", help="Code of a city, as in `qala city list`; may be said again.")
    ] = None,
    rating: Annotated[
        bool, typer.Option("--rating", help="The rating of all cities, for the ministry (item 37).")
    ] = False,
    category: Annotated[
        str | None, typer.Option("--category", help="With --rating: republican, oblast or district only.")
    ] = None,
    as_of: AsOfOption = None,
    profile: Annotated[
        str,
        typer.Option(
            "--profile", help="annex2, annex4 or citywide; due=end; integration_only; rank_all. Joined by commas."
        ),
    ] = "annex2",
    lang: Annotated[str, typer.Option("--lang", help="kk, ru, en or all; several joined by commas.")] = "all",
    form: Annotated[str, typer.Option("--form", help="html, pdf, xlsx or all; several joined by commas.")] = "html",
    out: Annotated[Path, typer.Option("--out", help="Folder for the files.")] = Path("reports"),
    lake: LakeOption = DEFAULT_LAKE,
    edition: EditionOption = None,
) -> None:
    """Write a city's score sheet, or the rating of all cities, as HTML, PDF and XLSX in Kazakh, Russian and English.

    Examples:

      qala report --city SIM-R01 --year 2026 --edition order_469

      qala report --city SIM-R01 --city SIM-O02 --year 2026 --as-of 2026-06-30 --lang kk,ru --form all --out out

      qala report --rating --year 2026 --category oblast --form pdf,xlsx
    """
    from qala.reports import FORMS, build_rating, build_sheet, write_rating, write_sheet
    from qala.robustness import Assumptions, analyse
    from qala.runs import RunStore, score_cities
    from qala.standard.problems import Problem
    from qala.standard.values import LANGUAGES

    if rating == bool(city):
        raise Problem("Say which report is wanted.", where="qala report", hint="--city CODE, or --rating.")
    if category is not None and not rating:
        raise Problem("A category goes with --rating.", where="--category", hint="A city's sheet finds its own.")
    languages: list[Language] = _chosen(lang, LANGUAGES, "--lang")
    forms: list[Form] = _chosen(form, FORMS, "--form")
    basis = _basis(year, as_of, profile, edition)
    store = open_lake(lake)
    runs = RunStore(store.folder)
    if rating:
        values, cities = _measured(store, basis, _rated(store, basis, category))
        data = build_rating(basis, store, values, cities, runs)
        _say(lambda told: write_rating(data, out, languages, forms, told), len(languages) * len(forms))
        return
    codes = [store.cities.get(code).code for code in dict.fromkeys(city or [])]
    own = {code: store.cities.category_on(code, date(year, 12, 31)) for code in codes}
    rated = [c for name in dict.fromkeys(own.values()) for c in _rated(store, basis, name, or_none=True)]
    # a village has a sheet, though the profile may leave it out of the rating
    values, cities = _measured(store, basis, list(dict.fromkeys([*rated, *codes])))

    def write(told: object) -> list[Path]:
        files: list[Path] = []
        sure: dict[str, Robustness] = {}
        for code in codes:
            rivals = [one for one in cities if one.category == own[code]]
            if own[code] not in sure:  # without Sobol indices: some seconds for two hundred cities
                scores = score_cities(basis.edition, year, basis.as_of, rivals, basis.profile, values)
                sure[own[code]] = analyse(basis.edition, list(scores.values()), Assumptions(base=0))
            sheet = build_sheet(basis, code, store, values, rivals, runs, sure[own[code]])
            files += write_sheet(sheet, store.catalogue, out, languages, forms, told)  # type: ignore[arg-type]
        return files

    _say(write, len(codes) * len(languages) * len(forms))


def _basis(year: int, as_of: str | None, profile: str, edition: str | None) -> Basis:
    from qala.cli.score_desk import last_day
    from qala.reports import Basis
    from qala.scoring import Profile
    from qala.standard import edition_on, editions

    day = last_day(as_of, year)
    chosen = edition_on(day, editions(), edition)
    notice(None if chosen.notice is None else chosen.notice.en)
    return Basis(chosen.edition, chosen.notice, Profile.parse(profile), year, day, version("qala"))


def _rated(lake: Lake, basis: Basis, category: str | None, *, or_none: bool = False) -> list[str]:
    """Codes of the cities of a category (of all)."""
    from qala.runs.rated import rated_in
    from qala.standard.problems import Problem

    wanted = list(basis.edition.categories) if category is None else [basis.edition.category(category).id]
    found = [code for name in wanted for code in rated_in(lake, name, basis.year, basis.profile.level)]
    if not found and not or_none:
        raise Problem(
            f"The lake has no city to rate in {basis.year}.",
            where=str(lake.folder),
            hint="`qala city list` shows its cities, `qala city add` registers one.",
        )
    return found


def _measured(lake: Lake, basis: Basis, codes: list[str]) -> tuple[Values, list[RatedCity]]:
    """Values of these cities, their sums brought up to date, and the cities as they are rated."""
    from qala.measures.values import Values
    from qala.runs.rated import rated_city

    values = Values(lake, basis.edition, lake.catalogue)
    with progress("measuring", len(codes)) as advance:
        for code in codes:
            values.computer.compute(code)
            advance(code)
    return values, [rated_city(lake, values, code, basis.year) for code in codes]


def _say(write: object, number: int) -> None:
    with progress("writing", number) as advance:
        files: list[Path] = write(advance)  # type: ignore[operator]
    for path in files:
        console().print(str(path), soft_wrap=True, highlight=False)


def _chosen(text: str, known: tuple[str, ...], option: str) -> list:  # type: ignore[type-arg]
    from qala.standard.problems import Problem

    words = [word.strip() for word in text.split(",") if word.strip()]
    for word in words:
        if word != "all" and word not in known:
            raise Problem(f"'{word}' is not known.", where=option, hint=f"One of: {', '.join(known)}, all.")
    if not words:
        raise Problem("Nothing is chosen.", where=option, hint=f"One of: {', '.join(known)}, all.")
    return [word for word in known if word in words or "all" in words]
