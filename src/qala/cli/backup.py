"""`qala backup`, `qala restore` and `qala upgrade`: keeping an installation."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Annotated

import typer

from qala.cli.output import console
from qala.cli.people import DEFAULT_HOME, HomeOption
from qala.cli.session import DEFAULT_LAKE, LakeOption


def backup(
    to: Annotated[Path, typer.Option("--to", help="The file to write; it must not be there yet.")],
    lake: LakeOption = DEFAULT_LAKE,
    home: HomeOption = DEFAULT_HOME,
) -> None:
    """Copy the whole installation into one file: database, lake and the site's folder; the site may run meanwhile.

    The file holds the site's keys and password hashes: keep it as you keep those.

    Examples:

      qala backup --to /backups/qala-2026-11-22.zip --lake lake --home out/site
    """
    os.environ["QALA_HOME"] = str(home.resolve())
    from qala.config.backup import back_up

    made = back_up(to.resolve(), lake.resolve(), home.resolve(), _say)
    size = sum(entry.size for entry in made.files)
    console().print(f"{to}: {len(made.files)} files, {size / 1e6:.1f} MB before packing")


def restore(
    file: Annotated[Path, typer.Argument(help="A file that `qala backup` wrote.")],
    to_home: Annotated[Path, typer.Option("--to-home", help="The site's folder; must be new or empty.")],
    to_lake: Annotated[Path, typer.Option("--to-lake", help="The lake's folder; must be new or empty.")],
) -> None:
    """Put a backup back into new folders; every file is checked, nothing is overwritten.

    The database goes into a server of our own in the site's folder, or into the empty one that DATABASE_URL names.

    Examples:

      qala restore /backups/qala-2026-11-22.zip --to-home restored/site --to-lake restored/lake
    """
    from qala.config.restore import restore as put_back

    made = put_back(file.resolve(), to_home.resolve(), to_lake.resolve(), _say)
    console().print(f"{len(made.files)} files as of {made.made_at}, made by Qala {made.program}")
    console().print(f"Start it: qala serve --home {to_home} --lake {to_lake}", highlight=False)


def upgrade(lake: LakeOption = DEFAULT_LAKE, home: HomeOption = DEFAULT_HOME) -> None:
    """After a newer program was installed: a backup, then tables and static files brought to it, then checks.

    Stop the site first. The backup lies in the site's folder under `backups`.

    Examples:

      qala upgrade --lake lake --home out/site
    """
    os.environ |= {"QALA_LAKE": str(lake.resolve()), "QALA_HOME": str(home.resolve())}
    from qala.config.upgrade import upgrade as bring

    made = bring(lake.resolve(), home.resolve(), _say)
    console().print("Done." if made is None else f"Done. The state before it: {made}", highlight=False)


def _say(text: str) -> None:
    console().print(f"  {text}", style="dim", highlight=False)
