"""A roadmap as a document: what is done in which years by whom, with which results and money; and what of it is signed."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import override, pgettext

from qala import facts
from qala.kits.documents import Approval, Block, Document, Heading, Paragraph, Party, Signature, Signatures, Table
from qala.kits.hearings.paper import annex
from qala.kits.procedure.models import STATES
from qala.kits.procedure.queries import today_of
from qala.kits.procedure.steps import IN_FORCE
from qala.people import audit
from qala.reports.language import Speaker
from qala.roadmaps.forms import effects_said
from qala.roadmaps.models import Action, Roadmap
from qala.roadmaps.prefill import translated
from qala.roadmaps.queries import money_by_year
from qala.standard.values import Language
from qala.ui.formats import number, said

SIGNED = (
    "initiative", "stage", "sphere", "name", "results", "from_year", "to_year", "executors", "effects", "money", "source",
    "risks", "new_system", "number",
)  # fmt: skip
"""Of an action: what is planned. How it goes, the programme that pays, and money that was approved and spent change while it is
in force; an owner that was lacking is named then."""


def says(roadmap: Roadmap) -> dict[str, Any]:
    """What of a roadmap is signed, in no language."""
    return {"actions": [audit.said(one, *SIGNED) for one in roadmap.actions.all()]}


def document(roadmap: Roadmap, language: Language) -> Document:
    """The roadmap in a language; names of what the order itself says come in it, others as they were written."""
    with override(language):
        return _document(roadmap, language)


def _document(roadmap: Roadmap, language: Language) -> Document:
    actions = list(roadmap.actions.select_related("owner"))
    translated(roadmap, actions)
    registry = facts.lake().cities
    city = registry.get(roadmap.city) if roadmap.city in registry else None
    name = said(city.names, language) if city is not None else roadmap.city
    actors = facts.editions()[roadmap.edition].procedure.actors
    acts = {one.verb: one for one in roadmap.steps.all() if one.verb in ("agree", "approve")}
    state = STATES[roadmap.state]
    draft = str(state).upper() if roadmap.state == "draft" else _("Draft: %(state)s") % {"state": state}
    notices = [] if roadmap.state in IN_FORCE else [draft]
    if city is not None and city.simulated:
        notices.append(Speaker(language).say("frame.simulated"))
    money = money_by_year(roadmap, actions)
    base = [one for one in actions if one.initiative]
    blocks: list[Block] = [Heading(_("Base initiatives"), 2), _table(base, language)]
    if more := [one for one in actions if not one.initiative]:
        blocks += [Heading(_("Additional initiatives"), 2), _table(more, language)]
    blocks += [
        Heading(_("Money, million tenge"), 2),
        Table(
            [*(str(year) for year, _sum in money), _("Together")],
            [[*(number(each, None, language) for _year, each in money), number(sum(each for _y, each in money), None, language)]],
            numbers=tuple(range(len(money) + 1)),
        ),
        Paragraph(_("Expected results are told as KPI = value to be reached, or by how much it changes."), quiet=True),
        *annex(roadmap, language),
        Signatures([Signature(actors[who].say(language)) for who in ("group_head", "group_secretary")]),
    ]  # fmt: skip
    approved = acts.get("approve")
    return Document(
        language,
        _("Roadmap of the smart city %(city)s, %(first)s–%(last)s")
        % {"city": name, "first": roadmap.first_year, "last": roadmap.last_year},
        blocks, kind=pgettext("document", "Roadmap"), number=str(roadmap.version),
        day=approved.day if approved else today_of(roadmap.city), place=name, landscape=True,
        parties=[Party(_("Agreed"), f"{actors['minister'].say(language)}, {acts['agree'].words}")] if "agree" in acts else [],
        approval=Approval(_("Approved"), [actors["akim"].say(language), approved.words if approved else "_" * 24]),
        notice=" · ".join(notices),
    )  # fmt: skip


def _table(actions: Sequence[Action], language: Language) -> Table:
    rows = []
    for no, one in enumerate(actions, 1):
        who = "; ".join(part for part in (said(one.owner.names, language) if one.owner else "", one.executors) if part)
        results = "\n".join(part for part in (one.results, effects_said(one.effects)) if part)
        rows.append([str(no), one.name, one.when, who or "—", results or "—", number(one.cost, None, language)])
    heads = [
        _("No."), _("What is done"), _("Years"), _("Who"), _("Expected results"), _("Million tenge"),
    ]  # fmt: skip
    return Table(heads, rows, numbers=(0, 5), widths=(1, 6, 2, 5, 6, 2))
