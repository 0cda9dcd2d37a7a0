"""The communication plan: lines are written, filtered, taken out, taken along by an amendment, and reminded of."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta

import pytest
from django.test import Client
from test_roadmap_pages import begun, person  # noqa: F401  a fixture

from qala import facts
from qala.people.models import AuditEntry
from qala.roadmaps import services
from qala.roadmaps.due import due
from qala.roadmaps.models import Message, Roadmap

pytestmark = pytest.mark.usefixtures("tiny_site")
LINE = {
    "audience": "Residents", "what": "The draft can be read", "day": "2027-02-01", "channel": "site", "doer": "The department",
    "state": "planned", "evidence": "",
}  # fmt: skip


@pytest.fixture
def lead(person: Callable[[str], Client]) -> Client:  # noqa: F811
    return person("digital_department")


@pytest.fixture
def roadmap(lead: Client) -> Roadmap:
    return begun(lead)


def test_a_line_is_written_changed_and_taken_out(roadmap: Roadmap, lead: Client) -> None:
    page = f"/en/roadmaps/{roadmap.pk}/messages/"
    assert "Nobody is to be told" in lead.get(page).content.decode()
    assert lead.post(page + "new/", LINE)["Location"] == page
    one = Message.objects.get()
    answer = lead.post(f"/en/roadmaps/message/{one.pk}/", {**LINE, "day": "soon"})
    assert answer.status_code == 422 and 'id="id_day_error"' in answer.content.decode()
    lead.post(f"/en/roadmaps/message/{one.pk}/", {**LINE, "state": "done", "evidence": "https://example.org/1"})
    one.refresh_from_db()
    assert one.state == "done"
    lead.post(f"/en/roadmaps/message/{one.pk}/remove/")
    assert not Message.objects.exists()
    assert [one.verb for one in AuditEntry.objects.filter(kind="roadmaps.message").order_by("id")] == [
        "add",
        "change",
        "delete",
    ]


@pytest.mark.parametrize("language", ["kk", "ru", "en"])
def test_late_lines_are_found_and_files_say_the_same(roadmap: Roadmap, lead: Client, language: str) -> None:
    today = facts.today()
    Message.objects.create(roadmap=roadmap, audience="Early", what="w", day=today - timedelta(days=1), channel="app")
    Message.objects.create(roadmap=roadmap, audience="Later", what="w", day=today, channel="app")
    Message.objects.create(
        roadmap=roadmap, audience="Done", what="w", day=date(2026, 1, 1), channel="app", state="done"
    )
    page = f"/{language}/roadmaps/{roadmap.pk}/messages/"
    assert "Later" in lead.get(page).content.decode()
    late = lead.get(page + "?show=late").content.decode()
    assert "Early" in late and "Later" not in late and "Done" not in late
    assert "Done" in lead.get(page + "?show=done").content.decode()
    table = b"".join(lead.get(page + "?format=csv")).decode()  # type: ignore[arg-type]
    assert table.count("\r\n") == 4


def test_who_reads_writes_nothing(roadmap: Roadmap, person: Callable[[str], Client]) -> None:  # noqa: F811
    reader, one = (
        person("analyst"),
        Message.objects.create(roadmap=roadmap, audience="A", what="w", day="2027-01-01", channel="app"),
    )
    assert reader.get(f"/en/roadmaps/{roadmap.pk}/messages/").status_code == 200
    for path in (f"{roadmap.pk}/messages/new/", f"message/{one.pk}/", f"message/{one.pk}/remove/"):
        assert reader.post(f"/en/roadmaps/{path}", LINE).status_code == 403
    assert Client().get(f"/en/roadmaps/{roadmap.pk}/messages/").status_code in (302, 401, 403)


def test_an_amendment_takes_along_what_is_still_to_be_told_and_what_is_in_force_is_reminded_of(
    roadmap: Roadmap,
) -> None:
    for state in ("planned", "done"):
        Message.objects.create(roadmap=roadmap, audience=state, what="w", day="2027-01-01", channel="app", state=state)
    assert list(due()) == []
    Roadmap.objects.filter(pk=roadmap.pk).update(state="published")
    (one,) = due()
    assert (one.day, one.city, one.what()) == (date(2027, 1, 1), roadmap.city, "Communication plan: planned")
    assert [each.audience for each in services.amended(roadmap).messages.all()] == ["planned"]
