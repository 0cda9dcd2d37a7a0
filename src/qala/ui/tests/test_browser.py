"""The components page in a browser: axe finds nothing, keys reach what scrolls, scripts and no scripts, both themes."""

import shutil
import threading
from collections.abc import Iterator
from socketserver import ThreadingMixIn
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer, make_server

import pytest
from django.contrib.staticfiles.handlers import StaticFilesHandler
from django.core.handlers.wsgi import WSGIHandler

from qala.ui.vendor import NODE_MODULES

AXE = NODE_MODULES / "axe-core/axe.min.js"
CHROMIUM = shutil.which("chromium")
FLAGS = (
    "--no-sandbox --disable-quic --no-first-run --disable-background-networking --disable-component-update --disable-sync "
    "--use-angle=swiftshader --enable-unsafe-swiftshader"
)
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]

pytestmark = pytest.mark.skipif(
    not (CHROMIUM and AXE.is_file()), reason="a browser test needs Debian's chromium and npm ci"
)


class _Quiet(WSGIRequestHandler):
    def log_message(self, *_: object) -> None:
        pass


class _Threads(ThreadingMixIn, WSGIServer):
    daemon_threads = True


@pytest.fixture(scope="module")
def site() -> Iterator[str]:
    with make_server("127.0.0.1", 0, StaticFilesHandler(WSGIHandler()), _Threads, _Quiet) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


@pytest.fixture(scope="module")
def browser():
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        found = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS.split())
        yield found
        found.close()


def drawn(page, figure: str) -> None:
    page.evaluate(f"document.getElementById('{figure}').scrollIntoView({{behavior: 'instant'}})")
    page.wait_for_selector(f"#{figure} canvas")


@pytest.mark.parametrize(("language", "width", "theme"), [("kk", 360, "dark"), ("ru", 1440, "light")])
def test_axe_finds_nothing_and_nothing_is_wider_than_the_screen(site, browser, language, width, theme):
    context = browser.new_context(viewport={"width": width, "height": 800}, color_scheme=theme, bypass_csp=True)
    page = context.new_page()
    page.goto(f"{site}/{language}/ui/")
    drawn(page, "sample-line-0")
    if theme == "dark":  # drawn once: it costs most
        drawn(page, "sample-map")
    page.evaluate(AXE.read_text())
    found = page.evaluate("rules => axe.run({runOnly: rules})", RULES)["violations"]
    assert [(one["id"], [node["html"][:120] for node in one["nodes"]]) for one in found] == []
    assert page.evaluate("document.documentElement.scrollWidth") == width
    context.close()


def test_scripts_keep_to_the_policy_and_fail_nowhere(site, browser):
    context = browser.new_context(viewport={"width": 1200, "height": 800})
    page = context.new_page()
    said: list[str] = []
    page.on("console", lambda message: said.append(message.text) if message.type == "error" else None)
    page.on("pageerror", lambda error: said.append(str(error)))
    page.goto(f"{site}/en/ui/")
    assert (
        page.evaluate("performance.getEntriesByType('resource').some(one => /echarts|maplibre|htmx/.test(one.name))")
        is False
    )
    for figure in ("sample-bar-1", "sample-heat-4", "sample-map"):
        drawn(page, figure)
    assert said == []
    context.close()


def test_a_chart_is_saved_as_numbers_and_as_a_picture(site, browser):
    context = browser.new_context(viewport={"width": 1200, "height": 800}, accept_downloads=True)
    page = context.new_page()
    page.goto(f"{site}/kk/ui/")
    drawn(page, "sample-line-0")
    with page.expect_download() as numbers:
        page.click("#sample-line-0 [data-save=csv]")
    text = numbers.value.path().read_text("utf-8-sig")
    assert ";81,2;78,4" in text and text.count("\n") == 13
    with page.expect_download() as picture:
        page.click("#sample-line-0 [data-save=png]")
    assert picture.value.path().read_bytes().startswith(b"\x89PNG")
    context.close()


def test_the_theme_is_switched_and_kept(site, browser):
    context = browser.new_context(viewport={"width": 1200, "height": 800}, color_scheme="light")
    page = context.new_page()
    page.goto(f"{site}/en/ui/")
    ground = "getComputedStyle(document.documentElement).backgroundColor"
    before = page.evaluate(ground)
    page.click("[data-theme-switch]")
    assert page.evaluate(ground) != before and page.get_attribute("[data-theme-switch]", "aria-pressed") == "true"
    page.reload()
    assert page.evaluate("document.documentElement.dataset.theme") == "dark" and page.evaluate(ground) != before
    context.close()


def test_without_scripts_the_numbers_are_there_and_no_dead_button(site, browser):
    context = browser.new_context(viewport={"width": 1200, "height": 800}, java_script_enabled=False)
    page = context.new_page()
    page.goto(f"{site}/en/ui/")
    page.click("#sample-line-0 summary")
    assert page.locator("#sample-line-0 td.num").first.is_visible()
    assert not page.locator("[data-save]:visible, [data-theme-switch]:visible, .canvas:visible").count()
    assert page.locator("svg.spark:visible").count() > 3
    context.close()


def test_the_menu_of_a_phone_opens_by_key_and_leads_on(site, browser):
    context = browser.new_context(viewport={"width": 360, "height": 740})
    page = context.new_page()
    page.goto(f"{site}/en/ui/")
    for _ in range(3):  # past the way to the content and the menu's neighbours
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.matches('.menu-button')"):
            break
    page.keyboard.press("Enter")
    page.wait_for_function("document.activeElement.closest('#site-nav') !== null")  # said a moment after it opens
    assert page.locator("#site-nav").is_visible()
    page.keyboard.press("Escape")
    assert not page.locator("#site-nav").is_visible()
    context.close()
