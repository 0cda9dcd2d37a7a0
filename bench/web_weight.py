"""What a page weighs before its charts and its map load themselves, as a browser that knows nothing receives it.

Charts and maps load when they come into view; here nothing ever does, and of the map's own page, which is a map first of all,
the library that draws it is left out. Counted is what came over the wire, compressed, with letters, styles and scripts.
"""

from __future__ import annotations

from typing import Any

from bench.figure import Figure
from bench.serving import serving

TO_REACH_KB = 150
NOTHING_COMES_INTO_VIEW = """
window.IntersectionObserver = class { observe() {} unobserve() {} disconnect() {} takeRecords() { return []; } };
"""
LIBRARIES = ("/static/vendor/echarts", "/static/vendor/maplibre-gl")
BROWSER = [
    f"--{flag}"
    for flag in (
        "no-sandbox", "disable-quic", "no-first-run", "disable-background-networking", "disable-component-update",
        "disable-sync",
    )
]  # fmt: skip


def measure(port: int) -> list[Figure]:
    """The heaviest of the public pages, in Kazakh, whose letters take most; every page is in `raw`."""
    from bench.web_pages import pages
    from qala.config.processes import commands

    known = pages()
    city = known["city"].split("/")[3]
    addresses = {
        **known,
        "compare": "/kk/compare/",
        "map": f"/kk/map/?city={city}",
        "walking access": f"/kk/access/{city}/",
        "board": f"/kk/board/{city}/overview/",
        "order": "/kk/order/",
        "data": "/kk/data/",
        "status": "/kk/status/",
    }
    with serving(list(commands("127.0.0.1", port, 2)["pages"]), port, "/healthz"):
        weights = {name: _weight(f"http://127.0.0.1:{port}{path}") for name, path in addresses.items()}
    heaviest = max(weights, key=lambda name: sum(weights[name].values()))
    most = sum(weights[heaviest].values()) / 1000
    page = next(size for url, size in weights[heaviest].items() if url.endswith(addresses[heaviest])) / 1000
    return [
        Figure(
            "web_weight",
            f"weight before charts and map load themselves, the heaviest of {len(weights)} kinds of pages: {heaviest}",
            f"{most:.0f} KB, the page itself {page:.0f} KB",
            to_reach=f"≤ {TO_REACH_KB} KB",
            reached=most <= TO_REACH_KB,
            raw={"bytes": weights},
        )
    ]


def _weight(url: str) -> dict[str, float]:
    """Address of each file -> bytes that came over the wire for it."""
    from playwright.sync_api import sync_playwright

    names: dict[str, str] = {}
    sizes: dict[str, float] = {}

    def asked(event: Any) -> None:
        names[event["requestId"]] = event["request"]["url"]

    def came(event: Any) -> None:
        name = names.get(event["requestId"], event["requestId"])
        if not any(library in name for library in LIBRARIES):
            sizes[name] = sizes.get(name, 0) + event["encodedDataLength"]

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path="/usr/bin/chromium", args=BROWSER)
        page = browser.new_page(viewport={"width": 1280, "height": 800})
        page.add_init_script(NOTHING_COMES_INTO_VIEW)
        session = page.context.new_cdp_session(page)
        session.send("Network.enable")
        session.on("Network.requestWillBeSent", asked)
        session.on("Network.loadingFinished", came)
        page.goto(url, wait_until="networkidle")
        browser.close()
    return sizes
