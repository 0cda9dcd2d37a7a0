"""The order, browsed: its initiatives, their functions and KPIs, and search over everything."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponseBase
from django.urls import NoReverseMatch, reverse
from django.utils.translation import gettext as _

from qala import facts
from qala.people.access import visible_cities, visible_regions
from qala.portal.order import computed, search, wording, written
from qala.portal.order.queries import Book, done, neighbours
from qala.portal.order.reading import language, of_the_order, shown
from qala.reports.wording import Wording
from qala.standard.maturity import MaturityModel, load_maturity
from qala.standard.problems import Problem
from qala.standard.types import Initiative

_FOUND_ON_A_PAGE = 20
_MOST_BESIDE = 12


@of_the_order
def index(request: HttpRequest, book: Book) -> HttpResponseBase:
    """The edition: what it is, and its sixteen initiatives by sphere."""
    law = book.edition
    spheres = [
        (
            law.spheres[name],
            law.scoring["sections"].get(name, {}).get("weight"),
            [(one, len(one.functions), book.kpis_of(one.no)) for one in several],
        )
        for name, several in book.by_sphere
    ]
    functions = sum(len(one.functions) for one in law.initiatives.values())
    context = {"spheres": spheres, "functions": functions, "points": law.points(), "model": maturity_model()}
    return shown(request, "index", book, context)


@of_the_order
def initiative(request: HttpRequest, book: Book, number: int) -> HttpResponseBase:
    """One initiative: its roadmap (annex 2), functions (annex 3) and KPIs (annex 4)."""
    law, one = book.edition, initiative_of(book, number)
    steps = [
        (category, one.roadmap.get(name), one.roadmap.get(name) and law.stages[str(one.roadmap[name].stage)])
        for name, category in law.categories.items()
    ]
    functions = [
        (function, [wording.mark(mark) for mark in function.marks.values()], done(one, function))
        for function in one.functions
    ]
    kpis = [
        (kpi, wording.targets(law, kpi, language()), wording.EVERY[kpi.every], computed.brief(kpi))
        for kpi in book.kpis_of(number)
    ]
    before, after = neighbours(list(law.initiatives.values()), one)
    context = {
        "initiative": one,
        "sphere": law.spheres[one.sphere],
        "steps": steps,
        "actors": law.procedure.actors,
        "functions": functions,
        "kpis": kpis,
        "readings": [law.readings[name] for name in _cited(book, number)],
        "places": visible_cities(request.user, "values.see"),
        "before": before,
        "after": after,
    }
    return shown(request, "initiative", book, context)


@of_the_order
def function(request: HttpRequest, book: Book, initiative: int, number: int) -> HttpResponseBase:
    """One function of annex 3: of whom it is asked, how much it is needed, and how the program does it."""
    law, one = book.edition, initiative_of(book, initiative)
    if not 1 <= number <= len(one.functions):
        raise Http404(_("Initiative %(initiative)d has no function %(number)d.") % locals())
    row = one.functions[number - 1]
    before, after = neighbours(one.functions, row)
    marks = [(category, row.marks[name], row.asked_of(name)) for name, category in law.categories.items()]
    context = {
        "initiative": one,
        "function": row,
        "marks": marks,
        "done": done(one, row),
        "kpis": book.kpis_of(initiative),
        "before": before,
        "after": after,
    }
    return shown(request, "function", book, context)


@of_the_order
def kpi(request: HttpRequest, book: Book, row: str) -> HttpResponseBase:
    """One KPI of annex 4: the law, how it is read, and how the program computes it."""
    law = book.edition
    try:
        one = law.kpi(row)
    except Problem as problem:
        raise Http404(f"{problem.message} {problem.hint}") from None
    words = Wording(language(), law)
    told = computed.told(one)
    before, after = neighbours(list(law.kpis.values()), one)
    initiative = law.initiatives[one.initiative]
    targets = [
        (law.categories[name], target, law.due_from(one, name) if name in initiative.roadmap else None)
        for name, target in wording.targets(law, one, language())
    ]
    limits = [
        (
            words.say(f"limit.{name}") if words.knows(f"limit.{name}") else name,
            name,
            [wording.limit(law, limit, category, language()) for category in law.categories],
        )
        for name, limit in one.limits.items()
    ]
    computation = facts.catalogue().computations.get(one.id)
    context = {
        "kpi": one,
        "initiative": initiative,
        "section": law.spheres[one.section],
        "unit": law.units[one.unit],
        "every": wording.EVERY[one.every],
        "year": wording.YEAR[one.year],
        "compare": wording.COMPARE.get(one.compare or ""),
        "network": wording.NETWORK.get(one.network or ""),
        "targets": targets,
        "limits": limits,
        "readings": [law.readings[name] for name in one.readings],
        "terms": [law.open_terms[name] for name in one.open_terms],
        "slips": [law.slips[name] for name in one.slips],
        "crossings": [
            (crossing, wording.MATCH[crossing.match]) for crossing in law.crosswalk if crossing.kpi == one.row
        ],
        "told": told,
        "variants": [words.variant(name) for name in told.variants] if told else [],
        "beside": [words.say(f"beside.{name}") for name in told.beside] if told else [],
        "computation": written.computation(one),
        "law_entry": written.law(law, one),
        "contracts": [
            (facts.catalogue().contract(name), written.contract(name))
            for name in (computation.datasets if computation else ())
        ],
        "places": _places(request, one.row),
        "before": before,
        "after": after,
    }
    return shown(request, "kpi", book, context)


@of_the_order
def find(request: HttpRequest, book: Book) -> HttpResponseBase:
    """Search; the address keeps what was asked."""
    query = " ".join(request.GET.get("q", "").split())[:200]
    index = search.index(book.edition, maturity_model())
    hits, beside = index.find(query), _beside(request, query)
    if beside:  # what holds only some of the words was not meant
        hits = [hit for hit in hits if hit.whole]
    kinds: dict[str, int] = {}
    for hit in hits:
        kinds[hit.item.kind] = kinds.get(hit.item.kind, 0) + 1
    wanted = request.GET.get("kind", "")
    chosen = [hit for hit in hits if hit.item.kind == wanted] if wanted in kinds else hits
    page = Paginator(chosen, _FOUND_ON_A_PAGE).get_page(request.GET.get("page"))
    found = [
        (one, wording.KIND[one.item.kind], one.item.url(book.keep))
        for one in (search.shown(hit, query, language()) for hit in page)
    ]
    context = {
        "query": query,
        "found": found,
        "page": page,
        "total": len(hits),
        "whole": all(hit.whole for hit in hits),
        "kinds": [(name, wording.KIND[name], number) for name, number in kinds.items()],
        "kind": wanted if wanted in kinds else "",
        "near": [] if hits or not query else index.near(query),
        "beside": beside,
    }
    return shown(request, "search", book, context)


def _beside(request: HttpRequest, query: str) -> list[tuple[str, list[tuple[str, Any]]]]:
    """What else of the site has a name or code that holds what is asked: (kind, [(address, name)]), what there is."""
    asked = query.casefold()

    def named(code: str, names: Mapping[str, str]) -> bool:
        return len(asked) > 1 and any(asked in one.casefold() for one in (code, *names.values()))

    cities = [city for city in visible_cities(request.user) if named(city.code, city.names)]
    areas = [area for area in visible_regions(request.user) if named(area.code, area.names)]
    alone = [area for area in areas if area.code not in {city.code for city in cities}]
    contracts = [
        one
        for one in facts.catalogue().contracts.values()
        if named(one.id, {"kk": one.name.kk, "ru": one.name.ru, "en": one.name.en})
    ]
    found: list[tuple[str, list[tuple[str, Any]]]] = [
        (_("Cities"), [(reverse("scores:city", args=[city.code]), city.names) for city in cities]),
        (_("Regions"), [(reverse("scores:region", args=[area.code]), area.names) for area in alone]),
        (_("Datasets"), [(reverse("data:dataset", args=[one.id]), one.name) for one in contracts]),
    ]
    return [(kind, several[:_MOST_BESIDE]) for kind, several in found if several]


def initiative_of(book: Book, number: int) -> Initiative:
    """An initiative by its number; 404 if the edition has none."""
    if number not in book.edition.initiatives:
        raise Http404(_("There is no initiative %(number)d in this edition.") % {"number": number})
    return book.edition.initiatives[number]


def maturity_model() -> MaturityModel | None:
    """The maturity model, if one is loaded."""
    try:
        return load_maturity()
    except Problem:
        return None


def _cited(book: Book, initiative: int) -> list[str]:
    """The readings that an initiative's KPIs cite, each once, in the sequence of the edition."""
    cited = {name for kpi in book.kpis_of(initiative) for name in kpi.readings}
    return [name for name in book.edition.readings if name in cited]


def _places(request: HttpRequest, row: str) -> list[tuple[str, str]]:
    """(city, the page of its value) for the cities that the reader may see."""
    try:
        return [
            (city.names[language()], reverse("kpi:kpi", kwargs={"code": city.code, "row": row}))
            for city in visible_cities(request.user, "values.see")
        ]
    except NoReverseMatch:
        return []
