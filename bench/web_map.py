"""`python -m bench.web_map --lake out/large/lake --home out/large/site`: the map with 3 million trees.

Tiles of the layer as the site gives them, every zoom and the fullest among them; and the first view of the map in Chromium
over a slow link (1.6 Mbit/s, 150 ms), nothing cached. The lake and its tiles are those of `make demo-large`; nothing is
written into the lake. The site runs under granian with the flags of `qala serve`.
"""

from __future__ import annotations

import argparse
import http.client
import json
import os
import random
import sys
import time
from pathlib import Path
from statistics import median
from typing import Any

from bench import machine
from bench.figure import Figure, show

HERE = Path(__file__).parent
SETTINGS = "qala.config.settings"
TILES = 600
"""Tiles that are asked for: a third of them the fullest, the others by chance."""
LINK = {"offline": False, "latency": 150, "downloadThroughput": 1.6e6 / 8, "uploadThroughput": 0.75e6 / 8}
VIEWS = 3
CHROMIUM = [
    f"--{flag}"
    for flag in (
        "no-sandbox", "disable-quic", "no-first-run", "disable-background-networking", "disable-component-update",
        "disable-sync", "use-angle=swiftshader", "enable-unsafe-swiftshader",
    )
]  # fmt: skip


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--lake", type=Path, default=Path("out/large/lake"))
    parser.add_argument("--home", type=Path, default=Path("out/large/site"))
    parser.add_argument("--layer", default="trees")
    parser.add_argument("--port", type=int, default=8129)
    asked = parser.parse_args()
    if not (asked.lake / "tables").is_dir():
        raise SystemExit(f"bench: there is no lake in {asked.lake}; `make demo-large` makes one, or name one: --lake")
    os.environ |= {
        "QALA_LAKE": str(asked.lake.resolve()),
        "QALA_HOME": str(asked.home.resolve()),
        "QALA_EDITION": os.environ.get("QALA_EDITION", "order_469"),
        "DJANGO_SETTINGS_MODULE": SETTINGS,
    }
    facts = machine.facts()
    figures = measure(asked.port, asked.layer)
    show(figures, f"{facts['processor']}, {facts['cores']} cores, load {facts['load_before'][0]} before")
    (HERE / "results").mkdir(exist_ok=True)
    said = {"machine": facts, "figures": [one.said() for one in figures]}
    (HERE / "results" / "web_map.json").write_text(json.dumps(said, indent=1, ensure_ascii=False) + "\n")
    return 0


def measure(port: int, layer: str = "trees") -> list[Figure]:
    """All figures of the map, of the first city of the lake that `QALA_LAKE` names."""
    from bench.web_pages import serving
    from qala.config.processes import commands, prepare

    prepare(lambda text: print(f"  {text}", file=sys.stderr))
    from qala import facts
    from qala.places.layers import layers
    from qala.places.tilesets import build

    lake, home = facts.lake(), Path(os.environ["QALA_HOME"])
    city = lake.cities.all()[0].code
    print("  tiles (minutes, where there are none yet)", file=sys.stderr)
    made = build(lake, home, layers()[layer], city)
    with serving(list(commands("127.0.0.1", port, 2)["pages"]), port, "/healthz"):
        return [tile_figure(port, city, layer, made.path, made.rows), *view_figures(port, city)]


def tile_figure(port: int, city: str, layer: str, path: Path, rows: int) -> Figure:
    """How long a tile of the layer takes, one reader, every answer read whole."""
    chosen = _tiles(path)
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    version = path.stem.rpartition("-")[2]
    times, sizes = [], []
    for z, x, y in chosen:
        began = time.perf_counter()
        connection.request(
            "GET", f"/tiles/{city}/{layer}/{z}/{x}/{y}.mvt?v={version}", headers={"Accept-Encoding": "gzip"}
        )
        answer = connection.getresponse()
        body = answer.read()
        times.append(time.perf_counter() - began)
        sizes.append(len(body))
        if answer.status != http.client.OK:
            raise SystemExit(f"bench: tile {z}/{x}/{y} answered {answer.status}")
    connection.close()
    times.sort()
    p95 = times[int(len(times) * 0.95)] * 1000
    return Figure(
        "map_tile",
        f"vector tile of a layer of {rows:,} points ({len(times)} tiles, the fullest {max(sizes) / 1000:.0f} KB)",
        f"{median(times) * 1000:.1f} ms, p95 {p95:.1f} ms",
        to_reach="p95 ≤ 50 ms",
        reached=p95 <= 50,
        raw={"seconds": times, "bytes": sizes},
    )


def _tiles(path: Path) -> list[tuple[int, int, int]]:
    """Tiles of the file: the fullest, and others by chance."""
    from pmtiles.reader import MmapSource, all_tiles

    with path.open("rb") as file:
        known = sorted(((len(data), at) for at, data in all_tiles(MmapSource(file))), reverse=True)
    chance = random.Random(1)
    full = [at for _, at in known[: TILES // 3]]
    rest = [at for _, at in known[TILES // 3 :]]
    chosen = full + chance.sample(rest, min(len(rest), TILES - len(full)))
    chance.shuffle(chosen)
    return chosen


def view_figures(port: int, city: str) -> list[Figure]:
    """The first view of a city's map over the slow link, nothing cached: the outlines, then the layers."""
    views = [_first_view(port, city) for _ in range(VIEWS)]
    found = []
    for key, what, reach in (
        ("outlines", "outlines of districts, streets and small layers seen", 6.0),
        ("map", "the map itself has taken over (here with software WebGL)", None),
        ("layers", "its layers and the base map drawn too", None),
    ):
        seconds = median(one[key] for one in views)
        found.append(
            Figure(
                f"map_first_{key}",
                f"first view of the map over 1.6 Mbit/s, 150 ms, nothing cached: {what}",
                f"{seconds:.1f} s, {median(one[key + '_kb'] for one in views):.0f} KB",
                to_reach=f"≤ {reach:.0f} s" if reach else "",
                reached=seconds <= reach if reach else None,
                raw={"views": views},
            )
        )
    return found


def _first_view(port: int, city: str) -> dict[str, float]:
    from playwright.sync_api import sync_playwright

    received = {"bytes": 0.0}

    def count(event: Any) -> None:
        received["bytes"] += event["encodedDataLength"]

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path="/usr/bin/chromium", args=CHROMIUM)
        page = browser.new_page(viewport={"width": 1280, "height": 800})
        session = page.context.new_cdp_session(page)
        session.send("Network.enable")
        session.send("Network.setCacheDisabled", {"cacheDisabled": True})
        session.send("Network.emulateNetworkConditions", LINK)
        session.on("Network.loadingFinished", count)
        found = {}
        began = time.perf_counter()
        page.goto(f"http://127.0.0.1:{port}/kk/map/?city={city}", wait_until="commit")
        for key, wanted in (
            ("outlines", ".map-outlines path"),
            ("map", ".map-canvas[data-drawn]"),
            ("layers", ".map-canvas[data-drawn=layers]"),
        ):
            page.wait_for_selector(wanted, state="attached", timeout=120_000)
            if key == "outlines":  # in the page is not yet on the screen
                page.evaluate("new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))")
            found[key] = time.perf_counter() - began
            found[f"{key}_kb"] = received["bytes"] / 1000
        browser.close()
    return found


if __name__ == "__main__":
    sys.exit(main())
