"""Cities that record a year: the same every time, of the size that the order implies, with books for every KPI."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from datetime import date
from pathlib import Path

import numpy as np
import pytest

from qala.datasets.catalogue import load_catalogue
from qala.standard import Problem, editions
from qala.world import World, make_world
from qala.world.delivery import Parcel
from qala.world.simulation import DONE, Order, simulate, simulate_city
from qala.world.truth import read_books, systems
from qala.world.types import Category

CATALOGUE = load_catalogue()
LAW = editions()["order_469"]
RATED = {"republican": 0.03, "oblast": 0.06, "district": 0.3}  # large enough for an accident in each year


class Memory:
    """A sink that remembers."""

    def __init__(self) -> None:
        self.parcels: list[Parcel] = []
        self.quiet: dict[str, Sequence[tuple[date, date]]] = {}
        self.city: World | None = None

    def register(self, world: World) -> None:
        self.city = world

    def take(self, parcel: Parcel) -> None:
        self.parcels.append(parcel)

    def nothing_on(self, dataset: str, days: Sequence[tuple[date, date]]) -> None:
        self.quiet[dataset] = days

    def close(self) -> None:
        pass

    def digest(self) -> str:
        """A hash of all that was delivered, in order."""
        found = hashlib.sha256(repr(sorted(self.quiet.items())).encode())
        for parcel in self.parcels:
            found.update(repr((parcel.dataset, parcel.way, parcel.part, parcel.rows.schema.names)).encode())
            for column in parcel.rows.columns:
                joined = column.combine_chunks()
                for buffer in joined.buffers():
                    found.update(buffer or b"-")
        return found.hexdigest()


@pytest.fixture(scope="module", params=list(RATED))
def good(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> tuple[World, Memory, Path]:
    category: Category = request.param
    world = make_world(7, 0, category, RATED[category], character="good")
    memory, folder = Memory(), tmp_path_factory.mktemp("books")
    simulate_city(world, CATALOGUE, memory, folder)
    return world, memory, folder / f"{world.code}.json"


def test_the_books_have_every_row_of_annex_4(good: tuple[World, Memory, Path]) -> None:
    world, _, path = good
    truth = read_books(path)
    wanted = {kpi.row for kpi in LAW.kpis.values() if kpi.id.partition(".")[0] in {s.name for s in systems()}}
    assert {row for row, _ in truth} == wanted
    assert {year for _, year in truth} == {2026}
    written = json.loads(path.read_text(encoding="utf-8"))
    assert written["simulated"] is True
    assert written["character"] == "good" and written["faults"]["not_connected"] == []
    statuses = {row: entry.status for (row, _), entry in truth.items() if entry.status != "ok"}
    lacking = {
        str(n)
        for n, network in ((13, "power"), (14, "water"), (15, "heat"), (16, "gas"))
        if network not in world.networks
    }
    plain = ("no_target", "no_events", "not_due")
    unexpected = {row: status for row, status in statuses.items() if status not in plain}
    assert {row.partition(".")[0] for row in unexpected} <= lacking, unexpected


def test_a_good_city_has_the_volumes_that_the_order_asks_for(good: tuple[World, Memory, Path]) -> None:
    world, _, path = good
    truth = read_books(path)
    for row in ("2.4", "3.3", "4.3", "9.6", "11.2"):
        if (row, 2026) not in truth:
            continue
        asked = LAW.kpi(row).target[world.category].at_least
        assert asked is not None
        assert (truth[(row, 2026)].year or 0) >= float(asked) * world.scale, row


def test_everything_delivered_fits_its_contract(good: tuple[World, Memory, Path]) -> None:
    _, memory, _ = good
    for parcel in memory.parcels:
        contract = CATALOGUE.contracts[parcel.dataset]
        assert parcel.way == ("file" if parcel.dataset.startswith("city.") else "integration")
        for name, column in contract.columns.items():
            if name not in parcel.rows.column_names:
                assert column.optional
                continue
            values = parcel.rows[name]
            assert column.optional or values.null_count == 0, f"{parcel.dataset}.{name}"
            if column.one_of:
                assert set(values.unique().to_pylist()) - {None} <= set(column.one_of), f"{parcel.dataset}.{name}"
            if column.type == "decimal" and column.scale is not None:
                digits = values.drop_null().to_numpy() * 10.0**column.scale
                assert np.allclose(digits, np.rint(digits), atol=1e-3), f"{parcel.dataset}.{name}"
        if not contract.key_within:
            keys = parcel.rows.select(list(contract.key))
            assert keys.group_by(keys.column_names).aggregate([]).num_rows == keys.num_rows, parcel.dataset


@pytest.mark.parametrize("index", [2, 3, 4, 5])
def test_the_same_seed_gives_the_same_rows_and_books(index: int, tmp_path: Path) -> None:
    found = []
    for attempt in ("a", "b"):
        memory = Memory()
        world = make_world(11, index, "district", 0.05)
        simulate_city(world, CATALOGUE, memory, tmp_path / attempt)
        found.append((memory.digest(), (tmp_path / attempt / f"{world.code}.json").read_bytes()))
    assert found[0] == found[1]


def test_a_disconnected_city_sends_nothing_of_one_system_and_its_books_say_missing(tmp_path: Path) -> None:
    world = make_world(7, 3, "oblast", 0.03)
    assert world.character == "disconnected" and world.missing_system
    memory = Memory()
    simulate_city(world, CATALOGUE, memory, tmp_path)
    assert not [p for p in memory.parcels if p.dataset.startswith(f"{world.missing_system}.")]
    assert not [dataset for dataset in memory.quiet if dataset.startswith(f"{world.missing_system}.")]
    assert "missing" in {entry.status for entry in read_books(tmp_path / f"{world.code}.json").values()}


def test_a_withholding_city_looks_better_for_what_it_does_not_send(tmp_path: Path) -> None:
    withholding = make_world(7, 4, "district", 0.05)
    assert withholding.character == "withholding"
    memory = Memory()
    simulate_city(withholding, CATALOGUE, memory, tmp_path)
    months = read_books(tmp_path / f"{withholding.code}.json")[("2.4", 2026)].months
    gone = withholding.bad_months("contact_centre")
    assert set(months) == {f"2026-{month:02d}" for month in range(1, 13) if month not in gone}


def test_two_processes_make_the_same_files_as_one(tmp_path: Path) -> None:
    def run(name: str, processes: int) -> dict[str, bytes]:
        order = Order(seed=5, cities=2, scale=0.01, categories=("district",), export=tmp_path / name)
        done: list[str] = []
        simulate(order, processes=processes, tell=lambda city, doing: done.append(city) if doing == DONE else None)
        assert sorted(done) == ["SIM-D01", "SIM-D02"]
        files = [path for path in (tmp_path / name).rglob("*") if path.is_file()]
        return {str(path.relative_to(tmp_path / name)): path.read_bytes() for path in files}

    assert run("one", 1) == run("two", 2)


def test_an_order_that_cannot_be_met_is_refused(tmp_path: Path) -> None:
    with pytest.raises(Problem, match="nothing to simulate"):
        Order(cities=0, export=tmp_path)
    with pytest.raises(Problem, match="either into a lake or into files"):
        Order()
    with pytest.raises(Problem, match="negative"):
        Order(seed=-1, export=tmp_path)
