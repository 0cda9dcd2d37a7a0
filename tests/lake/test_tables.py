"""Versions, corrections, undoing, upkeep and the evolution of contracts."""

from __future__ import annotations

import json
import shutil
from dataclasses import replace
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from deltalake import DeltaTable
from trial_lake import CITY, TAPS, VISITS, Take, current, trial_catalogue, trial_lake

from qala.datasets import Catalogue, Column
from qala.lake import City, IngestRequest, Lake, log
from qala.lake.audit import audit
from qala.lake.upkeep import compact, retire, vacuum
from qala.standard.problems import Problem


def visits(numbers: range, persons: int = 1, day: int = 1, **also: Any) -> list[dict[str, Any]]:
    came = datetime(2025, 1, 1) + timedelta(days=day)
    return [{"visit_id": str(n), "came_at": came, "kind": "short", "persons": persons, **also} for n in numbers]


def total(lake: Lake, version: int | None = None) -> int:
    return sum(row["persons"] for row in current(lake, VISITS, "persons", version=version))


def test_a_late_correction_replaces_and_an_older_one_does_not(lake: Lake, take: Take) -> None:
    take(visits(range(10), changed_at=datetime(2025, 2, 1)))
    late = take(visits(range(3), persons=5, changed_at=datetime(2025, 3, 1)))
    old = take(visits(range(3), persons=7, changed_at=datetime(2025, 1, 15)))
    assert (late.replaced, old.duplicate) == (3, 3)
    assert total(lake) == 22 and total(lake, version=1) == 10
    files = lake.table(VISITS).changes(1)
    assert files is not None and [(file.rows, file.retractions) for file in files] == [(3, 0), (3, 3)]
    assert {file.first_day for file in files} == {date(2025, 1, 2)}


def test_a_correction_may_move_a_row_to_another_day_and_year(lake: Lake, take: Take) -> None:
    take(visits(range(5), day=1))
    take([{**row, "came_at": datetime(2024, 5, 5)} for row in visits(range(1))])
    days = sorted(row["day"] for row in current(lake, VISITS, "day"))
    assert days == [date(2024, 5, 5)] + [date(2025, 1, 2)] * 4
    assert audit(lake) == []


def test_a_key_within_a_day_is_another_row_on_another_day_and_the_audit_tells(lake: Lake, take: Take) -> None:
    take([{"tap_id": "1", "tapped_at": datetime(2025, 1, 1), "amount": 1}], TAPS)
    assert take([{"tap_id": "1", "tapped_at": datetime(2025, 1, 1, 5), "amount": 2}], TAPS).replaced == 1
    assert audit(lake) == []
    assert take([{"tap_id": "1", "tapped_at": datetime(2025, 1, 3), "amount": 1}], TAPS).stored == 1
    [wrong] = audit(lake)
    assert "1 keys of 750000000 stand more than once" in wrong


def test_undo_restores_what_was_replaced_and_keeps_history(lake: Lake, take: Take) -> None:
    first, second = take(visits(range(10))), take(visits(range(5, 15), persons=3))
    assert (second.stored, second.replaced, total(lake)) == (5, 5, 35)
    with pytest.raises(Problem, match=r"5 rows of .* were corrected") as caught:
        lake.undo(first.id)
    assert second.id in str(caught.value)
    compact(lake, VISITS)
    undone = lake.undo(second.id)
    assert (total(lake), undone.undoes) == (10, second.id)
    assert {r.id: r.undone_by for r in lake.ledger.receipts()} == {
        first.id: None,
        second.id: undone.id,
        undone.id: None,
    }
    with pytest.raises(Problem, match="undone already"):
        lake.undo(second.id)
    assert take(visits(range(5, 15), persons=3)).replaced == 5  # the same content may come again
    assert total(lake) == 35 and audit(lake) == []


def test_a_file_after_an_undone_one_is_not_taken_for_a_duplicate(lake: Lake, take: Take) -> None:
    wrong = take(visits(range(10)))
    right = visits(range(5))
    assert take(right).duplicate == 5
    notes = lake.undo(wrong.id).notes
    assert any("take them in again" in note for note in notes)
    assert take(right).stored == 5


def test_compaction_changes_nothing_for_readers(lake: Lake, take: Take) -> None:
    for day in range(6):
        take(visits(range(day * 10, day * 10 + 10), day=day))
    take(visits(range(10), persons=4, day=0))
    before = sorted((row["visit_id"], row["persons"]) for row in current(lake, VISITS))
    version = lake.table(VISITS).version()
    [done] = compact(lake, VISITS)
    assert (done.files_before, done.files_after, done.pairs_folded) == (8, 1, 10)
    assert sorted((row["visit_id"], row["persons"]) for row in current(lake, VISITS)) == before
    assert lake.table(VISITS).changes(version) == []
    assert compact(lake, VISITS) == []
    assert total(lake, version=version) == total(lake)
    assert len(lake.table(VISITS).changes(-1) or ()) == 8


def test_vacuum_keeps_what_a_run_cites(lake: Lake, take: Take) -> None:
    take(visits(range(10)))
    take(visits(range(10), persons=2))
    cited = lake.table(VISITS).version()
    run = lake.folder / "runs" / "2025-x"
    run.mkdir()
    (run / "run.json").write_text(json.dumps({"versions": {VISITS: cited}}))
    take(visits(range(10), persons=3))
    compact(lake, VISITS)
    removed = vacuum(lake, VISITS, older_than_days=0)
    assert len(removed) == 2  # the files of the third delivery, which compaction has replaced
    assert (total(lake, version=cited), total(lake)) == (20, 30)
    assert lake.table(VISITS).changes(cited) is None
    (run / "run.json").write_text("{}")
    with pytest.raises(Problem, match="cannot be read"):
        vacuum(lake, VISITS, older_than_days=0)


def test_years_beyond_their_keeping_go(lake: Lake, take: Take) -> None:
    for year in (2022, 2023, 2024, 2025):
        take([{"tap_id": "1", "tapped_at": datetime(year, 5, 1), "amount": 1}], TAPS)
    assert retire(lake, TAPS, date(2025, 6, 1)) == [(CITY, 2022)]
    assert {row["year"] for row in current(lake, TAPS)} == {2023, 2024, 2025}
    assert audit(lake, TAPS, keys=False) == []


def newer(catalogue: Catalogue) -> Catalogue:
    contract = catalogue.contract(VISITS)
    meaning = contract.columns["kind"].meaning
    columns = {**contract.columns, "mood": Column(type="text", meaning=meaning, may_be_empty=True, since=2)}
    changed = contract.model_copy(update={"version": 2, "columns": columns, "days_of": ("left_at", "planned_on")})
    return Catalogue({**catalogue.contracts, VISITS: changed}, {}, {})


def test_a_new_contract_version_reads_old_rows_and_corrects_them(lake: Lake, take: Take) -> None:
    take(visits(range(10)))
    later = Lake(lake.folder, newer(trial_catalogue()))
    import pyarrow as pa

    rows = pa.Table.from_pylist(visits(range(8, 12), persons=2, mood="good"))
    receipt = later.ingest(IngestRequest(CITY, VISITS, rows))
    assert (receipt.stored, receipt.replaced) == (2, 2)
    moods = sorted(str(row["mood"]) for row in current(later, VISITS, "mood", "persons"))
    assert moods == ["None"] * 8 + ["good"] * 4
    assert len(current(lake, VISITS)) == 12  # the older program reads the newer rows
    compact(later, VISITS)
    assert sorted(str(row["mood"]) for row in current(later, VISITS, "mood")) == moods
    assert audit(later) == []


def test_a_contract_may_not_change_the_type_of_what_is_stored(lake: Lake, take: Take) -> None:
    take(visits(range(2)))
    catalogue = trial_catalogue()
    contract = catalogue.contract(VISITS)
    columns = {
        **contract.columns,
        "persons": contract.columns["persons"].model_copy(update={"type": "text", "min": None, "max": None}),
    }
    changed = Catalogue({VISITS: contract.model_copy(update={"columns": columns, "version": 2})}, {}, {})
    import pyarrow as pa

    rows = pa.Table.from_pylist([{**row, "persons": "two"} for row in visits(range(3, 4))])
    with pytest.raises(Problem, match=r"trial.visits.persons is stored as long"):
        Lake(lake.folder, changed).ingest(IngestRequest(CITY, VISITS, rows))


def test_cities_do_not_share_keys(lake: Lake, take: Take) -> None:
    lake.cities.add(City(code="x", names={"en": "X"}, zone="Europe/Berlin", simulated=True))
    take(visits(range(3)))
    import pyarrow as pa

    receipt = lake.ingest(IngestRequest("x", VISITS, pa.Table.from_pylist(visits(range(3)))))
    assert (receipt.stored, receipt.simulated) == (3, True)
    assert {(row["city"], row["simulated"], row["hour"]) for row in current(lake, VISITS)} == {
        (CITY, False, 5),
        ("x", True, 1),
    }
    assert len(lake.table(VISITS).snapshot().files("x", [2025])) == 1
    assert lake.table(VISITS).snapshot().files("x", first_day=date(2025, 1, 3)) == []


def test_an_unknown_version_is_told(lake: Lake, take: Take, tmp_path: Path) -> None:
    take(visits(range(1)))
    with pytest.raises(Problem, match="has no version 9"):
        lake.table(VISITS).snapshot(9)
    with pytest.raises(Problem, match="has no version 3"):
        trial_lake(tmp_path / "other").table(VISITS).snapshot(3)


def test_the_log_is_read_as_the_library_reads_it(lake: Lake, take: Take) -> None:
    take(visits(range(10)))
    take(visits(range(3), persons=5))
    compact(lake, VISITS)
    table = lake.table(VISITS)
    [file] = table.snapshot().all_files
    for number in range(60):  # beyond a checkpoint
        copy = Path(file.path).with_name(f"again{number}-c1-plus-0.parquet")
        shutil.copy(file.path, copy)
        table.commit(f"again{number}", [replace(file, path=str(copy))], [file] if number == 30 else [])
    assert list((table.folder / log.FOLDER).glob("*.checkpoint.parquet"))
    for version in (0, 1, 2, 32, 33, 49, 50, 51, table.version()):
        adds = pa.table(DeltaTable(str(table.folder), version=version).get_add_actions(flatten=True))
        names = ("path", "size_bytes", "num_records", "min.day", "max.day", "partition.city", "partition.year")
        listed = zip(*(adds.column(name).to_pylist() for name in names), strict=True)
        root = f"{table.folder.resolve()}/"
        found = {(f.path.removeprefix(root), f.size, f.rows, f.first_day, f.last_day, f.city, f.year)
                 for f in table.snapshot(version).all_files}  # fmt: skip
        assert found == set(listed), version
    (table.folder / log.FOLDER / f"{table.version() - 1:020d}.json").unlink()
    with pytest.raises(Problem, match="commit of the table is gone"):
        table.snapshot()


def test_cities_whose_rows_have_the_same_numbers_are_told_apart(
    lake: Lake, take: Take, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Numbers of rows are a lake's own; a nation's lake has rows of several."""
    other = "710000000"
    lake.cities.add(lake.cities.get(CITY).model_copy(update={"code": other}))
    numbers = iter([1000, 1000, 5000])
    monkeypatch.setattr("qala.lake.settling.take_row_numbers", lambda *_: next(numbers))
    take(visits(range(4)))
    lake.ingest(IngestRequest(other, VISITS, pa.Table.from_pylist(visits(range(6), persons=2))))
    take(visits(range(2), persons=9, changed_at=datetime(2025, 2, 1)))
    assert sorted((row["city"], row["persons"]) for row in current(lake, VISITS)) == [
        *[(other, 2)] * 6, *[(CITY, 1)] * 2, *[(CITY, 9)] * 2,
    ]  # fmt: skip
    assert audit(lake) == []
