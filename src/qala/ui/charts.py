"""A chart as data. `{% chart spec %}` makes the figure: a picture where scripts run, and always the table of its numbers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import Any, Literal

from qala.ui.formats import Quantity, exact

Kind = Literal["line", "bar", "stacked", "heat", "radar", "sparkline", "scatter", "range"]


@dataclass(frozen=True)
class Series:
    """One line, one set of bars, one row of a heat map, one polygon of a radar, one axis of a scatter plot.

    Attributes:
        name: in the page's language.
        values: one for each category; None is a gap.
        dashed: a projection, a peer or a bound: drawn as a broken line.
        token: the colour, a name of tokens.css without dashes (`good`, `band-1`); by order if empty.
    """

    name: str
    values: Sequence[Quantity | None]
    dashed: bool = False
    token: str = ""


@dataclass(frozen=True)
class Chart:
    """What a figure shows.

    Attributes:
        id: unique on the page, a valid HTML id.
        kind: `line`, `bar`, `stacked`, `heat` (series are rows), `radar` (categories are axes), `sparkline`, `scatter`
            (the first series lies along x, the others along y; categories name the points), `range` (three series: from, to
            and the point itself; lies across).
        title: what it says, in words; heading and accessible name.
        categories: labels of the points, in order.
        unit: of all values, as it is written after a number ("%" or a symbol).
        target: a limit drawn across, one or two.
        note: one sentence under it, such as its source.
        digits: decimals of the numbers; about four digits where None.
        least, most: ends of the value axis (radar: of every axis); by the values where None.
        tall: more height, for many rows or a radar.
        horizontal: bars lie, for long names.
        heading: level of the title, 2–4; 0 is a plain caption.
    """

    id: str
    kind: Kind
    title: str
    categories: Sequence[str]
    series: Sequence[Series]
    unit: str = ""
    target: Quantity | tuple[Quantity, ...] | None = None
    note: str = ""
    digits: int | None = None
    least: Quantity | None = None
    most: Quantity | None = None
    tall: bool = False
    horizontal: bool = False
    heading: int = 3

    @property
    def targets(self) -> tuple[Quantity, ...]:
        """None, one or two limits."""
        if self.target is None:
            return ()
        return tuple(self.target) if isinstance(self.target, tuple | list) else (self.target,)

    @property
    def empty(self) -> bool:
        """Whether there is nothing to draw."""
        return all(value is None for one in self.series for value in one.values)

    def data(self) -> dict[str, Any]:
        """What the script in the page draws from."""
        return {
            "kind": self.kind,
            "title": self.title,
            "categories": list(self.categories),
            "series": [
                {"name": s.name, "values": [_plain(v) for v in s.values], "dashed": s.dashed, "token": s.token}
                for s in self.series
            ],
            "unit": self.unit,
            "targets": [_plain(target) for target in self.targets],
            "digits": self.digits,
            "least": _plain(self.least),
            "most": _plain(self.most),
            "horizontal": self.horizontal,
        }


def _plain(value: Quantity | None) -> int | float | None:
    if value is None or isinstance(value, int):
        return value
    found = exact(value) if isinstance(value, Decimal | Fraction | float) else None
    return None if found is None else float(found)
