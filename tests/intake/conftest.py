"""A trial lake with sources, a door and a committer in this process."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "lake"))

from trial_lake import trial_lake

from qala.intake.receiving import Receiver
from qala.lake import Lake


@pytest.fixture
def lake(tmp_path: Path) -> Lake:
    return trial_lake(tmp_path / "lake")


@pytest.fixture
def receiver(lake: Lake) -> Iterator[Receiver]:
    found = Receiver(lake, "http")
    yield found
    found.close()
