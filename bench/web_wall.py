"""A situational board on a wall for days: a browser whose clock runs ahead, so that an hour of the wall takes seconds.

The board is a real one of a running site. Every item is changed at every look (its first number grows by one), as on a city's
busiest day; the connection goes and comes back every six hours. After each six hours the page takes itself anew, as it always
does; what it holds is measured just before. `make wall` prints it of the demo's site that runs.

Its clock runs ahead of the site's, so that the stream of news seems silent to it at every look and is opened anew: the four
listeners of each, some 1,100 in six hours, are of this trial and not of a wall, whose stream stays open.
"""

from __future__ import annotations

import contextlib
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from playwright.sync_api import TimeoutError

MINUTE_MS = 60_000
NEW_PAGE = 6 * 60
FLAGS = ("--no-sandbox", "--disable-quic", "--use-angle=swiftshader", "--enable-unsafe-swiftshader")


@dataclass
class Held:
    """What the page holds after a collection of garbage."""

    heap: int
    nodes: int
    listeners: int


_CHANGING = """
(() => {
  const real = window.fetch.bind(window), known = new Map();
  window.lookedAt = 0;
  window.fetch = async (address, how) => {
    if (!/\\/items\\/[^/]+\\/\\?/.test(address)) return real(address, how);
    if (!navigator.onLine) throw new TypeError("Failed to fetch");
    if (!known.has(address)) {
      const answer = await real(address, { ...how, headers: {} });
      if (!answer.ok) return answer;
      known.set(address, [await answer.text(), answer.headers.get("Qala-Board")]);
    }
    const [text, state] = known.get(address), n = ++window.lookedAt;
    const grown = text.replace(/>(\\d+)</, (_, number) => `>${Number(number) + n}<`);
    return new Response(grown, { status: 200, headers: { ETag: `"${n}"`, "Qala-Board": state } });
  };
})();
"""
"""Before the page's own scripts: what the site says of an item is kept, and told each time with its first number grown."""


@dataclass
class Wall:
    """A board of a site in a browser's page.

    Args:
        page: of Playwright; nothing opened yet.
        address: of the board, without `wall`.
    """

    page: Any
    address: str

    def open(self) -> None:
        """Open it, its clock held; from now on every item is another one at each look."""
        self.page.clock.install()
        self.page.add_init_script(_CHANGING)
        self.page.goto(self.address + ("&" if "?" in self.address else "?") + "wall=1")
        self.page.wait_for_selector("[data-board-state]")
        self.page.wait_for_load_state("networkidle")

    def minutes(self, number: int) -> None:
        """Let so many minutes pass; at each one every item is looked at."""
        items = self.page.locator("[data-item]").count()
        for _ in range(number):
            wanted = self.page.evaluate("lookedAt") + items
            # An item that is still being looked at when its next look is due is looked at a minute later.
            for _again in range(12):
                self.page.clock.fast_forward(MINUTE_MS)
                with contextlib.suppress(TimeoutError):
                    self.page.wait_for_function("wanted => lookedAt >= wanted", arg=wanted, polling=20, timeout=5_000)
                    break
            else:
                raise AssertionError("the items are not looked at any more")

    def cut(self, minutes: int) -> None:
        """Take the connection away for so many minutes, and give it back."""
        self.page.context.set_offline(True)
        self.page.wait_for_selector("[data-board-state].lost")
        self.page.clock.fast_forward(minutes * MINUTE_MS)
        self.page.context.set_offline(False)
        self.page.wait_for_selector("[data-board-state]:not(.lost)")

    def held(self) -> Held:
        """What it holds now."""
        session = self.page.context.new_cdp_session(self.page)
        for _twice in range(2):  # what the first finds unused in the document, the second lets go
            session.send("HeapProfiler.collectGarbage")
        session.send("Performance.enable")
        found = {one["name"]: int(one["value"]) for one in session.send("Performance.getMetrics")["metrics"]}
        session.detach()
        return Held(found["JSHeapUsedSize"], found["Nodes"], found["JSEventListeners"])


def days(address: str, hours: int) -> Sequence[str]:
    """So many hours of a wall, told in lines."""
    from playwright.sync_api import sync_playwright

    lines = []
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path="/usr/bin/chromium", args=list(FLAGS))
        page = browser.new_page(viewport={"width": 1920, "height": 1080})
        errors: list[str] = []
        page.on("pageerror", lambda error: errors.append(str(error)))
        wall, begun = Wall(page, address), time.monotonic()
        wall.open()
        for stretch in range(-(-hours * 60 // NEW_PAGE)):
            wall.minutes(10)
            first = wall.held()
            wall.cut(10)
            wall.minutes(NEW_PAGE - 30)
            last = wall.held()
            lines.append(
                f"{(stretch + 1) * NEW_PAGE // 60:3} h: heap {first.heap / 1e6:.1f} → {last.heap / 1e6:.1f} MB, "
                f"nodes {first.nodes} → {last.nodes}, listeners {first.listeners} → {last.listeners}, "
                f"{page.evaluate('lookedAt')} changes shown"
            )
            print(lines[-1], flush=True)
            with page.expect_navigation(timeout=120_000):
                page.clock.fast_forward(20 * MINUTE_MS)
            page.wait_for_selector("[data-board-state]")
        browser.close()
    lines.append(
        f"{hours} hours of a wall in {time.monotonic() - begun:.0f} s; errors of scripts: {len(errors)} {errors[:3]}"
    )
    return lines


if __name__ == "__main__":
    print(days(sys.argv[1], int(sys.argv[2]) if len(sys.argv) > 2 else 72)[-1])
