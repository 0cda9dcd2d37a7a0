"""Open pages follow what comes in: an event posted to the door changes the number in a real browser, without loading it anew."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from conftest import Site

CITY = "SIM-R01"
LIVE = ".live-mark[data-state=live]"


@pytest.fixture(scope="module")
def boardings(site: Site) -> Callable[[int], None]:
    """Sends so many boardings of this minute."""
    secret = site.credential("trial-boardings", CITY, "transport.boardings")
    sent = 0

    def send(count: int) -> None:
        nonlocal sent
        now = datetime.now(UTC).isoformat()
        rows = [
            {"boarding_id": 77_000_000 + sent + n, "boarded_at": now, "registered_at": now, "route_id": "R001", "payment": "card"}
            for n in range(count)
        ]  # fmt: skip
        sent += count
        receipt = site.send("transport.boardings", secret, rows)
        assert receipt["accepted"] == count, receipt

    return send


def _rows_counted(page: Any) -> int:
    term = page.locator("#sums ~ dl dt", has_text="Rows counted")
    text = term.evaluate("one => one.nextElementSibling.textContent")
    return int("".join(filter(str.isdigit, text)))


def _kept(page: Any, what: str) -> Any:
    """An element that is marked, to be known again."""
    found = page.locator(what).first
    found.wait_for()
    found.evaluate("one => { one.kept = true }")
    return found


def test_the_page_of_a_kpi_follows_an_event(open_page: Callable[..., Any], boardings: Callable[[int], None]) -> None:
    page = open_page()
    page.goto(f"/en/city/{CITY}/kpi/4.3/?grain=month")
    page.wait_for_selector(LIVE)
    before = _rows_counted(page)
    canvas, table = _kept(page, "figure[data-chart] canvas"), _kept(page, "#periods ~ .scroll tbody tr")
    boardings(3)
    page.wait_for_function(
        "n => document.querySelector('#sums ~ dl').innerText.replace(/[^0-9]/g, '').includes(String(n))", arg=before + 3
    )
    assert canvas.evaluate("one => one.kept") and table.evaluate("one => one.kept")  # nothing was drawn anew


def test_a_board_follows_an_event_at_once(open_page: Callable[..., Any], site: Site) -> None:
    secret = site.credential("trial-incidents", CITY, "situation_centre.incidents")
    page = open_page()
    page.goto(f"/en/board/{CITY}/overview/")
    page.wait_for_selector("[data-board][data-news]")
    heading = _kept(page, "[data-item=feed] h2")
    before = page.inner_text("[data-item=incidents] .board-number")
    now = datetime.now(UTC)
    site.send(
        "situation_centre.incidents",
        secret,
        [
            {"incident_id": "TRIAL-1", "incident_kind": "road_accident", "severity": "major", "created_at": now.isoformat(),
             "human_acts": 0, "reopened": False, "registered_at": now.isoformat()}
        ],
    )  # fmt: skip
    page.wait_for_function(
        "before => document.querySelector('[data-item=incidents] .board-number').innerText !== before",
        arg=before,
        timeout=15_000,
    )
    assert heading.evaluate("one => one.kept")


def test_vehicles_move_on_the_map(open_page: Callable[..., Any], site: Site) -> None:
    secret = site.credential("trial-vehicles", CITY, "transport.positions")

    def report(lat: float, at: datetime) -> None:
        row = {
            "vehicle_id": "B0001",
            "recorded_at": at.isoformat(),
            "registered_at": at.isoformat(),
            "lat": lat,
            "lon": 76.9,
        }
        assert site.send("transport.positions", secret, [row])["accepted"] == 1

    now = datetime.now(UTC)
    report(43.2, now - timedelta(seconds=5))
    page = open_page()
    page.goto(f"/en/map/?city={CITY}&layers=vehicles")
    page.wait_for_selector(LIVE)
    with page.expect_response(
        lambda answer: "vehicles/now.geojson" in answer.url and "43.25" in answer.text()
    ) as moved:
        report(43.25, now)
    (feature,) = [one for one in moved.value.json()["features"] if one["properties"]["id"] == "B0001"]
    assert feature["geometry"]["coordinates"] == [76.9, 43.25]


def test_a_page_that_lost_its_connection_says_so_and_catches_up(
    open_page: Callable[..., Any], boardings: Callable[[int], None]
) -> None:
    page = open_page()
    page.goto(f"/en/city/{CITY}/kpi/4.3/?grain=month")
    page.wait_for_selector(LIVE)
    before = _rows_counted(page)
    page.context.set_offline(True)
    page.wait_for_selector(".live-mark[data-state=lost]")
    boardings(2)
    assert _rows_counted(page) == before
    page.context.set_offline(False)
    page.wait_for_selector(LIVE)
    page.wait_for_function(
        "n => document.querySelector('#sums ~ dl').innerText.replace(/[^0-9]/g, '').includes(String(n))", arg=before + 2
    )
