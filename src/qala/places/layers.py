"""Layers of the map that come out of the lake, declared in `layers.yaml`."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from qala.datasets import Catalogue, Contract
from qala.standard import Text
from qala.standard.yaml_file import read_yaml

Shape = Literal["point", "line", "area", "mixed"]
Colour = Literal["blue", "orange", "green", "red", "purple", "brown", "teal", "yellow", "grey"]
_DATASET = re.compile(r"\{([a-z_]+\.[a-z_]+)\}")
_HERE = Path(__file__).parent


class _Strict(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class ColourBy(_Strict):
    """Colour by a column: by its words (`values`), or by steps of a number from pale to strong (`steps`)."""

    by: str
    values: Mapping[str, Colour] = {}
    steps: tuple[float, ...] = ()


class Linked(_Strict):
    """Rows of another dataset that name the object in a column.

    Attributes:
        by: column of that dataset.
        own: column of the layer that says the same; by default of the same name.
    """

    dataset: str
    by: str
    own: str = ""


class Layer(_Strict):
    """One layer.

    Attributes:
        dataset: whose contract gives the names of columns, the owner and whether rows hold for a time.
        sql: rows where they are not simply the dataset's; `{dataset}` stands for the city's current rows.
        where: a condition on the rows.
        geometry: column with GeoJSON; points come from `lat` and `lon` where it is empty.
        cell: column with an H3 cell that is the geometry.
        key: columns that name an object; by default those of the contract without `valid_from`.
        title: column with the object's name; `name` stands for `name_kk`, `name_ru`, `name_en`.
        show: columns that tiles carry.
        until: column with the time at which an event ends; it is shown as long as it lasts.
        height: column with metres for the view in 3-D.
        guard: `cells` tells the public counts by H3 cell only.
        restricted: shown, and searched, only to those who hold `restricted.see` in the city.
        dots: many small points.
        live: of its rows the map shows those of the last `live` minutes (by the column that the contract counts on), fetched anew
            as they come instead of as tiles.
    """

    id: str = ""
    name: Text
    note: Text | None = None
    group: str
    dataset: str
    shape: Shape
    sql: str | None = None
    where: str | None = None
    geometry: str = "geometry"
    cell: str | None = None
    key: tuple[str, ...] = ()
    title: str | None = None
    show: tuple[str, ...] = ()
    labels: Mapping[str, Text] = {}
    until: str | None = None
    colour: Colour | ColourBy = "blue"
    height: str | None = None
    min_zoom: int = Field(default=0, ge=0, le=14)
    guard: Literal["cells"] | None = None
    restricted: bool = False
    heat: bool = False
    dots: bool = False
    live: int | None = Field(default=None, ge=1)
    search: tuple[str, ...] = ()
    linked: tuple[Linked, ...] = ()

    @property
    def datasets(self) -> tuple[str, ...]:
        """Every dataset that its rows come from, the main one first."""
        named = _DATASET.findall(self.sql) if self.sql else []
        return tuple(dict.fromkeys([self.dataset, *named]))

    def guarded(self, catalogue: Catalogue) -> bool:
        """Whether the public sees H3 cells only: it says so, or a dataset of it has pseudonyms."""
        return self.guard == "cells" or any(catalogue.contract(name).pseudonyms for name in self.datasets)

    def keys(self, contract: Contract) -> tuple[str, ...]:
        """The columns that name an object."""
        return self.key or tuple(name for name in contract.key if name != "valid_from")

    def label(self, column: str, contract: Contract) -> Text | None:
        """What a column means."""
        if column in self.labels:
            return self.labels[column]
        known = contract.all_columns.get(column)
        return known.meaning if known else None


@cache
def layers() -> Mapping[str, Layer]:
    """Every declared layer by id, in the order in which they are listed.

    Raises:
        Problem: the declaration is wrong; with file, line and path.
    """
    file = read_yaml(_HERE / "layers.yaml")
    found = {name: file.check(Layer, {**entry, "id": name}, name) for name, entry in file.mapping().items()}
    for name, layer in found.items():
        if layer.group not in groups():
            raise file.problem(f"{layer.group} is not a group of layers", name, "group", hint="see groups.yaml")
    order = list(groups())
    return dict(sorted(found.items(), key=lambda item: order.index(item[1].group)))


@cache
def groups() -> Mapping[str, Text]:
    """The heads under which layers stand."""
    file = read_yaml(_HERE / "groups.yaml")
    return {name: file.check(Text, entry, name) for name, entry in file.mapping().items()}


@cache
def words() -> Mapping[str, Text]:
    """Names of the values that columns hold (`pothole`, `true`), some for one column only (`roads.repair_plan.work.medium`)."""
    file = read_yaml(_HERE / "words.yaml")
    return {name: file.check(Text, entry, name) for name, entry in file.mapping().items()}


def word(value: object, language: str, of: str = "") -> str:
    """A value as a person says it; itself where it has no name.

    Args:
        of: dataset and column that hold it, `roads.repair_plan.work`.
    """
    text = {True: "true", False: "false"}.get(value, str(value)) if isinstance(value, bool) else str(value)
    known = words().get(f"{of}.{text}") or words().get(text)
    return known.say(language) if known else text
