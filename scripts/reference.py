"""Writes the generated pages of docs/reference: commands, the API, datasets, KPIs, readings, open terms.

    python scripts/reference.py            write them (`make docs`)
    python scripts/reference.py --check    write nothing; exit code 1 and the names of the pages that are stale

A page holds nothing but what the program, the contracts and the edition say, in their own sequence, so that the same tree
always gives the same pages.
"""

from __future__ import annotations

import typer
from reference_api import api_page
from reference_commands import commands_page
from reference_datasets import dataset_pages
from reference_law import kpi_pages, open_terms_page, readings_page
from reference_tables import ROOT

from qala.datasets import load_catalogue
from qala.standard import editions

FOLDER = ROOT / "docs" / "reference"
EDITION = "order_469"
MADE = "<!-- Made by scripts/reference.py from the files that it names. `make docs` makes it anew. -->\n"


def pages() -> dict[str, str]:
    """Every generated page: path below docs/reference -> text."""
    law, known = editions()[EDITION], load_catalogue()
    made = {"commands.md": commands_page()}
    made |= dict(dataset_pages(known, law))
    made |= dict(kpi_pages(known, law))
    made["readings.md"] = readings_page(law)
    made["api.md"] = api_page()
    made["open_terms.md"] = open_terms_page(law, known)
    return {name: MADE + text.rstrip() + "\n" for name, text in made.items()}


def main(check: bool = False) -> None:
    """Write the pages, or say which differ from what stands in docs/reference."""
    made = pages()
    old = {
        path.relative_to(FOLDER).as_posix(): path.read_text("utf-8")
        for path in sorted(FOLDER.rglob("*.md"))
        if path.read_text("utf-8").startswith(MADE)
    }
    stale = sorted(name for name in made.keys() | old.keys() if made.get(name) != old.get(name))
    if check:
        for name in stale:
            typer.echo(f"docs/reference/{name} is stale: run `make docs`", err=True)
        raise typer.Exit(1 if stale else 0)
    for name in stale:
        path = FOLDER / name
        if name not in made:
            path.unlink()
            continue
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(made[name], encoding="utf-8")
    typer.echo(f"{len(made)} pages, {len(stale)} of them new")


if __name__ == "__main__":
    typer.run(main)
