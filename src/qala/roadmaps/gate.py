"""The gate of item 13: what a system without a counterpart in Kazakhstan has to show before its action is submitted."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from django.core.exceptions import ValidationError
from django.core.validators import URLValidator
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from qala.roadmaps.models import Action, GatePaper

ASKED: Mapping[str, tuple[str, Any]] = {
    "comparison": ("13(1)", gettext_lazy("comparison with solutions already in use (govarch.kz)")),
    "risks": ("13(1)", gettext_lazy("prior assessment of risks and cost")),
    "integrator": ("13(2)", gettext_lazy("business plan and technical documents agreed by the service integrator")),
    "qaztech": ("13(3)", gettext_lazy("development on the QazTech platform, or the decision on an exception")),
}
"""Requirement -> (item of the order, words)."""


def papers(action: Action) -> list[tuple[str, str, Any, GatePaper | None]]:
    """(requirement, item, words, the paper that shows it or None), in the order's sequence."""
    there = {} if action.pk is None else {one.kind: one for one in action.gate.all()}
    return [(kind, item, words, there.get(kind)) for kind, (item, words) in ASKED.items()]


def lacking(action: Action) -> list[str]:
    """What an action that brings such a system has not shown yet, in words."""
    if not action.new_system:
        return []
    return [str(words) for _kind, _item, words, paper in papers(action) if paper is None]


def read(action: Action, given: Mapping[str, str], today: date) -> Sequence[GatePaper]:
    """The papers that a form names; a line that is empty names none.

    Raises:
        ValidationError: a document without a day, a day to come, an address that is none; each named by its line.
    """
    found, wrong = [], []
    for kind, (_item, words) in ASKED.items():
        document, day, address = (given.get(f"{kind}_{part}", "").strip() for part in ("document", "day", "address"))
        if not (document or day or address):
            continue
        try:
            when = date.fromisoformat(day)
            if not document or when > today:
                raise ValueError
            if address:
                URLValidator(schemes=["http", "https"])(address)
        except (ValueError, ValidationError):
            said = _("%(what)s: name the document and its day, not later than today; an address begins with https://")
            wrong.append(said % {"what": words})
            continue
        found.append(GatePaper(action=action, kind=kind, document=document[:300], day=when, address=address[:500]))
    if wrong:
        raise ValidationError(wrong)
    return found
