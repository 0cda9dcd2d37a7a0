"""How a department's layer is drawn: what its editors choose, and what the map's script is told."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from qala.places.layers import Colour
from qala.ui.maps import Key

TOKENS: Mapping[str, str] = {
    "blue": "series-8",
    "teal": "series-1",
    "orange": "series-2",
    "purple": "series-3",
    "yellow": "series-4",
    "green": "series-5",
    "red": "bad",
    "brown": "band-5",
    "grey": "series-7",
}
"""A colour of layers -> a token of tokens.css, which has it for light and dark."""
MOST_VALUES = 8
_IN_TURN: tuple[Colour, ...] = ("blue", "orange", "green", "purple", "yellow", "red", "teal", "brown")


class LayerStyle(BaseModel):
    """A layer's look.

    Attributes:
        colour: of all, or of what `by` does not name.
        by: column whose values have colours of their own.
        values: value as text -> colour; steps: edges of a number from pale to strong. One of them, by the column.
        size: 1 is ordinary; label: column whose text stands beside the object.
    """

    model_config = ConfigDict(extra="ignore")

    colour: Colour = "blue"
    by: str = ""
    values: dict[str, Colour] = {}
    steps: list[float] = []
    size: float = Field(default=1, ge=0.5, le=3)
    label: str = ""

    def data(self) -> dict[str, Any]:
        """Colour, size and title, as the script takes them."""
        colour: Any = TOKENS[self.colour]
        if self.by and (self.values or self.steps):
            colour = {"by": self.by, "values": {k: TOKENS[v] for k, v in self.values.items()}, "steps": self.steps}
        return {"colour": colour, "size": self.size, "title": self.label or None, "label_zoom": 12}

    def legend(self, name: str, shape: Literal["area", "line", "point"]) -> list[Key]:
        """What its colours mean."""
        if self.by and self.values:
            return [Key(value, TOKENS[colour], shape) for value, colour in self.values.items()]
        if self.by and self.steps:
            edges = [f"{step:g}" for step in self.steps]
            said = [f"< {edges[0]}", *(f"{a}–{b}" for a, b in zip(edges, edges[1:], strict=False)), f"≥ {edges[-1]}"]
            return [Key(one, f"heat-{at + 1}", shape) for at, one in enumerate(said)]
        return [Key(name, TOKENS[self.colour], shape)]

    def coloured_by(self, column: str, found: Iterable[Any]) -> LayerStyle:
        """The same, coloured by a column: a number in five groups of a size, anything else by its commonest values."""
        known = [value for value in found if value is not None]
        numbers = [value for value in known if isinstance(value, int | float) and not isinstance(value, bool)]
        changed: dict[str, Any] = {"by": column, "values": {}, "steps": []}
        if column and numbers and len(numbers) == len(known) and len(set(numbers)) > MOST_VALUES:
            ordered = sorted(numbers)
            changed["steps"] = sorted({float(ordered[len(ordered) * part // 5]) for part in range(1, 5)})
        elif column:
            common = Counter(_said(value) for value in known).most_common(MOST_VALUES)
            changed["values"] = {value: _IN_TURN[at % len(_IN_TURN)] for at, (value, _) in enumerate(common)}
        return self.model_copy(update=changed)


def _said(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)
