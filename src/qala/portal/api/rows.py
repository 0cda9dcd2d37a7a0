"""The very rows behind a number, with what is personal masked."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import Annotated, Any, Literal

from django.http import HttpRequest
from ninja import Query, Router

from qala import facts
from qala.measures.rows import COUNTED_IN, RECEIPT, Choice, rows_behind
from qala.people import audit
from qala.people.access import may, require
from qala.portal.api.cities import the_city
from qala.portal.api.lists import Limit, Offset, following
from qala.portal.api.shapes import RowsOut
from qala.portal.api.troubles import TROUBLES, NotHereError
from qala.portal.api.values import measured
from qala.portal.data.guard import masked_columns, personal_columns
from qala.standard.period import Period

router = Router(tags=["Rows"])


@router.get("/cities/{code}/kpis/{row}/rows", response={200: RowsOut, **TROUBLES})
def rows(
    request: HttpRequest,
    code: str,
    row: str,
    period: Annotated[str, Query(description="2026, 2026-Q1, 2026-03, 2026-W09 or 2026-03-05")],
    side: Literal["numerator", "denominator"] = "numerator",
    district: str | None = None,
    personal: Annotated[
        bool, Query(description="with personal columns; needs personal.see and is written down")
    ] = False,
    limit: Limit = 100,
    offset: Offset = 0,
) -> Any:
    """Rows that were counted in the numerator or the denominator; each names the receipt that it came with."""
    city = the_city(request, code)
    require(request.user, "rows.see", city=code)
    if district is not None and district not in {one.code for one in city.districts}:
        raise NotHereError(f"There is no district '{district}' in {code}.")
    kpi, values, when = measured(row), facts.values(), Period.parse(period)
    choice = Choice(offset=offset, district=district, receipt=True)
    found = rows_behind(values, code, kpi, when, side, limit, choice)
    contract = facts.catalogue().contract(found.dataset)
    open_to = personal and may(request.user, "personal.see", city=code)
    masked = masked_columns(contract, request.user, code, personal=open_to)
    if open_to and found.rows and personal_columns(contract):
        audit.read(
            request,
            f"dataset:{contract.id}",
            city=code,
            rows=len(found.rows),
            columns=tuple(personal_columns(contract)),
        )
    items = [
        {name: _said(value) for name, value in one.items() if name not in masked and name not in (COUNTED_IN,)}
        for one in found.rows
    ]
    for one in items:
        one["receipt"] = one.pop(RECEIPT, None)
    return RowsOut(
        city=code,
        row=kpi.row,
        period=str(when),
        side=side,
        dataset=contract.id,
        masked=sorted(masked),
        items=items,
        count=found.total,
        next=following(request, limit, offset, found.total),
    )


def _said(value: Any) -> Any:
    """A value as JSON has it: decimals as numbers, times in UTC with a Z."""
    if isinstance(value, Decimal):
        return float(value)
    if isinstance(value, datetime):
        return f"{value.isoformat()}Z" if value.tzinfo is None else value.isoformat()
    return value.isoformat() if isinstance(value, date) else value
