"""A map as data. `{% mapview spec %}` makes the figure; MapLibre loads when it comes into view."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal


@dataclass(frozen=True)
class Table:
    """A small table: what a map says, for who does not see it.

    Attributes:
        columns: heads, in order.
        rows: cells, already written in the page's language; the first of a row names it.
        caption: what it is.
    """

    columns: Sequence[str]
    rows: Sequence[Sequence[str]]
    caption: str = ""


@dataclass(frozen=True)
class Key:
    """One line of a legend.

    Attributes:
        label: in the page's language.
        token: the colour, a name of tokens.css without dashes (`band-1`, `series-2`).
        shape: area, line or point.
    """

    label: str
    token: str
    shape: Literal["area", "line", "point"] = "area"


@dataclass(frozen=True)
class MapView:
    """What a map figure shows.

    Attributes:
        id: unique on the page, a valid HTML id.
        title: what it shows; heading and accessible name.
        sources: of a MapLibre style, by name; addresses of our own tiles are absolute paths (`/tiles/…`).
        layers: of a MapLibre style. A colour is written `var(--token)` and follows the theme. No `glyphs` and no
            `text-font`: labels are drawn in the page's letters.
        bounds: (west, south, east, north) in degrees.
        table: the same in words.
        legend: its colours.
        popup: properties that a click on a layer shows: layer id -> [(property, label)]; `url` is a link with that label.
        tall: more height.
        heading: level of the title, 2–4; 0 is a plain caption.
    """

    id: str
    title: str
    sources: Mapping[str, Mapping[str, Any]]
    layers: Sequence[Mapping[str, Any]]
    bounds: tuple[float, float, float, float]
    table: Table | None = None
    legend: Sequence[Key] = ()
    popup: Mapping[str, Sequence[tuple[str, str]]] = field(default_factory=dict)
    note: str = ""
    attribution: str = ""
    tall: bool = False
    heading: int = 3

    def data(self) -> dict[str, Any]:
        """What the script in the page draws from."""
        return {
            "title": self.title,
            "sources": {name: dict(source) for name, source in self.sources.items()},
            "layers": [dict(layer) for layer in self.layers],
            "bounds": list(self.bounds),
            "popup": {layer: [list(pair) for pair in pairs] for layer, pairs in self.popup.items()},
            "attribution": self.attribution,
        }
