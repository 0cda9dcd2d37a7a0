"""A roadmap from its beginning to its amendment, by the pages and in its roles; what the procedure refuses."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import date, timedelta
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.test import Client
from django.utils.html import escape

from qala import facts
from qala.people.models import AuditEntry, Membership, Organisation, User
from qala.planning import Standpoint
from qala.roadmaps import queries
from qala.roadmaps.forms import effects_read, effects_said
from qala.roadmaps.models import Action, Roadmap
from qala.scoring import Profile, explain

pytestmark = pytest.mark.usefixtures("tiny_site")
CITY = "WHOLE"


@pytest.fixture
def person(settings: Any) -> Callable[[str], Client]:
    """A browser of somebody with a role in the city, or in the country."""
    settings.MIDDLEWARE = [one for one in settings.MIDDLEWARE if "SecondFactorFirst" not in one]

    def of(role: str) -> Client:
        user = User.objects.create_user(email=f"{role}@example.org", password=None)
        scope = "country" if role == "ministry" else "city"
        Membership.objects.create(user=user, role=role, scope=scope, code="" if scope == "country" else CITY)
        client = Client()
        client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
        return client

    return of


def begun(department: Client) -> Roadmap:
    answer = department.post("/en/roadmaps/begin/", {"city": CITY, "first_year": "2027", "last_year": "2029"})
    assert answer.status_code == 302
    return Roadmap.objects.get(city=CITY)


def step(by: Client, roadmap: Roadmap, verb: str, words: str = "") -> str:
    """Take a step; the page that follows."""
    text: str = by.post(
        f"/en/roadmaps/{roadmap.pk}/step/", {"verb": verb, "words": words}, follow=True
    ).content.decode()
    roadmap.refresh_from_db()
    return text


def filled(action: Action, **more: Any) -> dict[str, Any]:
    return {
        "name": action.name, "initiative": action.initiative or "", "from_year": 2027, "to_year": 2029, "owner": "",
        "executors": action.executors, "results": action.results, "source": "local", "risks": "", "progress": "planned",
        "evidence": "", "effects_text": "", "money_2027": "120.5", "money_2028": "", "money_2029": "", **more,
    }  # fmt: skip


def made_whole(roadmap: Roadmap) -> None:
    roadmap.actions.filter(results="").update(results="–")


def test_it_begins_with_what_annex_2_asks_of_the_category(person: Callable[[str], Client]) -> None:
    roadmap = begun(person("digital_department"))
    law = facts.edition()
    wanted = {no for no, one in law.initiatives.items() if roadmap.category in one.roadmap}
    actions = {one.initiative: one for one in roadmap.actions.all()}
    assert actions.keys() == wanted
    asked = law.initiatives[2].roadmap[roadmap.category]
    assert (actions[2].stage, actions[2].to_year) == (asked.stage, max(asked.to_year, 2027))
    functions = [one for one in law.initiatives[2].functions if one.asked_of(roadmap.category)]
    assert actions[2].results.count("\n") + 1 == len(functions) > 0


def test_from_draft_to_amendment_in_the_roles(person: Callable[[str], Client]) -> None:
    department, ministry, lead = person("digital_department"), person("ministry"), person("city_lead")
    roadmap = begun(department)
    guest = Client()
    assert guest.get(f"/en/roadmaps/{roadmap.pk}/").status_code in (302, 401, 403), "a draft is not public"
    assert "What can be done now" not in ministry.get(f"/en/roadmaps/{roadmap.pk}/").content.decode()

    first = roadmap.actions.first()
    assert first is not None
    Action.objects.filter(pk=first.pk).update(executors="", results="")
    assert "Nobody answers for" in step(department, roadmap, "submit")
    assert roadmap.state == "draft"
    owner = Organisation.objects.create(name_kk="Басқарма", name_ru="Управление", kind="akimat", city=CITY)
    first.refresh_from_db()
    sent = filled(first, owner=owner.pk, effects_text="2.1 = 12\n2.2 +5", results="Answers at once")
    assert department.post(f"/en/roadmaps/action/{first.pk}/", sent).status_code == 302
    first.refresh_from_db()
    assert (first.money, first.effects) == ({"2027": "120.5"}, {"2.1": ["to", "12"], "2.2": ["by", "5"]})
    made_whole(roadmap)

    step(department, roadmap, "submit")
    assert roadmap.state == "submitted"
    assert department.post(f"/en/roadmaps/action/{first.pk}/", sent).status_code == 422, (
        "nothing is edited while it is read"
    )
    assert "not allowed now" in step(department, roadmap, "agree", "12-1")
    step(ministry, roadmap, "refuse", "Say who pays.")
    assert roadmap.state == "remarks"
    step(department, roadmap, "submit")
    step(ministry, roadmap, "agree", "№ 12-1, 20.11.2026")
    assert "not allowed now" in step(department, roadmap, "approve", "№ 7"), "the akim approves"
    step(lead, roadmap, "approve", "№ 7, 21.11.2026")
    assert roadmap.state == "approved"
    page = guest.get(f"/kk/roadmaps/{roadmap.pk}/")
    assert page.status_code == 200, "what is in force is public"

    assert "begins with https" in step(department, roadmap, "publish_site", "gov.kz")
    step(department, roadmap, "publish_site", "https://www.gov.kz/memleket/entities/city")
    assert roadmap.state == "approved"
    step(department, roadmap, "publish_system", "https://pm.example.org/12")
    assert roadmap.state == "published"
    assert department.post(f"/en/roadmaps/action/{first.pk}/", sent).status_code == 422
    assert (
        department.post(
            f"/en/roadmaps/action/{first.pk}/progress/", {"progress": "running", "evidence": "act 3"}
        ).status_code
        == 302
    )

    step(department, roadmap, "amend", "Prices rose.")
    draft = Roadmap.objects.get(city=CITY, version=2)
    assert (draft.state, draft.actions.count(), roadmap.state) == ("draft", roadmap.actions.count(), "published")
    assert draft.steps.get().words == "Prices rose."
    assert "not allowed now" in step(department, roadmap, "amend", "Again."), "one amendment at a time"
    verbs = set(AuditEntry.objects.filter(kind="roadmaps.roadmap").values_list("verb", flat=True))
    assert verbs >= {
        "begin_roadmap",
        "submit_roadmap",
        "refuse_roadmap",
        "agree_roadmap",
        "approve_roadmap",
        "amend_roadmap",
    }


def test_an_answer_that_comes_late_is_marked(person: Callable[[str], Client]) -> None:
    department, ministry = person("digital_department"), person("ministry")
    roadmap = begun(department)
    made_whole(roadmap)
    step(department, roadmap, "submit")
    roadmap.since -= timedelta(days=60)
    roadmap.save()
    assert "Overdue" in ministry.get(f"/en/roadmaps/{roadmap.pk}/").content.decode()
    assert "overdue" in ministry.get("/en/roadmaps/").content.decode()
    step(ministry, roadmap, "agree", "№ 1")
    last = roadmap.steps.last()
    assert last is not None
    assert last.late


@pytest.mark.parametrize("language", ["kk", "ru", "en"])
@pytest.mark.parametrize("view", ["table", "years", "board"])
def test_the_views_hold_every_action(person: Callable[[str], Client], language: str, view: str) -> None:
    department = person("digital_department")
    roadmap = begun(department)
    text = department.get(f"/{language}/roadmaps/{roadmap.pk}/?view={view}").content.decode()
    assert all(f"/roadmaps/action/{one.pk}/" in text for one in roadmap.actions.all())


def test_effects_are_read_as_they_are_said() -> None:
    law = facts.edition()
    text = "2.1 = 12\n2.2 +5\n1.18 -10%"
    assert effects_said(effects_read(text, law)) == text
    for wrong, line in (("2.1 > 3", 1), ("2.1 = 3\n99.9 +1", 2), ("2.1 +1\n2.1 +2", 2), ("2.1 = 5%", 1)):
        with pytest.raises(ValidationError, match=f"Line {line}"):
            effects_read(wrong, law)


def test_actions_do_not_wait_for_one_another(person: Callable[[str], Client]) -> None:
    department = person("digital_department")
    one, other = begun(department).actions.all()[:2]
    assert department.post(f"/en/roadmaps/action/{one.pk}/", filled(one, after=[other.pk])).status_code == 302
    answer = department.post(f"/en/roadmaps/action/{other.pk}/", filled(other, after=[one.pk]))
    assert answer.status_code == 422
    assert "wait for one another" in answer.content.decode()


def test_what_an_action_gains_is_what_the_sheet_says_can_be_won(person: Callable[[str], Client]) -> None:
    """To bring a KPI to its target is worth what the explanation of the score says of it, computed another way."""
    roadmap = begun(person("digital_department"))
    law, day, profile = facts.edition(), date(2026, 12, 31), Profile()
    seen = {one.row: facts.values().observation(CITY, one, 2026, day, profile) for one in law.kpis.values()}
    at = Standpoint(law, roadmap.category, 2026, profile, seen)
    lines = [one for one in explain(at.city(seen, 2026)) if one.kpi.target is not None and one.kpi.observation.value]
    line = next(one for one in lines if one.to_win > 0 and one.kpi.target.kind == "at_least")
    action = roadmap.actions.all()[0]
    action.effects = {line.kpi.row: ["to", str(line.kpi.target.threshold)]}
    assert queries.gains(queries.Basis("run", 2026, at), [action])[action.pk] == line.to_win


def test_what_the_order_says_is_read_in_the_readers_language(person: Callable[[str], Client]) -> None:
    department = person("digital_department")
    roadmap = begun(department)
    law, (first, second) = facts.edition(), roadmap.actions.all()[:2]
    Action.objects.filter(pk=second.pk).update(name="Our own words")
    assert first.initiative is not None
    for language in ("kk", "ru", "en"):
        text = department.get(f"/{language}/roadmaps/{roadmap.pk}/").content.decode()
        assert escape(law.initiatives[first.initiative].name.say(language)) in text
        assert "Our own words" in text


def test_money_lies_in_the_years_of_work(person: Callable[[str], Client]) -> None:
    department = person("digital_department")
    action = begun(department).actions.all()[0]
    answer = department.post(f"/en/roadmaps/action/{action.pk}/", filled(action, to_year=2027, money_2028="5"))
    assert answer.status_code == 422
    assert "No work is planned in this year" in answer.content.decode()


@pytest.mark.parametrize("view", ["table", "years"])
def test_the_critical_path_is_shown_with_its_reason(person: Callable[[str], Client], view: str) -> None:
    department = person("digital_department")
    roadmap = begun(department)
    roadmap.actions.update(from_year=2027, to_year=2027)
    first, second, third = roadmap.actions.all()[:3]
    Action.objects.filter(pk=second.pk).update(name="Second", from_year=2028, to_year=2029)
    Action.objects.filter(pk=third.pk).update(name="Third")
    second.after.add(first)
    text = department.get(f"/en/roadmaps/{roadmap.pk}/?view={view}").content.decode()
    assert "Critical path" in text and "“Second” waits for it" in text and "the whole ends with it" in text
    assert "may end 2 years later" in text
    third.after.add(second)
    assert "begins before “Second” ends (2029)" in department.get(f"/en/roadmaps/{roadmap.pk}/").content.decode()


GATE = ("comparison", "risks", "integrator", "qaztech")


def shown(kinds: Iterable[str], day: str = "2026-03-01", address: str = "") -> dict[str, str]:
    """What the form of item 13 sends."""
    return {
        f"{kind}_{part}": value
        for kind in kinds
        for part, value in (("document", f"№ 1 {kind}"), ("day", day), ("address", address))
    }


def test_a_system_without_a_counterpart_shows_what_item_13_asks_for(person: Callable[[str], Client]) -> None:
    department = person("digital_department")
    roadmap = begun(department)
    made_whole(roadmap)
    action = roadmap.actions.all()[0]
    address = f"/en/roadmaps/action/{action.pk}/"
    assert "what item 13 asks for" not in department.get(address).content.decode()
    assert department.post(address, filled(action, results="–", new_system="on")).status_code == 302
    assert department.get(address).content.decode().count("_document") == 4
    text = step(department, roadmap, "submit")
    assert "Item 13" in text and "service integrator" in text and roadmap.state == "draft"
    assert department.post(f"{address}gate/", shown(GATE[:3])).status_code == 302
    text = step(department, roadmap, "submit")
    assert "QazTech" in text and "service integrator" not in text and roadmap.state == "draft"
    department.post(f"{address}gate/", shown(GATE, address="https://govarch.kz/1"))
    step(department, roadmap, "submit")
    assert roadmap.state == "submitted"
    department.post(f"{address}gate/", {})
    assert action.gate.count() == 4, "nothing is changed while it is judged"
    Roadmap.objects.update(state="published")
    step(department, roadmap, "amend", "Prices rose.")
    copy = Roadmap.objects.get(city=CITY, version=2).actions.get(new_system=True)
    assert {one.kind for one in copy.gate.all()} == set(GATE)


@pytest.mark.parametrize(
    "wrong",
    [{"day": ""}, {"day": "2199-01-01"}, {"day": "soon"}, {"address": "govarch"}, {"address": "javascript:alert(1)"}],
)
def test_a_paper_of_the_gate_has_a_document_a_day_and_an_address(
    person: Callable[[str], Client], wrong: dict[str, str]
) -> None:
    department = person("digital_department")
    action = begun(department).actions.all()[0]
    Action.objects.filter(pk=action.pk).update(new_system=True)
    sent = shown(GATE[:1]) | shown(GATE[1:2], **wrong)
    text = department.post(f"/en/roadmaps/action/{action.pk}/gate/", sent, follow=True).content.decode()
    assert "Prior assessment of risks and cost" in text and "name the document and its day" in text
    assert action.gate.count() == 0, "all or nothing"


def test_only_who_writes_the_roadmap_names_papers(person: Callable[[str], Client]) -> None:
    action = begun(person("digital_department")).actions.all()[0]
    for role in ("ministry", "analyst", "auditor"):
        assert person(role).post(f"/en/roadmaps/action/{action.pk}/gate/", shown(GATE)).status_code == 403
    assert action.gate.count() == 0
