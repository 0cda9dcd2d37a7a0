"""A protocol is signed electronically by the head of the group and its secretary; the first of them freezes it."""

from __future__ import annotations

from typing import Any

from django.db import transaction
from django.http import HttpRequest
from django.utils.translation import get_language

from qala.groundwork import services
from qala.groundwork.composition import CHAIR, SECRETARY, SHORT
from qala.groundwork.models import Meeting
from qala.groundwork.protocol import content, protocol
from qala.kits.signatures import queries as signed
from qala.kits.signatures import services as signatures
from qala.kits.signatures import words
from qala.ui.formats import language_of

ROLES = [(CHAIR, SHORT[CHAIR]), (SECRETARY, SHORT[SECRETARY])]


def shown(meeting: Meeting, *, may_sign: bool) -> dict[str, Any]:
    """What the page says of the electronic signatures."""
    return signed.shown(meeting, content(meeting), ROLES, may_sign=may_sign)


@transaction.atomic
def sign(by: HttpRequest, number: int, role: str, position: str, *, simulated: bool) -> None:
    """Sign as head of the group or its secretary.

    Raises:
        Impossible: the protocol is not whole, or the kit refuses.
    """
    meeting = Meeting.objects.select_for_update().get(pk=number)
    if meeting.signed_on is None:
        services.sign(by, number)
        meeting.refresh_from_db()
    role = role if role in dict(ROLES) else CHAIR
    language = language_of(get_language())
    paper = protocol(meeting, language, simulated, words.waiting(one for one, _words in ROLES))
    name = f"protocol_{meeting.group.place}_{meeting.number}_{language}"
    signatures.sign(by, meeting, content(meeting), paper, name, role=role, position=position)
