"""Every page of the site before axe, on a phone and on a desk, in light and in dark, as whoever reads it.

Each page is opened once. Pages take turns in language, theme and width; on a phone's width each is measured.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from itertools import chain
from pathlib import Path
from typing import Any

import pytest
from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value
from conftest import AXE, Site
from django.urls import LocalePrefixPattern, URLPattern, URLResolver, get_resolver
from every_page import ELSEWHERE, PAGES, Page

CITY = "SIM-R01"
LANGUAGES = ("kk", "ru", "en")
PHONE, DESK = {"width": 390, "height": 844}, {"width": 1440, "height": 900}
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
LOOKS = ((PHONE, "light"), (DESK, "dark"), (PHONE, "dark"), (DESK, "light"))
OVER = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
FRAMES = "() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(() => done())))"
SHARES = 4
"""In how many tests the pages are looked at, each with some of them."""


@pytest.fixture(scope="module")
def furnished(site: Site) -> dict[str, Any]:
    """What words in braces stand for, sign-ins of roles, and whoever has a second factor."""
    environment = {**os.environ, "QALA_LAKE": str(site.folder / "lake"), "QALA_HOME": str(site.folder / "site")}
    environment = {name: value for name, value in environment.items() if not name.startswith(("DATABASE_", "DJANGO_"))}
    done = subprocess.run(
        [sys.executable, str(Path(__file__).with_name("furnish.py")), CITY],
        env={**environment, "QALA_EDITION": "order_469"}, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    found: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return found


@pytest.fixture(scope="module")
def reads(browser: Any, site: Site, furnished: dict[str, Any]) -> Iterator[Callable[[str], Any]]:
    """The browser of a reader: `reads("analyst")` is a page of it."""
    pages: dict[str, Any] = {}

    def of(reader: str) -> Any:
        if reader not in pages:
            context = browser.new_context(base_url=site.address, viewport=PHONE, reduced_motion="reduce")
            context.set_default_timeout(30_000)
            pages[reader] = context.new_page()
            if reader == "keeper":
                _with_second_factor(pages[reader], furnished["keeper"])
            elif reader:
                key = furnished["sessions"][reader]
                context.add_cookies([{"name": "sessionid", "value": key, "url": site.address}])
        return pages[reader]

    yield of
    for page in pages.values():
        page.context.close()


def _with_second_factor(page: Any, keeper: dict[str, str]) -> None:
    page.goto("/en/account/login/")
    page.fill("input[name=login]", keeper["email"])
    page.fill("input[name=password]", keeper["password"])
    page.press("input[name=password]", "Enter")
    page.wait_for_url("**/2fa/authenticate/**")
    assert _findings(page) == []
    page.fill("input[name=code]", format_hotp_value(hotp_value(keeper["secret"], int(time.time()) // 30)))
    page.press("input[name=code]", "Enter")
    page.wait_for_url(lambda url: "/2fa/" not in url)


def _findings(page: Any) -> list[tuple[str, str]]:
    """What axe finds as the page stands, what is folded in it included; and how far it is wider than a phone."""
    page.evaluate("for (const one of document.querySelectorAll('details')) one.open = true")
    page.evaluate(FRAMES)  # the page's own script hears of what was unfolded
    page.evaluate(AXE.read_text())
    found = page.evaluate("rules => axe.run({runOnly: rules, resultTypes: ['violations']})", RULES)["violations"]
    said = [(one["id"], node["html"][:200]) for one in found for node in one["nodes"][:3]]
    page.set_viewport_size(PHONE)
    until = time.monotonic() + 5
    while (over := page.evaluate(OVER)) > 0 and time.monotonic() < until:
        time.sleep(0.1)  # a chart takes its new width a moment after the window did
    return [*said, *([("wider than the screen", f"{over} px")] if over > 0 else [])]


def _looked_at(page: Any, one: Page, turn: int, names: dict[str, Any]) -> list[tuple[str, str]]:
    trouble: list[tuple[str, str]] = []
    heard = {
        "console": lambda message: message.type == "error" and trouble.append(("console", message.text)),
        "pageerror": lambda error: trouble.append(("script", str(error))),
        "response": lambda answer: answer.status >= 500 and trouble.append((str(answer.status), answer.url)),
    }
    size, theme = LOOKS[turn % 4]
    page.set_viewport_size(size)
    page.emulate_media(color_scheme=theme)
    for event, what in heard.items():
        page.on(event, what)
    answer = page.goto(f"/{LANGUAGES[turn % 3]}/{one.path.format(**names)}")
    if answer.status != one.status:
        trouble.append(("answer", f"{answer.status}, not {one.status}; at {page.url}"))
    trouble += [(f"{kind}, {size['width']} px, {theme}", text) for kind, text in _findings(page)]
    for event, what in heard.items():
        page.remove_listener(event, what)
    told = f"the server responded with a status of {one.status}"
    return [(kind, text) for kind, text in trouble if not (kind == "console" and one.status >= 400 and told in text)]


@pytest.mark.parametrize("share", range(SHARES))
def test_axe_finds_nothing_and_nothing_fails(
    reads: Callable[[str], Any], furnished: dict[str, Any], share: int
) -> None:
    pages = list(chain.from_iterable(PAGES.values()))
    found = []
    for number in range(share, len(pages), SHARES):
        one = pages[number]
        trouble = _looked_at(reads(one.reader), one, number // SHARES + share, furnished)
        found += [(one.path, one.reader or "guest", *said) for said in dict.fromkeys(trouble)]
    assert not found, "\n".join(map(str, found))


def test_every_address_is_looked_at_or_said_to_be_no_page() -> None:
    there = {name for resolver in get_resolver().url_patterns for name in _names(resolver) if _of_pages(resolver)}
    told = PAGES.keys() | ELSEWHERE.keys()
    assert there - told == set(), "addresses that every_page.py does not know"
    assert told - there == set(), "every_page.py knows addresses that are not there"
    assert PAGES.keys() & ELSEWHERE.keys() == set()


def _of_pages(resolver: Any) -> bool:
    """Whether addresses below it begin with a language."""
    return isinstance(resolver.pattern, LocalePrefixPattern)


def _names(resolver: URLResolver | URLPattern, space: str = "") -> Iterator[str]:
    if isinstance(resolver, URLPattern):
        if resolver.name:
            yield f"{space}{resolver.name}"
        return
    inner = f"{space}{resolver.namespace}:" if resolver.namespace else space
    for one in resolver.url_patterns:
        yield from _names(one, inner)
