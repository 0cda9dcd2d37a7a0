"""One line of the table, and the table."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from typing import Any


@dataclass
class Figure:
    """One figure: what was measured, against what, and what was to be reached.

    Attributes:
        name: short, stable.
        what: what ours did.
        ours, against: as shown, with units.
        ratio: as shown; empty where there is nothing to divide by.
        to_reach: as the issue says it.
        reached: None where a figure is only stated.
        raw: seconds of each repeat, bytes, rows: whatever the figure was worked out from.
    """

    name: str
    what: str
    ours: str
    against: str = ""
    ratio: str = ""
    to_reach: str = ""
    reached: bool | None = None
    raw: dict[str, Any] = field(default_factory=dict)

    def said(self) -> dict[str, Any]:
        return asdict(self)


def seconds(value: float) -> str:
    """Seconds with three digits that mean something."""
    return f"{value * 1000:.0f} ms" if value < 0.9995 else f"{value:.2f} s" if value < 99.5 else f"{value:.0f} s"


def megabytes(value: float) -> str:
    return f"{value / 1e6:,.0f} MB".replace(",", " ")


def show(figures: Sequence[Figure], heading: str) -> None:
    """Print the table."""
    from rich.console import Console  # not for those who only measure
    from rich.table import Table

    table = Table(title=heading, title_justify="left")
    for name in ("figure", "ours", "against", "ratio", "to reach", "reached?"):
        table.add_column(name, justify="right" if name in ("ours", "against", "ratio") else "left")
    for one in figures:
        reached = {True: "yes", False: "NO", None: ""}[one.reached]
        table.add_row(one.what, one.ours, one.against, one.ratio, one.to_reach, reached)
    Console(width=150).print(table)


def markdown(figures: Sequence[Figure]) -> str:
    """The table for the docs."""
    lines = ["| figure | ours | against | ratio | to reach | reached? |", "| --- | ---: | ---: | ---: | --- | --- |"]
    for one in figures:
        reached = {True: "yes", False: "**no**", None: ""}[one.reached]
        lines.append(f"| {one.what} | {one.ours} | {one.against} | {one.ratio} | {one.to_reach} | {reached} |")
    return "\n".join(lines)
