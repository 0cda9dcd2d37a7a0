"""Blocks of a document as HTML of a page, with the page's own looks."""

from __future__ import annotations

from collections.abc import Iterable

from django.utils.html import escape, format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe

from qala.kits.documents.parts import Block, Figure, Heading, Items, Line, Numbers, Paragraph, Quote, Table, spans


def html(blocks: Iterable[Block], *, under: int = 1) -> SafeString:
    """Blocks as HTML; `under` is the level of the page's heading that they stand under."""
    return mark_safe("".join(_block(one, under) for one in blocks))


def _block(one: Block, under: int) -> SafeString:
    match one:
        case Heading():
            return format_html("<h{0}>{1}</h{0}>", min(6, under + one.level), one.text)
        case Paragraph():
            return format_html('<p class="{}">{}</p>', "small soft" if one.quiet else "", _line(one.text))
        case Quote():
            return format_html("<blockquote>{}</blockquote>", _line(one.text))
        case Items():
            return _items(one)
        case Table():
            return _table(one)
        case Numbers():
            rows = format_html_join("", "<dt>{}</dt><dd>{} {}</dd>", one.figures)
            return format_html('<dl class="facts">{}</dl>', rows)
        case Figure(picture=str()):
            picture = mark_safe(str(one.picture))  # made by the program, never given
            return format_html(
                '<figure class="paper-figure">{}<figcaption>{}</figcaption></figure>', picture, one.caption
            )
        case _:
            return mark_safe("")


def _line(line: Line) -> SafeString:
    found = mark_safe("")
    for one in spans(line):
        said = mark_safe(escape(one.text).replace("\n", "<br>"))
        if one.bold:
            said = format_html("<strong>{}</strong>", said)
        if one.italic:
            said = format_html("<em>{}</em>", said)
        found += format_html('<a href="{}" rel="nofollow noopener">{}</a>', one.link, said) if one.link else said
    return found


def _items(one: Items) -> SafeString:
    found = mark_safe("")
    for each in one.items:
        line, under = (
            each if isinstance(each, tuple) and len(each) == 2 and isinstance(each[1], Items) else (each, None)
        )
        found += format_html("<li>{}{}</li>", _line(line), "" if under is None else _items(under))
    tag = "ol" if one.numbered else "ul"
    return format_html("<{0}>{1}</{0}>", mark_safe(tag), found)


def _table(one: Table) -> SafeString:
    def side(at: int) -> str:
        return "num" if at in one.numbers else ""

    heads = format_html_join(
        "", '<th scope="col" class="{}">{}</th>', ((side(at), head) for at, head in enumerate(one.heads))
    )
    rows = mark_safe("")
    for row in one.rows:
        rows += format_html(
            "<tr>{}</tr>",
            format_html_join("", '<td class="{}">{}</td>', ((side(at), _line(cell)) for at, cell in enumerate(row))),
        )
    caption = format_html("<caption>{}</caption>", one.caption) if one.caption else ""
    return format_html(
        '<div class="scroll" tabindex="0" role="region" aria-label="{}"><table class="table dense">{}<thead><tr>{}</tr></thead>'
        "<tbody>{}</tbody></table></div>",
        one.caption or ", ".join(one.heads), caption, heads, rows,
    )  # fmt: skip
