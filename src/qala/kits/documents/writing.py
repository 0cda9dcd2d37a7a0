"""A document in one form, and as what a browser downloads."""

from __future__ import annotations

from typing import Literal, get_args

from django.http import HttpResponse

from qala.kits.documents.parts import Document

Form = Literal["docx", "pdf"]
FORMS: tuple[Form, ...] = get_args(Form)
TYPES = {
    "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    "pdf": "application/pdf",
}


def written(document: Document, form: Form) -> bytes:
    """The document's bytes; the same document gives the same ones."""
    # both writers weigh something, and most processes never write a document
    if form == "pdf":
        from qala.kits.documents.pdf import pdf

        return pdf(document)
    from qala.kits.documents.word import docx

    return docx(document)


def answer(document: Document, form: Form, name: str) -> HttpResponse:
    """A response that downloads it; `name` without ending, in ASCII."""
    return HttpResponse(
        written(document, form),
        content_type=TYPES[form],
        headers={"Content-Disposition": f'attachment; filename="{name}.{form}"'},
    )
