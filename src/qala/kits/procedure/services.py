"""Steps of the procedure are taken."""

from __future__ import annotations

from collections.abc import Callable

from django.db import transaction
from django.http import HttpRequest
from django.utils.translation import gettext as _

from qala.kits.procedure.models import Paper
from qala.kits.procedure.queries import open_deadlines, possible, taken_since, today_of
from qala.kits.procedure.steps import EDITABLE, IN_FORCE, PUBLICATIONS
from qala.people import audit
from qala.people.models import User
from qala.people.services import Impossible


@transaction.atomic
def take[P: Paper](
    by: HttpRequest, paper: P, verb: str, words: str, *, lacking: Callable[[P], list[str]], amend: Callable[[P], P]
) -> P:
    """Take a step of the procedure; the paper that holds then (of an amendment: the new draft).

    Args:
        paper: locked by the caller.
        lacking: what keeps it from being submitted, in words.
        amend: makes the next version as a draft, a copy of this one; the old one stays in force until the new one is
            approved (PR4).

    Raises:
        Impossible: the step is not allowed now, what it asks for was not said, or the draft is not whole.
    """
    move = next((one for one in possible(by.user, paper) if one.verb == verb), None)
    if move is None:
        raise Impossible(_("This step is not allowed now: somebody else took one, or it is not yours to take."))
    words = words.strip()
    if move.words and not words:
        raise Impossible(_("Say what the step asks for."))
    if move.words == "address" and not words.startswith(("https://", "http://")):
        raise Impossible(_("An address begins with https://"))
    if verb == "submit" and (found := lacking(paper)):
        raise Impossible(" ".join(found))
    day = today_of(paper.city)
    due = next((one for one in open_deadlines(paper) if one.verb == verb or one.verb == "agree"), None)
    paper.steps.create(
        verb=verb, day=day, words=words, due=None if due is None else due.day,
        by=by.user if isinstance(by.user, User) else None, late=due is not None and due.over(day),
    )  # fmt: skip
    name = paper._meta.model_name
    audit.wrote(by, f"{verb}_{name}", paper, {"state": paper.state}, {"words": words}, city=paper.city)
    if verb == "amend":
        new = amend(paper)
        new.steps.create(verb="amend", day=new.since, words=words)
        return new
    if verb not in PUBLICATIONS:
        paper.state, paper.since = move.leads_to, day
    elif set(taken_since(paper)) >= set(PUBLICATIONS):
        paper.state = move.leads_to
    paper.save(update_fields=["state", "since"])
    return paper


def editable(paper: Paper) -> None:
    """Pass if it may be written now.

    Raises:
        Impossible: it is read by the ministry, or in force.
    """
    if paper.state not in EDITABLE:
        raise Impossible(
            _("It is in force and is amended, not edited.")
            if paper.state in IN_FORCE
            else _("It is submitted: nothing is edited now.")
        )
