"""A mnemonic diagram (мнемосхема) of a utility network: sources above, consumers below, every district with its state.

The elements of the network are grouped: each source (substation, boiler house, gas station, pump, reservoir) by itself, lines by
the district in which they lie. A source has the state that was reported of it, those that do not work first; a district is
disturbed while an outage there is not over. Positions are whole numbers of a
drawing that is 1000 wide and as high as its rows of districts need; the template draws it as SVG.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal

State = Literal["works", "planned", "down", "unknown"]
WIDTH = 1000
_BUS = 220
_IN_A_ROW = 4
"""So many districts stand side by side, so that what is written in them has room."""
_HALF, _UP, _DOWN = 110, 40, 78
"""Of a district's box: half its width, and how far it reaches above and below its middle line."""
_STEP = 175
_PIPE = 8
_SOURCES = ("boiler_house", "gas_station", "substation", "reservoir", "pump")
_REPORTED: Mapping[str, State] = {"works": "works", "reserve": "planned", "repair": "planned", "stopped": "down"}
"""State that a source reported -> how it is drawn."""
_SHOWN_SOURCES = 6


@dataclass(frozen=True)
class Node:
    """A source or a district of the drawing.

    Attributes:
        id: of the element, or code of the district.
        kind: of the element; `district`.
        x, y: its middle.
        elements: how many elements it stands for.
        buildings: buildings without supply.
        outages: outages that are not over.
        name: of a district, kk, ru, en.
        reported: of a source, the state in the contract's word; empty where none was reported.
        read, meters: of a district; buildings whose meter was read by itself lately, of those that have one.
    """

    id: str
    kind: str
    x: int
    y: int
    state: State
    elements: int = 1
    buildings: int = 0
    outages: int = 0
    name: Mapping[str, str] | None = None
    read: int = 0
    meters: int = 0
    reported: str = ""

    @property
    def silent(self) -> bool:
        """Whether fewer than half of its meters were read: what the network does there is hardly known."""
        return bool(self.meters) and 2 * self.read < self.meters


@dataclass(frozen=True)
class Edge:
    """A connection, drawn as a path of right angles."""

    path: str
    state: State


@dataclass(frozen=True)
class Diagram:
    """What is drawn; empty without elements."""

    nodes: Sequence[Node]
    edges: Sequence[Edge]
    lines: int
    more_sources: int

    @property
    def height(self) -> int:
        """Of the drawing."""
        return max(one.y for one in self.nodes) + _DOWN + 22

    @property
    def state(self) -> State:
        """The worst of its districts and sources."""
        states = {node.state for node in self.nodes}
        return "down" if "down" in states else "planned" if "planned" in states else "works"


def diagram(
    elements: Sequence[Mapping[str, Any]],
    outages: Sequence[Mapping[str, Any]],
    names: Mapping[str, Mapping[str, str]] | None = None,
    meters: Mapping[str, tuple[int, int]] | None = None,
) -> Diagram | None:
    """The drawing of a network and its outages; None where the city has sent no elements of it."""
    if not elements:
        return None
    sources = [one for one in elements if one["element_kind"] in _SOURCES]
    sources.sort(key=lambda one: (_WORST.index(_state(one)), _SOURCES.index(one["element_kind"]), one["element_id"]))
    shown, more = sources[:_SHOWN_SOURCES], max(0, len(sources) - _SHOWN_SOURCES)
    lines = Counter(str(one["district"] or "") for one in elements if one["element_kind"] not in _SOURCES)
    codes = sorted({*lines, *(str(one["district"] or "") for one in sources)} - {""}) or [""]
    open_ones = [one for one in outages if one["open"]]
    districts = []
    for n, code in enumerate(codes):
        here = [one for one in open_ones if (one["district"] or "") == code]
        district = _district(code, *_place(n, len(codes)), lines[code], here)
        read, of = (meters or {}).get(code, (0, 0))
        districts.append(replace(district, name=(names or {}).get(code), read=read, meters=of))
    heads = [
        Node(
            one["element_id"], one["element_kind"], _spread(n, len(shown)), 80, _state(one), reported=one["state"] or ""
        )
        for n, one in enumerate(shown)
    ]
    edges = [Edge(f"M{one.x} 136V{_BUS}", one.state) for one in heads]
    begins = [_pipe(n, len(codes)) for n in range(len(codes))]
    both = [*(one.x for one in heads), *begins]
    edges.append(Edge(f"M{min(both)} {_BUS}H{max(both)}", "works"))
    for begin, one in zip(begins, districts, strict=True):
        bend = "" if begin == one.x else f"V{one.y - _UP - 24}H{one.x}"
        edges.append(Edge(f"M{begin} {_BUS}{bend}V{one.y - _UP}", one.state))
    return Diagram([*heads, *districts], edges, sum(lines.values()), more)


_WORST: Sequence[State] = ("down", "planned", "unknown", "works")


def _state(source: Mapping[str, Any]) -> State:
    return _REPORTED.get(source["state"] or "", "unknown")


def _district(code: str, x: int, y: int, lines: int, outages: Sequence[Mapping[str, Any]]) -> Node:
    down = any(not one["planned"] for one in outages)
    state: State = "down" if down else "planned" if outages else "works"
    return Node(code, "district", x, y, state, lines, sum(one["buildings"] or 0 for one in outages), len(outages))


def _columns(of: int) -> int:
    return -(-of // -(-of // _IN_A_ROW))


def _place(number: int, of: int) -> tuple[int, int]:
    """The middle of a district's box."""
    row, column = divmod(number, _columns(of))
    return _spread(column, _columns(of)), 340 + row * _STEP


def _pipe(number: int, of: int) -> int:
    """Where a district's pipe leaves the main: above it, or in the gap beside the boxes that stand before its own."""
    columns = _columns(of)
    row, column = divmod(number, columns)
    x = _spread(column, columns)
    if row == 0:
        return x
    aside = _HALF + _PIPE * row
    return x - aside if column == columns - 1 and columns > 1 else x + aside


def _spread(number: int, of: int) -> int:
    return round(WIDTH * (number + 0.5) / of)
