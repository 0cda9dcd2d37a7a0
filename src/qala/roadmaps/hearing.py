"""A draft of a roadmap as everybody may read it in its discussion."""

from __future__ import annotations

from django.utils.translation import gettext as _

from qala import facts
from qala.kits.documents.html import html
from qala.kits.documents.parts import Block, Items, Paragraph
from qala.kits.hearings import Published
from qala.kits.procedure.models import Paper
from qala.roadmaps.forms import effects_said
from qala.roadmaps.models import Action, Roadmap
from qala.roadmaps.prefill import translated
from qala.roadmaps.queries import kpis_of
from qala.standard.values import Language
from qala.ui.formats import number, said


def published(paper: Paper, language: Language) -> Published:
    """Every action with its years, money, doers and expected results."""
    roadmap = Roadmap.objects.get(pk=paper.pk)
    actions = list(roadmap.actions.select_related("owner"))
    translated(roadmap, actions)
    registry = facts.lake().cities
    city = said(registry.get(roadmap.city).names, language) if roadmap.city in registry else roadmap.city
    title = _("Draft of the Roadmap of the smart city %(city)s, %(first)s–%(last)s") % {
        "city": city, "first": roadmap.first_year, "last": roadmap.last_year,
    }  # fmt: skip
    return Published(title, [(one.name, html(_blocks(one, roadmap, language), under=2)) for one in actions])


def _blocks(one: Action, roadmap: Roadmap, language: Language) -> list[Block]:
    kpis = kpis_of(roadmap)
    who = [*([said(one.owner.names, language)] if one.owner else []), *([one.executors] if one.executors else [])]
    facts_of_it = [
        (_("Years"), one.when),
        (_("Million tenge"), number(one.cost, None, language) if one.cost else ""),
        (_("Who"), "; ".join(who)),
    ]
    lines = [f"{name}: {value}" for name, value in facts_of_it if value]
    found: list[Block] = [Paragraph("\n".join(lines))]
    if one.results.strip() not in ("", "–"):
        found.append(Paragraph(one.results))
    if one.effects:
        effects = zip(one.effects, effects_said(one.effects).splitlines(), strict=True)
        found.append(Items([f"{line}: {kpis[row].name.say(language)}" for row, line in effects if row in kpis]))
    return found
