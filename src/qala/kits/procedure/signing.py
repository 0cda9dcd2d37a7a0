"""What was agreed and approved is signed electronically: the paper as it stood then, by the ministry and by the akim."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.http import HttpRequest
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from qala.kits.documents import Document
from qala.kits.procedure.models import Paper
from qala.kits.procedure.steps import IN_FORCE, Right
from qala.kits.signatures import queries as signed
from qala.kits.signatures import services as signatures
from qala.people.access import Somebody, may, require
from qala.people.services import Impossible

WHO: Mapping[str, tuple[Right, Any]] = {
    "agree": ("judge", gettext_lazy("the ministry, which agreed it")),
    "approve": ("approve", gettext_lazy("the akim, who approved it")),
}
"""Step -> whose right it is, and as whom it is signed."""


def signs(paper: Paper) -> str:
    """The step whose signature is due or there in this state; empty while it is written or judged."""
    return "agree" if paper.state == "agreed" else "approve" if paper.state in IN_FORCE else ""


def content(paper: Paper, says: Mapping[str, Any]) -> dict[str, Any]:
    """What is signed, in no language: the paper, the acts that it bears by now, what it says."""
    acts = {one.verb: one.words for one in paper.steps.all() if one.verb in WHO}
    return {"paper": [paper.city, paper.first_year, paper.last_year, paper.version], "acts": acts, "says": dict(says)}


def shown(user: Somebody, paper: Paper, says: Mapping[str, Any]) -> dict[str, Any] | None:
    """What `signatures/box.html` says of it; None before it is agreed."""
    step = signs(paper)
    if not step:
        return None
    right, words = WHO[step]
    allowed = may(user, f"{paper.PART}.{right}", city=paper.city)
    return signed.shown(paper, content(paper, says), [(step, words)], may_sign=allowed, by_steps=True)


def sign(by: HttpRequest, paper: Paper, says: Mapping[str, Any], document: Document, name: str, position: str) -> None:
    """Sign the paper as it stands.

    Args:
        paper: locked by the caller.

    Raises:
        Refused: the step was somebody else's to take.
        Impossible: it is neither agreed nor approved, or the kit of signatures refuses.
    """
    step = signs(paper)
    if not step:
        raise Impossible(_("It is signed once it is agreed, and once more when it is approved."))
    require(by.user, f"{paper.PART}.{WHO[step][0]}", city=paper.city)
    signatures.sign(by, paper, content(paper, says), document, name, role=step, position=position)
