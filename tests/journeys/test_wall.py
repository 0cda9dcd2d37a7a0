"""A board on a wall: hundreds of changes and a cut connection leave the same page, no larger than before."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from bench.web_wall import Wall
from conftest import Site

GROWS = 1_000_000
"""Bytes of heap by which a page may differ that does the same over and over: what engines keep of their own."""


def test_a_wall_of_hundreds_of_changes_grows_by_nothing_and_survives_a_cut(
    open_page: Callable[..., Any], site: Site
) -> None:
    page = open_page(width=1920)
    wall = Wall(page, f"{site.address}/en/board/SIM-R01/overview/")
    wall.open()
    wall.minutes(10)  # what is kept once is kept now
    page.evaluate("document.querySelectorAll('[data-item] h2').forEach((one) => { one.kept = true })")
    before, looked = wall.held(), page.evaluate("lookedAt")
    wall.minutes(15)
    numbers = page.locator(".board-number").all_inner_texts()
    wall.cut(10)
    assert page.locator(".board-number").count() == len(numbers)
    wall.minutes(15)
    after = wall.held()
    assert page.evaluate("lookedAt") - looked >= 200
    assert page.evaluate(
        "[...document.querySelectorAll('[data-item] h2')].every((one) => one.kept)"
    )  # nothing was drawn anew
    assert after.nodes - before.nodes < 50, (before, after)
    assert after.heap - before.heap < GROWS, (before, after)
    assert page.locator(".board-number").all_inner_texts() != numbers
