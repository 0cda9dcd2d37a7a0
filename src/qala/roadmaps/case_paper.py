"""The business case of an action as a paper: DOCX, PDF."""

from __future__ import annotations

from decimal import Decimal

from django.utils.translation import gettext as _
from django.utils.translation import override, pgettext

from qala import facts
from qala.kits.documents import Block, Document, Heading, Paragraph, Signature, Signatures, Table
from qala.kits.procedure.queries import today_of
from qala.kits.procedure.steps import IN_FORCE
from qala.reports.language import Speaker
from qala.roadmaps.case import OPTION
from qala.roadmaps.forms import effects_said
from qala.roadmaps.models import BusinessCase
from qala.roadmaps.prefill import translated
from qala.roadmaps.queries import basis_of, gains, kpis_of
from qala.standard.values import Language
from qala.ui.formats import number, said


def document(case: BusinessCase, language: Language) -> Document:
    """The business case as a paper."""
    with override(language):
        action, roadmap = case.action, case.action.roadmap
        translated(roadmap, [action])
        registry = facts.lake().cities
        city = registry.get(roadmap.city) if roadmap.city in registry else None
        notices = [] if roadmap.state in IN_FORCE else [_("Draft")]
        if city is not None and city.simulated:
            notices.append(Speaker(language).say("frame.simulated"))
        owner = said(action.owner.names, language) if action.owner else ""
        blocks: list[Block] = [_facts(case, language)]
        parts: list[tuple[str, list[Block]]] = [
            (_("Problem"), [_text(case.problem)]),
            (_("Options"), _options(case, language)),
            (_("Social effect"), [_text(case.social)]),
            (_("Environmental effect"), [_text(case.environmental)]),
            (_("Financial effect"), [_text(case.financial)]),
            (_("Cost of ownership"), [_money(case, language)]),
            (_("Expected results in KPIs"), _results(case, language)),
            (_("Risks"), [_text(action.risks)]),
        ]
        for title, some in parts:
            blocks += [Heading(title, 2), *some]
        blocks.append(Signatures([Signature(owner or pgettext("action", "Owner"))]))
        return Document(
            language, action.name, blocks, kind=_("Business case"), day=today_of(roadmap.city),
            place=said(city.names, language) if city is not None else roadmap.city, notice=" · ".join(notices),
            source=_("Roadmap, version %(n)s") % {"n": roadmap.version},
        )  # fmt: skip


def _text(text: str) -> Block:
    return Paragraph(text.strip() or _("This is not written yet."), quiet=not text.strip())


def _sum(value: Decimal | None, language: Language) -> str:
    return "—" if value is None else number(value, None, language)


def _facts(case: BusinessCase, language: Language) -> Block:
    action = case.action
    rows = [
        [_("Years"), action.when],
        [_("Works, million tenge"), _sum(action.cost, language)],
        [_("Source of the money"), str(action.get_source_display()) or "—"],
        [_("Budget programme"), action.programme or "—"],
        [_("Executors"), action.executors or "—"],
    ]
    return Table([_("About the action"), ""], rows, widths=(1, 2))


def _options(case: BusinessCase, language: Language) -> list[Block]:
    if not case.options:
        return [_text("")]
    rows = []
    for at, one in enumerate(case.options, 1):
        cost = _sum(Decimal(one["cost"]) if one["cost"] else None, language)
        rows.append([f"{at}{' ✓' if at == case.chosen else ''}", one["name"], cost, one["good"], one["bad"]])
    heads = [_("No."), *(str(words) for words in OPTION.values())]
    found: list[Block] = [Table(heads, rows, numbers=(2,), widths=(1, 4, 2, 4, 4))]
    if case.chosen:
        why = {"n": case.chosen, "why": case.why.strip() or "—"}
        found.append(Paragraph(_("Chosen: option %(n)s. %(why)s") % why))
    return found


def _money(case: BusinessCase, language: Language) -> Block:
    rows = [[words, value] for words, value in money_lines(case, language)]
    return Table([_("In million tenge"), ""], rows, numbers=(1,), widths=(3, 1))


def money_lines(case: BusinessCase, language: Language) -> list[tuple[str, str]]:
    """What it costs to own and what it brings, in words and figures."""
    upkeep = None if case.upkeep is None or case.use_years is None else case.upkeep * case.use_years
    payback = None if case.payback is None else round(case.payback, 1)
    saving = None if case.saving is None or case.use_years is None else case.saving * case.use_years
    return [
        (_("Cost of the works"), _sum(case.action.cost, language)),
        (_("Upkeep over the years of use"), _sum(upkeep, language)),
        (_("Cost of ownership"), _sum(case.ownership, language)),
        (_("Saved or earned over the years of use"), _sum(saving, language)),
        (_("Saved less the cost of ownership"), _sum(case.net, language)),
        (_("Years until the works have paid for themselves"), _sum(payback, language)),
    ]  # fmt: skip


def _results(case: BusinessCase, language: Language) -> list[Block]:
    action = case.action
    lines = effects_said(action.effects).splitlines()
    if not lines:
        return [_text(action.results)]
    kpis = kpis_of(action.roadmap)
    rows = [
        [line, kpis[row].name.say(language)] for row, line in zip(action.effects, lines, strict=True) if row in kpis
    ]
    found: list[Block] = [Table([_("Effect"), _("KPI")], rows, widths=(1, 3))]
    basis = basis_of(action.roadmap)
    then = action.roadmap.last_year + 1
    gain = gains(basis, [action], then).get(action.pk) if basis is not None else None
    if basis is not None and gain is not None:
        told = {"gain": number(gain, 2, language, sign=True), "year": then, "run": basis.run}
        words = _(
            "Alone, finished, it would change the city's index of %(year)s by %(gain)s, all else as in run %(run)s."
        )
        found.append(Paragraph(words % told, quiet=True))
    return found
