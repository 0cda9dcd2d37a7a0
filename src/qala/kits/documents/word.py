"""A document as DOCX through python-docx: styles that can be changed, heads of tables that repeat, numbers of pages."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Sequence
from datetime import UTC, datetime, time
from typing import Any

import docx as word
from docx.enum.section import WD_ORIENT
from docx.enum.table import WD_TABLE_ALIGNMENT
from docx.enum.text import WD_ALIGN_PARAGRAPH as ALIGN
from docx.enum.text import WD_TAB_ALIGNMENT
from docx.opc.constants import RELATIONSHIP_TYPE
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Mm, Pt, RGBColor

from qala.kits.documents.parts import (
    Block,
    Break,
    Document,
    Figure,
    Heading,
    Items,
    Line,
    Numbers,
    Paragraph,
    Quote,
    Signatures,
    Table,
    spans,
)
from qala.kits.documents.pdf import png
from qala.kits.documents.words import RULE, frame

FONT = "Times New Roman"
"""Stands on every machine that opens DOCX, and has every letter of Kazakh."""
LANGUAGES = {"kk": "kk-KZ", "ru": "ru-RU", "en": "en-GB"}
SOFT = RGBColor(0x4D, 0x58, 0x63)
EPOCH = datetime(2000, 1, 1, tzinfo=UTC)
LONG, SHORT, LEFT, RIGHT, EDGE = 297, 210, 25, 15, 20
SIZES = {1: 15, 2: 13, 3: 12}


def docx(document: Document) -> bytes:
    """The document's bytes."""
    file: Any = word.Document()
    _styles(file, document)
    _page(file, document)
    words = frame(document)
    _head(file, document, words)
    if document.contents:
        _contents(file, document, words)
    for block in document.blocks:
        _block(file, block, document)
    about = file.core_properties
    about.title = ". ".join(one for one in (document.kind, document.title) if one)
    about.language, about.author, about.comments = LANGUAGES[document.language], "", document.notice
    about.created = about.modified = EPOCH if document.day is None else datetime.combine(document.day, time(), UTC)
    memory = io.BytesIO()
    file.save(memory)
    return _timeless(memory)


def _timeless(made: io.BytesIO) -> bytes:
    """The same archive without the time at which it was packed."""
    again = io.BytesIO()
    with zipfile.ZipFile(made) as first, zipfile.ZipFile(again, "w", zipfile.ZIP_DEFLATED) as second:
        for name in first.namelist():
            second.writestr(zipfile.ZipInfo(name, (1980, 1, 1, 0, 0, 0)), first.read(name), zipfile.ZIP_DEFLATED)
    return again.getvalue()


def _styles(file: Any, document: Document) -> None:
    styles = file.styles
    defaults = styles.element.find(qn("w:docDefaults")).find(qn("w:rPrDefault")).find(qn("w:rPr"))
    defaults.find(qn("w:lang")).set(qn("w:val"), LANGUAGES[document.language])
    names = ["Normal", "Title", "Quote", "Caption", *(f"Heading {level}" for level in SIZES)]
    for name in names:
        font = styles[name].font
        properties = styles[name].element.get_or_add_rPr()
        if (old := properties.find(qn("w:rFonts"))) is not None:
            properties.remove(old)
        fonts = OxmlElement("w:rFonts")
        for letters in ("ascii", "hAnsi", "cs", "eastAsia"):
            fonts.set(qn(f"w:{letters}"), FONT)
        properties.insert(0, fonts)
        font.color.rgb = RGBColor(0, 0, 0)
        font.italic = name == "Quote"
    styles["Normal"].font.size = Pt(12)
    styles["Normal"].paragraph_format.space_after = Pt(6)
    styles["Caption"].font.size, styles["Caption"].font.bold, styles["Caption"].font.color.rgb = Pt(10.5), False, SOFT
    styles["Caption"].paragraph_format.keep_with_next = True
    styles["Title"].font.size, styles["Title"].font.bold = Pt(26 if document.title_page else 18), True
    for level, size in SIZES.items():
        styles[f"Heading {level}"].font.size = Pt(size)
    border = styles["Title"].element.pPr.find(qn("w:pBdr"))
    if border is not None:
        styles["Title"].element.pPr.remove(border)


def _page(file: Any, document: Document) -> None:
    page = file.sections[0]
    page.page_width, page.page_height = Mm(SHORT), Mm(LONG)
    if document.landscape:
        page.orientation, page.page_width, page.page_height = WD_ORIENT.LANDSCAPE, Mm(LONG), Mm(SHORT)
    page.left_margin, page.right_margin, page.top_margin, page.bottom_margin = Mm(LEFT), Mm(RIGHT), Mm(EDGE), Mm(EDGE)
    if document.notice:
        above = page.header.paragraphs[0]
        above.alignment = ALIGN.CENTER
        above.add_run(document.notice).bold = True
        above._p.get_or_add_pPr().insert_element_before(_shade("FFF0B8"), "w:jc")  # Word minds the order
    below = page.footer.paragraphs[0]
    below.paragraph_format.tab_stops.clear_all()
    below.paragraph_format.tab_stops.add_tab_stop(Mm(_width(document)), WD_TAB_ALIGNMENT.RIGHT)
    _quiet(below.add_run(f"{document.source}\t{frame(document)['page']} "))
    _field(below, "PAGE", "1")
    _quiet(below.add_run(" / "))
    _field(below, "NUMPAGES", "1")


def _width(document: Document) -> int:
    return (LONG if document.landscape else SHORT) - LEFT - RIGHT


def _quiet(run: Any, size: float = 9) -> Any:
    run.font.size, run.font.color.rgb = Pt(size), SOFT
    return run


def _shade(colour: str) -> Any:
    shade = OxmlElement("w:shd")
    shade.set(qn("w:val"), "clear")
    shade.set(qn("w:fill"), colour)
    return shade


def _field(paragraph: Any, code: str, shown: str, *, dirty: bool = False) -> None:
    """A field that Word fills in, with what stands there until it does."""
    _mark(paragraph, "begin", dirty=dirty)
    instruction = OxmlElement("w:instrText")
    instruction.set(qn("xml:space"), "preserve")
    instruction.text = f" {code} "
    paragraph.add_run()._r.append(instruction)
    _mark(paragraph, "separate")
    _quiet(paragraph.add_run(shown))
    _mark(paragraph, "end")


def _mark(paragraph: Any, kind: str, *, dirty: bool = False) -> None:
    mark = OxmlElement("w:fldChar")
    mark.set(qn("w:fldCharType"), kind)
    if dirty:
        mark.set(qn("w:dirty"), "true")
    paragraph.add_run()._r.append(mark)


def _head(file: Any, document: Document, words: dict[str, str]) -> None:
    if document.approval is not None:
        stamp = file.add_paragraph()
        stamp.paragraph_format.left_indent = Mm(_width(document) - 78)
        stamp.add_run(document.approval.title).bold = True
        for line in document.approval.lines:
            stamp.add_run().add_break()
            stamp.add_run(line)
    for party in document.parties:
        line = file.add_paragraph()
        line.add_run(f"{party.role}: ").font.color.rgb = SOFT
        line.add_run(party.name)
    kind = file.add_paragraph()
    kind.alignment = ALIGN.CENTER
    kind.paragraph_format.space_before = Pt(190 if document.title_page else 12)
    kind.add_run(document.kind.upper()).font.color.rgb = SOFT
    file.add_paragraph(document.title, "Title").alignment = ALIGN.CENTER
    if words["said"]:
        file.add_paragraph(words["said"]).alignment = ALIGN.CENTER
    if document.title_page:
        file.add_page_break()


def _contents(file: Any, document: Document, words: dict[str, str]) -> None:
    """The headings, as a field that Word fills with pages when the file is opened."""
    file.add_paragraph().add_run(words["contents"]).bold = True
    headings = [one for one in document.blocks if isinstance(one, Heading) and one.level <= 2]
    line = file.add_paragraph()
    _mark(line, "begin", dirty=True)
    instruction = OxmlElement("w:instrText")
    instruction.set(qn("xml:space"), "preserve")
    instruction.text = ' TOC \\o "1-2" \\h '
    line.add_run()._r.append(instruction)
    _mark(line, "separate")
    for at, one in enumerate(headings):
        if at:
            line = file.add_paragraph()
        line.paragraph_format.left_indent = Mm(6 * (one.level - 1))
        line.add_run(one.text)
    _mark(line, "end")
    file.add_page_break()


def _block(file: Any, block: Block, document: Document) -> None:
    match block:
        case Heading():
            file.add_heading(block.text, block.level)
        case Paragraph():
            _write(file.add_paragraph(), block.text, quiet=block.quiet)
        case Quote():
            _write(file.add_paragraph(style="Quote"), block.text)
        case Items():
            _items(file, block, 1)
        case Table():
            _table(file, block, document)
        case Numbers():
            _numbers(file, block, document)
        case Figure():
            _figure(file, block)
        case Signatures():
            _signatures(file, block, document)
        case Break():
            file.add_page_break()


def _write(paragraph: Any, line: Line, *, quiet: bool = False, bold: bool = False, size: float = 0) -> None:
    for one in spans(line):
        run = paragraph.add_run(one.text)  # a new line in it becomes a break
        run.bold, run.italic = one.bold or bold or None, one.italic or None
        if quiet:
            _quiet(run, 10)
        if size:
            run.font.size = Pt(size)
        if one.link:
            run.font.underline = True
            link = OxmlElement("w:hyperlink")
            link.set(qn("r:id"), paragraph.part.relate_to(one.link, RELATIONSHIP_TYPE.HYPERLINK, is_external=True))
            link.append(run._r)
            paragraph._p.append(link)


def _items(file: Any, block: Items, level: int) -> None:
    """A list; numbers are written out, so that each list begins with its own 1."""
    for number, one in enumerate(block.items, 1):
        line, under = one if isinstance(one, tuple) and len(one) == 2 and isinstance(one[1], Items) else (one, None)
        paragraph = file.add_paragraph()
        shape = paragraph.paragraph_format
        shape.left_indent, shape.first_line_indent, shape.space_after = Mm(8 * level), Mm(-6), Pt(3)
        shape.tab_stops.add_tab_stop(Mm(8 * level))
        paragraph.add_run(f"{number}.\t" if block.numbered else "–\t")
        _write(paragraph, line)
        if under is not None:
            _items(file, under, level + 1)


def _grid(file: Any, rows: int, widths: Sequence[float], style: str | None) -> Any:
    grid = file.add_table(rows, len(widths), style)
    grid.autofit, grid.alignment = False, WD_TABLE_ALIGNMENT.LEFT
    for column, width in zip(grid.columns, widths, strict=True):
        column.width = Mm(width)
        for cell in column.cells:
            cell.width = Mm(width)
    return grid


def _say(cell: Any, line: Line, **looks: Any) -> Any:
    paragraph = cell.paragraphs[0]
    paragraph.paragraph_format.space_after = Pt(1)
    _write(paragraph, line, **looks)
    return paragraph


def _whole(row: Any, *, head: bool = False) -> None:
    properties = row._tr.get_or_add_trPr()
    properties.append(OxmlElement("w:cantSplit"))
    if head:
        properties.append(OxmlElement("w:tblHeader"))


def _table(file: Any, block: Table, document: Document) -> None:
    if block.caption:
        file.add_paragraph(block.caption, "Caption")
    parts = block.widths or [1.0] * len(block.heads)
    each = _width(document) / sum(parts)
    grid = _grid(file, 1 + len(block.rows), [part * each for part in parts], "Table Grid")
    # whole columns of cells at once: python-docx looks for each single one through the whole table
    lines = [list(row.cells) for row in grid.rows]
    _whole(grid.rows[0], head=True)
    for at, name in enumerate(block.heads):
        lines[0][at]._tc.get_or_add_tcPr().append(_shade("EEF1F3"))
        _say(lines[0][at], name, bold=True, size=10)
    for row, cells in zip(grid.rows[1:] if block.rows else [], lines[1:], strict=True):
        _whole(row)
        texts = block.rows[row._index - 1]
        for at, text in enumerate(texts):
            paragraph = _say(cells[at], text, size=10)
            if at in block.numbers:
                paragraph.alignment = ALIGN.RIGHT
    file.add_paragraph()


def _numbers(file: Any, block: Numbers, document: Document) -> None:
    grid = _grid(file, len(block.figures), [_width(document) * part for part in (0.5, 0.2, 0.3)], None)
    for row, (name, figure, remark) in zip(grid.rows, block.figures, strict=True):
        _whole(row)
        cells = row.cells
        _say(cells[0], name)
        _say(cells[1], figure, bold=True)
        _say(cells[2], remark, quiet=True)
    file.add_paragraph()


def _figure(file: Any, block: Figure) -> None:
    picture = png(block.picture, block.width) if isinstance(block.picture, str) else block.picture
    paragraph = file.add_paragraph()
    paragraph.alignment = ALIGN.CENTER
    shape = paragraph.add_run().add_picture(io.BytesIO(picture), width=Mm(block.width))
    shape._inline.docPr.set("descr", block.said)
    if block.caption:
        paragraph.paragraph_format.keep_with_next = True
        caption = file.add_paragraph(block.caption, "Caption")
        caption.alignment, caption.paragraph_format.keep_with_next = ALIGN.CENTER, False


def _signatures(file: Any, block: Signatures, document: Document) -> None:
    file.add_paragraph().paragraph_format.keep_with_next = True
    grid = _grid(file, len(block.signatures), [_width(document) * part for part in (0.44, 0.28, 0.28)], None)
    for row, one in zip(grid.rows, block.signatures, strict=True):
        _whole(row)
        last = row._index == len(block.signatures) - 1
        texts: list[tuple[str, bool]] = [
            (one.position, False),
            (one.signed or RULE, bool(one.signed)),
            (one.name or ("" if one.signed else RULE), False),
        ]
        for cell, (text, quiet) in zip(row.cells, texts, strict=True):
            paragraph = _say(cell, text, quiet=quiet)
            paragraph.paragraph_format.keep_with_next = not last
            paragraph.paragraph_format.space_before = Pt(14)
