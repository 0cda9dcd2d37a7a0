"""What is due of papers, whatever part they are of: the ministry's answer (item 27), the two publications (item 30)."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from django.apps import apps
from django.utils.translation import gettext as _

from qala.kits.deadlines import Due
from qala.kits.procedure import words
from qala.kits.procedure.models import Paper
from qala.kits.procedure.queries import open_deadlines
from qala.kits.procedure.steps import Deadline


def due() -> Iterator[Due]:
    """Every deadline that runs. The akim is told of an answer that does not come, the ministry of a publication."""
    for model in apps.get_models():
        if issubclass(model, Paper):
            waiting = model._default_manager.filter(state__in=("submitted", "approved"))
            yield from (_due(one, line) for one in waiting for line in open_deadlines(one))


def _due(one: Paper, line: Deadline) -> Due:
    judged = line.verb == "agree"
    return Due(
        key=f"{one.PART}:{one.pk}:{line.verb}:{line.day.isoformat()}",
        what=_said(line),
        day=line.day,
        url=(f"{one.PART}:{one._meta.model_name}", (one.pk,)),
        permission=f"{one.PART}.{'judge' if judged else 'lead'}",
        above=f"{one.PART}.{'approve' if judged else 'judge'}",
        city=one.city,
        item=line.item,
    )


def _said(line: Deadline) -> Callable[[], str]:
    return lambda: _("Strategy and Roadmap: %(what)s") % {"what": words.deadline(line)}
