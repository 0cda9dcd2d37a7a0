"""Simulated rows of initiatives 9 to 16 keep their contracts, and the books count as a person would."""

from __future__ import annotations

import importlib
from collections import defaultdict

import duckdb
import numpy as np
import pyarrow as pa
import pytest

from qala.datasets.catalogue import load_catalogue, system_folder
from qala.world import Facts, World, make_world, reckoning
from qala.world.delivery import arrow_table

ROWS = {"video": 9, "fire_safety": 7, "greenery": 6, "waste": 6, "power": 5, "water": 5, "heat": 5, "gas": 5}
CATALOGUE = load_catalogue([system_folder() / name for name in ROWS])
WORLD = make_world(7, 0, "republican", 0.01, character="middling")


def recorded(system: str, world: World = WORLD) -> dict[str, list[Facts]]:
    found: dict[str, list[Facts]] = defaultdict(list)
    for facts in importlib.import_module(f"qala.systems.{system}.simulate").record(world):
        found[facts.dataset].append(facts)
    return found


@pytest.mark.parametrize("system", ROWS)
def test_rows_keep_their_contract(system: str) -> None:
    facts = recorded(system)
    assert set(facts) == {name for name in CATALOGUE.contracts if name.startswith(f"{system}.")}
    for dataset, parts in facts.items():
        contract = CATALOGUE.contract(dataset)
        rows = pa.concat_tables([arrow_table(contract, part) for part in parts], promote_options="default")
        assert rows.num_rows == rows.group_by(list(contract.key)).aggregate([]).num_rows, f"{dataset}: keys repeat"
        for name, column in contract.all_columns.items():
            if name not in rows.column_names:
                continue
            values = rows[name]
            assert column.optional or values.null_count == 0, f"{dataset}.{name} is empty"
            if column.one_of:
                assert set(values.drop_null().unique().to_pylist()) <= set(column.one_of), f"{dataset}.{name}"
        broken = " or ".join(f"coalesce({rule}, false)" for rule in contract.never.values()) or "false"
        counted = duckdb.connect().execute(f"select count(*) from rows where {broken}").fetchall()
        assert counted == [(0,)], dataset


@pytest.mark.parametrize("system", ROWS)
def test_the_same_city_records_the_same_rows(system: str) -> None:
    for first, second in zip(recorded(system).values(), recorded(system).values(), strict=True):
        for one, other in zip(first, second, strict=True):
            for name, values in one.columns.items():
                np.testing.assert_array_equal(values, other.columns[name])


@pytest.mark.parametrize("system", ROWS)
def test_books_hold_every_row_of_the_initiative(system: str) -> None:
    number = CATALOGUE.manifests[system].initiative
    books = importlib.import_module(f"qala.systems.{system}.simulate").books
    assert set(books(WORLD, recorded(system))) == {f"{number}.{i}" for i in range(1, ROWS[system] + 1)}
    assert {truth.status for truth in books(WORLD, {}).values()} == {"missing"}


def test_a_city_without_gas_has_no_gas_rows_and_no_gas_kpis() -> None:
    world = make_world(7, 2, "district", 0.05, character="good")
    assert "gas" not in world.networks
    assert not recorded("gas", world)
    books = importlib.import_module("qala.systems.gas.simulate").books(world, {})
    assert {truth.status for truth in books.values()} == {"not_applicable"}


def test_pooled_tells_silence_from_nothing_that_counts() -> None:
    days = np.array(["2026-01-05", "2026-01-06", "2026-02-01", "2025-12-31"], dtype="datetime64[D]")
    top, bottom = np.array([1, 0, 3, 100]), np.array([1, 1, 3, 100])
    truth = reckoning.pooled(days, top, bottom, 2026, 100)
    assert truth.year == pytest.approx(80)
    assert truth.months == {"2026-01": 50, "2026-02": 100}
    assert reckoning.pooled(days, top, bottom * 0, 2026).status == "no_events"
    assert reckoning.pooled(days, top, bottom, 2027).status == "missing"


def test_a_registry_holds_from_its_first_to_its_last_day() -> None:
    days = {"valid_from": ["2026-01-01", "2026-03-11"], "valid_to": ["2026-03-10", "NaT"]}
    columns = {name: np.array(values, dtype="datetime64[D]") for name, values in days.items()}
    facts = {"city.profile": [Facts("city.profile", {**columns, "population": np.array([10, 20])})]}
    for day, wanted in (("2026-01-01", 10), ("2026-03-10", 10), ("2026-03-11", 20)):
        (population,) = reckoning.valid_on(facts, "city.profile", np.datetime64(day), "population")
        assert population.tolist() == [wanted]
    (nobody,) = reckoning.valid_on(facts, "city.profile", np.datetime64("2025-12-31"), "population")
    assert nobody.size == 0
