"""Reports as one HTML file: no script, no address to fetch from, readable on a telephone, in the dark and on paper."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from qala.reports.wording import Wording

FOLDER = Path(__file__).parent / "templates"


@cache
def _environment() -> Environment:
    return Environment(
        loader=FileSystemLoader(FOLDER),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )


@cache
def _style() -> str:
    text = (FOLDER / "style.css").read_text("utf-8")
    return re.sub(r"\n\s*", "", text)


def page(template: str, view: dict[str, Any], words: Wording) -> str:
    """One page.

    Args:
        template: name of the template without its ending.
        view: what it shows.
        words: the language.
    """
    made = _environment().get_template(f"{template}.html.j2")
    return made.render(v=view, t=words.say, n=words.count, style=_style())
