"""A meeting's protocol as a document: DOCX to be signed by hand, PDF to be kept."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import override, pgettext

from qala.groundwork.annexes import annexes
from qala.groundwork.annexes import blocks as annexed
from qala.groundwork.composition import CHAIR, KINDS, SECRETARY, SHORT, VOTES, counted, quorum
from qala.groundwork.models import Meeting
from qala.groundwork.queries import is_accepted, members_on, place_name
from qala.kits.documents import Block, Document, Heading, Items, Paragraph, Signature, Signatures, Table
from qala.kits.signatures import queries as signed
from qala.kits.signatures import words
from qala.people import audit
from qala.standard.values import Language


def people_of(meeting: Meeting) -> list[dict[str, object]]:
    """Members as the protocol names them: as they were when it was signed, or as they are."""
    if meeting.kept is not None:
        kept: list[dict[str, object]] = meeting.kept
        return kept
    return [
        {"number": one.pk, "kind": one.kind, "position": one.position, "name": one.name}
        for one in members_on(meeting.group, meeting.day)
    ]


def content(meeting: Meeting) -> dict[str, Any]:
    """What a protocol says, in no language."""
    return {"meeting": audit.said(meeting), "points": [audit.said(one) for one in meeting.points.all()]}


def protocol(meeting: Meeting, language: Language, simulated: bool, lines: Mapping[str, str] | None = None) -> Document:
    """The document in a language; until it is signed every page says that it is a draft.

    Args:
        lines: kind of member -> what stands on their signature line; None: their electronic signatures, if there are.
    """
    with override(language):
        version = None if lines is not None else signed.standing(meeting, content(meeting))
        made = list(version.signatures.all()) if version else []
        document = _protocol(meeting, language, simulated, words.lines(made) if lines is None else lines)
        return words.marked(document, legal=all(one.legal for one in made))


def _protocol(meeting: Meeting, language: Language, simulated: bool, lines: Mapping[str, str]) -> Document:
    people = people_of(meeting)
    there = [one for one in people if one["number"] in meeting.present]
    points = list(meeting.points.all())
    place = place_name(meeting.group.place, language)
    blocks: list[Block] = [
        Paragraph(_("Set up by: %(act)s of %(day)s") % {"act": meeting.group.act, "day": f"{meeting.group.act_on:%d.%m.%Y}"}),
        Paragraph(
            _("Cities: %(cities)s") % {"cities": ", ".join(place_name(one, language) for one in meeting.group.cities)}
        ),
        Heading(_("Present"), 2),
        Paragraph(
            _("%(there)s of %(all)s members; the quorum is %(needed)s.")
            % {"there": len(there), "all": len(people), "needed": quorum(len(people))}
        ),
        Table(
            [_("No."), pgettext("person", "Name"), _("Office and body"), _("As whom")],
            [[str(no), str(one["name"]), str(one["position"]), str(SHORT[str(one["kind"])])] for no, one in enumerate(there, 1)],
            widths=(1, 4, 6, 4),
        ),
    ]  # fmt: skip
    if absent := [f"{one['name']}, {one['position']}" for one in people if one not in there]:
        blocks += [Paragraph(_("Absent:")), Items(absent)]
    blocks += [Heading(_("Agenda"), 2), Items([one.title for one in points], numbered=True)]
    for one in points:
        votes = counted(one.votes.values())
        blocks.append(Heading(f"{one.number}. {one.title}", 2))
        if one.speaker:
            blocks.append(Paragraph(_("Reported by: %(who)s") % {"who": one.speaker}))
        if one.heard:
            blocks.append(Paragraph(one.heard))
        blocks.append(Paragraph(_("Decided: %(what)s") % {"what": one.decision or "—"}))
        if one.doer and one.due:
            blocks.append(
                Paragraph(_("Carried out by: %(who)s, until %(day)s") % {"who": one.doer, "day": f"{one.due:%d.%m.%Y}"})
            )
        told = ", ".join(f"{VOTES[vote]} – {count}" for vote, count in votes.items())
        came = _("accepted") if is_accepted(one, meeting.present) else _("not accepted")
        blocks.append(Paragraph(_("Votes: %(votes)s; %(came)s.") % {"votes": told, "came": came}))
    if extra := [line.strip() for line in meeting.additional.splitlines() if line.strip()]:
        blocks += [Heading(_("Additional initiatives"), 2), Items(extra, numbered=True)]
    signing = [
        Signature(str(KINDS[kind]).split(":")[0].capitalize(), str(one["name"]), lines.get(kind, ""))
        for kind in (CHAIR, SECRETARY)
        for one in people
        if one["kind"] == kind
    ]
    blocks.append(Signatures(signing))
    blocks += annexed(annexes(meeting.about) if meeting.annexed is None else meeting.annexed, language)
    notices = [] if meeting.signed_on else [_("Draft: not signed")]
    if simulated:
        notices.append(_("Simulated data"))
    return Document(
        language,
        title=_("Meeting of the working group on the smart city: %(place)s") % {"place": place},
        blocks=blocks, kind=_("Protocol"), number=str(meeting.number), day=meeting.day, place=meeting.where or place,
        notice=". ".join(notices),
    )  # fmt: skip
