"""The short form of `make faults`."""

from __future__ import annotations

from pathlib import Path

from kill_intake import trial


def test_whoever_dies_no_acknowledged_row_is_lost_or_doubled(tmp_path: Path) -> None:
    found = trial(tmp_path, kills=5, between=(0.1, 0.8))
    assert found.acknowledged > 0
    assert (found.lost, found.doubled, found.wrong) == (0, 0, [])
