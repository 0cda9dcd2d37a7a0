"""`python -m bench.intake_visible`: from an event to the number on a page that is open, on a whole site with a real browser.

A simulated city, `qala serve` with all its processes, headless Chromium. A boarding is posted to the door; the clock runs from
before the request until the browser shows another number, on the page of KPI 4.3 and on a board's counter of the day, in turns.
With `--play` two cities send at the same time, sixty times as fast as in life.
"""

from __future__ import annotations

import argparse
import importlib.util
import json
import random
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from datetime import UTC, datetime
from pathlib import Path
from statistics import median
from types import ModuleType
from typing import Any

from bench import machine
from bench.figure import Figure, show

HERE = Path(__file__).parent
ROOT = HERE.parent
CITY = "SIM-R01"
PLACES = {
    f"/en/city/{CITY}/kpi/4.3/?grain=month": "#sums ~ dl",
    f"/en/board/{CITY}/overview/": "[data-item=incidents] .board-number",
}


def measure(events: int, lake: Path | None, play: float | None) -> list[Figure]:
    journeys = _journeys()
    folder = Path(tempfile.mkdtemp(prefix="bench-visible-", dir=_out()))
    try:
        _lake(folder / "lake", lake)
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            port = free.getsockname()[1]
        site = journeys.Site(folder, port, more=("--play", str(play)) if play else ())
        site.start()
        try:
            spent = _watched(site, journeys, events)
        finally:
            site.stop()
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    found = []
    every = sorted(one for times in spent.values() for one in times)
    p95 = every[int(len(every) * 0.95)]
    raw = {path: [round(one, 3) for one in times] for path, times in spent.items()}
    what = f"from an event to the number on the open page, {len(every)} events" + (
        ", two cities playing beside" if play else ""
    )
    found.append(
        Figure("intake_visible", what, f"p50 {median(every):.2f} s, p95 {p95:.2f} s", "order: 15 min", f"{900 / p95:,.0f} ×",
               "p95 ≤ 5 s", p95 <= 5, {"seconds": raw, "longest_s": round(every[-1], 3), "played": play})
    )  # fmt: skip
    return found


def _watched(site: Any, journeys: ModuleType, events: int) -> dict[str, list[float]]:
    from playwright.sync_api import sync_playwright

    boardings = site.credential("bench-boardings", CITY, "transport.boardings")
    incidents = site.credential("bench-incidents", CITY, "situation_centre.incidents")
    chance, number = random.Random(7), int(time.time()) * 1000
    spent: dict[str, list[float]] = {path: [] for path in PLACES}

    def happen(path: str) -> None:
        nonlocal number
        number += 1
        now = datetime.now(UTC).isoformat()
        if "kpi" in path:
            row = {
                "boarding_id": number,
                "boarded_at": now,
                "registered_at": now,
                "route_id": "R001",
                "payment": "card",
            }
            said = site.send("transport.boardings", boardings, [row])
        else:
            row = {"incident_id": f"bench-{number}", "incident_kind": "outage", "severity": "minor", "created_at": now,
                   "human_acts": 0, "reopened": False, "registered_at": now}  # fmt: skip
            said = site.send("situation_centre.incidents", incidents, [row])
        assert said["accepted"] == 1, said

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=journeys.CHROMIUM, args=journeys.FLAGS.split())
        for path, where in PLACES.items():
            page = browser.new_page(base_url=site.address)
            page.set_default_timeout(60_000)
            page.goto(path)
            page.wait_for_selector(where)
            happen(path)  # the first makes the border and the table of the source
            page.wait_for_timeout(8_000)
            for _ in range((events + 1) // len(PLACES)):
                before = page.inner_text(where)
                began = time.monotonic()
                happen(path)
                page.wait_for_function(
                    "([where, before]) => document.querySelector(where).innerText !== before", arg=[where, before]
                )
                spent[path].append(time.monotonic() - began)
                page.wait_for_timeout(chance.uniform(300, 2500))
            page.close()
        browser.close()
    return spent


def _lake(to: Path, given: Path | None) -> None:
    if given is not None:
        shutil.copytree(given, to)
        return
    qala = Path(sys.executable).with_name("qala")
    year = str(datetime.now(UTC).year)
    orders = (
        ["simulate", "--cities", "2", "--scale", "0.005", "--year", year, "--to", str(to)],
        ["compute", "--lake", str(to), "--edition", "order_469"],
    )
    for order in orders:
        subprocess.run([str(qala), *order], check=True, capture_output=True)


def _journeys() -> ModuleType:
    """The site of the journeys' tests."""
    sys.path.insert(0, str(ROOT))
    spec = importlib.util.spec_from_file_location("journeys", ROOT / "tests" / "journeys" / "conftest.py")
    assert spec is not None and spec.loader is not None
    found = importlib.util.module_from_spec(spec)
    sys.modules["journeys"] = found
    spec.loader.exec_module(found)
    return found


def _out() -> Path:
    """Beside the program: our own database server runs as a user who may not enter every temporary folder."""
    found = ROOT / "out"
    found.mkdir(exist_ok=True)
    return found


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--events", type=int, default=60)
    parser.add_argument("--lake", type=Path, help="a lake with SIM-R01; one is made where none is named")
    parser.add_argument("--play", type=float, help="speed at which two cities send beside")
    asked = parser.parse_args()
    facts: dict[str, Any] = machine.facts()
    figures = measure(asked.events, asked.lake, asked.play)
    show(figures, f"{facts['processor']}, {facts['cores']} cores, load {facts['load_before'][0]} before")
    said = {"machine": facts, "figures": [one.said() for one in figures]}
    name = "intake_visible_played" if asked.play else "intake_visible"
    (HERE / "results" / f"{name}.json").write_text(json.dumps(said, indent=1, ensure_ascii=False) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
