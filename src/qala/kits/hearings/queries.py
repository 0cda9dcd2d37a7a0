"""Discussions, and which of them somebody leads."""

from __future__ import annotations

from datetime import date

from django.apps import apps
from django.http import Http404
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from qala.kits.hearings.models import Hearing, Remark
from qala.kits.hearings.published import Published, discussed
from qala.kits.procedure.models import Paper
from qala.kits.procedure.queries import today_of
from qala.people.access import Somebody, may, require
from qala.ui.formats import language_of


def paper_of(part: str, number: int) -> Paper:
    """The paper of a part by its number; 404 if there is none."""
    for model in apps.get_models():
        if issubclass(model, Paper) and part == model.PART and discussed(part):
            found: Paper | None = model._default_manager.filter(pk=number).first()
            if found is not None:
                return found
    raise Http404(_("There is no such paper."))


def access_hearing(user: Somebody, number: int, *, leads: bool = False) -> Hearing:
    """One by its number, which everybody may read from its first day on; 404 if there is none, `Refused` without the right."""
    found = Hearing.objects.filter(pk=number).first()
    if found is None:
        raise Http404(_("There is no such discussion."))
    if leads or found.opens > today_of(found.city):
        require(user, f"{found.part}.lead", city=found.city)
    return found


def access_remark(user: Somebody, number: int) -> Remark:
    """A remark, for whoever leads the paper."""
    found = Remark.objects.select_related("hearing").filter(pk=number).first()
    if found is None:
        raise Http404(_("There is no such remark."))
    require(user, f"{found.hearing.part}.lead", city=found.hearing.city)
    return found


def leads(user: Somebody, hearing: Hearing) -> bool:
    return may(user, f"{hearing.part}.lead", city=hearing.city)


def hearing_of(paper: Paper) -> Hearing | None:
    """The discussion of a paper; None where there was none."""
    return Hearing.objects.filter(part=paper.PART, paper=paper.pk).first()


def text_of(hearing: Hearing, language: str = "") -> Published:
    """What is discussed, in a language (the active one)."""
    kept = hearing.texts[language or language_of(get_language())]
    return Published(kept["title"], [(title, text) for title, text in kept["sections"]])


def state_of(hearing: Hearing, today: date) -> str:
    """`ahead`, `open` or `closed`."""
    return "ahead" if today < hearing.opens else "open" if today <= hearing.closes else "closed"
