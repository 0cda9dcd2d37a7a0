"""Plain Markdown as blocks of a document: CommonMark and tables, no HTML, no pictures; `{{figure}}` is filled in.

A figure in a line becomes text there; one that stands alone in a paragraph may become blocks (a table, a chart).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from functools import cache

from markdown_it import MarkdownIt
from markdown_it.tree import SyntaxTreeNode

from qala.kits.documents.parts import Block, Heading, Items, Line, Paragraph, Quote, Span, Table, plain, spans

TOKEN = re.compile(r"\{\{\s*([^{}\n]{1,80}?)\s*\}\}")
Filled = str | Sequence[Block]
LOWEST = 3


def tokens(text: str) -> set[str]:
    """The figures that a text asks for, spaces in them made single."""
    return {" ".join(one.split()) for one in TOKEN.findall(text)}


def blocks(text: str, fill: Callable[[str], Filled] | None = None, *, under: int = 0) -> list[Block]:
    """A text as blocks.

    Args:
        fill: gives what stands in the place of a figure; without it figures stay as they are written.
        under: level of the heading that the text stands under.
    """
    return list(_blocks(SyntaxTreeNode(_parser().parse(text)), fill, under))


@cache
def _parser() -> MarkdownIt:
    return MarkdownIt("commonmark", {"html": False}).enable("table").disable(["image", "html_block", "html_inline"])


def _blocks(node: SyntaxTreeNode, fill: Callable[[str], Filled] | None, under: int) -> Iterator[Block]:
    for one in node.children:
        match one.type:
            case "heading":
                yield Heading(plain(_line(one, fill)), min(LOWEST, under + int(one.tag[1:])))
            case "paragraph":
                yield from _paragraph(one, fill)
            case "bullet_list" | "ordered_list":
                yield _items(one, fill)
            case "table":
                yield _table(one, fill)
            case "blockquote":
                yield Quote(_joined([_line(each, fill) for each in one.children if each.type == "paragraph"]))
            case "fence" | "code_block":
                yield Quote(one.content.rstrip("\n"))


def _paragraph(node: SyntaxTreeNode, fill: Callable[[str], Filled] | None) -> Iterator[Block]:
    whole = node.children[0].content.strip()
    if fill is not None and (alone := TOKEN.fullmatch(whole)):
        found = fill(" ".join(alone[1].split()))
        if not isinstance(found, str):
            yield from found
            return
    yield Paragraph(_line(node, fill))


def _items(node: SyntaxTreeNode, fill: Callable[[str], Filled] | None) -> Items:
    found: list[Line | tuple[Line, Items]] = []
    for one in node.children:
        line = _joined([_line(each, fill) for each in one.children if each.type == "paragraph"])
        under = next((_items(each, fill) for each in one.children if each.type.endswith("_list")), None)
        found.append(line if under is None else (line, under))
    return Items(found, numbered=node.type == "ordered_list")


def _table(node: SyntaxTreeNode, fill: Callable[[str], Filled] | None) -> Table:
    rows = [
        [_line(cell, fill) for cell in row.children]
        for part in node.children
        for row in part.children
    ]  # fmt: skip
    first = node.children[0].children[0].children
    numbers = [at for at, cell in enumerate(first) if "right" in str(cell.attrs.get("style", ""))]
    return Table([plain(cell) for cell in rows[0]], rows[1:], numbers)


def _joined(lines: Sequence[Line]) -> Line:
    found: list[Span] = []
    for line in lines:
        found += [Span("\n"), *spans(line)] if found else spans(line)
    return found


def _line(node: SyntaxTreeNode, fill: Callable[[str], Filled] | None) -> Line:
    found: list[Span] = []
    for inline in node.children:
        _spans(inline, Span(""), fill, found)
    return found


def _spans(node: SyntaxTreeNode, looks: Span, fill: Callable[[str], Filled] | None, found: list[Span]) -> None:
    for one in node.children:
        match one.type:
            case "text" | "code_inline":
                found.append(Span(_filled(one.content, fill), looks.bold, looks.italic, looks.link))
            case "softbreak":
                found.append(Span(" "))
            case "hardbreak":
                found.append(Span("\n"))
            case "strong":
                _spans(one, Span("", True, looks.italic, looks.link), fill, found)
            case "em":
                _spans(one, Span("", looks.bold, True, looks.link), fill, found)
            case "link":
                _spans(one, Span("", looks.bold, looks.italic, str(one.attrs["href"])), fill, found)


def _filled(text: str, fill: Callable[[str], Filled] | None) -> str:
    if fill is None:
        return text

    def said(match: re.Match[str]) -> str:
        found = fill(" ".join(match[1].split()))
        return found if isinstance(found, str) else match[0]  # blocks stand alone in a paragraph

    return TOKEN.sub(said, text)
