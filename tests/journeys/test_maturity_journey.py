"""A maturity assessment in the browser: departments, links, answers on a phone, going on elsewhere, paper, results, report."""

from __future__ import annotations

import io
from collections.abc import Callable
from typing import Any

import xlsxwriter
from conftest import Site
from furnish import OWN
from python_calamine import CalamineWorkbook

from qala.standard.maturity import load_maturity

PEOPLE = 6


def _paper(template: bytes) -> bytes:
    """Six people of the second department, who choose step 2 everywhere."""
    heads = CalamineWorkbook.from_filelike(io.BytesIO(template)).get_sheet_by_name("answers").to_python()
    subs = set(load_maturity().sub_dimensions)
    file = io.BytesIO()
    book = xlsxwriter.Workbook(file)
    sheet = book.add_worksheet()
    for number, line in enumerate(heads):
        sheet.write_row(number, 0, line)
    for person in range(PEOPLE):
        row = {"group": "Heat", "role": "staff", **dict.fromkeys(subs, 2)}
        sheet.write_row(len(heads) + person, 0, [row.get(key, "") for key in heads[0]])
    book.close()
    return file.getvalue()


def test_from_the_first_link_to_the_report(
    site: Site, open_page: Callable[..., Any], sign_in: Callable[..., Any]
) -> None:
    lead = sign_in("digital department")
    lead.goto(f"/en/maturity/{OWN}/new/")
    lead.click("main .actions button")
    lead.wait_for_url("**/survey/*/")
    lead.fill("#s-groups", "Roads\nHeat")
    lead.click(".card:has(#s-groups) button")
    lead.wait_for_selector("text=2 departments are added.")
    lead.fill("#s-links", "1")
    lead.click(".card:has(#s-links) .actions button")
    lead.wait_for_selector("text=1 link is made.")
    lead.click(".card:has(#s-day) button")
    link = lead.get_attribute(".survey-link a", "href")
    manage = lead.url

    phone = open_page(width=390)
    phone.goto(link.replace("/kk/", "/en/"))
    phone.click("main a.button")
    phone.check("input[value='4']")
    phone.wait_for_selector("[data-saved]:has-text('saved')")
    phone.click("button[value=next]")
    phone.check("input[name=strategy][value='3']")
    phone.wait_for_selector("[data-saved]:has-text('saved')")
    assert phone.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth")

    elsewhere = open_page(width=390, theme="dark", scripts=False)
    elsewhere.goto(link.replace("/kk/", "/en/"))
    assert "2 of" in elsewhere.inner_text("main")
    elsewhere.click("main a.button")
    assert elsewhere.is_checked("input[name=strategy][value='3']")
    elsewhere.click("button[value=next]")
    assert "leadership" in elsewhere.url
    elsewhere.goto(elsewhere.url.replace("/leadership/", "/send/"))
    elsewhere.click("main form button")
    assert "Thank you" in elsewhere.inner_text("h1")
    phone.reload()
    assert "answered already" in phone.inner_text("h1")

    lead.goto(manage)
    template = lead.request.get(f"{manage}template/").body()
    lead.set_input_files("#s-file", {"name": "paper.xlsx", "mimeType": "application/zip", "buffer": _paper(template)})
    lead.click(".card:has(#s-file) button")
    lead.wait_for_selector(f"text={PEOPLE} answers are taken in.")
    lead.click("summary:has-text('End the survey')")
    lead.click("button.danger")
    lead.wait_for_selector("text=The survey is over.")
    lead.click("text=To the results")
    lead.click("text=Publish the results")
    lead.wait_for_selector("text=The results are published.")

    guest = open_page()
    guest.goto(lead.url)
    said = guest.inner_text("main")
    assert "Raw answers" in said and "Simulated" in guest.content()
    assert "Heat" not in said, "one answer of Roads is what Heat leaves of all, so neither is shown"
    report = guest.request.get(f"{guest.url}report/html/").text()
    assert "must not become the target" in report
    assert guest.request.get(f"{guest.url}report/pdf/").body().startswith(b"%PDF")
