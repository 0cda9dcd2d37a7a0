"""Signed versions of an object: the one that stands, their signatures checked, who may see them."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db import models
from django.http import Http404
from django.utils.translation import gettext as _

from qala.kits.signatures.models import Signature, Version
from qala.kits.signatures.port import Checked, access_of, signer, signer_of
from qala.kits.signatures.words import WRONG
from qala.people.access import Somebody


@dataclass(frozen=True)
class Line:
    """A signature and what came of checking it just now."""

    signature: Signature
    checked: Checked

    @property
    def why(self) -> Any:
        return WRONG.get(self.checked.wrong, self.checked.wrong)


def kind_of(what: models.Model) -> str:
    """How signed versions name the kind of an object."""
    return what._meta.label_lower


def fingerprint(content: Mapping[str, Any]) -> str:
    """Of a content that JSON can say, whatever the order of its keys."""
    said = json.dumps(content, ensure_ascii=False, sort_keys=True, separators=(",", ":"), default=str)
    return hashlib.sha256(said.encode()).hexdigest()


def newest(what: models.Model) -> Version | None:
    """The last version that was signed."""
    return Version.objects.filter(kind=kind_of(what), object_id=what.pk).first() if what.pk else None


def versions(what: models.Model) -> list[Version]:
    """All that were signed, the last first."""
    return list(Version.objects.filter(kind=kind_of(what), object_id=what.pk)) if what.pk else []


def standing(what: models.Model, content: Mapping[str, Any]) -> Version | None:
    """The last version, if what was signed then is what the object says now."""
    found = newest(what)
    return found if found is not None and found.fingerprint == fingerprint(content) else None


def checked(version: Version) -> list[Line]:
    """Each signature, checked against the bytes that are kept."""
    sha256 = hashlib.sha256(bytes(version.content)).hexdigest()
    found = []
    for one in version.signatures.all():
        by = signer_of(one.signer)
        found.append(Line(one, by.verify(sha256, bytes(one.signature)) if by else Checked(wrong="no_signer")))
    return found


def access_version(user: Somebody, number: int) -> Version:
    """A version by its number; 404 if there is none, `Refused` if the user may not see what it is of."""
    found = Version.objects.filter(pk=number).first()
    access = access_of(found.kind) if found else None
    if found is None or access is None:
        raise Http404(_("There is no such signed document."))
    access(user, found.object_id)
    return found


def shown(
    what: models.Model,
    content: Mapping[str, Any],
    roles: Sequence[tuple[str, Any]],
    *,
    may_sign: bool,
    by_steps: bool = False,
) -> dict[str, Any]:
    """What the template `signatures/box.html` says of an object.

    Args:
        roles: (role, its words) of all who sign.
        may_sign: whether the reader does, and now.
        by_steps: whether it is signed anew with each step, so that earlier versions hold as they stood then.
    """
    last, now = newest(what), standing(what, content)
    signed = set(now.signatures.values_list("role", flat=True)) if now else set()
    return {
        "now": now,
        "earlier": last if now is None and not by_steps else None,
        "past": [(one, [(line, "") for line in checked(one)]) for one in versions(what) if one != now]
        if by_steps
        else [],
        "lines": [(line, dict(roles).get(line.signature.role, "")) for line in checked(now)] if now else [],
        "open": [(role, words) for role, words in roles if role not in signed],
        "may_sign": may_sign,
        "legal": signer().legal,
    }
