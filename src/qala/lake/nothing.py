"""A receipt of 0 rows: the source says that nothing happened. Only that, or rows, makes `no_events`; silence is `missing`."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import TYPE_CHECKING

from qala.datasets import Way
from qala.lake.receipts import Receipt, new_receipt_id
from qala.standard.problems import Problem

if TYPE_CHECKING:
    from qala.lake.folder import Lake


def report_nothing(lake: Lake, city: str, dataset: str, first: date, last: date, way: Way = "file") -> Receipt:
    """Record that nothing happened on city-local days first … last (inclusive).

    Raises:
        Problem: unknown city or dataset, or a period that ends before it begins.
    """
    lake.catalogue.contract(dataset)
    of = lake.cities.get(city)
    if last < first:
        raise Problem(f"the period ends ({last}) before it begins ({first})", hint="write it as FROM..TO")
    receipt = Receipt(
        id=new_receipt_id(),
        city=city,
        dataset=dataset,
        source="nothing happened",
        received_at=datetime.now(UTC),
        way=way,
        simulated=of.simulated,
        zero_period=(first, last),
        kind="nothing_happened",
    )
    lake.ledger.append(receipt)
    return receipt
