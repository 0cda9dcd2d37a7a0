"""The rest of the order: tables of its annexes, readings, open terms, slips, the procedure, glossary, annex 1."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.http import Http404, HttpRequest, HttpResponseBase
from django.utils.translation import gettext as _

from qala.portal.order import wording
from qala.portal.order.computed import brief
from qala.portal.order.queries import Book, done, items_of, neighbours, step_done
from qala.portal.order.reading import language, of_the_order, shown
from qala.standard import Text
from qala.standard.open_terms import OpenTerm, Setting
from qala.standard.values import number_text
from qala.ui.downloads import table_response, wanted


@of_the_order
def kpis(request: HttpRequest, book: Book) -> HttpResponseBase:
    """Annex 4 as one table, by section or initiative."""
    law = book.edition
    sections = {name: law.spheres[name] for name in law.sections}
    section = request.GET.get("section", "")
    chosen = [one for one in law.kpis.values() if section not in sections or one.section == section]
    if wanted(request):
        columns = ["row", "id", "name_kk", "name_ru", "name_en", "section", "unit", "every", "points", "year"]
        columns += [f"target_{category}" for category in law.categories]
        columns += ["description_ru", "formula_ru", "source_ru", "system_ru", "target_ru", "influence_ru"]
        columns += ["readings", "open_terms", "slips", "computed", "datasets"]
        rows = [
            [
                one.row, one.id, one.name.kk, one.name.ru, one.name.en, one.section, one.unit, one.every, one.points,
                one.year, *(target for _name, target in wording.targets(law, one, language())),
                one.law.description, one.law.formula, one.law.source, one.law.system, one.law.target, one.law.influence,
                ", ".join(one.readings), ", ".join(one.open_terms), ", ".join(one.slips),
                brief(one).kind, ", ".join(contract.id for contract in brief(one).contracts),
            ]
            for one in chosen
        ]  # fmt: skip
        return table_response(request, f"{law.id}_kpis", columns, rows)
    listed = [(one, wording.targets(law, one, language()), wording.EVERY[one.every], brief(one)) for one in chosen]
    return shown(request, "kpis", book, {"kpis": listed, "sections": sections, "section": section})


@of_the_order
def functions(request: HttpRequest, book: Book) -> HttpResponseBase:
    """Annex 3 as one table: who is asked for what, and how the program does it."""
    law = book.edition
    category = request.GET.get("category", "")
    state = request.GET.get("state", "")
    every = [(one, function, done(one, function)) for one in law.initiatives.values() for function in one.functions]
    chosen = [
        (one, function, how)
        for one, function, how in every
        if (category not in law.categories or function.asked_of(category))
        and (state not in ("done", "planned") or how.planned == (state == "planned"))
    ]
    if wanted(request):
        columns = ["initiative", "function", "name_kk", "name_ru", "name_en", *law.categories]
        columns += ["need_kk", "need_ru", "need_en", "done_by"]
        rows = [
            [
                one.no,
                f.no,
                f.name.kk,
                f.name.ru,
                f.name.en,
                *f.marks.values(),
                f.need.kk,
                f.need.ru,
                f.need.en,
                how.said,
            ]
            for one, f, how in chosen
        ]
        return table_response(request, f"{law.id}_functions", columns, rows)
    context = {
        "functions": [(one, f, [wording.mark(mark) for mark in f.marks.values()], how) for one, f, how in chosen],
        "category": category,
        "state": state,
        "total": len(every),
        "ready": sum(not how.planned for _one, _function, how in every),
    }
    return shown(request, "functions", book, context)


@of_the_order
def roadmap(request: HttpRequest, book: Book) -> HttpResponseBase:
    """Annex 2 as one table: the stage of each initiative for each category."""
    law = book.edition
    rows = [(one, [one.roadmap.get(name) for name in law.categories]) for one in law.initiatives.values()]
    if wanted(request):
        columns = ["initiative", "name_kk", "name_ru", "name_en", "category", "stage", "from_year", "to_year"]
        columns += ["executors", "executors_ru", "years_ru"]
        found = [
            [
                one.no, one.name.kk, one.name.ru, one.name.en, name, step.stage, step.from_year, step.to_year,
                ", ".join(step.executors), step.written.executors, step.written.years,
            ]
            for one in law.initiatives.values()
            for name, step in one.roadmap.items()
        ]  # fmt: skip
        return table_response(request, f"{law.id}_roadmap", columns, found)
    return shown(request, "roadmap", book, {"rows": rows, "actors": law.procedure.actors})


@of_the_order
def scoring(request: HttpRequest, book: Book) -> HttpResponseBase:
    """Annex 5: sections and their weights, bands, the bonus."""
    law = book.edition
    sections = [
        (
            law.spheres[name],
            said["weight"],
            said.get("note"),
            sum(k.points for k in law.kpis.values() if k.section == name),
        )
        for name, said in law.scoring["sections"].items()
    ]
    context = {
        "sections": sections,
        "bands": list(law.scoring.get("bands", {}).items()),
        "bonus": law.scoring.get("bonus"),
        "switches": [(name, said["reading"]) for name, said in law.scoring.get("switches", {}).items()],
    }
    return shown(request, "scoring", book, context)


@of_the_order
def readings(request: HttpRequest, book: Book) -> HttpResponseBase:
    """How the program reads what the order leaves open or says twice."""
    law = book.edition
    if wanted(request):
        columns = ["id", *_three("case"), *_three("rule"), *_three("variant"), "kpis"]
        rows = [
            [
                one.id,
                *_said(one.case),
                *_said(one.rule),
                *_said(one.variant),
                ", ".join(k.row for k in book.citing(one.id)),
            ]
            for one in law.readings.values()
        ]
        return table_response(request, f"{law.id}_readings", columns, rows)
    listed = [(one, len(book.citing(one.id))) for one in law.readings.values()]
    return shown(request, "readings", book, {"readings": listed})


@of_the_order
def reading(request: HttpRequest, book: Book, name: str) -> HttpResponseBase:
    """One reading, in three languages, and the KPIs and duties that cite it."""
    law = book.edition
    if name not in law.readings:
        raise Http404(_("There is no reading %(name)s in this edition.") % {"name": name})
    one = law.readings[name]
    before, after = neighbours(list(law.readings.values()), one)
    steps = [step for step in law.procedure.steps if name in step.readings]
    switches = [key for key, said in law.scoring.get("switches", {}).items() if said["reading"] == name]
    context = {
        "reading": one,
        "kpis": book.citing(name),
        "steps": steps,
        "switches": switches,
        "before": before,
        "after": after,
    }
    return shown(request, "reading", book, context)


@of_the_order
def terms(request: HttpRequest, book: Book) -> HttpResponseBase:
    """The words that annex 4 leaves open, each a named and dated parameter."""
    law = book.edition
    if wanted(request):
        columns = ["id", "kpis", *_three("word"), *_three("default"), "value", "unit", *_three("variant"), "permitted"]
        columns += ["set_by", "from"]
        rows = [
            [
                one.id, ", ".join(one.kpis), *_said(one.word), *_said(one.default.text), _value(one.default.value),
                one.default.unit, *_said(one.variant.text if one.variant else None),
                one.permitted.say() if one.permitted else "", ", ".join(one.set_by), one.from_day,
            ]
            for one in law.open_terms.values()
        ]  # fmt: skip
        return table_response(request, f"{law.id}_open_terms", columns, rows)
    return shown(request, "terms", book, {"terms": [_term(one) for one in law.open_terms.values()]})


@of_the_order
def term(request: HttpRequest, book: Book, name: str) -> HttpResponseBase:
    """One open term: default, variant, who may set it and within what."""
    law = book.edition
    if name not in law.open_terms:
        raise Http404(_("There is no open term %(name)s in this edition.") % {"name": name})
    one = law.open_terms[name]
    before, after = neighbours(list(law.open_terms.values()), one)
    kpis = [law.kpi(row) for row in one.kpis]
    return shown(request, "term", book, {**_term(one), "kpis": kpis, "before": before, "after": after})


def _term(one: OpenTerm) -> dict[str, Any]:
    return {
        "term": one,
        "value": _shown_value(one.default),
        "variant": _shown_value(one.variant) if one.variant else "",
        "set_by": [wording.SET_BY[who] for who in one.set_by],
    }


def _shown_value(setting: Setting) -> str:
    said = _value(setting.value)
    return f"{said} {setting.unit}" if said and setting.unit else said


def _value(value: Any) -> str:
    if value is None:
        return ""
    if hasattr(value, "items"):
        return "; ".join(f"{name}: {_value(one)}" for name, one in value.items())
    if isinstance(value, tuple | list):
        return ", ".join(_value(one) for one in value)
    return number_text(value) if hasattr(value, "denominator") and not isinstance(value, bool) else str(value)


@of_the_order
def slips(request: HttpRequest, book: Book) -> HttpResponseBase:
    """Slips of the order that a reader of a score sheet must be told."""
    law = book.edition
    if wanted(request):
        rows = [[one.id, ", ".join(one.kpis), *_said(one.text)] for one in law.slips.values()]
        return table_response(request, f"{law.id}_slips", ["id", "kpis", *_three("text")], rows)
    return shown(request, "slips", book, {})


@of_the_order
def crosswalk(request: HttpRequest, book: Book) -> HttpResponseBase:
    """KPIs beside indicators of international standards."""
    law = book.edition
    if wanted(request):
        columns = ["kpi", "standard", "number", "clause", *_three("indicator"), "match", *_three("difference")]
        rows = [
            [one.kpi, one.standard, one.number, one.clause, *_said(one.indicator), one.match, *_said(one.difference)]
            for one in law.crosswalk
        ]
        return table_response(request, f"{law.id}_crosswalk", columns, rows)
    seen: set[str] = set()
    rows_ = []
    for one in law.crosswalk:
        rows_.append((one, law.kpi(one.kpi), wording.MATCH[one.match], one.kpi not in seen))
        seen.add(one.kpi)
    return shown(request, "crosswalk", book, {"crossings": rows_})


@of_the_order
def procedure(request: HttpRequest, book: Book) -> HttpResponseBase:
    """Items of the order that say who does what and by when."""
    law = book.edition
    steps = [(step, step.deadline and wording.deadline(step.deadline, language())) for step in law.procedure.steps]
    if wanted(request):
        columns = ["item", "phase", "who", *_three("what"), "deadline", "deadline_as_written_ru", "readings", "done_by"]
        rows = [
            [
                step.item, step.phase, ", ".join(step.who), *_said(step.what), due,
                step.deadline.as_written if step.deadline else "", ", ".join(step.readings), step_done(step).said,
            ]
            for step, due in steps
        ]  # fmt: skip
        return table_response(request, f"{law.id}_procedure", columns, rows)
    phases: dict[str, list[Any]] = {}
    for step, due in steps:
        actors = [law.procedure.actors[who] for who in step.who]
        phases.setdefault(step.phase, []).append((step, items_of(step)[0], due, actors, step_done(step)))
    return shown(request, "procedure", book, {"phases": [(wording.PHASE[p], p, found) for p, found in phases.items()]})


@of_the_order
def item(request: HttpRequest, book: Book, number: int) -> HttpResponseBase:
    """One item of the procedure."""
    law = book.edition
    found = [
        (
            step,
            wording.PHASE[step.phase],
            step.deadline and wording.deadline(step.deadline, language()),
            [law.procedure.actors[who] for who in step.who],
            step_done(step),
        )
        for step in book.steps_of(number)
    ]
    if not found:
        raise Http404(_("Item %(number)d is not among the items of the procedure.") % {"number": number})
    before, after = neighbours(book.items, number)
    return shown(request, "item", book, {"number": number, "steps": found, "before": before, "after": after})


@of_the_order
def glossary(request: HttpRequest, book: Book) -> HttpResponseBase:
    """Definitions of item 2, abbreviations, categories, and the program's own key terms."""
    law = book.edition
    if wanted(request):
        rows = [[one.id, *_said(one), *_said(one.remark)] for one in law.glossary.values()]
        return table_response(request, f"{law.id}_glossary", ["id", *_three("term"), *_three("remark")], rows)
    return shown(request, "glossary", book, {})


@of_the_order
def international(request: HttpRequest, book: Book) -> HttpResponseBase:
    """Annex 1: methodologies and the experience of countries, as the order tells them."""
    return shown(request, "international", book, {"annex": book.edition.international})


def _three(name: str) -> Sequence[str]:
    return [f"{name}_kk", f"{name}_ru", f"{name}_en"]


def _said(text: Text | None) -> Sequence[str]:
    return ["", "", ""] if text is None else [text.kk, text.ru, text.en]
