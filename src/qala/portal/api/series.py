"""Readings of one object through time, added up by hour or day."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from datetime import date
from typing import Annotated, Any, Literal

from django.http import HttpRequest, HttpResponse
from ninja import Query, Router
from pydantic_core import to_json

from qala import facts
from qala.lake.series import Question, Readings, number_columns, readings
from qala.people.access import require
from qala.portal.api.cities import the_city
from qala.portal.api.shapes import ReadingsOut
from qala.portal.api.troubles import TROUBLES, NotHereError
from qala.portal.data.guard import masked_columns
from qala.standard.problems import Problem

router = Router(tags=["Rows"])
_ALSO_CSV = {"responses": {200: {"content": {"text/csv": {"schema": {"type": "string"}}}}}}
COLUMNS = ("at", "count", "mean", "min", "max", "sum")


@router.get(
    "/cities/{code}/datasets/{dataset}/series", response={200: ReadingsOut, **TROUBLES}, openapi_extra=_ALSO_CSV
)
def series(
    request: HttpRequest,
    code: str,
    dataset: str,
    of: Annotated[
        list[str], Query(description="column:value, for each column that tells objects apart: station:AQ-17")
    ],
    since: Annotated[date, Query(alias="from", description="first day, the city's own")],
    until: Annotated[date, Query(alias="to", description="last day, the city's own")],
    every: Literal["hour", "day"] = "hour",
    value: Annotated[
        str | None, Query(description="the column with the number; default the contract's first, if it has one")
    ] = None,
    format: Annotated[Literal["json", "csv"], Query(description="csv: for machines, a point in decimals")] = "json",
) -> Any:
    """Readings of one object (a sensor, a meter, a car park) by hour or day: how many, mean, least, most, sum.

    A column each, so that thousands of hours are little to send and to read. An hour or day without a reading is not in it. Hours
    begin on the city's own clock and name its offset: an hour that came twice, because clocks were put back, is there twice.
    """
    city = the_city(request, code)
    require(request.user, "rows.see", city=code)
    contract = facts.catalogue().contracts.get(dataset)
    if contract is None:
        raise NotHereError(f"There is no dataset '{dataset}'.")
    asked = Question(column_values(of), value or next(iter(number_columns(contract)), None), every, since, until)
    masked = masked_columns(contract, request.user, code)
    for name in {*asked.of, asked.value} & masked:
        raise Problem(f"{name} is masked.", where="of", hint="ask by a column that is not personal")
    computer = facts.values().computer
    found = readings(computer.connection, computer.snapshot(contract.id), code, city.zone, asked)
    if format == "csv":
        answer = HttpResponse(_csv(found), content_type="text/csv; charset=utf-8")
        answer["Content-Disposition"] = f'attachment; filename="{code}-{contract.id}-{every}.csv"'
        return answer
    said = {
        "city": code,
        "dataset": contract.id,
        "of": asked.of,
        "value": asked.value,
        "unit": contract.columns[asked.value].unit if asked.value else None,
        "every": every,
        "time_zone": city.zone,
        "simulated": city.simulated,
        **{name: getattr(found, name) for name in COLUMNS},
    }
    # not through the shape: to look at thousands of numbers one by one takes longer than to read them from the disk
    return HttpResponse(to_json(said), content_type="application/json")


def column_values(of: Sequence[str]) -> dict[str, str]:
    """`["station:AQ-17"]` as a mapping.

    Raises:
        Problem: one has no colon.
    """
    found: dict[str, str] = {}
    for one in of:
        name, _, value = one.partition(":")
        if not value:
            raise Problem(f"{one!r} is no column and value.", where="of", hint="of=station:AQ-17")
        found[name] = value
    return found


def _csv(found: Readings) -> str:
    page = io.StringIO()
    writer = csv.writer(page)
    names = [name for name in COLUMNS if name in ("at", "count") or found.mean]
    writer.writerow(names)
    writer.writerows(zip(*(getattr(found, name) for name in names), strict=True))
    return page.getvalue()
