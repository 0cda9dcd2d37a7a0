"""The completion report of an additional initiative (annex 5, item 6(2)) as a document, and its electronic signature."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.db import transaction
from django.http import HttpRequest
from django.utils.translation import get_language, gettext_lazy, override
from django.utils.translation import gettext as _

from qala import facts
from qala.kits.documents import Block, Document, Heading, Items, Paragraph, Signature, Signatures, Table
from qala.kits.signatures import queries as signed
from qala.kits.signatures import services as signatures
from qala.kits.signatures import words
from qala.people import audit
from qala.people.access import Somebody
from qala.people.models import User
from qala.people.services import Impossible
from qala.rating_year.checks import edition_of
from qala.rating_year.models import Claim
from qala.rating_year.queries import access_paper
from qala.standard.values import Language
from qala.ui.formats import language_of, said

ROLES = [("deputy", gettext_lazy("deputy head in charge of digitalisation, or chief of staff"))]
"""Who signs by item 6(2)."""


def access(user: Somebody, number: int) -> Claim:
    """A claim for whoever reads its signed report; 404 or `Refused` otherwise."""
    return access_paper(Claim, user, number)


def content(claim: Claim) -> dict[str, Any]:
    """What the report says, in no language; who signed it is no part of it."""
    names = ("city", "year", "title", "sphere", "base_initiative", "action", "in_roadmap", "roadmap_item", "measures",
             "started_on", "finished_on", "results", "indicators")  # fmt: skip
    return audit.said(claim, *names) | {"evidence": [[one.name, one.sha256] for one in claim.evidence.all()]}


def report(claim: Claim, language: Language, lines: Mapping[str, str] | None = None) -> Document:
    """The report in a language.

    Args:
        lines: role -> what stands on its signature line; None: those of the signed version, if it is what is said now.
    """
    with override(language):
        return _report(claim, language, lines)


def _report(claim: Claim, language: Language, lines: Mapping[str, str] | None) -> Document:
    city, edition = facts.lake().cities.get(claim.city), edition_of(claim.year)
    version = signed.standing(claim, content(claim)) if lines is None else None
    made = list(version.signatures.all()) if version else []
    lines = words.lines(made) if lines is None else lines
    sphere = edition.spheres.get(claim.sphere)
    place = claim.roadmap_item or (claim.action.name if claim.action else "") or _("not in the Roadmap")
    blocks: list[Block] = [
        Table(
            [_("What"), _("By the city")],
            [
                [_("City"), said(city.names, language)],
                [_("Rated year"), str(claim.year)],
                [_("Sphere (item 5 of the Methodology)"), sphere.name.say(language) if sphere else claim.sphere],
                [_("Item of the Roadmap"), place],
                [_("Start"), f"{claim.started_on:%d.%m.%Y}"],
                [_("Completion"), f"{claim.finished_on:%d.%m.%Y}"],
            ],
            widths=(4, 8),
        ),
        Heading(_("What was done: the full description of the measures"), 2),
        *(Paragraph(part) for part in _parts(claim.measures)),
        Heading(_("Results of the introduction"), 2),
        *(Paragraph(part) for part in _parts(claim.results)),
        Heading(_("Indicators that prove it"), 2),
        Items(_parts(claim.indicators), numbered=True) if _parts(claim.indicators) else Paragraph("—"),
        Heading(_("Evidence"), 2),
    ]
    evidence = [[one.name, one.sha256] for one in claim.evidence.all()]
    blocks.append(Table([_("File"), "sha256"], evidence, widths=(4, 8)) if evidence else Paragraph("—"))
    office = claim.signed_by or str(ROLES[0][1])
    blocks.append(Signatures([Signature(office, made[0].name if made else "", lines.get(ROLES[0][0], ""))]))
    if version:
        blocks.append(
            Paragraph(
                _("What was signed: version %(n)s, PDF, sha256 %(hash)s.") % {"n": version.number, "hash": version.sha256},
                quiet=True,
            )
        )  # fmt: skip
    notices = [] if claim.signed_on or lines else [_("Draft: not signed")]
    if city.simulated:
        notices.append(_("Simulated data"))
    document = Document(
        language,
        title=claim.title,
        kind=_("Completion report of an additional initiative (annex 5, item 6)"),
        day=claim.signed_on,
        blocks=blocks,
        notice=". ".join(notices),
    )
    return words.marked(document, legal=all(one.legal for one in made))


def _parts(text: str) -> list[str]:
    return [line.strip() for line in text.splitlines() if line.strip()]


@transaction.atomic
def sign(by: HttpRequest | User, number: int, position: str) -> None:
    """Sign a draft's report; office and day go into the claim.

    Raises:
        Impossible: it is filed already, or the kit refuses.
    """
    claim = Claim.objects.select_for_update().get(pk=number)
    if claim.state != Claim.State.DRAFT:
        raise Impossible(_("What is filed is not changed any more."))
    language = language_of(get_language())
    before = audit.said(claim, "signed_by", "signed_on")
    claim.signed_by, claim.signed_on = (
        " ".join(position.split())[:200],
        facts.today(facts.lake().cities.get(claim.city).zone),
    )
    paper = report(claim, language, words.waiting(role for role, _words in ROLES))
    signatures.sign(
        by, claim, content(claim), paper, f"completion_report_{claim.city}_{claim.pk}_{language}",
        role=ROLES[0][0], position=position,
    )  # fmt: skip
    claim.save(update_fields=["signed_by", "signed_on"])
    audit.wrote(by, "change", claim, before, audit.said(claim, "signed_by", "signed_on"))


def loosen(claim: Claim) -> bool:
    """Take office and day of an electronic signature out of a claim whose report is no longer what was signed."""
    last = signed.newest(claim)
    if last is None or claim.signed_on is None or signed.standing(claim, content(claim)):
        return False
    if not last.signatures.filter(position=claim.signed_by).exists():
        return False  # signed anew on paper, and said so
    claim.signed_by, claim.signed_on = "", None
    claim.save(update_fields=["signed_by", "signed_on"])
    return True
