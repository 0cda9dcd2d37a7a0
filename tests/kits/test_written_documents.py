"""A document described once and written as DOCX and PDF: opened again, its text read back, page by page."""

from __future__ import annotations

import io
import subprocess
from collections.abc import Sequence
from datetime import date

import docx
import pytest
from docx.oxml.ns import qn

from qala.kits.documents import (
    Approval,
    Block,
    Break,
    Document,
    Figure,
    Heading,
    Items,
    Numbers,
    Paragraph,
    Party,
    Quote,
    Signature,
    Signatures,
    Span,
    Table,
    answer,
    written,
)  # fmt: skip
from qala.standard.values import Language

KAZAKH = "Әә Ғғ Ққ Ңң Өө Ұұ Үү Һһ Іі"
SVG = (
    '<svg xmlns="http://www.w3.org/2000/svg" width="80" height="20"><rect width="50" height="20" fill="#00667a"/></svg>'
)


def blocks(rows: int = 120) -> list[Block]:
    return [
        Heading("Күн тәртібі"),
        Paragraph([Span("Тыңдалды: "), Span(KAZAKH, bold=True), Span(" сайт", link="https://example.kz/a")]),
        Quote("Бірінші жол\nекінші жол"),
        Items(["бір", ("екі", Items(["ішкі"]))], numbered=True),
        Heading("Көрсеткіштер", 2),
        Numbers([("Индекс", "61,2", "2026"), ("Орын", "3", "")]),
        Table(["№", "Мәселе", "Сан"], [[str(n), f"мәселе {n}", str(n * 10)] for n in range(1, rows + 1)], [2], [1, 6, 2],
              "Кесте"),
        Figure(SVG, "Жолақ", "Сурет", 80),
        Break(),
        Signatures([Signature("Төраға"), Signature("Хатшы", "", "ЭЦҚ, 01.03.2027 10:00")]),
    ]  # fmt: skip


def a_document(language: Language = "kk", said: Sequence[Block] | None = None, **more: object) -> Document:
    return Document(
        language, "Жұмыс тобының отырысы", blocks() if said is None else said, kind="Хаттама", number="4",
        day=date(2027, 3, 1), place="Қала", parties=[Party("Төраға", "Әкімдік")],
        approval=Approval("БЕКІТЕМІН", ["Әкім", "____"]), source="Есептеу 2026-abc", notice="Модельденген деректер",
        **more,  # type: ignore[arg-type]
    )  # fmt: skip


def pages(pdf: bytes) -> list[str]:
    done = subprocess.run(["pdftotext", "-layout", "-", "-"], input=pdf, capture_output=True, check=True)
    return done.stdout.decode().split("\f")[:-1]


def test_a_docx_holds_what_was_described() -> None:
    opened = docx.Document(io.BytesIO(written(a_document(contents=True, title_page=True), "docx")))
    text = "\n".join(one.text for one in opened.paragraphs)
    for said in (
        KAZAKH,
        "ХАТТАМА",
        "№ 4 · 01.03.2027 · Қала",
        "Төраға: Әкімдік",
        "БЕКІТЕМІН",
        "Мазмұны",
        "2.\tекі",
        "–\tішкі",
    ):
        assert said in text
    assert [one.text for one in opened.paragraphs if one.style.name == "Heading 1"] == ["Күн тәртібі"]
    numbers, table, signatures = opened.tables
    assert [cell.text for cell in numbers.rows[0].cells] == ["Индекс", "61,2", "2026"]
    assert [cell.text for cell in table.rows[120].cells] == ["120", "мәселе 120", "1200"]
    assert table.rows[0]._tr.trPr.find(qn("w:tblHeader")) is not None
    assert table.rows[1]._tr.trPr.find(qn("w:tblHeader")) is None
    assert signatures.rows[0].cells[1].text.startswith("____")
    assert signatures.rows[1].cells[1].text == "ЭЦҚ, 01.03.2027 10:00"
    page = opened.sections[0]
    assert (round(page.page_width.mm), round(page.page_height.mm)) == (210, 297)
    assert page.header.paragraphs[0].text == "Модельденген деректер"
    assert "Есептеу 2026-abc" in page.footer.paragraphs[0].text
    assert {"PAGE", "NUMPAGES"} <= {one.text.strip() for one in page.footer._element.iter(qn("w:instrText"))}
    assert opened.styles["Normal"].font.name == opened.styles["Heading 1"].font.name == "Times New Roman"
    assert opened.styles.element.find(".//" + qn("w:lang")).get(qn("w:val")) == "kk-KZ"
    [picture] = opened.inline_shapes
    assert picture._inline.docPr.get("descr") == "Жолақ" and round(picture.width.mm) == 80
    assert "https://example.kz/a" in {one.target_ref for one in opened.part.rels.values() if one.is_external}


def test_a_pdf_says_the_same_with_heads_and_numbers_on_every_page() -> None:
    found = pages(written(a_document(contents=True, title_page=True), "pdf"))
    text = "\n".join(found)
    for said in (
        "ХАТТАМА",
        "№ 4 · 01.03.2027 · Қала",
        "БЕКІТЕМІН",
        "Мазмұны",
        "екінші жол",
        "мәселе 120",
        "Сурет",
        "ЭЦҚ",
    ):
        assert said in text
    assert all(letter in text for letter in KAZAKH)
    for number, page in enumerate(found, 1):
        assert f"бет {number} / {len(found)}" in page and "Модельденген деректер" in page and "Есептеу" in page
    with_rows = [page for page in found if "мәселе " in page]
    assert len(with_rows) >= 3 and all("Мәселе" in page for page in with_rows)


@pytest.mark.parametrize("form", ["docx", "pdf"])
def test_the_same_document_gives_the_same_bytes(form: str) -> None:
    one = a_document(said=blocks(3))
    assert written(one, form) == written(one, form)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("language", "page", "number"), [("kk", "бет", "№ 4"), ("ru", "стр.", "№ 4"), ("en", "page", "No. 4")]
)
def test_the_frame_speaks_the_documents_language(language: Language, page: str, number: str) -> None:
    [text] = pages(written(a_document(language, [Paragraph("…")]), "pdf"))
    assert f"{page} 1 / 1" in text and number in text


def test_lying_pages_and_a_bare_document() -> None:
    bare = Document("en", "Bare", [Table(["a"], [])], landscape=True)
    opened = docx.Document(io.BytesIO(written(bare, "docx")))
    assert round(opened.sections[0].page_width.mm) == 297
    assert "Bare" in pages(written(bare, "pdf"))[0]


def test_an_answer_is_a_file_with_a_name() -> None:
    found = answer(Document("en", "Bare", []), "pdf", "bare_en")
    assert found["Content-Type"] == "application/pdf" and 'filename="bare_en.pdf"' in found["Content-Disposition"]
    assert found.content.startswith(b"%PDF")
