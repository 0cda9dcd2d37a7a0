"""A document in one form, and as what a browser downloads."""

from __future__ import annotations

import re
from dataclasses import fields, is_dataclass, replace
from typing import Any, Literal, get_args

from django.http import Http404, HttpResponse
from django.utils.translation import gettext as _

from qala.kits.documents.parts import Document

Form = Literal["docx", "pdf"]
FORMS: tuple[Form, ...] = get_args(Form)
TYPES = {
    "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    "pdf": "application/pdf",
}

_LINES = re.compile("[\x0b\x0c\x85\u2028\u2029]|\r\n?")
"""Ends of lines by other programs: a vertical tab is what an office program puts within a paragraph."""
_NO_TEXT = re.compile("[\x00-\x08\x0e-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff]")
"""What XML 1.0 takes as no text, or nobody can read."""


def legible[T](value: T) -> T:
    """The same with ends of lines as `\\n` in all texts, and without characters that no document may hold."""
    found: Any = value
    if isinstance(value, str):
        found = _NO_TEXT.sub("", _LINES.sub("\n", value))
    elif is_dataclass(value) and not isinstance(value, type):
        found = replace(value, **{one.name: legible(getattr(value, one.name)) for one in fields(value)})
    elif isinstance(value, list | tuple):
        found = type(value)(legible(one) for one in value)
    return found  # type: ignore[no-any-return]


def written(document: Document, form: Form) -> bytes:
    """The document's bytes; the same document gives the same ones."""
    document = legible(document)
    # both writers weigh something, and most processes never write a document
    if form == "pdf":
        from qala.kits.documents.pdf import pdf

        return pdf(document)
    from qala.kits.documents.word import docx

    return docx(document)


def answer(document: Document, form: str, name: str) -> HttpResponse:
    """A response that downloads it; `name` without ending, in ASCII. 404 where the address names another form than `FORMS`."""
    chosen = next((one for one in FORMS if one == form), None)
    if chosen is None:
        raise Http404(_("There is no such paper."))
    return HttpResponse(
        written(document, chosen),
        content_type=TYPES[chosen],
        headers={"Content-Disposition": f'attachment; filename="{name}.{chosen}"'},
    )
