"""The short form of `make faults`: a flood, a full disk, a broker and a database that are gone for a while."""

from __future__ import annotations

from pathlib import Path

import pytest
from gone import broker_gone, database_gone
from overload import flood, full_disk


def test_a_flood_is_told_to_wait_and_another_source_is_not(tmp_path: Path) -> None:
    found = flood(tmp_path / "site", 6)
    assert found.asked_to_wait > 0
    assert found.quiet_refused == 0
    assert found.well, found


def test_a_full_disk_is_told_and_forgotten_when_there_is_room(tmp_path: Path) -> None:
    try:
        found = full_disk(tmp_path / "site", 6)
    except PermissionError as error:
        pytest.skip(f"a disk of its own cannot be mounted here: {error}")
    assert found.asked_to_wait > 0
    assert found.well, found


def test_a_broker_that_was_gone_brings_everything(tmp_path: Path) -> None:
    found = broker_gone(tmp_path / "site", 4)
    assert found.quiet_refused == 0
    assert found.well, found


def test_a_database_that_is_gone_stops_no_door(tmp_path: Path) -> None:
    found = database_gone(tmp_path / "site", 4)
    assert found.well, found
