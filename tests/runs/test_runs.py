"""Runs: immutable, chained, repeatable; what a later one changes is named."""

from __future__ import annotations

import json
import multiprocessing
import os
import signal
import time
from datetime import date
from fractions import Fraction
from pathlib import Path

import pytest
from fake_values import FakeValues, contact_centre

from qala.runs import RatedCity, Run, RunStore, build_run, restate, verify
from qala.runs.record import sealed
from qala.scoring import Claim, Observation, Profile
from qala.standard import Edition, Problem, editions

F = Fraction
END = date(2026, 12, 31)
CITIES = (RatedCity("A", "district"), RatedCity("B", "district", simulated=True))
CLAIM = Claim("c1", True, True, True, 1, True, "housing")


@pytest.fixture(scope="module")
def edition() -> Edition:
    return editions()["order_469"]


def made(lake: Path, edition: Edition, values: FakeValues, cities: tuple[RatedCity, ...] = CITIES) -> Run:
    return build_run(lake, edition, 2026, END, cities, Profile(), values)[0]


def test_a_run_holds_what_it_was_made_from_and_what_came_out(tmp_path: Path, edition: Edition) -> None:
    values = FakeValues([{"A": contact_centre(), "B": contact_centre(first=40)}])
    seen: list[tuple[int, int]] = []
    run, scores = build_run(
        tmp_path, edition, 2026, END, CITIES, Profile(), values, progress=lambda done, of: seen.append((done, of))
    )
    assert seen == [(1, 2), (2, 2)]
    again = RunStore(tmp_path).get(run.id)
    assert again.content == json.loads((tmp_path / "runs" / run.id / "run.json").read_text())
    assert again.content["code"]["edition"] == edition.digest
    assert dict(again.versions) == {"contact_centre.facts": 0, "roads.facts": 0}
    assert again.results["A"]["final"] == "100.000000000000"
    assert again.results["B"]["kpis"]["2.2"]["score"] == "1/2"
    assert scores["B"].index == (1 - F(9, 2) / 58) * 100
    assert [city.simulated for city in again.cities] == [False, True]
    assert again.id.startswith("2026-2026-12-31-annex2-")
    assert len(values.asked) == 2 * len(edition.kpis)


def test_the_same_again_makes_no_new_run(tmp_path: Path, edition: Edition) -> None:
    values = FakeValues([{"A": contact_centre()}])
    first = made(tmp_path, edition, values)
    assert made(tmp_path, edition, values).id == first.id
    assert len(RunStore(tmp_path).heads()) == 1


def test_verify_says_identical(tmp_path: Path, edition: Edition) -> None:
    cities = (RatedCity("A", "district", (CLAIM,), first_year=2027),)
    history = [{"A": contact_centre(F(200, 3))}, {"A": contact_centre(80)}]
    run = made(tmp_path, edition, FakeValues(history, 0), cities)
    result = verify(RunStore(tmp_path).get(run.id), edition, FakeValues(history))
    assert result.identical
    assert result.notes == ()


def test_verify_says_what_comes_out_otherwise(tmp_path: Path, edition: Edition) -> None:
    run = made(tmp_path, edition, FakeValues([{"A": contact_centre(80)}]))
    result = verify(run, edition, FakeValues([{"A": contact_centre(40)}]))
    assert not result.identical
    assert result.intact
    found = {(one.city, one.row, one.field): (one.old, one.new) for one in result.differences}
    assert found["A", "2.2", "score"] == ("1", "1/2")
    assert found["A", "2.2", "observation.value"] == ("80", "40")
    assert ("A", "", "index") in found
    assert ("A", "", "band") not in found
    assert {city for city, _, _ in found} == {"A"}


def test_verify_sees_a_record_that_was_changed(tmp_path: Path, edition: Edition) -> None:
    values = FakeValues([{"A": contact_centre(80)}])
    run = made(tmp_path, edition, values)
    path = tmp_path / "runs" / run.id / "run.json"
    path.write_text(path.read_text().replace('"final": "100.000000000000"', '"final": "99.000000000000"'))
    result = verify(RunStore(tmp_path).get(run.id), edition, values)
    assert not result.intact
    assert [(one.field, one.old) for one in result.differences] == [("final", "99.000000000000")]
    assert [(link.run, "not what its hash" in link.fault) for link in RunStore(tmp_path).faults()] == [(run.id, True)]


def test_another_program_or_law_is_noted(tmp_path: Path, edition: Edition) -> None:
    values = FakeValues([{"A": contact_centre(80)}])
    run = made(tmp_path, edition, values)
    older = sealed({**run.content, "code": {**run.content["code"], "sources": "0" * 64}})
    result = verify(older, edition, values)
    assert result.identical
    assert len(result.notes) == 1
    assert "the program has changed since" in result.notes[0]


def test_a_correction_makes_a_run_that_names_what_changed(tmp_path: Path, edition: Edition) -> None:
    history = [{"A": contact_centre(40), "B": contact_centre()}, {"A": contact_centre(60), "B": contact_centre()}]
    first = made(tmp_path, edition, FakeValues(history, 0))
    second = made(tmp_path, edition, FakeValues(history, 1))
    assert second.previous == first.hash
    said = second.content["restates"]
    assert said["run"] == first.id
    changes = {(one["city"], one["row"]): one for one in said["changes"]}
    assert set(changes) == {("A", ""), ("A", "2.2")}
    assert changes["A", "2.2"]["changes"]["score"] == ["1/2", "3/4"]
    assert changes["A", "2.2"]["because"] == ["table contact_centre.facts: 0 → 1"]
    assert changes["A", ""]["because"] == ["its indicators"]
    assert "final" in changes["A", ""]["changes"]
    assert restate(first, second) == said["changes"]
    assert RunStore(tmp_path).faults() == []
    assert RunStore(tmp_path).pinned() == {"contact_centre.facts": {0, 1}, "roads.facts": {0}}


def test_claims_and_the_period_are_reasons_too(tmp_path: Path, edition: Edition) -> None:
    values = FakeValues([{"A": contact_centre(40)}])
    june = build_run(tmp_path, edition, 2026, date(2026, 6, 30), CITIES[:1], Profile(), values)[0]
    year = made(tmp_path, edition, values, (RatedCity("A", "district", (CLAIM,)),))
    (change,) = [one for one in restate(june, year) if one["row"] == ""]
    assert change["because"] == ["period: 2026-06-30 → 2026-12-31", "claims"]
    assert change["changes"]["bonus"] == ["0.000000000000", "2.000000000000"]


def test_runs_of_different_scopes_restate_nothing(tmp_path: Path, edition: Edition) -> None:
    values = FakeValues([{"A": contact_centre(40)}])
    one = made(tmp_path, edition, values)
    other = build_run(tmp_path, edition, 2026, END, CITIES, Profile(due="end"), values)[0]
    assert other.content["restates"] is None
    with pytest.raises(ValueError, match="different scopes"):
        restate(one, other)


def test_a_run_is_never_overwritten(tmp_path: Path, edition: Edition) -> None:
    run = made(tmp_path, edition, FakeValues([{}]))
    with pytest.raises(FileExistsError, match="never overwritten"):
        RunStore(tmp_path)._write(run)


def test_a_store_finds_runs_and_says_when_it_cannot(tmp_path: Path, edition: Edition) -> None:
    store = RunStore(tmp_path)
    assert store.heads() == []
    with pytest.raises(Problem, match="There is no run 'latest'"):
        store.get("latest")
    run = made(tmp_path, edition, FakeValues([{}]))
    other = build_run(tmp_path, edition, 2026, END, CITIES, Profile(due="end"), FakeValues([{}]))[0]
    assert store.get("latest").id == other.id
    assert store.get(run.id[-8:]).id == run.id
    with pytest.raises(Problem, match="2 runs fit '2026'"):
        store.get("2026")
    (tmp_path / "runs" / run.id / "run.json").write_text("{}")
    with pytest.raises(Problem, match="parts of it are missing"):
        store.get(run.id)
    (tmp_path / "runs" / run.id / "run.json").write_text("no")
    with pytest.raises(Problem, match="not JSON"):
        store.get(run.id)


def test_a_removed_run_breaks_the_chain(tmp_path: Path, edition: Edition) -> None:
    history = [{"A": contact_centre(value)} for value in (40, 50, 60)]
    runs = [made(tmp_path, edition, FakeValues(history, version)) for version in range(3)]
    assert [run.id for run in RunStore(tmp_path).heads()] == [run.id for run in runs]
    (tmp_path / "runs" / runs[1].id).rename(tmp_path / "elsewhere")
    assert [(link.run, link.fault) for link in RunStore(tmp_path).faults()] == [
        (runs[2].id, "the run before it is gone")
    ]


def test_bad_requests(tmp_path: Path, edition: Edition) -> None:
    values = FakeValues([{}])
    for cities, day, message in (
        ((), END, "There is no city"),
        ((CITIES[0], CITIES[0]), END, "stands in the run twice"),
        (CITIES, date(2025, 12, 31), "lies before the year"),
    ):
        with pytest.raises(Problem, match=message):
            build_run(tmp_path, edition, 2026, day, cities, Profile(), values)


def _build(lake: Path, number: int) -> None:
    law = editions()["order_469"]
    values = FakeValues([{"A": {"2.2": Observation(row="2.2", value=F(number))}}])
    build_run(lake, law, 2026, END, (RatedCity(f"A{number}", "district"),), Profile(), values)


def test_processes_take_turns_so_that_the_chain_has_no_forks(tmp_path: Path) -> None:
    context = multiprocessing.get_context("spawn")
    workers = [context.Process(target=_build, args=(tmp_path, number)) for number in range(2)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    store = RunStore(tmp_path)
    assert len(store.heads()) == 2
    assert store.faults() == []


def _write_slowly(lake: Path) -> None:
    import qala.runs.store as module

    module.sync_folder = lambda path: None
    written = module.write_whole

    def slow(path: Path, content: bytes) -> None:
        written(path, content)
        (lake / "writing").touch()
        time.sleep(60)

    module.write_whole = slow  # type: ignore[assignment]
    _build(lake, 1)


def test_a_kill_in_the_middle_leaves_no_run(tmp_path: Path) -> None:
    worker = multiprocessing.get_context("spawn").Process(target=_write_slowly, args=(tmp_path,))
    worker.start()
    deadline = time.monotonic() + 30
    while not (tmp_path / "writing").exists() and time.monotonic() < deadline:
        time.sleep(0.02)
    assert worker.pid is not None
    os.kill(worker.pid, signal.SIGKILL)
    worker.join()
    store = RunStore(tmp_path)
    assert store.heads() == []
    _build(tmp_path, 1)
    assert len(store.heads()) == 1
    assert store.faults() == []
