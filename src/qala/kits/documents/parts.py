"""What a document consists of: plain data, without a thought of how it is written."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from qala.standard.values import Language


@dataclass(frozen=True)
class Span:
    """A piece of a line; `link` is the address that it leads to."""

    text: str
    bold: bool = False
    italic: bool = False
    link: str = ""


Line = str | Sequence[Span]
"""A line of text; "\\n" in it begins a new line of the same paragraph."""


def spans(line: Line) -> Sequence[Span]:
    """A line as spans."""
    return (Span(line),) if isinstance(line, str) else line


def plain(line: Line) -> str:
    """A line without its looks."""
    return "".join(one.text for one in spans(line))


@dataclass(frozen=True)
class Heading:
    """A heading of level 1 to 3; the contents list levels 1 and 2."""

    text: str
    level: int = 1


@dataclass(frozen=True)
class Paragraph:
    """A paragraph; a quiet one is small and grey: a remark, a source."""

    text: Line
    quiet: bool = False


@dataclass(frozen=True)
class Quote:
    """A paragraph that stands apart: what somebody else said, a warning."""

    text: Line


@dataclass(frozen=True)
class Items:
    """A list; an item may be a pair of its line and the items under it."""

    items: Sequence[Line | tuple[Line, Items]]
    numbered: bool = False


@dataclass(frozen=True)
class Table:
    """A table whose heads stand on every page again.

    Attributes:
        numbers: columns that are set to the right.
        widths: of the columns, in proportion to each other; equal ones without.
        caption: above it.
    """

    heads: Sequence[str]
    rows: Sequence[Sequence[Line]]
    numbers: Sequence[int] = ()
    widths: Sequence[float] = ()
    caption: str = ""


@dataclass(frozen=True)
class Numbers:
    """Figures that are to be seen at once, as (name, figure, remark)."""

    figures: Sequence[tuple[str, str, str]]


@dataclass(frozen=True)
class Figure:
    """A picture.

    Attributes:
        picture: SVG as text, or a PNG's bytes.
        said: what it shows, for whoever doesn't see it.
        width: in millimetres, 170 at most.
    """

    picture: str | bytes
    said: str
    caption: str = ""
    width: float = 160


@dataclass(frozen=True)
class Signature:
    """A place to sign.

    Attributes:
        position: whose signature it is.
        name: of the person; empty if it is written in by hand.
        signed: how and when it was signed, where it was; a line to sign on without.
    """

    position: str
    name: str = ""
    signed: str = ""


@dataclass(frozen=True)
class Signatures:
    """Signatures, never parted by a page's end."""

    signatures: Sequence[Signature]


@dataclass(frozen=True)
class Break:
    """A new page begins here."""


Block = Heading | Paragraph | Quote | Items | Table | Numbers | Figure | Signatures | Break


@dataclass(frozen=True)
class Party:
    """Who takes part in a document: their part in it and their name."""

    role: str
    name: str


@dataclass(frozen=True)
class Approval:
    """The stamp at the upper right: "Approved", by whom, by which act; an empty line is left to be filled in by hand."""

    title: str
    lines: Sequence[str] = ()


@dataclass(frozen=True)
class Document:
    """A document of A4 pages.

    Attributes:
        language: of its frame ("page", "No."); its texts come in it.
        kind: what it is ("Protocol"); number, day, place: of it, where it has them.
        parties, approval: stand before the title.
        blocks: what it says.
        title_page: whether head and title have a page of their own; contents: whether a list of headings follows.
        source: what its figures stand on (the run, the day), at the foot of every page.
        notice: what nobody may overlook (draft, simulated figures), at the head of every page.
        landscape: whether its pages lie.
    """

    language: Language
    title: str
    blocks: Sequence[Block]
    kind: str = ""
    number: str = ""
    day: date | None = None
    place: str = ""
    parties: Sequence[Party] = ()
    approval: Approval | None = None
    title_page: bool = False
    contents: bool = False
    source: str = ""
    notice: str = ""
    landscape: bool = False
