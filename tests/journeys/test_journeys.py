"""Whole ways through the site, in a real browser, against the processes that `qala serve` starts."""

from __future__ import annotations

import json
import os
import re
import signal
import threading
from collections.abc import Callable
from typing import Any

import pytest
from conftest import Site, wait_until

LANGUAGES = ("kk", "ru", "en")
CITY = "SIM-R01"
YEAR = 2026
PAGES = [
    "", "rating/", f"city/{CITY}/", f"city/{CITY}/?all=1", f"city/{CITY}/section/governance/", f"city/{CITY}/initiative/2/",
    f"city/{CITY}/kpi/2.2/", f"city/{CITY}/kpi/2.2/places/?by=district", "region/SIM-1/", "compare/",
    f"compare/?cities={CITY}&cities=SIM-O02", f"map/?city={CITY}", f"access/{CITY}/", "board/", f"board/{CITY}/overview/",
    f"board/{CITY}/networks/", "order/", "order/kpi/2.3/", "data/", "data/dataset/contact_centre.appeals/", "status/", "ui/",
    "account/login/",
]  # fmt: skip
"""Addresses after the language that a guest may see."""


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_public_page_answers_in_its_language(site: Site, language: str) -> None:
    for path in PAGES:
        status, said = site.get(f"/{language}/{path}")
        assert status == 200, path
        assert f'<html lang="{language}"' in said, path
        for other in LANGUAGES:  # the same page in the others is a link away
            assert f'"/{other}/{path.split("?")[0]}' in said, (path, other)


@pytest.mark.parametrize("language", LANGUAGES)
def test_from_the_rating_to_the_rows_in_three_clicks(sign_in: Callable[..., Any], language: str) -> None:
    page = sign_in("analyst", language)
    page.goto(f"/{language}/rating/")
    page.click(f"main a[href^='/{language}/city/{CITY}/']")  # one
    page.wait_for_url("**/city/**")
    page.click(f"main a[href*='/city/{CITY}/kpi/']")  # two
    page.wait_for_url("**/kpi/**")
    page.click("main a[href*='/rows/']")  # three
    page.wait_for_url("**/rows/**")
    assert page.locator("main table tbody tr").count() > 0


def test_the_numbers_are_there_without_scripts(open_page: Callable[..., Any]) -> None:
    page = open_page(scripts=False)
    page.goto("/en/rating/")
    assert re.search(r"\d+\.\d\d", page.inner_text("main table"))
    page.goto(f"/en/city/{CITY}/kpi/2.2/?grain=month")
    assert page.locator("main table tbody tr").count() >= 12
    page.goto(f"/en/board/{CITY}/overview/")
    assert re.search(r"\d", page.inner_text("[data-item=first-contact]"))


def test_a_run_is_computed_published_restated_and_verified_by_the_ministry(sign_in: Callable[..., Any]) -> None:
    """All of it in the browser, each step waited for on its page of progress."""
    page = sign_in("ministry")

    def compute(ways: str) -> str:
        page.goto("/en/runs/")
        page.click("summary:has-text('Compute a run')")
        page.select_option("#category", "oblast")
        page.fill("#as_of", f"{YEAR}-12-31")
        page.select_option("#ways", ways)
        page.click("button:has-text('Compute')")
        page.wait_for_url("**/runs/work/**")
        page.click("a.button:has-text('Show the run')", timeout=90_000)  # the page asks again by itself
        page.wait_for_url(re.compile(rf"/runs/{YEAR}-"))
        return str(page.inner_text(".lead")).strip()

    def publish(run: str) -> None:
        page.click("a.button:has-text('Publish')")
        page.fill("#note", "The order wants data from systems only.")
        page.fill("#confirmed", run[-8:])
        page.click("button:has-text('Publish')")
        page.wait_for_selector("text=The rating is published.")

    run = compute("integration_only")
    publish(run)
    page.goto("/en/rating/?category=oblast")
    assert "The order wants data from systems only." in page.inner_text("main")
    page.click("text=What changed, and why")
    changed = page.inner_text("main")
    assert "A restatement" in changed and "Index before" in changed
    page.goto(f"/en/runs/{run}/")
    page.click("button:has-text('Verify')")
    page.wait_for_url("**/runs/work/**")
    page.wait_for_selector("text=every digit is the same", timeout=90_000)


def test_a_number_is_followed_to_districts_and_cells_and_taken_along(open_page: Callable[..., Any]) -> None:
    page = open_page()
    page.goto(f"/ru/city/{CITY}/kpi/2.2/")
    page.click("text=На карте, по районам и ячейкам")
    page.wait_for_selector("#areas canvas.maplibregl-canvas")
    page.click("text=По районам")
    page.wait_for_url("**by=district**")
    page.wait_for_selector("#areas canvas.maplibregl-canvas")
    page.wait_for_selector("#areas .map-wait", state="detached")
    with page.expect_download() as picture:
        page.click("#areas [data-save=png]")
    assert picture.value.suggested_filename == f"city-{CITY}-kpi-2.2-places-areas.png"
    assert picture.value.path().stat().st_size > 10_000


def test_a_map_draws(open_page: Callable[..., Any]) -> None:
    page = open_page()
    page.goto(f"/en/map/?city={CITY}")
    page.wait_for_selector("canvas.maplibregl-canvas")


def test_a_chart_that_cannot_be_loaded_leaves_its_table_and_comes_later(open_page: Callable[..., Any]) -> None:
    page = open_page()
    page.route(re.compile(r"/chart[.\w]*\.js"), lambda route: route.abort())
    page.goto(f"/en/board/{CITY}/safety/")
    figure = page.locator("[data-item=incidents] figure")
    figure.scroll_into_view_if_needed()
    figure.locator(".figure-waits").wait_for()
    assert figure.locator("table tbody tr").first.is_visible()
    page.unroute_all()
    page.evaluate("dispatchEvent(new Event('online'))")
    figure.locator("canvas").wait_for()
    assert figure.locator(".figure-waits").is_hidden()
    assert figure.locator("table").is_hidden()


def test_a_map_that_cannot_be_loaded_leaves_its_outlines_and_comes_later(open_page: Callable[..., Any]) -> None:
    page = open_page()
    page.route(re.compile(r"/maplibre-gl[.\w]*\.mjs"), lambda route: route.abort())
    page.goto(f"/en/map/?city={CITY}")
    page.locator(".figure-waits").wait_for()
    assert page.locator(".map-outlines").is_visible()
    page.unroute_all()
    page.evaluate("dispatchEvent(new Event('online'))")
    page.wait_for_selector("canvas.maplibregl-canvas")
    assert page.locator(".figure-waits").is_hidden()


def test_a_board_says_when_the_connection_is_lost(open_page: Callable[..., Any]) -> None:
    page = open_page()
    page.goto(f"/en/board/{CITY}/overview/?wall=1")
    before = page.inner_text("[data-item=first-contact]")
    page.context.set_offline(True)
    page.wait_for_selector(".board-clock.lost")
    assert page.inner_text("[data-item=first-contact]") == before
    page.context.set_offline(False)
    page.wait_for_selector(".board-clock:not(.lost)")


class Refreshed:
    """A board whose items answer what a test says; each `round` is a minute of it."""

    def __init__(self, page: Any, path: str) -> None:
        self.page, self.answers = page, dict[str, Callable[[Any], None]]()
        page.clock.install()
        page.route("**/items/*/**", self._answer)
        page.goto(path)

    def _answer(self, route: Any) -> None:
        item = route.request.url.split("/items/")[1].split("/")[0]
        self.answers.get(item, lambda one: one.continue_())(route)

    def round(self, last: str) -> None:
        with self.page.expect_response(f"**/items/{last}/**"):
            self.page.clock.fast_forward(61_000)

    def changed(self, old: str, new: str) -> Callable[[Any], None]:
        def answer(route: Any) -> None:
            headers = {name: value for name, value in route.request.headers.items() if name != "if-none-match"}
            found = route.fetch(headers=headers)
            route.fulfill(
                response=found, body=re.sub(old, new, found.text()), headers={**found.headers, "etag": '"new"'}
            )

        return answer


def test_a_chart_on_a_board_stays_and_gets_its_new_numbers(open_page: Callable[..., Any]) -> None:
    board = Refreshed(open_page(width=1920), f"/en/board/{CITY}/safety/?wall=1")
    chart = board.page.locator("[data-item=incidents] canvas")
    chart.wait_for()
    chart.evaluate("one => { one.kept = true }")
    before = chart.screenshot()
    board.answers["incidents"] = board.changed(r'"values":\[[^\]]*', '"values":[1,2,4,8,16,32,64')
    board.round("incidents")
    board.page.wait_for_function("document.querySelector('[data-item=incidents]').dataset.tag === '\"new\"'")
    assert chart.evaluate("one => one.kept") is True  # the very same canvas: nothing flickered
    wait_until(lambda: bool(board.page.clock.run_for(100) or chart.screenshot() != before))
    assert not board.page.locator(".board-clock.lost").count()


def test_an_item_that_fails_is_marked_and_the_others_go_on(open_page: Callable[..., Any]) -> None:
    board = Refreshed(open_page(), f"/en/board/{CITY}/overview/")
    board.answers["alarms"] = lambda route: route.fulfill(status=500)
    board.answers["latest"] = board.changed("<h2", "<h2 data-later")
    board.round("latest")
    board.page.wait_for_selector("[data-item=latest] [data-later]")
    board.page.wait_for_selector("[data-item=alarms].stale .table")
    assert "Not all" in board.page.inner_text(".board-clock")


def test_a_wall_that_may_no_longer_be_read_keeps_its_numbers_and_says_so(open_page: Callable[..., Any]) -> None:
    board = Refreshed(open_page(), f"/en/board/{CITY}/overview/?wall=1")
    board.answers["radar"] = lambda route: route.fulfill(status=302, headers={"location": "/en/account/login/"})
    board.page.clock.fast_forward(61_000)
    board.page.wait_for_selector(".board-clock.lost")
    assert "can no longer be read" in board.page.inner_text(".board-clock")
    assert "login" not in board.page.inner_text("[data-item=radar]").lower()


def test_a_wall_fits_its_screen_and_leafs_through_what_is_longer(open_page: Callable[..., Any]) -> None:
    page = open_page(width=1920)
    page.clock.install()
    page.goto(f"/en/board/{CITY}/transport/?wall=1")
    assert page.evaluate("document.documentElement.scrollHeight <= innerHeight")
    page.evaluate("document.querySelector('[data-item=table]').style.height = '12rem'")
    page.clock.fast_forward(11_000)
    assert page.evaluate("document.querySelector('[data-item=table] .scroll').scrollTop") > 0


def test_a_wall_takes_up_a_new_layout_by_itself(sign_in: Callable[..., Any], open_page: Callable[..., Any]) -> None:
    editor = sign_in("analyst")
    editor.goto(f"/en/board/{CITY}/new/")
    editor.fill("input[name=name]", "duty")
    editor.fill("input[name=title_en]", "Duty")
    editor.click("main form .button:not([name])")
    for text in ("First", "Second"):
        if text == "First":
            editor.select_option("select[name=kind]", "text")
            editor.click("button[name=add]")
        editor.fill("textarea[lang=en]", text)
        editor.click("button[name=publish]")
        editor.wait_for_url(f"**/board/{CITY}/duty/")
        if text == "First":
            board = Refreshed(open_page(), f"/en/board/{CITY}/duty/?wall=1")
            assert "First" in board.page.inner_text(".board")
            editor.goto(f"/en/board/{CITY}/duty/edit/")
    board.page.clock.fast_forward(61_000)
    board.page.wait_for_selector("text=Second")


def test_a_second_site_over_the_same_folder_is_refused(site: Site) -> None:
    other = Site(site.folder, site.port + 2)
    with pytest.raises(AssertionError, match=f"is running already: process {site.process.pid}, port {site.port}"):  # type: ignore[union-attr]
        other.start()
    assert other.process is not None
    assert other.process.wait(10) == 2


def test_whatever_process_is_killed_the_site_comes_back(site: Site) -> None:
    """`kill -9`: of the database (pages in memory go on, others say 503 and when to ask again), of the pages, of the jobs."""
    page, asked = "/en/rating/", "/en/account/login/"
    assert site.get(page)[0] == site.get(asked)[0] == 200
    database = int((site.folder / "site" / "postgres" / "postmaster.pid").read_text().splitlines()[0])
    os.kill(database, signal.SIGKILL)
    assert site.get(page)[0] == 200
    status, said = site.get("/api/v1/runs")
    assert status == 200 or (status, json.loads(said)["status"]) == (503, 503)
    wait_until(lambda: site.get(asked)[0] == 200 and site.get("/api/v1/runs")[0] == 200, 60)
    for name in ("granian wsgi", "procrastinate worker"):
        killed = site.process_of(name)
        os.kill(killed, signal.SIGKILL)
        wait_until(lambda name=name, killed=killed: site.process_of(name) not in (None, killed), 60)  # type: ignore[misc]
    wait_until(lambda: _answer(site, page) == 200, 60)
    wait_until(lambda: "PostgreSQL 18" in site.get("/en/status/")[1], 60)


def _answer(site: Site, path: str) -> int:
    try:
        return site.get(path)[0]
    except OSError:
        return 0


def test_the_site_stops_and_starts_again_under_load(site: Site) -> None:
    """Answers are whole or not there at all; afterwards everything is as before. Runs last."""
    before = site.get("/en/rating/")
    done = threading.Event()
    statuses: list[int] = []

    def read() -> None:
        while not done.is_set():
            try:
                statuses.append(site.get("/en/rating/")[0])
            except OSError:
                statuses.append(0)
                done.wait(0.05)

    readers = [threading.Thread(target=read) for _ in range(4)]
    for one in readers:
        one.start()
    done.wait(1)
    site.stop()
    site.start()
    done.wait(1)
    done.set()
    for one in readers:
        one.join()
    assert set(statuses) <= {200, 0}
    assert {200, 0} <= set(statuses)
    assert _without_nonce(site.get("/en/rating/")[1]) == _without_nonce(before[1])


def _without_nonce(page: str) -> str:
    return re.sub(r'nonce="[^"]+"', "", page)
