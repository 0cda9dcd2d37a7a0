"""A process that delivers batch after batch and may be killed at any moment: `python deliverer.py LAKE FIRST LAST [CITY]`.

Batch n holds visits n*100 … n*100+149: half of the next batch's are corrected by it, so that batches replace rows.
"""

from __future__ import annotations

import sys
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pyarrow as pa

sys.path.insert(0, str(Path(__file__).parents[1] / "lake"))

from trial_lake import CITY, VISITS, trial_catalogue

from qala.lake import IngestRequest, Lake


def batch(number: int) -> pa.Table:
    keys = range(number * 100, number * 100 + 150)
    came = datetime(2025, 12, 1) + timedelta(days=7 * number)
    rows: list[dict[str, Any]] = [
        {
            "visit_id": str(key),
            "came_at": came + timedelta(minutes=key % 100),
            "kind": "short" if key % 50 else "tall",
            "persons": number,
        }
        for key in keys
    ]
    return pa.Table.from_pylist(rows)


def main(folder: str, first: int, last: int, city: str = CITY) -> None:
    lake = Lake(Path(folder), trial_catalogue())
    for number in range(first, last):
        receipt = lake.ingest(IngestRequest(city, VISITS, batch(number)))
        print(number, receipt.stored, receipt.replaced, flush=True)


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]), int(sys.argv[3]), *sys.argv[4:])
