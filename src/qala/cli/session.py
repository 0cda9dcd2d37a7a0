"""What most commands need first: the lake, the edition for a day, the catalogue. Imported late, to start quickly."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from qala.cli.output import Format, notice

if TYPE_CHECKING:
    from qala.datasets import Catalogue
    from qala.lake import Lake
    from qala.standard.edition import Edition

LakeOption = Annotated[Path, typer.Option("--lake", envvar="QALA_LAKE", help="The folder of the lake.")]
EditionOption = Annotated[
    str | None,
    typer.Option("--edition", envvar="QALA_EDITION", help="Use this edition even where it is not in force."),
]
FormatOption = Annotated[Format, typer.Option("--format", help="How to write the answer.")]
CityOption = Annotated[str, typer.Option("--city", help="Code of the city, as in `qala city list`.")]
YearOption = Annotated[int, typer.Option("--year", help="Calendar year that is rated.")]
AsOfOption = Annotated[
    str | None, typer.Option("--as-of", help="Last day that is counted; today, or the end of the period, by default.")
]
DEFAULT_LAKE = Path("lake")


def open_lake(folder: Path) -> Lake:
    """The lake in a folder, with the program's own catalogue."""
    from qala.lake import Lake

    return Lake(folder, catalogue())


def catalogue() -> Catalogue:
    """All contracts and computations of the program."""
    from qala.datasets import load_catalogue

    return load_catalogue()


def edition_for(day: date, wanted: str | None, *, quiet: bool = False) -> tuple[Edition, str | None]:
    """The edition for a period that ends on a day, and the notice that its results carry (printed unless quiet)."""
    from qala.standard.choice import edition_on
    from qala.standard.loader import editions

    chosen = edition_on(day, editions(), wanted)
    said = None if chosen.notice is None else chosen.notice.en
    if not quiet:
        notice(said)
    return chosen.edition, said


def day_of(text: str | None, end: date) -> date:
    """`--as-of`: the day written, or the earlier of today and the end of the period."""
    from qala.standard.problems import Problem

    if text is None:
        return min(date.today(), end)
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise Problem(f"'{text}' is not a day.", where="--as-of", hint="write 2026-06-30") from None
