"""Whole ways by keys alone: no pointer is touched. What a key must reach is found by Tab, as a person finds it."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest
from conftest import Site

CITY = "SIM-R01"
YEAR = 2026


def tab_to(page: Any, css: str, most: int = 400) -> None:
    """Press Tab until what has the focus matches; it must then be seen."""
    for _ in range(most):
        page.keyboard.press("Tab")
        if page.evaluate("css => document.activeElement.matches(css)", css):
            box = page.evaluate("document.activeElement.getBoundingClientRect().toJSON()")
            assert box["width"] > 0
            assert box["height"] > 0
            return
    raise AssertionError(f"{css} cannot be reached by Tab on {page.url}")


def enter(page: Any, css: str, leads_to: str | re.Pattern[str]) -> None:
    """Follow what matches, by Tab and Enter."""
    tab_to(page, css)
    page.keyboard.press("Enter")
    page.wait_for_url(leads_to)


def write(page: Any, css: str, text: str) -> None:
    """Reach a field by Tab and type into it."""
    tab_to(page, css)
    page.keyboard.press("ControlOrMeta+a")
    page.keyboard.type(text)


def sign_in(page: Any, site: Site, role: str) -> None:
    """The form of signing in, by keys."""
    page.goto("/en/account/login/")
    write(page, "input[name=login]", site.accounts[role])
    write(page, "input[name=password]", site.password)
    page.keyboard.press("Enter")
    page.wait_for_url(lambda url: "/login/" not in url)


@pytest.fixture
def page(open_page: Callable[..., Any]) -> Any:
    return open_page(width=1280)


def test_from_the_rating_to_the_rows(page: Any, site: Site) -> None:
    sign_in(page, site, "analyst")
    page.goto("/en/rating/")
    enter(page, f"main a[href^='/en/city/{CITY}/']", "**/city/**")
    enter(page, f"main a[href*='/city/{CITY}/kpi/']", "**/kpi/**")
    enter(page, "main a[href*='/rows/']", "**/rows/**")
    assert page.locator("main table tbody tr").count() > 0
    assert page.evaluate("document.activeElement === document.body")  # the page begins at its beginning


def test_the_skip_link_leads_past_the_head(page: Any) -> None:
    page.goto("/kk/rating/")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.className") == "skip"
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.closest('main') !== null")


def test_a_run_is_published(page: Any, site: Site) -> None:
    """Computed and published by the ministry."""
    sign_in(page, site, "ministry")
    page.goto("/en/runs/")
    tab_to(page, "summary")
    page.keyboard.press("Enter")
    tab_to(page, "#category")
    page.keyboard.press("ArrowDown")
    assert page.input_value("#category") == "oblast"
    write(page, "#as_of", f"1231{YEAR}")
    tab_to(page, "#ways")
    page.keyboard.press("End")
    tab_to(page, "main form button.button")
    page.keyboard.press("Enter")
    page.wait_for_url("**/runs/work/**")
    page.wait_for_selector("a.button:has-text('Show the run')", timeout=90_000)
    enter(page, "main a.button[href*='/runs/']", re.compile(rf"/runs/{YEAR}-"))
    run = page.inner_text(".lead").strip()
    enter(page, "main a.button[href$='/publish/']", "**/publish/")
    write(page, "#note", "Read by keys.")
    write(page, "#confirmed", run[-8:])
    tab_to(page, "main form button")
    page.keyboard.press("Enter")
    page.wait_for_selector("text=The rating is published.")


def test_a_board_is_built(page: Any, site: Site) -> None:
    """Begun, two items added, one moved, made larger, moved back, looked at, and published."""
    sign_in(page, site, "analyst")
    page.goto(f"/en/board/{CITY}/new/")
    write(page, "input[name=name]", "keys")
    write(page, "input[name=title_en]", "By keys")
    enter(page, "main form .button:not([name])", "**/edit/")
    for kind in ("Text", "Counter"):
        tab_to(page, "select[name=kind]")
        page.keyboard.type(kind)
        tab_to(page, "button[name=add]")
        page.keyboard.press("Enter")
        page.wait_for_selector(f"legend:has-text('{kind}')")
    write(page, "textarea[lang=en]", "Written by keys")
    tab_to(page, "select[name$='-dataset']")
    page.keyboard.type("Air")
    assert page.input_value("select[name$='-dataset']")

    def place() -> list[str]:
        return [page.input_value(f"[name=i1-{name}]") for name in "xywh"]

    page.evaluate("document.activeElement.blur(), scrollTo(0, 0)")
    page.keyboard.press("Home")
    page.focus("main")
    tab_to(page, ".builder-item")
    before = place()
    page.keyboard.press("ArrowRight")
    page.keyboard.press("Shift+ArrowDown")
    moved = place()
    assert [int(now) - int(then) for now, then in zip(moved, before, strict=True)] == [1, 0, 0, 1]
    page.keyboard.press("Control+z")
    assert place() == [str(int(before[0]) + 1), *before[1:]]
    assert page.evaluate("document.activeElement.matches('.builder-item')")  # undoing loses nobody's place
    page.keyboard.press("Control+z")
    assert place() == before
    tab_to(page, "button[name=preview]")
    page.keyboard.press("Enter")
    page.wait_for_selector("section.board-item:has-text('Written by keys')")
    tab_to(page, "button[name=publish]")
    page.keyboard.press("Enter")
    page.wait_for_url(re.compile(rf"/board/{CITY}/keys/(#.*)?$"))
    assert "Written by keys" in page.inner_text(".board")
