"""Editions of the order: what a computer reads of the law."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from ninja import Router

from qala import facts
from qala.portal.api.lists import Limit, Offset, page
from qala.portal.api.shapes import EditionOut, FunctionLaw, KpiLaw, Page, words
from qala.portal.api.troubles import TROUBLES, NotHereError
from qala.standard import Edition
from qala.standard.choice import notice
from qala.standard.types import Kpi

router = Router(tags=["The order"])


@router.get("/editions", response={200: list[EditionOut], **TROUBLES})
def editions(request: HttpRequest) -> Any:
    """Every loaded edition of the reference standard."""
    return [_edition(one) for one in facts.editions().values()]


@router.get("/editions/{edition}", response={200: EditionOut, **TROUBLES})
def edition(request: HttpRequest, edition: str) -> Any:
    """One edition."""
    return _edition(the_edition(edition))


@router.get("/editions/{edition}/kpis", response={200: Page[KpiLaw], **TROUBLES})
def kpis(
    request: HttpRequest, edition: str, initiative: int | None = None, section: str | None = None,
    limit: Limit = 200, offset: Offset = 0,
) -> Any:  # fmt: skip
    """KPIs of annex 4, in the order's own sequence."""
    found = [
        kpi
        for kpi in the_edition(edition).kpis.values()
        if initiative in (None, kpi.initiative) and section in (None, kpi.section)
    ]
    part = page(request, found, limit, offset)
    return {**part, "items": [_kpi(kpi) for kpi in part["items"]]}


@router.get("/editions/{edition}/kpis/{row}", response={200: KpiLaw, **TROUBLES})
def kpi(request: HttpRequest, edition: str, row: str) -> Any:
    """One KPI by its row (`2.3`) or id."""
    return _kpi(the_kpi(the_edition(edition), row))


@router.get("/editions/{edition}/functions", response={200: Page[FunctionLaw], **TROUBLES})
def functions(
    request: HttpRequest, edition: str, initiative: int | None = None, limit: Limit = 200, offset: Offset = 0
) -> Any:
    """Functions of annex 3."""
    found = [
        FunctionLaw(initiative=one.no, number=f.no, name=words(f.name), marks=dict(f.marks), need=words(f.need))
        for one in the_edition(edition).initiatives.values()
        if initiative in (None, one.no)
        for f in one.functions
    ]
    return page(request, found, limit, offset)


def the_edition(name: str) -> Edition:
    """An edition by id.

    Raises:
        NotHereError: it is not loaded.
    """
    found = facts.editions().get(name)
    if found is None:
        raise NotHereError(f"The edition '{name}' is not loaded. Loaded: {', '.join(facts.editions())}.")
    return found


def the_kpi(edition: Edition, row: str) -> Kpi:
    """A KPI by row or id.

    Raises:
        NotHereError: there is none.
    """
    found = next((kpi for kpi in edition.kpis.values() if row in (kpi.row, kpi.id)), None)
    if found is None:
        raise NotHereError(f"There is no KPI '{row}' in {edition.id}.")
    return found


def _edition(one: Edition) -> EditionOut:
    today = facts.today()
    holds = one.in_force(today)
    return EditionOut(
        id=one.id,
        number=one.act.number,
        name=words(one.act.short),
        from_day=one.from_day,
        to_day=one.to_day,
        in_force_today=holds,
        notice=None if holds else words(notice(one, today)),
        sha256=one.digest,
        categories=list(one.categories),
        sections=list(one.sections),
    )


def _kpi(kpi: Kpi) -> KpiLaw:
    return KpiLaw(
        id=kpi.id,
        row=kpi.row,
        initiative=kpi.initiative,
        system=kpi.system,
        section=kpi.section,
        name=words(kpi.name),
        unit=kpi.unit,
        every=kpi.every,
        points=float(kpi.points),
        target={category: rule.say() for category, rule in kpi.target.items()},
        formula_ru=kpi.law.formula,
        description_ru=kpi.law.description,
        source_ru=kpi.law.source,
        article=f"annex 4, initiative {kpi.initiative}, row {kpi.row}",
        readings=list(kpi.readings),
        open_terms=list(kpi.open_terms),
    )
