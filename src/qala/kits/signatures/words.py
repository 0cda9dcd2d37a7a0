"""Words of signatures: what they are worth, why one does not hold, and how a document's signature lines read."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from qala.kits.documents import Document
from qala.kits.signatures.models import Signature

NO_FORCE = (
    "Сынақ қолтаңба, заңды күші жоқ · Тестовая подпись, юридической силы не имеет · Test signature, no legal force"
)
"""In three languages at once, whatever a document's own: nobody is to take it for a signature by law."""

WRONG: Mapping[str, Any] = {
    "unreadable": gettext_lazy("the signature cannot be read"),
    "other_document": gettext_lazy("it is a signature of another document"),
    "other_key": gettext_lazy("it was made with another key than this site's"),
    "forged": gettext_lazy("signature and key do not belong together"),
    "no_signer": gettext_lazy("whoever made it is not set up here any more, so that it cannot be checked"),
}


def waiting(roles: Iterable[str]) -> dict[str, str]:
    """Role -> what stands on its line in the bytes that are signed: a signature cannot be within what it signs."""
    return {one: _("electronically; the signature is a file of its own") for one in roles}


def lines(signatures: Iterable[Signature]) -> dict[str, str]:
    """Role -> what stands on its line in a copy."""
    found = {}
    for one in signatures:
        when = f"{timezone.localtime(one.at):%d.%m.%Y %H:%M}"
        said = _("signed electronically, %(name)s, %(when)s") % {"name": one.name, "when": when}
        found[one.role] = said if one.legal else "; ".join([said, _("test signature, no legal force")])
    return found


def marked(document: Document, *, legal: bool) -> Document:
    """The document, at the head of whose pages stands what its signatures are worth."""
    if legal:
        return document
    return replace(document, notice=". ".join(part for part in (document.notice, NO_FORCE) if part))
