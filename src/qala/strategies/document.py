"""A strategy as a document: title page, nine sections, where its figures come from, places to sign."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import override, pgettext

from qala import facts
from qala.kits.documents import Approval, Block, Document, Heading, Paragraph, Party, Signature, Signatures
from qala.kits.documents.markdown import blocks
from qala.kits.hearings.paper import annex
from qala.kits.procedure.models import STATES
from qala.kits.procedure.queries import today_of
from qala.reports.language import Speaker
from qala.standard.values import Language
from qala.strategies.figures import Live, basis, filler
from qala.strategies.models import Strategy
from qala.strategies.queries import titles
from qala.ui.formats import day, said


def document(strategy: Strategy, language: Language) -> Document:
    """The strategy in a language; sections that are not written in it say so."""
    with override(language):
        registry = facts.lake().cities
        city = registry.get(strategy.city) if strategy.city in registry else None
        name = said(city.names, language) if city is not None else strategy.city
        actors = facts.editions()[strategy.edition].procedure.actors
        acts = {one.verb: one for one in strategy.steps.all() if one.verb in ("agree", "approve", "submit")}
        fill, body = filler(strategy, language), list[Block]()
        texts = {one.number: one.text for one in strategy.sections.filter(language=language)}
        for number, title in enumerate(titles(strategy), 1):
            body.append(Heading(f"{number}. {title.say(language)[:1].upper()}{title.say(language)[1:]}"))
            text = texts.get(number, "")
            unwritten = Paragraph(_("This section is not written in this language yet."), quiet=True)
            body += blocks(text, fill, under=1) if text else [unwritten]
        signed = [Signature(actors[who].say(language)) for who in ("group_head", "group_secretary")]
        notices = [] if city is None or not city.simulated else [Speaker(language).say("frame.simulated")]
        if strategy.state not in ("approved", "published"):
            state = STATES[strategy.state]
            notices.insert(
                0, str(state).upper() if strategy.state == "draft" else _("Draft: %(state)s") % {"state": state}
            )
        approved = acts.get("approve")
        return Document(
            language,
            _("Strategy of the smart city %(city)s, %(first)s–%(last)s")
            % {"city": name, "first": strategy.first_year, "last": strategy.last_year},
            [*body, *annex(strategy, language), Signatures(signed)],
            kind=pgettext("document", "Strategy"),
            day=approved.day if approved else acts["submit"].day if "submit" in acts else today_of(strategy.city),
            place=name,
            parties=[Party(_("Agreed"), f"{actors['minister'].say(language)}, {acts['agree'].words}")] if "agree" in acts else [],
            approval=Approval(_("Approved"), [actors["akim"].say(language), approved.words if approved else "_" * 24]),
            title_page=True,
            contents=True,
            source=source(strategy, language),
            notice=" · ".join(notices),
        )  # fmt: skip


def source(strategy: Strategy, language: Language) -> str:
    """What its figures rest on, in one line."""
    today = today_of(strategy.city)
    kept: Mapping[str, Any] = basis(Live(strategy, language).rated, today) if strategy.lives else strategy.figures_of
    if "run" not in kept:
        return _("No rating with this city is published: figures are of %(day)s.") % {"day": day(kept["day"], language)}
    said_of = {"run": kept["run"], "as_of": day(kept["as_of"], language), "day": day(kept["day"], language)}
    if not strategy.lives:
        return _("Figures: run %(run)s, data to %(as_of)s; frozen on %(day)s.") % said_of
    return _("Figures: run %(run)s, data to %(as_of)s; live on %(day)s.") % said_of
