"""Reports as PDF through Typst, with the fonts that come with it: they have every letter of Kazakh."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import Any

import typst

from qala.reports.language import catalogue
from qala.reports.wording import Wording

FOLDER = Path(__file__).parent / "templates"


@cache
def _fonts() -> typst.Fonts:
    return typst.Fonts(include_system_fonts=False)


def paper(template: str, view: dict[str, Any], words: Wording) -> bytes:
    """One document.

    Args:
        template: name of the template without its ending.
        view: what it shows; plain data, pictures as SVG.
        words: the language.
    """
    said = {key: text[words.language] for key, text in catalogue().items() if isinstance(text[words.language], str)}
    files = {name: (FOLDER / name).read_bytes() for name in ("frame.typ", f"{template}.typ")}
    sources = {
        "main.typ": files.pop(f"{template}.typ"),
        **files,
        "data.json": json.dumps({"v": view, "t": said}, ensure_ascii=False).encode(),
    }
    # tags would make the file four times as heavy; the page in HTML is the form to be read aloud
    compiled: Any = typst
    made: bytes = compiled.compile(sources, font_paths=_fonts(), pdf_tags=False)
    return made
