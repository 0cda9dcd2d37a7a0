"""The engine's values of all 118 KPIs are those of the simulated cities' books, which are counted apart from it.

Tolerance: counts are equal; other values to 1e-9 of themselves, because the books divide in binary floating point and
the engine in exact fractions. 1.17, 4.1 and 8.2 to 1e-6: the engine sums whole numbers, and their quotients by station and
day or by stop and hour lose what is below one unit, where the books keep it. The cities are one of each category: one that
delivers well, one whose rows come late, twice, broken and corrected, and one that withholds its bad months.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import pytest

from qala.datasets.catalogue import load_catalogue
from qala.lake import Lake
from qala.measures.rows import Choice, rows_behind
from qala.measures.value import Value
from qala.measures.values import Values
from qala.standard import Kpi, editions
from qala.standard.period import Period
from qala.world import Truth, World, make_world
from qala.world.lake_sink import LakeSink
from qala.world.simulation import simulate_city
from qala.world.truth import read_books

RELATIVE = 1e-9
IN_WHOLE_PARTS = {"1.17": 1e-6, "4.1": 1e-6, "8.2": 1e-6}
LAW = editions()["order_469"]
CATALOGUE = load_catalogue()
AS_OF = date(2027, 1, 31)
WORLDS = [
    make_world(7, 0, "republican", 0.015, character="good"),
    make_world(7, 1, "oblast", 0.01, character="late"),
    make_world(7, 2, "district", 0.04, character="withholding"),
]


@dataclass(frozen=True)
class City:
    """A simulated city in a lake, computed."""

    world: World
    values: Values
    books: dict[str, Truth]


@pytest.fixture(scope="module")
def cities(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, City]]:
    folder: Path = tmp_path_factory.mktemp("lake")
    found = {}
    for world in WORLDS:
        simulate_city(world, CATALOGUE, LakeSink(folder, CATALOGUE), folder / "simulation")
    lake = Lake(folder, CATALOGUE)
    values = Values(lake, LAW, CATALOGUE)
    for world in WORLDS:
        values.computer.compute(world.code)
        books = read_books(folder / "simulation" / f"{world.code}.json")
        found[world.code] = City(world, values, {row: truth for (row, _), truth in books.items()})
    yield found


def engine_value(value: Value, kpi: Kpi) -> float | None:
    """What the books give: the change where the law compares with a base, else the value itself."""
    exact = value.change if kpi.compare else value.value
    return None if exact is None else float(exact)


def same(one: float | None, other: float | None, kpi: Kpi) -> bool:
    if one is None or other is None:
        return one is other
    if kpi.unit == "count" and kpi.year != "mean_of_months" and not kpi.compare:
        return one == other
    tolerance = IN_WHOLE_PARTS.get(kpi.row, RELATIVE)
    return math.isclose(one, other, rel_tol=tolerance, abs_tol=tolerance)


def withheld(world: World, value: Value, month: str) -> bool:
    """Whether the city keeps back a dataset of the KPI for the month."""
    return any(int(month[5:]) in world.bad_months(dataset.partition(".")[0]) for dataset in value.datasets)


def differences(city: City, kpi: Kpi) -> Iterator[str]:
    """Everything about a KPI in which the engine and the books differ."""
    truth = city.books[kpi.row]
    year = city.values.value(city.world.code, kpi, Period.parse("2026"), AS_OF)
    no_base = kpi.compare is not None and year.status == "ok" and year.base is None
    status = "no_baseline" if no_base else year.status
    if truth.status not in (status, "no_target"):
        yield f"year: status {status}, books {truth.status}"
    vector = bool(truth.components) and truth.year is None
    if not vector and not same(engine_value(year, kpi), truth.year, kpi):
        yield f"year: {engine_value(year, kpi)}, books {truth.year}"
    for name, wanted in truth.components.items():
        got = year.components.get(name)
        if not same(None if got is None else float(got), wanted, kpi):
            yield f"component {name}: {got and float(got)}, books {wanted}"
    for month, wanted in truth.months.items():
        value = city.values.value(city.world.code, kpi, Period.parse(month), AS_OF)
        if value.status == "missing" and withheld(city.world, value, month):
            # Rows of other months whose deadline or closing falls in this one do not make it delivered.
            continue
        if not same(engine_value(value, kpi), wanted, kpi):
            yield f"{month}: {engine_value(value, kpi)} ({value.status}), books {wanted}"
    if truth.months:
        for number in range(1, 13):
            month = f"2026-{number:02d}"
            if month not in truth.months:
                value = city.values.value(city.world.code, kpi, Period.parse(month), AS_OF)
                if engine_value(value, kpi) is not None:
                    yield f"{month}: {engine_value(value, kpi)}, books have none"


@pytest.mark.parametrize("code", [world.code for world in WORLDS])
def test_all_118_values_equal_the_books(cities: dict[str, City], code: str) -> None:
    city = cities[code]
    assert set(city.books) == {kpi.row for kpi in LAW.kpis.values()}
    assert len(city.books) == 118
    found = [f"{kpi.row} {kpi.id}, {text}" for kpi in LAW.kpis.values() for text in differences(city, kpi)]
    assert not found, "\n" + "\n".join(found)


def test_the_rows_behind_every_number_add_up_to_it(cities: dict[str, City]) -> None:
    """Of a city with late and corrected rows, so that rows that were taken back must not be listed."""
    code = WORLDS[1].code
    values, year = cities[code].values, Period.parse("2026")
    of_city = values.of(code)
    for kpi in LAW.kpis.values():
        value = of_city.value(kpi, year, AS_OF, extras=False)
        figure = of_city.planner.figures(kpi.id)[0]
        for side, wanted in (("numerator", figure.numerator), ("denominator", figure.denominator)):
            number = getattr(value, side)
            if wanted is None or number is None:
                continue
            found = rows_behind(values, code, kpi, year, side, 1, Choice(as_of=AS_OF))
            assert found.added == number, (kpi.row, side)
            if wanted.amount is None and wanted.distinct is None and wanted.shape.grouping is None:
                assert found.total == number, (kpi.row, side)


def test_almost_all_kpis_have_a_value_in_a_good_city(cities: dict[str, City]) -> None:
    books = cities["SIM-R01"].books
    assert [row for row, truth in books.items() if truth.status not in ("ok", "no_target")] == []


def test_everything_in_the_lake_is_marked_simulated(cities: dict[str, City]) -> None:
    city = next(iter(cities.values()))
    lake = city.values.lake
    receipts = lake.ledger.receipts()
    assert receipts and all(receipt.simulated and receipt.balances for receipt in receipts)
    assert all(registered.simulated for registered in lake.cities.all())
    connection = lake.connection()
    for dataset in lake.tables():
        snapshot = lake.table(dataset).snapshot()
        sql = snapshot.current_sql(snapshot.files())
        assert connection.execute(f"SELECT count(*) FROM {sql} WHERE NOT simulated").fetchone() == (0,), dataset


def test_faults_are_in_the_ledger(cities: dict[str, City]) -> None:
    lake = next(iter(cities.values())).values.lake
    good, late, withholding = (lake.ledger.receipts(city=world.code) for world in WORLDS)
    assert not any(receipt.quarantined or receipt.replaced or receipt.duplicate for receipt in good)
    assert sum(receipt.replaced for receipt in late) > 100
    assert sum(receipt.duplicate for receipt in late) > 100
    assert sum(receipt.quarantined for receipt in late) > 10
    assert {receipt.way for receipt in good} == {"integration", "file"}
    months = WORLDS[2].bad_months("contact_centre")
    reported = [r.zero_period for r in withholding if r.dataset == "contact_centre.appeals" and r.zero_period]
    assert months and not reported
