"""A computation that dies and computations that run at once: nothing is counted twice and nothing is lost."""

from __future__ import annotations

import signal
import subprocess
import sys
import time
from datetime import date, timedelta
from pathlib import Path

import pytest
from small_lakes import computer, deliver, new_lake, same_as_from_scratch

from qala.lake import Lake
from qala.lake.table import Table

KPIS = ["contact_centre.first_contact_share", "contact_centre.repeat_share", "parking.automated_share"]
CHILD = f"""
import os, signal, sys, time
sys.path.insert(0, {str(Path(__file__).parent)!r})
from pathlib import Path
from small_lakes import CATALOGUE, computer
from qala.lake import Lake
from qala.measures import store
from qala.measures.store import SumStore

store.FOLD_AT_FILES = 1  # so that foldings meet as well
folder, city, dies = sys.argv[1:]
append, fold = SumStore.append, SumStore.fold

def die(*_):
    os.kill(os.getpid(), signal.SIGKILL)

of_city = computer(Lake(Path(folder), CATALOGUE))
if dies == "before the commit":
    SumStore.append = die
if dies == "after the commit":
    SumStore.append = lambda *given: (append(*given), die())
print("ready", flush=True)
sys.stdin.readline()
of_city.compute(city, kpis={KPIS!r}, said=die if dies == "in a scan" else None)
"""


def _rows(first: int, number: int) -> list[dict[str, object]]:
    return [
        {
            "appeal_id": n, "received_at": f"2026-03-{n % 28 + 1:02d} 10:00:00", "status": "open", "topic": "roads",
            "spam": False, "citizen": n % 5, "contacts": 1,
        }
        for n in range(first, first + number)
    ]  # fmt: skip


@pytest.fixture
def lake(tmp_path: Path) -> Lake:
    lake = new_lake(tmp_path, "T", "U", "V")
    lot = {"kind": "garage", "counts_spaces": True, "takes_online_payment": True, "reads_plates": True, "spaces": 3}
    for city in ("T", "U", "V"):
        deliver(lake, "contact_centre.appeals", _rows(0, 60), city)
        deliver(lake, "parking.lots", [{**lot, "lot_id": "A", "valid_from": date(2026, 1, 1)}], city)
        days = [date(2026, 3, 1) + timedelta(days=n) for n in range(31)]
        deliver(lake, "parking.device_days", [{"lot_id": "A", "day": d, "minutes_alive": 1440} for d in days], city)
    return lake


def _child(lake: Lake, city: str, dies: str = "") -> subprocess.Popen[str]:
    child = subprocess.Popen(
        [sys.executable, "-c", CHILD, str(lake.folder), city, dies], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
        stderr=subprocess.PIPE, text=True,
    )  # fmt: skip
    return child


def _go(*children: subprocess.Popen[str]) -> None:
    for child in children:
        assert child.stdout is not None and child.stdout.readline() == "ready\n", child.stderr and child.stderr.read()
    for child in children:
        assert child.stdin is not None
        child.stdin.write("go\n")
        child.stdin.flush()


@pytest.mark.parametrize("dies", ["in a scan", "before the commit", "after the commit"])
def test_a_killed_computation_counts_nothing_twice(lake: Lake, dies: str) -> None:
    for news in (0, 100):  # the first computation, and one that follows news
        deliver(lake, "contact_centre.appeals", _rows(50 + news, 30))
        child = _child(lake, "T", dies)
        _go(child)
        assert child.wait(60) == -signal.SIGKILL
        report = computer(lake).compute("T", kpis=KPIS)
        assert (report.scans == 0) == (dies == "after the commit")
        same_as_from_scratch(lake, "T", KPIS)


def test_killed_at_any_moment(lake: Lake) -> None:
    for number, delay in enumerate((0.0, 0.05, 0.1, 0.2)):
        deliver(lake, "contact_centre.appeals", _rows(40 * number, 60))
        child = _child(lake, "T")
        _go(child)
        time.sleep(delay)
        child.kill()
        child.wait(60)
    computer(lake).compute("T", kpis=KPIS)
    same_as_from_scratch(lake, "T", KPIS)


def test_computing_the_same_and_different_cities_at_once(lake: Lake) -> None:
    for news in (0, 1):  # the first time the table of sums is not there yet
        if news:
            for city in ("T", "U", "V"):
                deliver(lake, "contact_centre.appeals", _rows(200 * news, 40), city)
        children = [_child(lake, city) for city in ("T", "T", "U", "V")]
        _go(*children)
        for child in children:
            _, errors = child.communicate(timeout=120)
            assert child.returncode == 0, errors
        for city in ("T", "U", "V"):
            same_as_from_scratch(lake, city, KPIS)


def test_what_arrives_while_computing_is_left_for_the_next_time(lake: Lake, monkeypatch: pytest.MonkeyPatch) -> None:
    computer(lake).compute("T", kpis=KPIS)
    deliver(lake, "contact_centre.appeals", _rows(100, 10))
    added_by, arrived = Table.added_by, []

    def meanwhile(table: Table, version: int) -> object:
        if table.contract.id == "contact_centre.appeals" and not arrived:
            arrived.append(deliver(lake, "contact_centre.appeals", _rows(200, 10)))
        return added_by(table, version)

    monkeypatch.setattr(Table, "added_by", meanwhile)
    computer(lake).compute("T", kpis=KPIS)
    assert arrived
    computer(lake).compute("T", kpis=KPIS)
    same_as_from_scratch(lake, "T", KPIS)


def test_a_history_that_is_gone_is_computed_anew(lake: Lake) -> None:
    computer(lake).compute("T", kpis=KPIS)
    deliver(lake, "contact_centre.appeals", _rows(30, 60))
    log = lake.table("contact_centre.appeals").folder / "_delta_log"
    from deltalake import DeltaTable

    DeltaTable(str(log.parent)).create_checkpoint()
    for old in log.glob("*.json"):
        old.unlink()
    report = computer(lake).compute("T", kpis=KPIS)
    assert report.datasets == {"contact_centre.appeals"}
    same_as_from_scratch(lake, "T", KPIS)


def test_folding_the_sums_changes_no_number(lake: Lake, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("qala.measures.store.FOLD_AT_FILES", 2)
    of_city = computer(lake)
    for number in range(6):
        deliver(lake, "contact_centre.appeals", _rows(10 * number, 15))
        of_city.compute("T", kpis=KPIS)
        assert len(of_city.store.files("T")) <= 3
    same_as_from_scratch(lake, "T", KPIS)
    assert of_city.compute("T", kpis=KPIS).scans == 0
