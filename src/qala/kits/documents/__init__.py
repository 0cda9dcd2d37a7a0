"""Documents: one described once as data, written as DOCX to be worked on and as PDF to be kept.

from qala.kits.documents import Document, Heading, Paragraph, Signature, Signatures, Table, answer, written
one = Document("kk", kind="Хаттама", title="Жұмыс тобының отырысы", number="4", day=date(2027, 3, 1), blocks=[
    Heading("Күн тәртібі"), Paragraph("…"), Table(["№", "Мәселе"], [["1", "…"]]), Signatures([Signature("Төраға", "")]),
])
written(one, "docx")            # bytes; the same document gives the same bytes
answer(one, "pdf", "protocol_SIM-R01_4_kk")     # a response that downloads it
"""

from qala.kits.documents.parts import (
    Approval,
    Block,
    Break,
    Document,
    Figure,
    Heading,
    Items,
    Line,
    Numbers,
    Paragraph,
    Party,
    Quote,
    Signature,
    Signatures,
    Span,
    Table,
)
from qala.kits.documents.writing import FORMS, Form, answer, written

__all__ = [
    "FORMS",
    "Approval",
    "Block",
    "Break",
    "Document",
    "Figure",
    "Form",
    "Heading",
    "Items",
    "Line",
    "Numbers",
    "Paragraph",
    "Party",
    "Quote",
    "Signature",
    "Signatures",
    "Span",
    "Table",
    "answer",
    "written",
]
