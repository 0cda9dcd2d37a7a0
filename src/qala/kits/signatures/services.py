"""A document is signed: its bytes are kept with the signature, once for all who sign the same content."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from django.db import models, transaction
from django.http import HttpRequest
from django.utils.translation import gettext as _

from qala.kits.documents import Document, written
from qala.kits.signatures.models import Signature, Version
from qala.kits.signatures.port import Request, signer
from qala.kits.signatures.queries import fingerprint, kind_of, newest
from qala.kits.signatures.words import marked
from qala.people import audit
from qala.people.models import User
from qala.people.services import Impossible

LONGEST = 200


@transaction.atomic
def sign(
    by: HttpRequest | User, what: models.Model, content: Mapping[str, Any], document: Document, name: str, *,
    role: str, position: str,
) -> Signature:  # fmt: skip
    """Sign a document of an object; whoever signs the same content after somebody else signs the same bytes.

    Args:
        what: locked by the caller, who has asked for the rights.
        content: what the document says, in no language.
        document: its signature lines as `words.waiting` has them.
        name: of the file, without ending.
        role: as whom; position: the office, in the signer's own words.

    Raises:
        Impossible: nobody is signed in, no office is said, or somebody signed as this before.
    """
    user = by.user if isinstance(by, HttpRequest) else by
    position = " ".join(position.split())
    if not isinstance(user, User):
        raise Impossible(_("Sign in first."))
    if not position or len(position) > LONGEST:
        raise Impossible(_("Say in which office you sign."))
    version = _version(what, content, document, name)
    if version.signatures.filter(role=role).exists():
        raise Impossible(_("It is signed already."))
    port = signer()
    request = Request(
        version.sha256, str(version), user.name or user.email, position, datetime.now(UTC).replace(microsecond=0)
    )
    made = Signature.objects.create(
        version=version, role=role, by=user, signer=port.id, legal=port.legal, name=request.name, position=position,
        at=request.at, signature=port.sign(request),
    )  # fmt: skip
    said = {"version": version.number, "sha256": version.sha256, "role": role, "position": position, "signer": port.id}
    audit.wrote(by, "sign_electronically", what, None, said, city=version.city)
    return made


def _version(what: models.Model, content: Mapping[str, Any], document: Document, name: str) -> Version:
    last, mark = newest(what), fingerprint(content)
    if last is not None and last.fingerprint == mark:
        return last
    made = written(marked(document, legal=signer().legal), "pdf")
    return Version.objects.create(
        kind=kind_of(what), object_id=what.pk, number=1 if last is None else last.number + 1,
        city=getattr(what, "city", ""), fingerprint=mark, language=document.language, name=name,
        sha256=hashlib.sha256(made).hexdigest(), content=made,
    )  # fmt: skip
