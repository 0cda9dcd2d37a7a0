"""A document as PDF through Typst, with the fonts that come with it: they have every letter of Kazakh."""

from __future__ import annotations

import json
from dataclasses import asdict
from functools import cache
from pathlib import Path
from typing import Any

import typst

from qala.kits.documents.parts import Block, Document, Figure, Items, Line, Paragraph, Quote, Table, spans
from qala.kits.documents.words import frame

TEMPLATE = Path(__file__).parent / "document.typ"
DOTS = 200
"""Of a picture, on an inch."""


@cache
def fonts() -> typst.Fonts:
    """The fonts of Typst itself: the same on every machine."""
    return typst.Fonts(include_system_fonts=False)


def pdf(document: Document) -> bytes:
    """The document's bytes, tagged so that it can be read aloud."""
    pictures: dict[str, bytes] = {}
    blocks = [_block(one, pictures) for one in document.blocks]
    said = asdict(document) | {"blocks": blocks, "day": "" if document.day is None else document.day.isoformat()}
    return _compile({"d": said, "t": frame(document)}, pictures, "pdf")


def png(svg: str, width: float) -> bytes:
    """An SVG as PNG, for writers that know no SVG; `width` in millimetres."""
    source = f'#set page(width: {width}mm, height: auto, margin: 0pt)\n#image("picture.svg", width: 100%)'
    compiled: Any = typst
    made: bytes = compiled.compile(
        {"main.typ": source.encode(), "picture.svg": svg.encode()}, font_paths=fonts(), format="png", ppi=DOTS
    )
    return made


def _compile(data: dict[str, Any], pictures: dict[str, bytes], form: str) -> bytes:
    sources = {
        "main.typ": TEMPLATE.read_bytes(),
        "data.json": json.dumps(data, ensure_ascii=False).encode(),
        **pictures,
    }
    compiled: Any = typst
    made: bytes = compiled.compile(sources, font_paths=fonts(), format=form)
    return made


def _block(one: Block, pictures: dict[str, bytes]) -> dict[str, Any]:
    said: dict[str, Any] = {"kind": type(one).__name__.lower()}
    match one:
        case Paragraph() | Quote():
            return said | asdict(one) | {"text": _line(one.text)}
        case Items():
            return said | {"numbered": one.numbered, "items": [_item(each, pictures) for each in one.items]}
        case Table():
            return said | asdict(one) | {"rows": [[_line(cell) for cell in row] for row in one.rows]}
        case Figure(picture=picture):
            ending = "svg" if isinstance(picture, str) else "png"
            name = f"picture{len(pictures)}.{ending}"
            pictures[name] = picture.encode() if isinstance(picture, str) else picture
            return said | {"file": name, "said": one.said, "caption": one.caption, "width": one.width}
        case _:
            return said | asdict(one)


def _item(one: Line | tuple[Line, Items], pictures: dict[str, bytes]) -> dict[str, Any]:
    if isinstance(one, tuple) and len(one) == 2 and isinstance(one[1], Items):
        return {"text": _line(one[0]), "under": _block(one[1], pictures)}
    return {"text": _line(one), "under": None}


def _line(line: Line) -> list[dict[str, Any]]:
    return [asdict(one) for one in spans(line)]
