"""The probe: a process of its own that asks for the public rating as a visitor would, and writes down whether it came.

Each probe is a line of `QALA_HOME/probes/YYYY-MM.csv` (UTC months) with the columns of the dataset
`situation_centre.probes`, of which KPI 1.2 is made. A file `QALA_HOME/maintenance` marks probes as planned downtime.
Nothing but the standard library is loaded: it must outlive what it watches.
"""

from __future__ import annotations

import os
import signal
import socket
import time
import urllib.error
import urllib.request
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

HEADER = "probed_at,vantage,answered,failures_in_row,planned,answer_ms\n"
PATIENCE_S = 10.0
"""An answer that takes longer is none."""
EVERY_S = 60.0
"""Open term probe_interval of order 469; a test holds them together."""
PAGE = "/kk/rating/"


@dataclass(frozen=True)
class Probe:
    """One look from outside; `answer_ms` is None where nothing came."""

    at: datetime
    answered: bool
    answer_ms: int | None


def look(address: str) -> Probe:
    """Ask for a page once."""
    at = datetime.now(UTC)
    began = time.monotonic()
    request = urllib.request.Request(address, headers={"User-Agent": "qala-probe", "Cache-Control": "no-cache"})
    try:
        with urllib.request.urlopen(request, timeout=PATIENCE_S) as answer:
            answer.read()
            good = answer.status == 200
    except (urllib.error.URLError, OSError, ValueError):
        return Probe(at, False, None)
    return Probe(at, good, round(1000 * (time.monotonic() - began)) if good else None)


def append(folder: Path, probe: Probe, failures: int, planned: bool) -> None:
    """Write a probe as a line of its month."""
    folder.mkdir(parents=True, exist_ok=True)
    file = folder / f"{probe.at:%Y-%m}.csv"
    said = (
        f"{probe.at:%Y-%m-%dT%H:%M:%SZ}", socket.gethostname(), str(probe.answered).lower(), str(failures),
        str(planned).lower(), "" if probe.answer_ms is None else str(probe.answer_ms),
    )  # fmt: skip
    fresh = not file.exists()
    with file.open("a", encoding="utf-8") as out:
        out.write((HEADER if fresh else "") + ",".join(said) + "\n")


def failures_before(folder: Path) -> int:
    """Failures in a row at the end of the newest file, so that a restart of the probe does not forgive them."""
    files = sorted(folder.glob("*.csv"))
    if not files:
        return 0
    last = files[-1].read_text(encoding="utf-8").strip().splitlines()[-1].split(",")
    return int(last[3]) if last[3].isdigit() else 0


def main() -> None:
    """Probe until SIGTERM. `QALA_ADDRESS` says what to ask, `QALA_PROBE_SECONDS` how often."""
    stopping = False

    def stop(*_: object) -> None:
        nonlocal stopping
        stopping = True

    signal.signal(signal.SIGTERM, stop)
    signal.signal(signal.SIGINT, stop)
    home = Path(os.environ.get("QALA_HOME") or "out/site")
    folder = home / "probes"
    address = os.environ.get("QALA_ADDRESS", "http://localhost:8000").rstrip("/") + PAGE
    every = float(os.environ.get("QALA_PROBE_SECONDS") or EVERY_S)
    failures = failures_before(folder)
    due = time.monotonic() + min(every, 15)  # the site is starting beside it
    while not stopping:
        if time.monotonic() < due:
            time.sleep(0.25)
            continue
        due = max(due + every, time.monotonic())
        probe = look(address)
        failures = 0 if probe.answered else failures + 1
        append(folder, probe, failures, (home / "maintenance").exists())


if __name__ == "__main__":
    main()
