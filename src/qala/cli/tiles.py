"""`qala tiles`: the map's vector tiles, made before somebody waits for them."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from qala.cli.output import Format, show_rows
from qala.cli.session import DEFAULT_LAKE, CityOption, FormatOption, LakeOption, open_lake


def tiles(
    city: CityOption,
    layer: Annotated[list[str] | None, typer.Option("--layer", help="Only these layers; all by default.")] = None,
    lake: LakeOption = DEFAULT_LAKE,
    home: Annotated[Path, typer.Option("--home", envvar="QALA_HOME", help="The site's folder.")] = Path("out/site"),
    output: FormatOption = Format.table,
) -> None:
    """Make the vector tiles of a city's layers as its rows are now; what is there already stays.

    Large layers take minutes (3 million points about two and a half). The site makes what is missing by itself.

    Examples:

      qala tiles --city SIM-R01

      qala tiles --city SIM-R01 --layer trees --lake out/demo/lake --home out/demo/site
    """
    from qala.places.counts import in_all
    from qala.places.layers import layers
    from qala.places.tilesets import build
    from qala.standard.problems import Problem

    opened = open_lake(lake)
    opened.cities.get(city)
    rows: list[dict[str, object]] = []
    for name in layer or list(layers()):
        if name not in layers():
            raise Problem(f"There is no layer {name!r}.", where="--layer", hint=f"one of {', '.join(layers())}")
        one = layers()[name]
        if in_all(opened, one, city):
            for cells in (True, False) if one.guarded(opened.catalogue) else (False,):
                made = build(opened, home.resolve(), one, city, cells=cells)
                rows.append({"layer": made.layer, "rows": made.rows, "version": made.version, "file": str(made.path)})
    show_rows(rows, output, title="Tiles", empty="The city has no rows that a layer is made of.")
