"""The `qala` command: thin; every answer comes from the packages below."""

from __future__ import annotations

import sys
from typing import Annotated

import typer
from rich.console import Console

from qala.cli import (
    backup,
    check,
    city,
    exchange,
    indicator,
    ingest,
    lake,
    maturity,
    measures,
    people,
    plan,
    report,
    scores,
    serve,
    simulate,
    standard,
    tiles,
    uncertainty,
)
from qala.standard.problems import Problem

app = typer.Typer(
    name="qala",
    no_args_is_help=True,
    add_completion=True,
    rich_markup_mode="rich",
    pretty_exceptions_enable=False,
    help="Qala measures, scores and explains smart cities by Kazakhstan's reference standard (Order 469/НҚ): "
    "raw event → dated legal formula → value → score → rating, and back to the rows.",
    epilog="Start with [bold]make demo[/bold], or [bold]qala city add --help[/bold] and [bold]qala ingest --help[/bold].",
)

LAW, DATA, NUMBERS, RATING, SITE = "The law", "Cities and data", "Numbers", "Scores and reports", "The site"

standard.app.command("check-examples")(check.check_examples)
standard.app.command("maturity")(maturity.maturity)
app.add_typer(
    standard.app, name="standard", rich_help_panel=LAW, help="Read the order: KPIs, functions, duties, editions."
)
app.command(rich_help_panel=LAW)(check.check)
app.command("find", rich_help_panel=LAW)(check.find)
app.add_typer(city.app, name="city", rich_help_panel=DATA, help="The registry of rated cities.")
app.command("what-to-send", rich_help_panel=DATA)(city.what_to_send)
app.command("ingest", rich_help_panel=DATA)(ingest.ingest)
app.add_typer(
    exchange.app,
    name="exchange",
    rich_help_panel=DATA,
    help="City to nation: signed parcels from one lake to another.",
)
app.add_typer(lake.app, name="lake", rich_help_panel=DATA, help="Tables, receipts, quarantine, upkeep.")
app.command("simulate", rich_help_panel=DATA)(simulate.simulate_cities)
app.command(rich_help_panel=NUMBERS)(measures.compute)
app.command(rich_help_panel=NUMBERS)(measures.value)
app.command(rich_help_panel=NUMBERS)(measures.rows)
app.add_typer(
    indicator.app, name="indicator", rich_help_panel=NUMBERS, help="Own indicators: measured like KPIs, never scored."
)
app.command(rich_help_panel=RATING)(scores.score)
app.command(rich_help_panel=RATING)(scores.rank)
app.command(rich_help_panel=RATING)(scores.explain)
app.command(rich_help_panel=RATING)(scores.verify)
app.command(rich_help_panel=RATING)(uncertainty.uncertainty)
app.command(rich_help_panel=RATING)(plan.plan)
app.command("what-if", rich_help_panel=RATING)(plan.what_if)
app.add_typer(scores.run_app, name="run", rich_help_panel=RATING, help="Immutable runs: the ratings that were made.")
app.command("report", rich_help_panel=RATING)(report.report)
app.command("serve", rich_help_panel=SITE)(serve.serve)
app.command("tiles", rich_help_panel=SITE)(tiles.tiles)
app.add_typer(people.app, name="people", rich_help_panel=SITE)
app.command("backup", rich_help_panel=SITE)(backup.backup)
app.command("restore", rich_help_panel=SITE)(backup.restore)
app.command("upgrade", rich_help_panel=SITE)(backup.upgrade)


def _version(wanted: bool) -> None:
    if wanted:
        from importlib.metadata import version

        typer.echo(version("qala"))
        raise typer.Exit


@app.callback()
def _qala(
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Print the version.")
    ] = False,
) -> None:
    """Options that belong to no single command."""


def main() -> None:
    """Run a command. Exit codes: 0 done, 1 done and something did not pass, 2 the user must mend something."""
    try:
        app()
    except Problem as problem:
        Console(stderr=True).print(
            f"[bold red]Cannot do that.[/bold red] {problem}", soft_wrap=True, highlight=False, markup=True
        )
        sys.exit(2)
    except KeyboardInterrupt:
        Console(stderr=True).print("Stopped. What was committed stays; nothing is half-written.")
        sys.exit(130)
    except BrokenPipeError:
        sys.exit(0)
