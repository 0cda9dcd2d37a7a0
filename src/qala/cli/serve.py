"""`qala serve`: the site, with everything that it needs."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import Annotated

import typer

from qala.cli.output import console
from qala.cli.session import DEFAULT_LAKE, EditionOption, LakeOption


def serve(
    lake: LakeOption = DEFAULT_LAKE,
    home: Annotated[
        Path, typer.Option("--home", envvar="QALA_HOME", help="The site's folder: database, tiles, uploads, logs.")
    ] = Path("out/site"),
    host: Annotated[str, typer.Option("--host", envvar="QALA_HOST", help="Address to listen on.")] = "127.0.0.1",
    port: Annotated[int, typer.Option("--port", envvar="QALA_PORT", help="Port to listen on.")] = 8000,
    workers: Annotated[
        int | None, typer.Option("--workers", help="Processes that serve pages; by default 2, of a demo 1.")
    ] = None,
    edition: EditionOption = None,
    demo: Annotated[
        bool,
        typer.Option("--demo", help="Publish the newest runs and make a sign-in for each role, with passwords shown."),
    ] = False,
    play: Annotated[
        float | None,
        typer.Option(
            "--play", help="Let simulated cities go on living, so many times as fast as in life (`simulate --live`)."
        ),
    ] = None,
) -> None:
    """Start the site: database, pages, jobs and the probe. Ctrl+C stops all of it; its data stay.

    Examples:

      qala serve --lake lake --edition order_469

      qala serve --lake out/demo/lake --home out/demo/site --demo --port 8080
    """
    os.environ |= {"QALA_LAKE": str(lake.resolve()), "QALA_HOME": str(home.resolve())}
    os.environ.setdefault("ARROW_DEFAULT_MEMORY_POOL", "system")  # whose free memory goes back, as the others' cannot
    if edition:
        os.environ["QALA_EDITION"] = edition
    if demo:
        os.environ["QALA_DEMO"] = "1"
    if play is not None:
        os.environ["QALA_PLAY"] = str(play)
        feeds = [
            os.environ.get("QALA_INTAKE_ALLOW", ""),
            "127.0.0.1/32",
        ]  # the vehicles' feed is fetched from this machine
        os.environ["QALA_INTAKE_ALLOW"] = ",".join(filter(None, feeds))
    from qala.config.processes import serve as run

    def ready(address: str) -> None:
        console().print(f"\nThe site is at [bold]{address}[/bold]  (Ctrl+C stops it; its data stay in {home})")
        if demo:
            made = subprocess.run(
                [sys.executable, "-m", "qala.config.demo"], capture_output=True, text=True, check=False
            )
            console().print(made.stdout or made.stderr, highlight=False, markup=False)

    several = workers or (1 if demo else 2)  # a process of pages is a sixth of a demo's memory
    raise typer.Exit(run(host, port, several, lambda text: console().print(f"  {text}", style="dim"), ready))
