# ruff: noqa: F401, F811  (fixtures)
"""A person's way in a browser: a refused row, its source's mapping mended and tried, all sent again, and the KPI follows."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Any

import pytest
from test_intake import APPEALS, GOOD, SignedIn, sent, signed_in, source, tiny_site, water

from qala import facts
from qala.intake import quarantined
from qala.intake.models import Replaying, Source
from qala.lake.committing import Committer
from qala.standard.period import Period
from qala.ui.tests.test_browser import AXE, CHROMIUM, FLAGS, RULES

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif(not (CHROMIUM and AXE.is_file()), reason="a browser test needs Debian's chromium and npm ci"),
]


@pytest.fixture
def page(signed_in: SignedIn, live_server: Any, monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    from playwright.sync_api import sync_playwright

    monkeypatch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "1")  # Playwright's loop runs in this thread, the server in another
    session = signed_in("data_source").cookies["sessionid"].value
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS.split())
        context = browser.new_context(base_url=live_server.url)
        context.add_cookies([{"name": "sessionid", "value": session, "url": live_server.url}])
        context.set_default_timeout(8_000)
        yield context.new_page()
        browser.close()


def resolved() -> int:
    """Appeals behind KPI 2.2 in March."""
    values = facts.values()
    values.computer.compute("WHOLE")
    values.renew()
    return values.value("WHOLE", values.kpi("2.2"), Period.parse("2026-03"), date(2026, 12, 31)).rows


def test_quarantine_mend_replay_and_the_kpi_follows(page: Any, source: Source) -> None:
    bad = {name: value for name, value in GOOD.items() if name != "status"} | {"zhai": "шешілді"}
    sent(source, bad | {"appeal_id": "q1"}, bad | {"appeal_id": "q2"})
    before = resolved()
    page.goto("/en/intake/quarantine/?source=centre")
    page.click("tbody th a[href*='/quarantine/2']")
    assert "•••" in page.content()
    page.evaluate(AXE.read_text())
    found = page.evaluate("rules => axe.run({runOnly: rules})", RULES)["violations"]
    assert [(one["id"], one["nodes"][0]["html"]) for one in found] == []
    page.fill("#mapping", "columns:\n  status: {from: zhai, map: {шешілді: resolved}}\n")
    page.click("button[value=try]")
    assert "1 row would be taken in" in page.inner_text("#would ~ *, main")
    page.click("button[value=mapping]")
    page.wait_for_url("**/quarantine/replay/*/")
    quarantined.work_off(Replaying.objects.get())
    Committer(facts.lake()).drain()
    page.wait_for_selector("text=2 / 2")
    assert "2 / 2" in page.inner_text("main")
    assert resolved() == before + 2
    page.goto("/en/intake/quarantine/?source=centre")
    assert "No refused row is like that" in page.inner_text("main")
    page.goto("/en/intake/quarantine/?source=centre&status=replayed")
    assert page.locator("tbody th a[href*='/quarantine/2']").count() == 2
