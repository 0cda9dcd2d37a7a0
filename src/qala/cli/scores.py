"""`qala score`, `qala rank`, `qala explain`, `qala verify`, `qala run`: from values to a rating, and back."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from qala.cli.output import Format, console, notice, print_json, show_rows
from qala.cli.session import (
    DEFAULT_LAKE,
    AsOfOption,
    CityOption,
    EditionOption,
    FormatOption,
    LakeOption,
    YearOption,
)

if TYPE_CHECKING:
    from qala.cli.score_desk import Desk
    from qala.runs import Run
    from qala.scoring import CityScore

run_app = typer.Typer(no_args_is_help=True, help="Immutable runs: the ratings that were made.")

ProfileOption = Annotated[
    str,
    typer.Option(
        "--profile",
        help="annex2, annex4 or citywide; due=end; integration_only; all_centres; rank_all. Joined by commas.",
    ),
]
LangOption = Annotated[str, typer.Option("--lang", help="Language of names: kk, ru or en.")]
SaveOption = Annotated[bool, typer.Option("--save/--no-save", help="Write an immutable run into the lake.")]
RunArgument = Annotated[
    str,
    typer.Argument(metavar="RUN", help="Id of a run, the beginning or end of one, or `latest`.", show_default=False),
]


def score(
    city: CityOption,
    year: YearOption,
    as_of: AsOfOption = None,
    profile: ProfileOption = "annex2",
    save: SaveOption = False,
    lang: LangOption = "en",
    lake: LakeOption = DEFAULT_LAKE,
    edition: EditionOption = None,
    form: FormatOption = Format.table,
) -> None:
    """The score of a city: index with its bounds, coverage, band, sections and every KPI that is due.

    Examples:

      qala score --city SIM-R01 --year 2026 --edition order_469

      qala score --city SIM-R01 --year 2026 --as-of 2026-06-30 --profile citywide --format json

      qala score --city SIM-R01 --year 2026 --save
    """
    from qala.cli.score_desk import one_city
    from qala.cli.score_tables import kpi_rows, score_answer, section_rows
    from qala.scoring import explain as lines_of

    at, result, run = one_city(lake, city, year, as_of, profile, edition, save=save)
    _language(lang)
    if form is Format.json:
        print_json({**score_answer(result, at.edition, lang, at.notice), "run": run.id if run else None})
        return
    rows = kpi_rows(lines_of(result), at.edition, lang, all_rows=form is Format.csv)
    if form is Format.csv:
        show_rows(rows, form)
        return
    _head(at, result)
    show_rows(section_rows(result, at.edition, lang), form, title="Sections")
    columns = ("row", "name", "status", "value", "target", "score", "points", "adds", "flags")
    show_rows(rows, form, title="KPIs that are due", columns=columns)
    _say_run(run)


def explain(
    city: CityOption,
    year: YearOption,
    as_of: AsOfOption = None,
    profile: ProfileOption = "annex2",
    top: Annotated[int, typer.Option(min=1, help="How many KPIs with the most to win.")] = 10,
    lang: LangOption = "en",
    lake: LakeOption = DEFAULT_LAKE,
    edition: EditionOption = None,
    form: FormatOption = Format.table,
) -> None:
    """What each KPI adds to a city's index, what is missing, and where the most points can be won.

    Index points: `adds` is what is there now, `to_win` what reaching the target would add to the index, `to_secure`
    what it would add to the lower bound.

    Examples:

      qala explain --city SIM-R01 --year 2026 --edition order_469

      qala explain --city SIM-R01 --year 2026 --top 5 --format json

      qala explain --city SIM-R01 --year 2026 --format csv > where-the-points-are.csv
    """
    from qala.cli.score_desk import one_city
    from qala.cli.score_tables import explain_answer, kpi_rows
    from qala.scoring import explain as lines_of

    at, result, _ = one_city(lake, city, year, as_of, profile, edition, save=False)
    _language(lang)
    answer = explain_answer(result, at.edition, lang, top, at.notice)
    if form is Format.json:
        print_json(answer)
    elif form is Format.csv:
        show_rows(kpi_rows(lines_of(result), at.edition, lang, all_rows=False), form)
    else:
        _head(at, result)
        show_rows(answer["adds"], form, title="What each KPI adds", empty="Nothing adds to the index yet.")
        show_rows(answer["missing"], form, title="What is missing", empty="Nothing is missing.")
        show_rows(
            answer["most_to_win"], form, title="Where the most points can be won", empty="Every target is reached."
        )


def rank(
    year: YearOption,
    category: Annotated[str, typer.Option("--category", help="republican, oblast or district.")],
    as_of: AsOfOption = None,
    profile: ProfileOption = "annex2",
    save: SaveOption = True,
    lake: LakeOption = DEFAULT_LAKE,
    edition: EditionOption = None,
    form: FormatOption = Format.table,
) -> None:
    """The rating of a category: places by the final score, with bounds, coverage and band.

    The rating is written as an immutable run; an unchanged repetition gives the run that is there already.

    Examples:

      qala rank --year 2026 --category republican --edition order_469

      qala rank --year 2026 --category district --profile citywide,rank_all --no-save --format csv
    """
    from qala.cli.score_desk import desk, last_day, scored
    from qala.cli.score_tables import place_rows
    from qala.scoring import Profile
    from qala.scoring import rank as places_of
    from qala.standard import Problem

    switches = Profile.parse(profile)
    day = last_day(as_of, year)
    at = desk(lake, year, day, edition, category=category, level=switches.level)
    if not at.cities:
        raise Problem(
            f"No city is of the category '{category}' on 31.12.{year}.",
            hint="`qala city list` shows the cities of the lake, `qala city add --help` how to add one.",
        )
    scores, run = scored(at, year, day, switches, save=save)
    places = places_of(scores.values()).get(category, ())
    rows = place_rows(places, at.names, {city.code: city.simulated for city in at.cities})
    if form is Format.json:
        print_json(
            {
                "year": year, "as_of": day, "category": category, "profile": str(switches), "edition": at.edition.id,
                "notice": at.notice, "run": run.id if run else None, "places": rows,
            }
        )  # fmt: skip
        return
    show_rows(rows, form, title=f"Rating {year}, {at.edition.category(category).name.en} ({switches})")
    if form is Format.table:
        _warn_simulated(at)
        _say_run(run)


def verify(
    run: RunArgument,
    lake: LakeOption = DEFAULT_LAKE,
    form: FormatOption = Format.table,
) -> None:
    """Compute a run again from the table versions that it pins, and say whether it is identical or what differs.

    Exit code 1 if anything differs, or if the chain of runs is broken.

    Examples:

      qala verify latest

      qala verify 2026-2026-12-31-annex2-3f2a91c0 --format json
    """
    from qala.cli.score_desk import recorded
    from qala.cli.score_tables import difference_rows
    from qala.runs import verify as computed_again

    store, found, values, law = recorded(lake, run)
    result = computed_again(found, law, values)
    faults = [{"run": fault.run, "fault": fault.fault} for fault in store.faults()]
    identical = result.identical and not faults
    rows = difference_rows(result)
    for note in result.notes:
        notice(note)
    if form is Format.json:
        print_json(
            {
                "run": found.id, "identical": identical, "intact": result.intact, "differences": rows,
                "chain": faults, "notes": list(result.notes),
            }
        )  # fmt: skip
    elif form is Format.csv:
        show_rows(rows, form, columns=("city", "row", "field", "recorded", "now"))
    else:
        if not result.intact:
            console().print(f"The record {found.id} is not what its hash was made of: it was changed by hand.")
        if rows:
            show_rows(rows, form, title=f"{found.id}: {len(rows)} fields come out otherwise")
        if faults:
            show_rows(faults, form, title="The chain of runs is broken")
        if identical:
            cities = len(found.results)
            console().print(f"{found.id}: identical, {cities} {'city' if cities == 1 else 'cities'} computed again.")
    if not identical:
        raise typer.Exit(1)


@run_app.command("list")
def list_runs(lake: LakeOption = DEFAULT_LAKE, form: FormatOption = Format.table) -> None:
    """The runs of the lake in the order in which they were made, and what each restates.

    Examples:

      qala run list

      qala run list --format json
    """
    from qala.cli.score_tables import run_rows
    from qala.runs import RunStore

    rows = run_rows(RunStore(lake).heads())
    if form is Format.table:
        rows = [{**row, "year": str(row["year"])} for row in rows]
    show_rows(rows, form, title="Runs", empty="No run was made: see `qala rank --help`.")


@run_app.command("show")
def show_run(run: RunArgument, lake: LakeOption = DEFAULT_LAKE, form: FormatOption = Format.table) -> None:
    """The totals of a run, and what it changed against the run that it restates.

    Examples:

      qala run show latest

      qala run show 3f2a91c0 --format csv
    """
    from qala.cli.score_tables import change_rows, result_rows, run_rows
    from qala.runs import RunStore

    found = RunStore(lake).get(run)
    if form is Format.json:
        head = {name: value for name, value in found.content.items() if name not in ("results", "restates")}
        print_json({**head, "cities": result_rows(found), "changes": change_rows(found)})
        return
    if form is Format.table:
        show_rows([{"what": key, "is": str(value)} for key, value in run_rows([found])[0].items()], form)
    show_rows(result_rows(found), form, title="Results")
    if form is Format.table and found.content.get("restates"):
        show_rows(change_rows(found), form, title=f"Changes against {found.content['restates']['run']}")


def _language(lang: str) -> None:
    from qala.standard import Problem
    from qala.standard.values import LANGUAGES

    if lang not in LANGUAGES:
        raise Problem(f"There is no language '{lang}'.", where="--lang", hint=f"One of: {', '.join(LANGUAGES)}.")


def _head(at: Desk, score: CityScore) -> None:
    """The city's result in a few lines."""
    from qala.cli.score_tables import said

    out = console()
    out.print(
        f"[bold]{at.names.get(score.city, '')}[/bold] ({score.city}), {score.category}, {score.year}, {score.profile}"
    )
    if score.index is None or score.final is None or score.low is None or score.high is None:
        out.print("Nothing can be scored yet.")
    else:
        bonus = f" + {float(score.bonus):g} for additional initiatives" if score.bonus else ""
        out.print(
            f"Index {float(score.index):.2f}{bonus}, between {float(score.low):.2f} and {float(score.high):.2f} "
            f"by what is missing; final {float(score.final):.2f}, {score.band}, {score.standing}"
        )
    scored = sum(one.scored for one in score.sections)
    out.print(f"  It rests on {scored} KPIs and {float(score.weight_in_use):.0%} of the weights.")
    for sentence in said(score):
        out.print(f"  {sentence}.")
    if not score.closed:
        out.print("  The year is not over: what is due so far is scored.")
    _warn_simulated(at)


def _warn_simulated(at: Desk) -> None:
    if any(city.simulated for city in at.cities):
        console().print("Simulated data: these cities are invented.", style="yellow")


def _say_run(run: Run | None) -> None:
    if run is not None:
        console().print(f"Run {run.id}: `qala verify {run.id}` computes it again.", soft_wrap=True)
