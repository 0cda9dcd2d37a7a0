"""What was said in a discussion and answered, as a table: an annex of the paper itself, and a document of its own."""

from __future__ import annotations

from django.utils.translation import gettext as _
from django.utils.translation import override, pgettext

from qala import facts
from qala.kits.documents import Block, Document, Heading, Numbers, Paragraph, Table
from qala.kits.hearings.models import Hearing
from qala.kits.hearings.queries import hearing_of, text_of
from qala.kits.procedure.models import Paper
from qala.reports.language import Speaker
from qala.standard.values import Language
from qala.ui.formats import day, said


def document(hearing: Hearing, language: Language) -> Document:
    """The summary of a discussion."""
    with override(language):
        registry = facts.lake().cities
        city = registry.get(hearing.city) if hearing.city in registry else None
        return Document(
            language, text_of(hearing, language).title, blocks(hearing, language), kind=_("Summary of the public discussion"),
            day=hearing.closes, place=said(city.names, language) if city is not None else hearing.city, landscape=True,
            notice=Speaker(language).say("frame.simulated") if city is not None and city.simulated else "",
        )  # fmt: skip


def annex(paper: Paper, language: Language) -> list[Block]:
    """The same as the end of the paper's own document; nothing where it was not discussed."""
    hearing = hearing_of(paper)
    if hearing is None:
        return []
    with override(language):
        return [Heading(_("Public discussion of the draft")), *blocks(hearing, language)]


def blocks(hearing: Hearing, language: Language) -> list[Block]:
    """Term, figures, and every remark that is shown with what became of it."""
    remarks = list(hearing.remarks.all())
    shown = [one for one in remarks if one.state == "shown"]
    term = {"first": day(hearing.opens, language), "last": day(hearing.closes, language)}
    found: list[Block] = [
        Paragraph(_("The draft could be read and commented on from %(first)s to %(last)s.") % term),
        Numbers([
            (_("Remarks"), str(len(remarks)), ""),
            (_("Answered"), str(sum(bool(one.answer) for one in shown)), ""),
            (_("Taken up, wholly or in part"), str(sum(one.verdict in ("taken", "partly") for one in shown)), ""),
            (_("Hidden by the rules"), str(sum(one.state == "hidden" for one in remarks)), ""),
        ]),
    ]  # fmt: skip
    if shown:
        heads = [_("No."), _("Section"), pgettext("remark", "From"), _("Remark"), _("What becomes of it"), _("Answer")]
        rows = [
            [
                str(at), "—" if one.section is None else str(one.section), one.name or _("without a name"), one.text,
                str(one.get_verdict_display()) if one.verdict else _("not answered yet"), one.answer or "—",
            ]
            for at, one in enumerate(shown, 1)
        ]  # fmt: skip
        found.append(Table(heads, rows, widths=(1, 1, 3, 8, 3, 8)))
    else:
        found.append(Paragraph(_("Nothing was said of it.")))
    return found
