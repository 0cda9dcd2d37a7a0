"""Links of invitations: the invitation's number, signed. They stand in no table, so that reading the database opens none."""

from __future__ import annotations

from uuid import UUID

from django.core.signing import BadSignature, Signer
from django.urls import reverse
from django.utils.translation import override

from qala.kits.surveys.models import Invitation

_signer = Signer(salt="qala.kits.surveys.links", sep=".")


def key_of(invitation: Invitation) -> str:
    """The part of the address that opens an invitation."""
    return _signer.sign(invitation.pk.hex)


def path_of(invitation: Invitation) -> str:
    """The path of the survey's first page, in the invited person's language."""
    with override(invitation.language):
        return reverse("surveys:begin", args=(key_of(invitation),))


def invitation_of(key: str) -> Invitation | None:
    """Whose key it is; None if it is nobody's."""
    try:
        number = UUID(_signer.unsign(key))
    except (BadSignature, ValueError):
        return None
    return Invitation.objects.select_related("survey", "group").filter(pk=number).first()
