"""One city through chapters 3 and 5 of the order in the browser, each step as the role whose it is, with its papers opened."""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Callable
from typing import Any

from docx import Document

CITY, NAME = "SIM-D03", "Qyranqala"
GATE = ("comparison", "risks", "integrator", "qaztech")


def opened(page: Any, address: str) -> str:
    """The words of a DOCX paper; a PDF must at least be whole."""
    found = page.request.get(address)
    assert found.status == 200, (address, found.status)
    body = found.body()
    if body.startswith(b"%PDF"):
        assert b"%%EOF" in body[-1024:]
        return ""
    assert zipfile.ZipFile(io.BytesIO(body)).testzip() is None
    paper = Document(io.BytesIO(body))
    cells = [cell.text for table in paper.tables for row in table.rows for cell in row.cells]
    return "\n".join([*(one.text for one in paper.paragraphs), *cells])


def papers(page: Any) -> list[str]:
    """Words of the papers that a page offers."""
    links = page.locator("main a:has-text('DOCX'), main a:has-text('PDF')")
    return [opened(page, one.get_attribute("href")) for one in links.all()]


def take(page: Any, address: str, verb: str, said: str = "") -> None:
    """One step of the procedure; it is listed afterwards with what was said."""
    page.goto(address)
    form = page.locator(f"form:has([name=verb][value={verb}])")
    if said:
        form.locator("[name=words]").fill(said)
    form.locator("button").click()
    page.wait_for_load_state()
    assert said in page.inner_text("section:has(#steps)")


def state(page: Any, address: str) -> str:
    page.goto(address)
    return str(page.locator(".stat:has-text('State') .mark").first.inner_text()).strip()


def into_force(city: Any, lead: Any, ministry: Any, address: str) -> None:
    """Submitted, refused once, submitted again, agreed, approved, both publications proven (items 26 to 30)."""
    take(city, address, "submit")
    assert state(ministry, address) == "submitted to the ministry"
    assert "Until" in ministry.inner_text("main"), "the ministry's fifteen working days are told"
    take(ministry, address, "refuse", "Say who pays from 2029 on.")
    city.goto(address)
    assert "Say who pays from 2029 on." in city.inner_text("main")
    take(city, address, "submit")
    take(ministry, address, "agree", "№ 7 of 2026-11-20")
    take(lead, address, "approve", "№ 9 of 2026-11-25")
    take(city, address, "publish_site", "https://akimat.example/roadmap")
    take(city, address, "publish_system", "https://pm.example/42")
    assert state(city, address) == "published"
    assert not city.locator("main form:has([name=text])").count(), "nothing of it is edited any more"


def test_from_the_working_group_to_monitoring(sign_in: Callable[..., Any]) -> None:
    region, city, lead, ministry = map(sign_in, ("region", "digital department", "city lead", "ministry"))

    # the working group meets and signs (items 2 and 18)
    region.goto("/en/groundwork/")
    region.click("main table a[href*='/meeting/']")
    region.wait_for_url("**/groundwork/meeting/*/")
    region.click("a:has-text('New point of the agenda')")
    for name, text in {
        "title": "The draft of the Strategy",
        "heard": "Nine sections",
        "decision": "To submit it",
    }.items():
        region.fill(f"[name={name}]", text)
    for vote in region.locator("select[name^=vote_]").all():
        vote.select_option("for")
    region.click("main form.form button")
    region.wait_for_url("**/groundwork/meeting/*/")
    protocol = papers(region)
    assert any("The draft of the Strategy" in one for one in protocol)
    region.click("button:has-text('It is signed')")
    assert not region.locator("a:has-text('New point of the agenda')").count()

    # needs, gaps, profile, register: what the survey of the city finds (items 19 and 20)
    for path in ("needs", "gaps", "profile"):
        city.goto(f"/en/groundwork/city/{CITY}/{path}/")
        assert city.locator("main table tbody tr").count(), path
    city.goto(f"/en/inventory/{CITY}/")
    assert city.locator("main table tbody tr").count()

    # the strategy (item 21)
    city.goto("/en/strategies/")
    city.click(f"main table a:has-text('{NAME}')")
    strategy = city.url
    for number in (7, 8):
        for language in ("kk", "ru"):
            city.goto(f"{strategy}{number}/{language}/")
            city.select_option("form[action$='/mark/'] select", "ready")
            city.click("form[action$='/mark/'] button")
    city.goto(strategy)
    assert "Before it can be submitted" not in city.inner_text("main")
    into_force(city, lead, ministry, strategy)
    assert any(len(one) > 2000 for one in papers(city)), "nine sections are more than a page"

    # the amendment of the roadmap (items 22 to 26): every action gets an owner, the new system passes the gate of item 13
    city.goto("/en/roadmaps/")
    city.click(f"main table tr:has-text('draft') a:has-text('{NAME}')")
    roadmap = city.url
    actions = city.locator("main table th a[href*='/roadmaps/action/']").all()
    for address in [one.get_attribute("href") for one in actions]:
        city.goto(address)
        if city.input_value("[name=owner]") and not city.locator("form[action$='/gate/']").count():
            continue
        if not city.input_value("[name=owner]"):
            city.select_option("[name=owner]", index=1)
            city.click("main form.form:has([name=owner]) button:has-text('Save')")
            city.wait_for_url(f"{roadmap}*")
            city.goto(address)
        if city.locator("form[action$='/gate/']").count():
            for one in GATE:
                city.fill(f"[name={one}_document]", "№ 3")
                city.fill(f"[name={one}_day]", "2026-11-01")
                city.fill(f"[name={one}_address]", "https://docs.example/3")
            city.click("form[action$='/gate/'] button")
            city.wait_for_load_state()
    city.goto(roadmap)
    assert "Before it can be submitted" not in city.inner_text("main")
    into_force(city, lead, ministry, roadmap)

    # monitoring (item 31)
    city.goto(roadmap)
    city.click("main a:has-text('Monitoring')")
    city.wait_for_url("**/monitoring/")
    assert "gas metering" in city.inner_text("main")
    assert re.search(r"\d+\.\d\d", city.inner_text("main")), "where the year's index ends"

    # and a citizen reads what is in force
    guest = sign_in("citizen")
    assert state(guest, strategy) == "published"
    assert state(guest, roadmap) == "published"
