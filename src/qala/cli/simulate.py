"""`qala simulate`: cities with invented names, whose rows are marked simulated and whose true values are known."""

from __future__ import annotations

import json
import sys
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, cast

import typer

from qala.standard.problems import Problem

if TYPE_CHECKING:
    from qala.world.simulation import Order, Simulated
    from qala.world.sinks import Format
    from qala.world.types import Category


class Output(StrEnum):
    """How the list of simulated cities is printed."""

    TABLE = "table"
    JSON = "json"
    CSV = "csv"


def simulate_cities(
    seed: Annotated[int, typer.Option(help="The same seed gives the same cities, row by row.")] = 7,
    cities: Annotated[int, typer.Option(help="How many; categories and characters take turns.")] = 6,
    scale: Annotated[
        float, typer.Option(help="Size against what the order implies; 1 is a republican city of 1.5 million.")
    ] = 0.02,
    year: Annotated[int, typer.Option(help="The rated year.")] = 2026,
    categories: Annotated[
        str, typer.Option(help="Of republican, oblast, district, separated by commas.")
    ] = "republican,oblast,district",
    to: Annotated[Path, typer.Option(help="Folder of the lake.")] = Path("lake"),
    export: Annotated[Path | None, typer.Option(help="Write the senders' files into this folder and no lake.")] = None,
    form: Annotated[
        str | None, typer.Option("--export-form", help="csv or parquet. Default: by the number of rows.")
    ] = None,
    processes: Annotated[int, typer.Option(help="Cities made at a time.")] = 2,
    output: Annotated[Output, typer.Option("--format", help="How to print what was made.")] = Output.TABLE,
    live: Annotated[
        bool,
        typer.Option(
            "--live", help="Let simulated cities of the lake go on living, over the doors of a site that runs."
        ),
    ] = False,
    speed: Annotated[
        float, typer.Option("--speed", min=0.1, help="With --live: how many times as fast as in life.")
    ] = 60,
    city: Annotated[
        list[str] | None, typer.Option("--city", help="With --live: which cities play; the two largest by default.")
    ] = None,
    home: Annotated[Path, typer.Option("--home", envvar="QALA_HOME", help="With --live: the site's folder.")] = Path(
        "out/site"
    ),
    door: Annotated[
        str, typer.Option("--door", help="With --live: where the intake listens.")
    ] = "http://127.0.0.1:8001",
    seconds: Annotated[
        float | None, typer.Option("--seconds", help="With --live: end by itself after so long.")
    ] = None,
) -> None:
    """Simulate cities that record a year through every dataset.

    Cities differ: good, middling, poor, one with a system not connected, one that withholds its bad months, one
    whose data come late and are corrected. Their books, with the true value of every KPI, are written to
    `simulation/<city>.json` in the lake (or `books/` in the export). Volumes are those that the order implies,
    times the scale.

    Examples:

      qala simulate --seed 7 --cities 6 --scale 0.02

      qala simulate --cities 1 --categories republican --scale 0.1 --to lake

      qala simulate --cities 2 --scale 0.01 --export out/senders

      qala simulate --live --speed 60 --to out/demo/lake --home out/demo/site
    """
    if live:
        _live(to, home, city or [], speed, door, seconds)
        return
    from qala.world.simulation import Order

    order = Order(
        seed=seed,
        cities=cities,
        scale=scale,
        year=year,
        categories=_categories(categories),
        lake=None if export else to,
        export=export,
        form=_form(form),
    )
    made = _with_progress(order, processes)
    _print(made, output, scale)


def _live(lake: Path, home: Path, cities: list[str], speed: float, door: str, seconds: float | None) -> None:
    """Sources are registered as simulated, send until Ctrl+C, and are paused then; the summary says what became of it."""
    from qala.cli.people import set_up

    set_up(lake, home)
    from qala.intake.playing.play import run

    if not run(cities, speed, door.rstrip("/"), lambda text: typer.echo(text), seconds=seconds):
        raise typer.Exit(1)


def _categories(text: str) -> tuple[Category, ...]:
    from qala.world.making import CATEGORIES

    names = [name.strip() for name in text.split(",") if name.strip()]
    for name in names:
        if name not in CATEGORIES:
            raise Problem(
                f"{name!r} is not a category", where="--categories", hint="one or more of " + ", ".join(CATEGORIES)
            )
    return tuple(cast("Category", name) for name in names)


def _form(text: str | None) -> Format | None:
    if text not in (None, "csv", "parquet"):
        raise Problem(f"{text!r} is not a form of export", where="--export-form", hint="csv or parquet")
    return cast("Format | None", text)


def _with_progress(order: Order, processes: int) -> list[Simulated]:
    """Simulate behind a progress bar on the terminal; without one, say nothing."""
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

    from qala.world.simulation import DONE, simulate
    from qala.world.truth import systems

    steps = len(systems()) + 2
    bar = Progress(
        TextColumn("[progress.description]{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        console=Console(stderr=True),
        disable=not sys.stderr.isatty(),
        transient=True,
    )
    with bar:
        task = bar.add_task("simulating", total=order.cities * steps)

        def tell(city: str, doing: str) -> None:
            if doing == DONE:
                bar.update(task, description=f"{city} done")
            else:
                bar.update(task, description=f"{city} {doing}", advance=1)

        return simulate(order, processes=processes, tell=tell)


def _print(made: list[Simulated], output: Output, scale: float) -> None:
    from rich.console import Console
    from rich.table import Table

    rows = [
        {
            "city": one.code,
            "name": one.name["ru"],
            "category": one.category,
            "character": one.character,
            "population": one.population,
            "datasets": len(one.sent),
            "rows": sum(one.sent.values()),
        }
        for one in made
    ]
    if output is Output.JSON:
        typer.echo(json.dumps({"simulated": True, "scale": scale, "cities": rows}, ensure_ascii=False, indent=1))
    elif output is Output.CSV:
        typer.echo(",".join(rows[0]))
        for row in rows:
            typer.echo(",".join(str(value) for value in row.values()))
    else:
        table = Table(title=f"Simulated cities, scale {scale:g}")
        for column in rows[0]:
            table.add_column(column, justify="right" if column in ("population", "datasets", "rows") else "left")
        for row in rows:
            table.add_row(*(f"{value:,}" if isinstance(value, int) else str(value) for value in row.values()))
        Console().print(table)
