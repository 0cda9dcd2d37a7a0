"""The sums of a city as rows of `city.partial_sums`, where the agreement shares no rows."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta

import pyarrow as pa

from qala.exchange.agreement import Agreement
from qala.lake import IngestRequest
from qala.lake.receipts import Receipt
from qala.measures.blocks import folded
from qala.measures.compute import Computer
from qala.measures.following import PARTIAL_SUMS as DATASET
from qala.measures.received import LEVEL, NONE, YEAR
from qala.measures.sums import Sum

_EPOCH = date(1970, 1, 1)
_ANY_DAY = date(2000, 1, 1)
_COLUMNS = ("sum_key", "source_dataset", "at_day", "of_district", "came_by", "component", "amount")


def publish(computer: Computer, agreement: Agreement) -> Receipt | None:
    """Bring the table up to date with the city's stored sums; None where nothing differs.

    Sums are computed first. What is there already is not sent through the border again.
    """
    city, lake = agreement.city, computer.lake
    computer.compute(city)
    hidden = {name for name, contract in lake.catalogue.contracts.items() if agreement.level(contract) == "sums"}
    sums = [one for one in computer.sums(city) if not hidden.isdisjoint(one.shape.datasets)]
    now = pa.concat_tables([_marks(sorted(hidden), computer.years(city)), *_amounts(computer, city, sums)])
    snapshot = lake.table(DATASET).snapshot()
    key = ", ".join(_COLUMNS[:1] + _COLUMNS[2:6])
    with lake.connection() as con:
        con.register("now", now)
        known = snapshot.current_sql(snapshot.files(city=city), _COLUMNS)
        differs = con.sql(
            f"""SELECT {", ".join(_COLUMNS)} FROM now ANTI JOIN {known} AS known USING ({key}, amount)
                UNION ALL
                SELECT * REPLACE (0 AS amount) FROM {known} AS known ANTI JOIN now USING ({key}) WHERE amount <> 0"""
        ).to_arrow_table()
    if not differs.num_rows:
        return None
    simulated = lake.cities.get(city).simulated
    request = IngestRequest(city, DATASET, differs, way="integration", source_name="partial sums", simulated=simulated)
    return lake.ingest(request)


def _marks(hidden: Sequence[str], years: Sequence[int]) -> pa.Table:
    """Rows that say of which datasets only sums are sent, and in which years the city has data."""
    rows = [(LEVEL, name, _ANY_DAY, NONE, NONE, name, 1) for name in hidden]
    rows += [(YEAR, NONE, date(year, 1, 1), NONE, NONE, NONE, 1) for year in years]
    return _table(rows)


def _amounts(computer: Computer, city: str, sums: Sequence[Sum]) -> list[pa.Table]:
    of = {one.key: one.shape.dataset for one in sums}
    if not of:
        return []
    rows = [
        (key, of[key], _EPOCH + timedelta(days=int(day)), *(text or NONE for text in block.places[place]), amount)
        for block in folded(computer.store.blocks(city, list(of)))
        for key, amounts in zip(block.keys, block.amounts.tolist(), strict=True)
        for day, place, amount in zip(block.days.tolist(), block.place.tolist(), amounts, strict=True)
        if amount
    ]
    return [_table(rows)]


def _table(rows: Sequence[tuple[object, ...]]) -> pa.Table:
    types = (pa.string(), pa.string(), pa.date32(), pa.string(), pa.string(), pa.string(), pa.int64())
    columns = list(zip(*rows, strict=True)) or [()] * len(_COLUMNS)
    return pa.table([pa.array(column, kind) for column, kind in zip(columns, types, strict=True)], names=_COLUMNS)
