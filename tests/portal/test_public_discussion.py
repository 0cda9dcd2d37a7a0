"""A draft is opened for everybody, commented on without an account, moderated, answered, and summed up in its document."""

from __future__ import annotations

import io
from collections.abc import Callable
from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone
from docx import Document as Docx
from test_roadmap_pages import begun, person  # noqa: F401  a fixture

from qala.kits.hearings import services
from qala.kits.hearings.models import LONGEST, Hearing, Remark
from qala.kits.procedure.queries import today_of
from qala.people.models import Organisation
from qala.roadmaps import paper
from qala.roadmaps.models import Action, Roadmap
from qala.strategies.document import document
from qala.strategies.models import Strategy

pytestmark = pytest.mark.usefixtures("tiny_site")
GUEST = "198.51.100.7"


@pytest.fixture
def lead(person: Callable[[str], Client]) -> Client:  # noqa: F811
    return person("digital_department")


@pytest.fixture
def roadmap(lead: Client) -> Roadmap:
    return begun(lead)


@pytest.fixture
def hearing(roadmap: Roadmap, lead: Client) -> Hearing:
    today = today_of(roadmap.city)
    sent = {"opens": today.isoformat(), "closes": (today + timedelta(days=14)).isoformat()}
    answer = lead.post(f"/en/discussions/begin/roadmaps/{roadmap.pk}/", sent)
    found = Hearing.objects.get()
    assert answer["Location"] == f"/en/discussions/{found.pk}/"
    return found


def say(hearing: Hearing, text: str, sender: str = GUEST, **more: str) -> int:
    """What a guest sends; the status of the answer."""
    answer = Client(REMOTE_ADDR=sender).post(
        f"/en/discussions/{hearing.pk}/", {"section": "", "name": "", "text": text, **more}
    )
    return answer.status_code


def test_a_draft_is_read_by_everybody_as_it_was_when_it_was_opened(hearing: Hearing, roadmap: Roadmap) -> None:
    assert Client().get(f"/en/roadmaps/{roadmap.pk}/").status_code != 200, "the draft itself is not public"
    first = roadmap.actions.all()[0]
    Action.objects.filter(pk=first.pk).update(name="Written later")
    for language in ("kk", "ru", "en"):
        page = Client().get(f"/{language}/discussions/{hearing.pk}/")
        assert page.status_code == 200 and "Written later" not in page.content.decode()
        assert hearing.texts[language]["sections"][0][0] in page.content.decode()
        assert f"/{language}/discussions/{hearing.pk}/" in Client().get(f"/{language}/discussions/").content.decode()


def test_what_a_guest_says_waits_until_it_was_looked_at(hearing: Hearing, lead: Client) -> None:
    assert say(hearing, "When will it come?\x07", section="2", name="A  resident") == 302
    one = Remark.objects.get()
    assert (one.text, one.name, one.section, one.state) == ("When will it come?", "A resident", 2, "waiting")
    page = f"/en/discussions/{hearing.pk}/"
    assert "When will it come?" not in Client().get(page).content.decode()
    assert "When will it come?" in lead.get(page + "remarks/?show=waiting").content.decode()
    judged = {f"r{one.pk}-state": "shown", f"r{one.pk}-why": "", f"r{one.pk}-verdict": "taken", f"r{one.pk}-answer": ""}
    answer = lead.post(f"/en/discussions/remark/{one.pk}/", judged)
    assert answer.status_code == 422 and "An answer says" in answer.content.decode()
    assert (
        lead.post(f"/en/discussions/remark/{one.pk}/", {**judged, f"r{one.pk}-answer": "In spring."}).status_code == 302
    )
    text = Client().get(page).content.decode()
    assert "When will it come?" in text and "In spring." in text and "taken up" in text
    table = b"".join(Client().get(page + "?format=csv")).decode()  # type: ignore[arg-type]
    assert "In spring." in table


def test_a_hidden_remark_needs_a_reason_and_is_counted(hearing: Hearing, lead: Client) -> None:
    say(hearing, "Buy here!")
    one = Remark.objects.get()
    hidden = {f"r{one.pk}-state": "hidden", f"r{one.pk}-verdict": "", f"r{one.pk}-answer": "", f"r{one.pk}-why": ""}
    assert lead.post(f"/en/discussions/remark/{one.pk}/", hidden).status_code == 422
    lead.post(f"/en/discussions/remark/{one.pk}/", {**hidden, f"r{one.pk}-why": "advertising"})
    text = Client().get(f"/en/discussions/{hearing.pk}/").content.decode()
    assert "Buy here!" not in text and "hidden by the rules: 1 (advertising)" in text


def test_what_is_no_remark_is_refused(hearing: Hearing) -> None:
    for text, more in (
        ("", {}), ("x" * (LONGEST + 1), {}), ("a", {"name": "n" * 81}), ("a", {"section": "99"}), ("a", {"address": "filled in"}),
    ):  # fmt: skip
        assert say(hearing, text, **more) == 422
    assert say(hearing, "once") == 302
    assert say(hearing, "once", "203.0.113.1") == 422, "the same was said already"
    assert Remark.objects.count() == 1


def test_nobody_floods_a_discussion(hearing: Hearing, monkeypatch: pytest.MonkeyPatch) -> None:
    for number in range(services.FROM_ONE):
        assert say(hearing, f"remark {number}") == 302
    assert say(hearing, "one more") == 422
    assert say(hearing, "from elsewhere", "203.0.113.1") == 302
    monkeypatch.setattr(services, "FROM_ALL", Remark.objects.count())
    assert say(hearing, "from everywhere", "203.0.113.2") == 422
    Remark.objects.update(at=timezone.now() - timedelta(days=2))
    assert say(hearing, "a day later") == 302
    assert GUEST not in str(list(Remark.objects.values())), "no address is kept"
    assert Remark.objects.exclude(sent_from="").count() == 1


def test_a_term_is_kept(hearing: Hearing, lead: Client, roadmap: Roadmap) -> None:
    today = today_of(roadmap.city)
    Hearing.objects.update(opens=today - timedelta(days=9), closes=today - timedelta(days=1))
    assert say(hearing, "too late") == 422
    assert "Say something" not in Client().get(f"/en/discussions/{hearing.pk}/").content.decode()
    Hearing.objects.update(opens=today + timedelta(days=1), closes=today + timedelta(days=9))
    assert Client().get(f"/en/discussions/{hearing.pk}/").status_code in (302, 401, 403)
    assert lead.get(f"/en/discussions/{hearing.pk}/").status_code == 200


def test_who_opens_a_discussion_and_when(roadmap: Roadmap, lead: Client, person: Callable[[str], Client]) -> None:  # noqa: F811
    page, today = f"/en/discussions/begin/roadmaps/{roadmap.pk}/", today_of(roadmap.city)
    term = {"opens": today.isoformat(), "closes": today.isoformat()}
    assert person("analyst").post(page, term).status_code == 403
    assert lead.post(f"/en/discussions/begin/roadmaps/{roadmap.pk + 9}/", term).status_code == 404
    assert (
        lead.get(page).status_code == 200
        and "Open the draft" in lead.get(f"/en/roadmaps/{roadmap.pk}/").content.decode()
    )
    for wrong in (
        {"opens": "2020-01-01"},
        {"closes": (today - timedelta(days=1)).isoformat()},
        {"closes": "2100-01-01"},
    ):
        assert lead.post(page, {**term, **wrong}).status_code == 422
    Roadmap.objects.filter(pk=roadmap.pk).update(state="submitted")
    assert "Only a draft" in lead.post(page, term).content.decode()
    Roadmap.objects.filter(pk=roadmap.pk).update(state="draft")
    assert lead.post(page, term).status_code == 302
    assert lead.post(page, term).status_code == 302 and Hearing.objects.count() == 1, "once for each version"
    assert "Public discussion of the draft" in lead.get(f"/en/roadmaps/{roadmap.pk}/").content.decode()


@pytest.mark.parametrize("language", ["kk", "ru", "en"])
def test_the_summary_is_a_document_and_an_annex_of_the_strategy(lead: Client, roadmap: Roadmap, language: str) -> None:
    lead.post("/en/strategies/begin/", {"city": roadmap.city, "first_year": "2027", "last_year": "2032"})
    strategy, today = Strategy.objects.get(), today_of(roadmap.city)
    lead.post(
        f"/en/discussions/begin/strategies/{strategy.pk}/", {"opens": today.isoformat(), "closes": today.isoformat()}
    )
    hearing = Hearing.objects.get(part="strategies")
    assert len(hearing.texts[language]["sections"]) == 9
    hearing.remarks.create(text="More trees", section=3, state="shown", verdict="partly", answer="Two parks")
    made = Docx(io.BytesIO(Client().get(f"/{language}/discussions/{hearing.pk}/summary/docx/").content))
    assert "More trees" in [cell.text for table in made.tables for row in table.rows for cell in row.cells]
    assert Client().get(f"/{language}/discussions/{hearing.pk}/summary/pdf/").content.startswith(b"%PDF")
    assert "Two parks" in str(document(strategy, language).blocks)  # type: ignore[arg-type]


def test_the_summary_is_an_annex_of_the_roadmap_and_owners_named_in_force_leave_what_was_signed(
    hearing: Hearing, roadmap: Roadmap
) -> None:
    hearing.remarks.create(text="More trees", state="shown", verdict="noted", answer="We heard")
    assert "We heard" in str(paper.document(roadmap, "en").blocks)
    signed = paper.says(roadmap)
    owner = Organisation.objects.create(name_kk="Басқарма", name_ru="Управление", kind="akimat", city=roadmap.city)
    roadmap.actions.update(
        owner=owner, programme="010", approved={"2027": "1"}, spent={"2027": "1"}, progress="running"
    )
    assert paper.says(roadmap) == signed
    roadmap.actions.update(money={"2027": "9"})
    assert paper.says(roadmap) != signed
