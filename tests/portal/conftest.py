"""What the portal's tests share: a small measured lake that the site reads."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parents[1] / "reports"))
import tiny_lake

from qala.datasets import load_catalogue
from qala.facts import desk
from qala.measures.values import Values
from qala.standard import editions


@pytest.fixture(scope="session")
def lake_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two tiny cities, measured, with one run."""
    catalogue = load_catalogue()
    lake = tiny_lake.make(tmp_path_factory.mktemp("portal") / "lake", catalogue)
    values = Values(lake, editions()["order_469"], catalogue)
    for code in tiny_lake.NAMES:
        values.computer.compute(code)
    return lake.folder


@pytest.fixture
def tiny_site(lake_folder: Path, monkeypatch: pytest.MonkeyPatch, db: None) -> Iterator[Path]:
    """The site over the tiny lake."""
    monkeypatch.setenv("QALA_LAKE", str(lake_folder))
    monkeypatch.setenv("QALA_EDITION", "order_469")
    yield lake_folder
    desk._own.__dict__.clear()
