"""The catalogue of datasets: contracts as data."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from ninja import Router

from qala import facts
from qala.datasets.types import Contract
from qala.portal.api.lists import Limit, Offset, page
from qala.portal.api.shapes import ColumnOut, DatasetOut, Page, words
from qala.portal.api.troubles import TROUBLES, NotHereError

router = Router(tags=["Datasets"])


@router.get("/datasets", response={200: Page[DatasetOut], **TROUBLES})
def datasets(request: HttpRequest, kpi: str | None = None, limit: Limit = 200, offset: Offset = 0) -> Any:
    """Contracts: what a city sends, column by column."""
    found = [_dataset(one) for one in facts.catalogue().contracts.values()]
    return page(request, [one for one in found if kpi is None or kpi in one.kpis], limit, offset)


@router.get("/datasets/{dataset}", response={200: DatasetOut, **TROUBLES})
def dataset(request: HttpRequest, dataset: str) -> Any:
    """One contract."""
    found = facts.catalogue().contracts.get(dataset)
    if found is None:
        raise NotHereError(f"There is no dataset '{dataset}'.")
    return _dataset(found)


def _dataset(one: Contract) -> DatasetOut:
    catalogue = facts.catalogue()
    return DatasetOut(
        id=one.id,
        name=words(one.name),
        one_row_is=words(one.one_row_is),
        owner=words(one.owner),
        standard=one.standard,
        kind=one.kind,
        version=one.version,
        key=list(one.key),
        arrives_every=one.arrives.every,
        keep_years=one.keep.years,
        columns={
            name: ColumnOut(
                type=column.type,
                meaning=words(column.meaning),
                optional=column.optional,
                unit=column.unit,
                one_of=list(column.one_of or ()),
                personal=bool(column.privacy),
            )
            for name, column in one.all_columns.items()
        },
        kpis=[kpi for kpi, entry in catalogue.computations.items() if one.id in entry.datasets],
    )
