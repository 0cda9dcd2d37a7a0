"""`qala indicator`: what a city or the ministry measures beside the law, in the law's own grammar. Never scored."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from qala.cli.output import Format, console, show_rows
from qala.cli.session import DEFAULT_LAKE, EditionOption, FormatOption, LakeOption, edition_for, open_lake

if TYPE_CHECKING:
    from qala.measures.indicators import Indicator
    from qala.standard.edition import Edition

app = typer.Typer(no_args_is_help=True)


@app.command()
def add(
    file: Annotated[Path, typer.Argument(help="YAML file with one or more indicators.", show_default=False)],
    lake: LakeOption = DEFAULT_LAKE,
    edition: EditionOption = None,
    form: FormatOption = Format.table,
) -> None:
    """Take a file of indicators into the lake, in the place of one of the same name; nothing is taken if anything is wrong.

    Examples:

      qala indicator add trees.yaml

      qala indicator add trees.yaml --lake lake --format json
    """
    from qala.measures import indicators

    store = open_lake(lake)
    show_rows([_row(one) for one in indicators.add(store, _law(edition), file)], form, title="Taken into the lake")


@app.command("list")
def list_(
    city: Annotated[str | None, typer.Option("--city", help="Only those that concern this city.")] = None,
    lake: LakeOption = DEFAULT_LAKE,
    edition: EditionOption = None,
    form: FormatOption = Format.table,
) -> None:
    """The lake's own indicators.

    Examples:

      qala indicator list

      qala indicator list --city SIM-R01 --format json
    """
    from qala.measures.indicators import FOLDER, load_indicators

    store = open_lake(lake)
    if city is not None:
        store.cities.get(city)
    own = load_indicators(store.folder / FOLDER, _law(edition), store.catalogue)
    shown = own.by_id.values() if city is None else own.of(city)
    empty = "No own indicator: see `qala indicator add --help`."
    show_rows([_row(one) for one in shown], form, title="Own indicators", empty=empty)


@app.command()
def check(
    file: Annotated[Path | None, typer.Argument(help="A file that is not in the lake yet; else all that are.")] = None,
    lake: LakeOption = DEFAULT_LAKE,
    edition: EditionOption = None,
) -> None:
    """Prove indicators: words, units, cities, columns and exact sums, for every category. Changes nothing.

    Examples:

      qala indicator check

      qala indicator check trees.yaml
    """
    from qala.measures.indicators import prove

    found = prove(open_lake(lake), _law(edition), file).by_id
    console().print(f"{len(found)} own indicators, nothing is wrong.")


def _law(edition: str | None) -> Edition:
    """The edition whose units and open terms an indicator uses: the one named, else the newest that is loaded."""
    from qala.standard.loader import editions

    if edition is not None:
        return edition_for(date.today(), edition)[0]
    return max(editions().values(), key=lambda one: one.from_day)


def _row(one: Indicator) -> dict[str, Any]:
    return {
        "id": one.id,
        "name": one.name.en,
        "unit": one.unit,
        "every": one.every,
        "target": next(iter(one.target.values())).say(),
        "owner": one.owner.en,
        "sphere": one.section,
        "cities": "all" if one.cities is None else ", ".join(one.cities),
    }
