"""`python -m bench.ledger_year`: reading a live source's ledger of a year, a receipt a minute, before and after it is folded."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from datetime import UTC, datetime, timedelta
from pathlib import Path

from bench import machine
from bench.figure import Figure, megabytes, seconds, show

DATASET = "heat.readings"
BEGAN = datetime(2025, 1, 1, tzinfo=UTC)
MINUTES = 365 * 24 * 60
READ = """
import json, sys, time
from pathlib import Path
from qala.lake.ledger import Ledger
began = time.perf_counter()
found = Ledger(Path(sys.argv[1])).receipts()
spent = time.perf_counter() - began
print(json.dumps({"seconds": spent, "lines": len(found), "read": sum(one.read for one in found)}))
"""


def _read(folder: Path) -> dict[str, float]:
    done = subprocess.run([sys.executable, "-c", READ, str(folder)], check=True, capture_output=True)
    found: dict[str, float] = json.loads(done.stdout)
    return found


def _write(file: Path) -> None:
    """A year of receipts as the committer gives them."""
    file.parent.mkdir(parents=True)
    with file.open("w") as ledger:
        for n in range(MINUTES):
            moment = BEGAN + timedelta(minutes=n)
            rid, day = f"{moment:%Y%m%dT%H%M%S.%f}-{n:012x}", f"{moment:%Y-%m-%d}"
            said = {
                "id": rid, "city": "750000000", "dataset": DATASET, "source": "meters", "border": "5f0c2a9d1b7e4c33",
                "received_at": moment.isoformat(), "way": "integration", "simulated": False, "read": 60, "stored": 60,
                "first_day": day, "last_day": day, "version": n,
                "files": [f"city=750000000/year={moment.year}/{rid}-c1-plus-0.parquet"],
            }  # fmt: skip
            ledger.write(json.dumps(said) + "\n")


def main() -> int:
    from qala.lake.ledger import Ledger

    load = os.getloadavg()[0]
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "ledger" / f"{DATASET}.jsonl"
        _write(file)
        before, size = _read(file.parent), file.stat().st_size
        Ledger(file.parent).fold(DATASET, (BEGAN + timedelta(days=400)).date())
        after, small = _read(file.parent), file.stat().st_size
        archive = sum(one.stat().st_size for one in file.parent.glob("archive/*/*"))
    assert before["read"] == after["read"] == 60 * MINUTES
    figure = Figure(
        "ledger_year",
        f"reading a ledger of {before['lines']:,} receipts (a year, one a minute), folded to {after['lines']:,.0f} lines",
        f"{seconds(after['seconds'])}, {megabytes(small)}",
        f"{seconds(before['seconds'])}, {megabytes(size)} (not folded)",
        f"{before['seconds'] / after['seconds']:.0f} × faster",
        raw={"before": before, "after": after, "bytes": [size, small, archive]},
    )
    result = {"machine": machine.facts() | {"load_before": [round(load, 2)]}, "figures": [figure.said()]}
    (Path(__file__).parent / "results" / "ledger_year.json").write_text(json.dumps(result, indent=1) + "\n")
    show([figure], "The ledger")
    return 0


if __name__ == "__main__":
    sys.exit(main())
