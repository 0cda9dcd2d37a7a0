"""The short form of `kill_collector.py`."""

from __future__ import annotations

from pathlib import Path

from kill_collector import trial


def test_whoever_dies_no_file_and_no_observation_is_lost_or_doubled(tmp_path: Path) -> None:
    found = trial(tmp_path, kills=4, between=(0.3, 1.2))
    assert found.acknowledged > 0
    assert (found.lost, found.doubled, found.wrong) == (0, 0, [])
