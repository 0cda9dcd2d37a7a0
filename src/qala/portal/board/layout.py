"""What may stand on a board: twelve columns, items with a place and a size, each of a kind with its own settings."""

from __future__ import annotations

from collections.abc import Container, Mapping, Sequence
from typing import Annotated, Any, Literal

from django.utils.translation import gettext as _
from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from qala.standard.problems import Problem

COLUMNS = 12
ROWS = 60
MOST_ITEMS = 40

Kind = Literal[
    "kpi", "chart", "counter", "gauge", "table", "heat", "radar", "map", "mnemonic", "timeline", "feed", "alarms",
    "latest", "rows", "text",
]  # fmt: skip
Grain = Literal["day", "week", "month", "quarter", "year"]
Network = Literal["heat", "water", "power", "gas", "sewer"]


class Words(BaseModel):
    """A text in up to three languages; an empty one falls back on another."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    kk: str = Field(default="", max_length=2000)
    ru: str = Field(default="", max_length=2000)
    en: str = Field(default="", max_length=2000)


class Item(BaseModel):
    """One thing on a board.

    Attributes:
        id: unique on the board; part of its address.
        x, y, w, h: column and row from 1, width and height in cells.
        kpis: rows or ids of KPIs or own indicators.
        span: how many periods of `grain` back.
        of: a section's id or an initiative's number, for tables and heat maps.
        layer: id of a map layer.
        columns: of a table of rows, which columns of the dataset; its first ones where none is named.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    id: str = Field(pattern=r"^[a-z0-9-]{1,40}$")
    kind: Kind
    x: Annotated[int, Field(ge=1, le=COLUMNS)]
    y: Annotated[int, Field(ge=1, le=ROWS)]
    w: Annotated[int, Field(ge=1, le=COLUMNS)]
    h: Annotated[int, Field(ge=1, le=ROWS)]
    title: Words = Words()
    kpis: tuple[str, ...] = Field(default=(), max_length=8)
    grain: Grain = "month"
    span: Annotated[int, Field(ge=1, le=120)] = 12
    dataset: str = ""
    columns: tuple[str, ...] = Field(default=(), max_length=10)
    of: str = ""
    network: Network = "heat"
    layer: str = ""
    text: Words = Words()

    @model_validator(mode="after")
    def _fits(self) -> Item:
        if self.x + self.w - 1 > COLUMNS:
            raise ValueError(_("it reaches beyond column %(number)s") % {"number": COLUMNS})
        if self.y + self.h - 1 > ROWS:
            raise ValueError(_("it reaches beyond row %(number)s") % {"number": ROWS})
        lacking = [name for name in NEEDS.get(self.kind, ()) if not getattr(self, name)]
        if lacking:
            raise ValueError(
                _("it needs a setting: %(names)s") % {"names": ", ".join(_NAMES[one]() for one in lacking)}
            )
        return self


FIELDS: Mapping[str, tuple[str, ...]] = {
    "kpi": ("kpis", "grain"),
    "gauge": ("kpis", "grain"),
    "chart": ("kpis", "grain", "span"),
    "timeline": ("dataset", "span"),
    "counter": ("dataset", "grain"),
    "table": ("of", "kpis", "grain"),
    "heat": ("of", "kpis", "grain", "span"),
    "map": ("layer", "kpis"),
    "mnemonic": ("network",),
    "feed": ("span",),
    "text": ("text",),
    "radar": (),
    "alarms": (),
    "latest": ("span",),
    "rows": ("dataset", "columns", "span"),
}
"""Kind -> the settings that it takes."""

_NAMES = {"kpis": lambda: _("KPIs and own indicators"), "dataset": lambda: _("Dataset")}
"""What the form calls the settings that something needs."""

NEEDS: Mapping[str, tuple[str, ...]] = {
    "kpi": ("kpis",),
    "gauge": ("kpis",),
    "chart": ("kpis",),
    "counter": ("dataset",),
    "timeline": ("dataset",),
    "rows": ("dataset",),
}
"""Kind -> the settings without which it says nothing."""


def read_items(
    items: Sequence[Any], *, kpis: set[str], datasets: Mapping[str, Container[str]], layers: set[str]
) -> tuple[Item, ...]:
    """A layout as types, checked against what there is.

    Args:
        datasets: id -> names of its columns.

    Raises:
        Problem: an item is not one, names what is not there, or two have one id; `where` says which.
    """
    if len(items) > MOST_ITEMS:
        raise Problem(
            _("A board holds %(most)s items at most; here are %(given)s.") % {"most": MOST_ITEMS, "given": len(items)}
        )
    found: list[Item] = []
    for number, raw in enumerate(items, 1):
        where = _("item %(number)s") % {"number": number}
        try:
            item = Item.model_validate(raw)
        except ValidationError as error:
            first = error.errors()[0]
            place = ".".join(str(part) for part in first["loc"])
            raise Problem(str(first["msg"]).removeprefix("Value error, "), where=f"{where} {place}".strip()) from None
        if any(one.id == item.id for one in found):
            raise Problem(_("Two items are called “%(name)s”.") % {"name": item.id}, where=where)
        for names, known, what in (
            (item.kpis, kpis, _("There is no KPI “%(name)s”.")),
            ((item.dataset,) if item.dataset else (), datasets, _("There is no dataset “%(name)s”.")),
            (item.columns, datasets.get(item.dataset, ()), _("The dataset has no column “%(name)s”.")),
            ((item.layer,) if item.layer else (), layers, _("There is no layer “%(name)s”.")),
        ):
            for name in names:
                if name not in known:
                    raise Problem(what % {"name": name}, where=where)
        found.append(item)
    return tuple(found)
