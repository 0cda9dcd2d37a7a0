"""The few words that a document's frame says itself, in the document's language and not the reader's."""

from __future__ import annotations

from django.utils.translation import override, pgettext

from qala.kits.documents.parts import Document

RULE = "_" * 20
"""What is written on by hand."""


def frame(document: Document) -> dict[str, str]:
    """page, contents; `said` is number, day and place in one line."""
    with override(document.language):
        parts = []
        if document.number:
            parts.append(pgettext("document", "No. %(number)s") % {"number": document.number})
        if document.day is not None:
            parts.append(f"{document.day:%d.%m.%Y}")
        if document.place:
            parts.append(document.place)
        return {
            "page": pgettext("document", "page"),
            "contents": pgettext("document", "Contents"),
            "said": " · ".join(parts),
        }
