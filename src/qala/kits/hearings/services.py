"""Discussions are opened, remarks sent, looked at and answered."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from django.db import transaction
from django.http import HttpRequest
from django.utils import timezone
from django.utils.crypto import salted_hmac
from django.utils.translation import gettext as _
from django.utils.translation import override
from ninja.throttling import AnonRateThrottle

from qala.kits.documents.writing import legible
from qala.kits.hearings.models import LONGEST, LONGEST_NAME, Hearing, Remark
from qala.kits.hearings.published import published
from qala.kits.hearings.queries import hearing_of, text_of
from qala.kits.procedure.models import Paper
from qala.kits.procedure.queries import today_of
from qala.kits.procedure.steps import EDITABLE
from qala.people import audit
from qala.people.access import require
from qala.people.models import User
from qala.people.services import Impossible
from qala.standard.values import LANGUAGES

FROM_ONE, FROM_ALL = 5, 120
"""Remarks an hour, from one address and in one discussion."""
TERM, LONGEST_TERM = 14, 92
"""Days of a discussion: what is proposed, and the most. Ours, not the order's."""
_RATE = f"{FROM_ONE}/h"
_HOUR, _DAY = timedelta(hours=1), timedelta(days=1)


@transaction.atomic
def open_hearing(by: HttpRequest, paper: Paper, opens: date, closes: date) -> Hearing:
    """Publish a draft as it stands now, for a term.

    Raises:
        Impossible: it is no draft, was discussed already, or the term cannot be.
    """
    require(by.user, f"{paper.PART}.lead", city=paper.city)
    if paper.state not in EDITABLE:
        raise Impossible(_("Only a draft is discussed."))
    if hearing_of(paper) is not None:
        raise Impossible(_("This version was opened for discussion already."))
    if opens < today_of(paper.city) or closes < opens or (closes - opens).days > LONGEST_TERM:
        raise Impossible(
            _("The first day is not over yet, the last one comes after it, at most %(days)s days later.")
            % {"days": LONGEST_TERM}
        )
    made = Hearing.objects.create(
        part=paper.PART, paper=paper.pk, city=paper.city, opens=opens, closes=closes, texts=texts_of(paper),
        opened_by=by.user if isinstance(by.user, User) else None,
    )  # fmt: skip
    audit.wrote(by, "open_hearing", made, None, {"opens": str(opens), "closes": str(closes)}, city=paper.city)
    return made


def texts_of(paper: Paper) -> dict[str, Any]:
    """A paper as it stands now, in all languages, to be kept."""
    texts: dict[str, Any] = {}
    for language in LANGUAGES:
        with override(language):
            found = legible(published(paper, language))
            texts[language] = {"title": found.title, "sections": [list(one) for one in found.sections]}
    return texts


@transaction.atomic
def say(by: HttpRequest, hearing: Hearing, section: int | None, name: str, text: str) -> Remark:
    """Take a remark in; it waits to be looked at.

    Raises:
        Impossible: the discussion is not open, the text is empty or too long, or too many came lately.
    """
    text, name = legible(text).strip(), " ".join(legible(name).split())
    if not hearing.open_on(today_of(hearing.city)):
        raise Impossible(_("The discussion is not open."))
    if not text or len(text) > LONGEST or len(name) > LONGEST_NAME:
        raise Impossible(
            _("A remark has 1 to %(most)s characters, a name at most %(name)s.")
            % {"most": LONGEST, "name": LONGEST_NAME}
        )
    if section is not None and not 1 <= section <= len(text_of(hearing).sections):
        raise Impossible(_("There is no such section."))
    now = timezone.now()
    Remark.objects.filter(at__lt=now - _DAY).exclude(sent_from="").update(sent_from="")
    address = salted_hmac(
        "qala.kits.hearings", str(AnonRateThrottle(_RATE).get_ident(by)), algorithm="sha256"
    ).hexdigest()
    lately = Remark.objects.filter(hearing=hearing, at__gt=now - _HOUR)
    if lately.filter(sent_from=address).count() >= FROM_ONE or lately.count() >= FROM_ALL:
        raise Impossible(_("Too many remarks came within an hour. Send it again later."))
    if hearing.remarks.filter(text=text, section=section).exists():
        raise Impossible(_("The same was said already."))
    return Remark.objects.create(hearing=hearing, section=section, name=name, text=text, sent_from=address)


@transaction.atomic
def judge(by: HttpRequest, remark: Remark) -> None:
    """Write down whether a remark is shown, what becomes of it, and the answer.

    Raises:
        Impossible: it is hidden without a reason, or a verdict comes without an answer.
    """
    require(by.user, f"{remark.hearing.part}.lead", city=remark.hearing.city)
    before = audit.said(Remark.objects.get(pk=remark.pk))
    if remark.state == "hidden" and not remark.why.strip():
        raise Impossible(_("Say why it is hidden."))
    if bool(remark.verdict) != bool(remark.answer.strip()):
        raise Impossible(_("An answer says what becomes of the remark, and why."))
    remark.answered_at = timezone.now() if remark.answer.strip() else None
    remark.save()
    audit.wrote(by, "judge_remark", remark, before, audit.said(remark), city=remark.hearing.city)
