"""Figures of one large dataset: its sums, one new day, and a correction of old rows."""

from __future__ import annotations

import shutil
from datetime import date, timedelta
from functools import partial

import pyarrow as pa

from bench.figure import Figure, megabytes, seconds
from bench.large_dataset import CITY, DATASET, KPIS, NEW_DAY, add_days, by_hand
from bench.places import Place, catalogue, edition, open_lake
from bench.timing import interleaved, medians, peak_memory, timed
from qala.lake import IngestRequest, Lake
from qala.measures.compute import Computer

CORRECTED = 5_000
_DAYS = [date(2026, 3, 10) + timedelta(days=n) for n in range(3)]


def measure(place: Place) -> list[Figure]:
    lake = open_lake(place.large)
    computer = Computer(lake, edition(), catalogue())
    computer.sums(CITY, KPIS, [DATASET])  # what a category's computations are is found out once a process
    peer = lake.connection()
    rows = sum(file.rows for file in lake.table(DATASET).snapshot().all_files)

    def afresh() -> None:
        shutil.rmtree(lake.folder / "sums", ignore_errors=True)
        _compute(computer)

    afresh()
    _same(computer, by_hand(peer, lake))
    found = interleaved(place.sizes.repeats, ours=afresh, by_hand=lambda: by_hand(peer, lake))
    peer.close()
    middle = medians(found)
    ratio = middle["ours"] / middle["by_hand"]
    peak = peak_memory()
    figures = [
        Figure(
            "sums",
            f"partial sums of one dataset, {rows / 1e6:,.1f} million rows",
            f"{seconds(middle['ours'])}, {megabytes(peak)}",
            f"{seconds(middle['by_hand'])} (one query by hand)",
            f"{ratio:.2f} ×",
            "≤ 1.2 ×, < 2 GB",
            ratio <= 1.2 and peak < 2e9,
            {"rows": rows, "seconds": found, "peak_bytes": peak},
        )
    ]
    figures.append(_new_day(lake, computer, rows, middle["ours"], place.sizes.repeats))
    figures.append(_correction(lake, computer, middle["ours"], place.sizes.repeats))
    return figures


def _compute(computer: Computer) -> None:
    computer.compute(CITY, KPIS, [DATASET])


def _new_day(lake: Lake, computer: Computer, rows: int, year: float, repeats: int) -> Figure:
    """Each repeat adds one day more: the last of the year, then those after it."""
    spent: list[float] = []
    for n in range(repeats):
        add_days(lake, [NEW_DAY + timedelta(days=n)], rows // 364, f"day{n}")
        spent.append(timed(lambda: _compute(computer)))
    with_peer = lake.connection()
    _same(computer, by_hand(with_peer, lake))
    with_peer.close()
    middle = medians({"day": spent})["day"]
    return Figure(
        "new_day",
        f"one new day in it, {rows // 364:,} rows".replace(",", " "),
        seconds(middle),
        f"{seconds(year)} (computing the year)",
        f"{100 * middle / year:.1f} %",
        "≤ 2 %",
        middle <= 0.02 * year,
        {"seconds": spent},
    )


def _correction(lake: Lake, computer: Computer, year: float, repeats: int) -> Figure:
    """Each repeat changes other rows of the same three old days; taking in and computing count both."""
    taken: list[float] = []
    computed: list[float] = []
    for n in range(repeats):
        batch = _changed(lake, n)
        request = IngestRequest(CITY, DATASET, batch, way="integration", simulated=True)
        taken.append(timed(partial(lake.ingest, request)))
        computed.append(timed(lambda: _compute(computer)))
    receipt = lake.ledger.receipts(DATASET, CITY)[-1]
    assert receipt.replaced == batch.num_rows, receipt
    table = lake.table(DATASET).snapshot()
    peer = lake.connection()
    files = table.files(city=CITY, first_day=_DAYS[0], last_day=_DAYS[-1])
    found = peer.execute(
        f"""SELECT day, way, count(*), sum(epoch_us(credited_at) - epoch_us(paid_at)), count(credited_at),
              count(*) FILTER (credited_at IS NULL)
            FROM {table.current_sql(files)} WHERE day BETWEEN DATE '{_DAYS[0]}' AND DATE '{_DAYS[-1]}' GROUP BY ALL"""
    ).fetchall()
    peer.close()
    _same(computer, {(day, way): tuple(int(n) for n in rest) for day, way, *rest in found})
    middle = medians(
        {"taken": taken, "computed": computed, "both": [a + b for a, b in zip(taken, computed, strict=True)]}
    )
    peak = peak_memory()
    return Figure(
        "correction",
        f"a correction of {batch.num_rows} old rows in it: computing (taking it in besides: {seconds(middle['taken'])})",
        f"{seconds(middle['computed'])}, {megabytes(peak)}",
        f"{seconds(year)} (computing the year)",
        f"{100 * middle['computed'] / year:.1f} %",
        "≤ 5 %, < 1 GB",
        middle["computed"] <= 0.05 * year and peak < 1e9,
        {"taken_in": taken, "computed": computed, "peak_bytes": peak},
    )


def _changed(lake: Lake, turn: int) -> pa.Table:
    """Old rows as the bank sends them again, credited an hour later."""
    snapshot = lake.table(DATASET).snapshot()
    files = snapshot.files(city=CITY, first_day=_DAYS[0], last_day=_DAYS[-1])
    connection = lake.connection()
    try:
        return connection.sql(
            f"""SELECT payment_id, paid_at, credited_at + INTERVAL 1 HOUR AS credited_at, channel, supplier, amount,
                  registered_at, TIMESTAMP '2027-01-10' + INTERVAL {turn} DAY AS changed_at
                FROM {snapshot.current_sql(files)}
                WHERE day BETWEEN DATE '{_DAYS[0]}' AND DATE '{_DAYS[-1]}' AND credited_at IS NOT NULL
                ORDER BY hash(_row + {turn}) LIMIT {CORRECTED}"""
        ).to_arrow_table()
    finally:
        connection.close()


def _same(computer: Computer, expected: dict[tuple[date, str], tuple[int, ...]]) -> None:
    """Our stored sums are those of the hand-written query, to the last digit."""
    plan = {sum_.key: sum_ for sum_ in computer.sums(CITY, KPIS, [DATASET])}
    ours: dict[tuple[date, str], list[int]] = {}
    for row in computer.store.amounts(CITY, list(plan)):
        ours.setdefault((row.at_day, row.way), []).append(row.amount)
    for key, numbers in expected.items():
        assert sorted(set(ours[key])) == sorted(set(numbers)), (key, ours[key], numbers)
