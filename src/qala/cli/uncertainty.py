"""`qala uncertainty`: how sure a recorded rating is."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING, Annotated, Any

import typer

from qala.cli.output import Format, print_json, progress, show_rows
from qala.cli.scores import RunArgument
from qala.cli.session import DEFAULT_LAKE, FormatOption, LakeOption

if TYPE_CHECKING:
    from qala.robustness import Robustness


class Show(StrEnum):
    """Which of the tables is printed."""

    places = "places"
    above = "above"
    factors = "factors"
    changes = "changes"


def uncertainty(
    run: RunArgument,
    category: Annotated[
        str, typer.Option("--category", help="republican, oblast or district; that of the run if it has one only.")
    ] = "",
    show: Annotated[Show, typer.Option("--show", help="Which table.")] = Show.places,
    draws: Annotated[int, typer.Option(min=1, help="How many ratings are drawn.")] = 10_000,
    base: Annotated[int, typer.Option(min=0, help="Of the sensitivity analysis: a power of two; 0: none.")] = 512,
    seed: Annotated[int, typer.Option(min=0, help="The same seed gives the same result.")] = 469,
    weights: Annotated[float, typer.Option(min=0, max=0.99, help="Sections weigh up to so much more or less.")] = 0.25,
    points: Annotated[int, typer.Option(min=0, help="KPIs have up to so many points more or fewer.")] = 1,
    error: Annotated[float, typer.Option(min=0, help="Standard deviation of the relative error of a value.")] = 0.02,
    silence: Annotated[
        str, typer.Option("--silence", help="What missing data counts as: left_out, peers, zero; joined by commas.")
    ] = "left_out,peers",
    lake: LakeOption = DEFAULT_LAKE,
    form: FormatOption = Format.table,
) -> None:
    """How sure the places of a recorded rating are, and what they hang on.

    Thousands of ratings are drawn in which readings, open terms, weights, points, missing data and values could have
    been otherwise. `places`: within which places a city stays in nine draws of ten, and in which band. `above`: in what
    share of the draws one city has a better place than another. `factors`: how much of the moving of places each factor
    explains, by itself and in all (Sobol indices). `changes`: what every reading, open term, profile, and every KPI,
    initiative or section that were not there would move by itself.

    Examples:

      qala uncertainty latest --category district

      qala uncertainty latest --category oblast --show factors

      qala uncertainty latest --category oblast --show changes --format csv > changes.csv
    """
    from qala.cli.score_desk import recorded
    from qala.robustness import PARTS, Assumptions, analyse, to_json
    from qala.runs import scores_of
    from qala.standard import Problem

    _, found, _, law = recorded(lake, run)
    categories = list(dict.fromkeys(city.category for city in found.cities))
    if not category and len(categories) > 1:
        raise Problem(
            f"The run rates several categories: {', '.join(categories)}.",
            where="--category",
            hint="Places are told within one.",
        )
    wanted = category or categories[0]
    if wanted not in categories:
        raise Problem(f"The run does not rate the category '{wanted}'.", hint=f"It rates {', '.join(categories)}.")
    try:
        made = Assumptions(draws, base, seed, weights, points, error, _silent(silence))
    except ValueError as wrong:
        raise Problem(f"{wrong}.") from None
    with progress("drawing ratings", PARTS) as advance:
        result = analyse(
            law, list(scores_of(found, law, wanted).values()), made, progress=lambda _done, _of: advance("")
        )
    if form is Format.json:
        print_json({"run": found.id, **to_json(result)})
        return
    show_rows(
        _TABLES[show](result), form, title=f"{found.id}, {wanted}: {made.draws} draws",
        empty="Nothing to tell: no city of the category has a place, or no place ever changes.",
    )  # fmt: skip


def _silent(text: str) -> Any:
    from typing import get_args

    from qala.robustness.assumptions import Silent
    from qala.standard import Problem

    words = tuple(word.strip() for word in text.split(",") if word.strip())
    strange = [word for word in words if word not in get_args(Silent)]
    if strange:
        raise Problem(
            f"Missing data cannot count as '{strange[0]}'.",
            where="--silence",
            hint=f"Known words: {', '.join(get_args(Silent))}.",
        )
    return words


def _places(found: Robustness) -> list[dict[str, Any]]:
    return [
        {
            "city": one.city,
            "place": one.place,
            "from": round(one.places.low),
            "median": round(one.places.median),
            "to": round(one.places.high),
            "final": round(one.final, 2),
            "final_from": round(one.finals.low, 2),
            "final_to": round(one.finals.high, 2),
            "bands": ", ".join(f"{name} {share:.0%}" for name, share in one.bands.items()),
        }
        for one in found.cities
    ]


def _above(found: Robustness) -> list[dict[str, Any]]:
    codes = [one.city for one in found.cities]
    return [
        {"city": code, **{other: f"{share:.2f}" for other, share in zip(codes, line, strict=True)}}
        for code, line in zip(codes, found.above, strict=True)
    ]


def _factors(found: Robustness) -> list[dict[str, Any]]:
    return [
        {
            "factor": " ".join(part for part in (one.kind, one.id) if part),
            "by_itself": round(one.first, 3),
            "by_itself_95": f"{one.first_low:.3f}…{one.first_high:.3f}",
            "in_all": round(one.total, 3),
            "in_all_95": f"{one.total_low:.3f}…{one.total_high:.3f}",
        }
        for one in found.influences
    ]


def _changes(found: Robustness) -> list[dict[str, Any]]:
    return [
        {
            "change": one.kind, "of": one.id, "mean": round(one.mean, 3), "most": one.most, "city": one.city,
            "cities_moved": one.moved, "bands_changed": one.bands,
        }
        for one in found.shifts
    ]  # fmt: skip


_TABLES = {Show.places: _places, Show.above: _above, Show.factors: _factors, Show.changes: _changes}
