"""The files of sums: what holds while files are folded, left behind by a killed process, or of an older form."""

from __future__ import annotations

import shutil
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from small_lakes import amounts, computer, deliver, new_lake, same_as_from_scratch

import qala.measures.store as module
from qala.measures.amounts import CitySums
from qala.measures.blocks import Block, Place, folded, packed, unpacked
from qala.measures.store import SumStore
from qala.standard.problems import Problem


def _block(keys: str, columns: dict[tuple[int, Place], list[int]]) -> Block:
    places = tuple(dict.fromkeys(place for _, place in columns))
    return Block(
        tuple(keys),
        np.array([day for day, _ in columns], dtype=np.int32),
        places,
        np.array([places.index(place) for _, place in columns], dtype=np.int32),
        np.array(list(columns.values()), dtype=np.int64).T,
    )


A, B = ("a", "file", ""), ("b", "file", "")
FIRST = _block("xy", {(1, A): [5, 1], (2, A): [7, 0], (2, B): [1, 1]})
SECOND = _block("xyz", {(2, A): [-7, 2, 4], (9, A): [1, 0, 0]})
THIRD = _block("z", {(2, A): [-4]})
DAYS = {
    ("x", "", "file"): {1: 5, 2: 1, 9: 1},
    ("y", "", "file"): {1: 1, 2: 3},
}


def test_blocks_of_different_sums_add_up_and_what_is_nought_is_left_out() -> None:
    assert amounts(CitySums.of("T", [FIRST, SECOND, THIRD])) == DAYS
    together = folded([FIRST, SECOND, THIRD])
    assert sorted(key for block in together for key in block.keys) == ["x", "y"]
    assert amounts(CitySums.of("T", together)) == DAYS
    assert amounts(CitySums.of("T", [FIRST, SECOND], "b")) == {("x", "", "file"): {2: 1}, ("y", "", "file"): {2: 1}}


@given(
    st.lists(
        st.lists(st.tuples(*[st.integers(-(1 << 63), (1 << 63) - 1) | st.integers(-300, 300)] * 2), max_size=5),
        max_size=4,
    )
)
def test_blocks_are_kept_to_the_last_digit_however_many_bytes_that_takes(amounts: list[list[tuple[int, int]]]) -> None:
    blocks = [_block("xy", {(day, A): list(both) for day, both in enumerate(many)}) for many in amounts if many]
    blocks.append(Block((), np.empty(0, np.int32), (), np.empty(0, np.int32), np.empty((0, 0), np.int64)))
    kept = unpacked(b"".join(packed(blocks)))
    for block, again in zip(blocks, kept, strict=True):
        assert (again.keys, again.places) == (block.keys, block.places)
        for one, other in ((again.days, block.days), (again.place, block.place), (again.amounts, block.amounts)):
            assert one.dtype == other.dtype and np.array_equal(one, other)


def test_a_reader_follows_what_is_new(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    store = SumStore(tmp_path / "sums")
    known = store.load("T")
    assert store.followed(known) is known and store.progress("T") == {}
    store.append("T", [FIRST], {"x:d": 3})
    known = store.followed(known)
    of_b = store.load("T", "b")
    store.append("T", [SECOND], {"x:d": 4})
    store.append("T", [THIRD], {"x:d": 5})
    monkeypatch.setattr("qala.measures.store._all_blocks", lambda files: _read_only(files, 2))
    known = store.followed(known)
    assert amounts(known) == DAYS == amounts(store.followed(store.followed(known)))
    assert amounts(store.followed(of_b)) == {("x", "", "file"): {2: 1}, ("y", "", "file"): {2: 1}}
    monkeypatch.undo()
    monkeypatch.setattr("qala.measures.store.FOLD_AT_FILES", 2)
    store.fold("T")
    assert len(store.files("T")) == 1 and store.progress("T") == {"x:d": 5}
    assert amounts(store.followed(known)) == DAYS


def _read_only(files: list[Path], most: int) -> list[Block]:
    assert len(files) <= most, "files that were read already are read again"
    return [block for file in files for block in module._blocks_of(file)]


def test_the_oldest_file_is_left_where_it_is_far_larger(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("qala.measures.store.FOLD_AT_FILES", 2)
    store = SumStore(tmp_path / "sums")
    chance = np.random.default_rng(1)
    large = _block("x", {(day, A): [int(chance.integers(1 << 48))] for day in range(20_000)})
    for blocks in ([large], [FIRST], [SECOND], [THIRD]):
        store.append("T", blocks, {})
    before, oldest = amounts(store.load("T")), store.files("T")[0]
    store.fold("T")
    assert len(store.files("T")) == 2 and store.files("T")[0] == oldest
    assert amounts(store.load("T")) == before


def test_files_that_a_killed_folding_left_count_for_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("qala.measures.store.FOLD_AT_FILES", 1)
    store = SumStore(tmp_path / "sums")
    for blocks in ([FIRST], [SECOND], [THIRD]):
        store.append("T", blocks, {})
    left = {file: file.read_bytes() for file in store.files("T")}
    store.fold("T")
    for file, content in left.items():
        file.write_bytes(content)
    assert len(store.files("T")) == 1 and amounts(store.load("T")) == DAYS
    store.append("T", [], {"x:d": 9})
    assert not any(file.exists() for file in left), "the next computation removes them"
    assert amounts(store.load("T")) == DAYS and store.progress("T") == {"x:d": 9}


def test_a_file_that_is_folded_while_it_is_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("qala.measures.store.FOLD_AT_FILES", 1)
    store = SumStore(tmp_path / "sums")
    for blocks in ([FIRST], [SECOND], [THIRD]):
        store.append("T", blocks, {})
    read = module._all_blocks

    def meanwhile(files: list[Path]) -> list[Block]:
        monkeypatch.setattr(module, "_all_blocks", read)
        SumStore(tmp_path / "sums").fold("T")
        return read(files)

    monkeypatch.setattr(module, "_all_blocks", meanwhile)
    assert amounts(store.load("T")) == DAYS


def test_a_damaged_file_says_how_to_mend_it(tmp_path: Path) -> None:
    store = SumStore(tmp_path / "sums")
    store.append("T", [FIRST], {})
    file = store.files("T")[0]
    content = file.read_bytes()
    middle = len(content) // 2
    for torn in (b"", b"something else", content[:middle], content[:middle] + b"\xff" * 8 + content[middle + 8 :]):
        file.write_bytes(torn)
        with pytest.raises(Problem, match="damaged") as caught:
            store.load("T")
        assert str(tmp_path / "sums") in str(caught.value.hint)
    for torn in (b"", b"something else", content[:8]):
        file.write_bytes(torn)
        with pytest.raises(Problem, match="damaged"):
            store.progress("T")


def test_sums_of_an_older_form_and_sums_that_somebody_removed_are_computed_again(tmp_path: Path) -> None:
    lake = new_lake(tmp_path)
    appeal = {"appeal_id": 1, "received_at": "2026-03-01 10:00:00", "status": "open", "topic": "roads", "spam": False}
    deliver(lake, "contact_centre.appeals", [appeal])
    kpis = ["contact_centre.appeals_per_month"]
    old = lake.folder / "sums" / "_delta_log"
    old.mkdir(parents=True)
    (old / "00000000000000000000.json").write_text("{}")
    assert computer(lake).compute("T", kpis).scans
    assert not old.exists()
    same_as_from_scratch(lake, "T", kpis)
    shutil.rmtree(lake.folder / "sums")
    assert computer(lake).compute("T", kpis).scans
    same_as_from_scratch(lake, "T", kpis)
