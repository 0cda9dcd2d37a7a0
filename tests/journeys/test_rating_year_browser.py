"""A claim and an objection through the browser, each step as the role whose it is."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

OWN, YEAR = "SIM-D03", 2026


def test_a_claim_goes_from_the_city_to_the_ministry_and_back(sign_in: Callable[..., Any]) -> None:
    city, ministry = sign_in("digital department"), sign_in("ministry")
    city.goto("/en/year/claims/")
    city.click("a.button:has-text('New claim')")
    for name, text in {
        "year": str(YEAR), "title": "Benches by the shade", "roadmap_item": "9.1", "measures": "Benches were moved.",
        "started_on": f"{YEAR}-03-01", "finished_on": f"{YEAR}-08-01", "results": "More people sit in the shade.",
        "indicators": "benches in the shade: 10, 40", "signed_by": "deputy akim", "signed_on": f"{YEAR}-08-10",
    }.items():  # fmt: skip
        city.fill(f"[name={name}]", text)
    city.select_option("[name=city]", OWN)
    city.select_option("[name=sphere]", "ecology")
    city.check("[name=in_roadmap]")
    city.click("button:has-text('Keep the draft')")
    city.set_input_files("#file", {"name": "report.pdf", "mimeType": "application/pdf", "buffer": b"%PDF-1.7 report"})
    city.click("button:has-text('Add')")
    city.wait_for_selector("text=report.pdf")
    assert "By what was filed it would count." in city.inner_text("main")
    city.click("button:has-text('File it')")
    city.wait_for_selector(".badge:has-text('filed')")
    address = city.url
    ministry.goto(address)
    ministry.fill("#reasons", "The Roadmap has no such item.")
    ministry.click("button:has-text('Refuse')")
    ministry.wait_for_selector(".badge:has-text('refused')")
    city.goto(address)
    city.fill("#why", "It is item 9.1, of the amendment.")
    city.click("button:has-text('Appeal')")
    city.wait_for_selector(".badge:has-text('appealed')")
    ministry.goto(address)
    ministry.fill("#reasons", "So it is.")
    ministry.click("button:has-text('Accept')")
    ministry.wait_for_selector(".badge:has-text('accepted')")


def test_an_objection_names_the_kpi_and_its_rows_and_is_decided(sign_in: Callable[..., Any]) -> None:
    city, ministry = sign_in("city lead"), sign_in("ministry")
    city.goto(f"/en/year/objections/new/?kpi=2.1&period={YEAR}-03&year={YEAR}")
    city.select_option("[name=city]", OWN)
    city.fill("[name=rows]", "c1\nc2")
    city.fill("[name=text]", "Two calls were tests of the line.")
    city.click("button:has-text('Keep the draft')")
    city.click("button:has-text('File it')")
    city.wait_for_selector(".badge:has-text('filed')")
    address = city.url
    ministry.goto(f"/en/year/{YEAR}/district/")
    assert "Last day for objections" in ministry.inner_text("main")
    ministry.goto(address)
    assert "c2" in ministry.inner_text("main")
    ministry.fill("#reasons", "The rows are to be taken back.")
    ministry.click("button:has-text('Accept')")
    ministry.wait_for_selector(".badge:has-text('accepted')")
    city.goto("/en/year/objections/?state=accepted")
    assert "2.1" in city.inner_text("main table")
