"""A working group from its setting up to a signed protocol, by the pages; what item 18 asks; nothing is edited after signing."""

from __future__ import annotations

import io
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import docx
import pytest
from django.test import Client

from qala import facts
from qala.groundwork.composition import KINDS, accepted, checked, quorum
from qala.groundwork.models import Group, Meeting
from qala.groundwork.needs import needs
from qala.groundwork.queries import free_places
from qala.inventory.models import DigitalObject
from qala.inventory.queries import asked_functions
from qala.people.models import Membership, User

pytestmark = pytest.mark.usefixtures("tiny_site")
PLACE = "WHOLE"


@pytest.fixture(autouse=True)
def own_region(tiny_site: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The first city is its own region, as one of republican significance is."""
    registry = facts.lake().cities
    own = registry.get(PLACE).model_copy(update={"region": PLACE})
    monkeypatch.setitem(registry._cities(), PLACE, own)


@pytest.fixture
def person(settings: Any) -> Callable[..., Client]:
    """A browser of somebody with a role in a city."""
    settings.MIDDLEWARE = [one for one in settings.MIDDLEWARE if "SecondFactorFirst" not in one]

    def of(role: str, city: str = PLACE) -> Client:
        user = User.objects.create_user(email=f"{role}-{city}@example.org", password=None)
        Membership.objects.create(user=user, role=role, scope="city", code=city)
        client = Client()
        client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
        return client

    return of


def set_up(by: Client, without: tuple[str, ...] = ()) -> Group:
    made = {"act": "№ 7", "act_on": "2026-01-10", "cities": [PLACE]}
    assert by.post(f"/en/groundwork/new/{PLACE}/", made).status_code == 302
    group = Group.objects.get()
    for kind in KINDS:
        if kind not in without:
            said = {"kind": kind, "position": f"office {kind}", "name": f"N {kind}", "since": "2026-01-10"}
            assert by.post(f"/en/groundwork/group/{group.pk}/member/", said).status_code == 302
    return group


def met(by: Client, group: Group, present: int = 6) -> Meeting:
    day = facts.today().isoformat()
    assert by.post(f"/en/groundwork/group/{group.pk}/call/", {"day": day, "where": "Hall"}).status_code == 302
    meeting = Meeting.objects.latest("pk")
    there = [one.pk for one in group.members.all()[:present]]
    said = {"day": day, "where": "Hall", "present": there, "about": [PLACE], "additional": "Cranes for storks\n\n"}
    assert by.post(f"/en/groundwork/meeting/{meeting.pk}/edit/", said).status_code == 302
    meeting.refresh_from_db()
    return meeting


def decided(by: Client, meeting: Meeting, votes: str = "for", **more: Any) -> Any:
    said = {
        "title": "On the survey", "speaker": "", "heard": "", "decision": "It begins.", "doer": "Department",
        "due": "2027-03-01", **{f"vote_{one}": votes for one in meeting.present}, **more,
    }  # fmt: skip
    return by.post(f"/en/groundwork/meeting/{meeting.pk}/point/", said)


def test_item_18_names_eight_kinds() -> None:
    assert {rule.kind for rule in checked([]) if not rule.held} == set(KINDS)
    assert all(rule.held for rule in checked(KINDS))
    assert [rule.kind for rule in checked([*KINDS, "chair"]) if not rule.held] == ["chair"]  # one head, not two
    assert all(rule.held for rule in checked([*KINDS, "business"]))


@pytest.mark.parametrize(("members", "needed"), [(1, 1), (2, 2), (7, 4), (8, 5)])
def test_a_quorum_is_more_than_half(members: int, needed: int) -> None:
    assert quorum(members) == needed
    assert needed * 2 > members >= (needed - 1) * 2


def test_only_the_present_decide_and_by_more_than_half() -> None:
    assert accepted({1: "for", 2: "for", 3: "against"}, [1, 2, 3])
    assert not accepted({1: "for", 2: "against"}, [1, 2])
    assert not accepted({1: "for", 9: "for"}, [1, 2, 3])  # 9 was not there
    assert not accepted({}, [])


def test_from_setting_up_to_a_signed_protocol(person: Callable[..., Client]) -> None:
    department = person("digital_department")
    meeting = met(department, set_up(department))
    decided(department, meeting)
    page = department.get(f"/en/groundwork/meeting/{meeting.pk}/").content.decode()
    assert "6 of 8 members; the quorum is 5" in page
    assert department.post(f"/en/groundwork/meeting/{meeting.pk}/sign/").status_code == 302
    meeting.refresh_from_db()
    assert meeting.signed_on == facts.today()

    point = meeting.points.get()
    group = meeting.group
    chair = group.members.get(kind="chair")
    for path, sent in (
        (f"meeting/{meeting.pk}/edit/", {"day": "2026-01-11", "where": "x", "present": []}),
        (f"meeting/{meeting.pk}/point/{point.pk}/", {"title": "changed", "decision": "x"}),
        (f"meeting/{meeting.pk}/point/", {"title": "one more"}),
        (f"meeting/{meeting.pk}/point/{point.pk}/remove/", {}),
    ):
        department.post(f"/en/groundwork/{path}", sent)
    said = {"kind": "chair", "position": "another office", "name": "Another", "since": "2026-01-10"}
    department.post(f"/en/groundwork/group/{group.pk}/member/{chair.pk}/", said)
    meeting.refresh_from_db()
    assert (meeting.where, len(meeting.present), [one.title for one in meeting.points.all()]) == (
        "Hall",
        6,
        ["On the survey"],
    )
    paper = docx.Document(io.BytesIO(department.get(f"/en/groundwork/meeting/{meeting.pk}/protocol.docx").content))
    text = "\n".join(
        [*(one.text for one in paper.paragraphs), *(c.text for t in paper.tables for r in t.rows for c in r.cells)]
    )
    assert "N chair" in text
    assert "Another" not in text
    assert "It begins." in text
    assert "for – 6, against – 0" in text
    assert "Cranes for storks" in text
    assert "Annex 1. Wholetown" in text
    assert "Base initiatives to be solved first" in text


def test_annexes_are_kept_as_they_were_when_it_was_signed(person: Callable[..., Client]) -> None:
    department = person("digital_department")
    meeting = met(department, set_up(department))
    decided(department, meeting)
    department.post(f"/en/groundwork/meeting/{meeting.pk}/sign/")
    paper = f"/en/groundwork/meeting/{meeting.pk}/protocol.docx"
    before = department.get(paper).content
    asked = asked_functions(facts.edition(), "district")
    DigitalObject.objects.create(city=PLACE, name="x", owner="x", purpose="x", used_since=2020, functions=list(asked))
    assert department.get(paper).content == before
    meeting.refresh_from_db()
    assert [(one["city"], one["live"], one["asked"]) for one in meeting.annexed] == [(PLACE, 0, len(asked))]
    assert sum(row[2] for row in meeting.annexed[0]["topics"]) == needs(PLACE, facts.today() - timedelta(days=1))[0].now


@pytest.mark.parametrize("language", ["kk", "ru", "en"])
def test_the_protocol_is_a_pdf_in_every_language(person: Callable[..., Client], language: str) -> None:
    department = person("digital_department")
    meeting = met(department, set_up(department))
    decided(department, meeting)
    answer = department.get(f"/{language}/groundwork/meeting/{meeting.pk}/protocol.pdf")
    assert answer.content.startswith(b"%PDF")
    assert department.get(f"/{language}/groundwork/meeting/{meeting.pk}/protocol.txt").status_code == 404


@pytest.mark.parametrize(
    ("without", "present", "votes", "told"),
    [
        (("science",), 6, "for", "scientific organisations; there are 0"),
        ((), 4, "for", "There is no quorum: 4 of 8"),
        ((), 6, "", "not everybody present has voted"),
    ],
)
def test_what_is_not_whole_is_not_signed(
    person: Callable[..., Client], without: tuple[str, ...], present: int, votes: str, told: str
) -> None:
    department = person("digital_department")
    meeting = met(department, set_up(department, without), present)
    decided(department, meeting, votes)
    answer = department.post(f"/en/groundwork/meeting/{meeting.pk}/sign/", follow=True)
    assert told in answer.content.decode()
    meeting.refresh_from_db()
    assert meeting.signed_on is None


def test_a_vote_of_who_is_absent_is_not_kept(person: Callable[..., Client]) -> None:
    department = person("digital_department")
    meeting = met(department, set_up(department))
    absent = meeting.group.members.exclude(pk__in=meeting.present).first()
    assert absent is not None
    decided(department, meeting, **{f"vote_{absent.pk}": "for"})
    assert set(meeting.points.get().votes) == set(map(str, meeting.present))


def test_who_leaves_is_no_member_after(person: Callable[..., Client]) -> None:
    department = person("digital_department")
    group = set_up(department)
    one = group.members.get(kind="public")
    one.until = facts.today() - timedelta(days=1)
    one.save()
    page = department.get(f"/en/groundwork/group/{group.pk}/").content.decode()
    assert "Former members" in page
    assert department.get(f"/en/groundwork/group/{group.pk}/").context["quorum"] == 4


def test_a_decision_has_both_who_and_until_when(person: Callable[..., Client]) -> None:
    department = person("digital_department")
    meeting = met(department, set_up(department))
    assert decided(department, meeting, due="").status_code == 422
    assert not meeting.points.exists()


def test_who_sees_and_who_leads(person: Callable[..., Client]) -> None:
    department, analyst, foreign = person("digital_department"), person("analyst"), person("city_lead", "PART")
    group = set_up(department)
    meeting = met(department, group)
    assert analyst.get(f"/en/groundwork/group/{group.pk}/").status_code == 200
    assert analyst.get(f"/en/groundwork/meeting/{meeting.pk}/protocol.pdf").status_code == 200
    for path in (f"group/{group.pk}/edit/", f"group/{group.pk}/call/", f"meeting/{meeting.pk}/point/"):
        assert analyst.post(f"/en/groundwork/{path}", {}).status_code == 403
    for path in (f"group/{group.pk}/", f"meeting/{meeting.pk}/", f"meeting/{meeting.pk}/protocol.docx"):
        assert foreign.get(f"/en/groundwork/{path}").status_code == 403
    assert Client().get("/en/groundwork/").status_code == 302
    assert foreign.post(f"/en/groundwork/new/{PLACE}/", {"act": "x"}).status_code == 403


def test_a_place_has_one_group_at_a_time(person: Callable[..., Client]) -> None:
    department = person("digital_department")
    group = set_up(department)
    user = User.objects.get(email__istartswith="digital_department")
    assert free_places(user) == []
    assert department.get(f"/en/groundwork/new/{PLACE}/").status_code == 404
    department.post(f"/en/groundwork/group/{group.pk}/dissolve/")
    assert free_places(user) == [PLACE]
    assert (
        department.post(
            f"/en/groundwork/new/{PLACE}/", {"act": "№ 8", "act_on": "2026-02-01", "cities": ["PART"]}
        ).status_code
        == 422
    )
