"""A lake with one city and two small contracts."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from trial_lake import CITY, VISITS, Take, trial_lake

from qala.lake import IngestRequest, Lake, Receipt


@pytest.fixture
def lake(tmp_path: Path) -> Lake:
    return trial_lake(tmp_path / "lake")


@pytest.fixture
def take(lake: Lake, tmp_path: Path) -> Take:
    """Take in a text (as a CSV file), bytes, a path, a table or a list of rows."""
    count = iter(range(1_000_000))

    def take_in(source: Any, dataset: str = VISITS, name: str = "rows.csv", **also: Any) -> Receipt:
        if isinstance(source, list):
            source = pa.Table.from_pylist(source)
        if isinstance(source, str):
            source = source.encode()
        if isinstance(source, bytes):
            folder = tmp_path / f"in{next(count)}"
            folder.mkdir()
            (folder / name).write_bytes(source)
            source = folder / name
        receipt = lake.ingest(IngestRequest(CITY, dataset, source, **also))
        assert receipt.balances
        return receipt

    return take_in
