"""Words of the procedure: states, steps, deadlines, and what a step asks for."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext_lazy as _

from qala.kits.procedure.models import STATES
from qala.kits.procedure.steps import Deadline

_LOOKS: Mapping[str, tuple[str, str]] = {
    "draft": ("quiet", "edit"),
    "submitted": ("warn", "clock"),
    "remarks": ("bad", "notice"),
    "agreed": ("good", "check"),
    "approved": ("good", "check"),
    "published": ("good", "check"),
}
_STEPS: Mapping[str, Any] = {
    "submit": _("Submit to the ministry"),
    "agree": _("Agree"),
    "refuse": _("Refuse with remarks"),
    "approve": _("Approve by the akim's act"),
    "publish_site": _("Published on the site of the akimat"),
    "publish_system": _("Published in the project management system"),
    "amend": _("Amend"),
}
_ASKED: Mapping[str, Any] = {
    "": "",
    "remarks": _("Remarks"),
    "grounds": _("Grounds of the amendment"),
    "number": _("Number and date of the document"),
    "address": _("Address where it stands"),
}
_DUE: Mapping[str, Any] = {
    "agree": _("answer of the ministry"),
    "publish_site": _("publication on the site of the akimat"),
    "publish_system": _("publication in the project management system"),
}


def state(name: str) -> tuple[str, str, Any]:
    """Tone, icon and words of a state."""
    return (*_LOOKS[name], STATES[name])


def step(verb: str) -> Any:
    return _STEPS.get(verb, verb)


def asked(what: str) -> Any:
    return _ASKED[what]


def deadline(one: Deadline) -> Any:
    return _DUE.get(one.verb, one.verb)
