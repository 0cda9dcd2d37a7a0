"""The overview of a city as a document: every statement with what it rests on, then needs, experts, what comes first."""

from __future__ import annotations

from django.utils.translation import gettext as _
from django.utils.translation import override

from qala import facts
from qala.groundwork import annexes
from qala.groundwork.models import Overview
from qala.groundwork.overview_said import blocks, thoughts, told
from qala.groundwork.overviews import findings
from qala.kits.documents import Document
from qala.standard.values import Language
from qala.ui.formats import said


def document(one: Overview, language: Language, base: str) -> Document:
    """The overview in a language.

    Args:
        base: address of the site, without a slash at its end, which links begin with.
    """
    with override(language):
        registry = facts.lake().cities
        city = registry.get(one.city) if one.city in registry else None
        name = said(city.names, language) if city else one.city
        found = findings(one)
        parts = [*blocks(told(one), one.city, language, base), *thoughts(found["thought"], language)]
        if found["annex"]:
            parts += annexes.blocks([found["annex"]], language, headed=False)
        notices = [] if one.closed_on else [_("Draft")]
        if city is not None and city.simulated:
            notices.append(_("Simulated data"))
        return Document(
            language, title=_("Overview of the situation in the city: %(city)s") % {"city": name}, blocks=parts,
            kind=_("Survey of the city (items 19, 20)"), number=str(one.number), day=one.closed_on or one.begun_on,
            place=name, contents=True, notice=". ".join(notices),
        )  # fmt: skip
