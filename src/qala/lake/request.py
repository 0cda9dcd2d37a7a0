"""What is asked of the border: take in this, as that dataset of that city."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from qala.datasets import Way

if TYPE_CHECKING:
    import pyarrow as pa


@dataclass(frozen=True)
class IngestRequest:
    """A delivery of one dataset by one city.

    Args:
        source: a file, or a table in memory whose naive times are UTC.
        mapping: a mapping file, or its content.
        way: how the rows came (reading N1b).
        simulated: whether the source is simulated; every row of a simulated city is.
        source_name: what the receipt calls it; default: the file's name.
        received_at: UTC; default: now.
        dry_run: say what would happen, and change nothing.
        ignore_unknown: leave out headers that belong to no column, instead of refusing the file.
    """

    city: str
    dataset: str
    source: Path | pa.Table
    mapping: Path | Mapping[str, Any] | None = None
    way: Way = "file"
    simulated: bool = False
    source_name: str | None = None
    received_at: datetime | None = None
    dry_run: bool = False
    ignore_unknown: bool = False
