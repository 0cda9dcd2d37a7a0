"""A draft of a strategy as everybody may read it in its discussion: its sections, figures as they are on that day."""

from __future__ import annotations

from django.utils.translation import gettext as _

from qala import facts
from qala.kits.documents.html import html
from qala.kits.documents.markdown import blocks
from qala.kits.hearings import Published
from qala.kits.procedure.models import Paper
from qala.standard.values import Language
from qala.strategies.figures import filler
from qala.strategies.models import Strategy
from qala.strategies.queries import titles
from qala.ui.formats import said


def published(paper: Paper, language: Language) -> Published:
    """The nine sections in a language; one that is not written in it says so."""
    strategy = Strategy.objects.get(pk=paper.pk)
    registry = facts.lake().cities
    city = said(registry.get(strategy.city).names, language) if strategy.city in registry else strategy.city
    title = _("Draft of the Strategy of the smart city %(city)s, %(first)s–%(last)s") % {
        "city": city, "first": strategy.first_year, "last": strategy.last_year,
    }  # fmt: skip
    fill = filler(strategy, language)
    texts = {one.number: one.text for one in strategy.sections.filter(language=language)}
    unwritten = _("This section is not written in this language yet.")
    sections: list[tuple[str, str]] = []
    for number, name in enumerate(titles(strategy), 1):
        words = name.say(language)
        sections.append(
            (words[:1].upper() + words[1:], html(blocks(texts.get(number) or unwritten, fill, under=1), under=2))
        )
    return Published(title, sections)
