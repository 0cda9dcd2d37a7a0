"""Monitoring of a roadmap in force by its page, and owners of KPIs and actions."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

import pytest
from django.test import Client
from test_roadmap_pages import CITY, begun, person  # noqa: F401  a fixture

from qala import facts
from qala.inventory.models import DigitalObject
from qala.inventory.queries import asked_functions
from qala.people.models import AuditEntry, Organisation
from qala.planning.standpoint import Standpoint
from qala.roadmaps import monitoring
from qala.roadmaps.models import Action, KpiOwner, Roadmap

pytestmark = pytest.mark.usefixtures("tiny_site")
TODAY = date(2026, 6, 20)


@pytest.fixture
def roadmap(person: Callable[[str], Client], monkeypatch: pytest.MonkeyPatch) -> Roadmap:  # noqa: F811
    """In force since 31 March; its city answers its calls after 20 s all the year."""
    found = begun(person("digital_department"))
    monkeypatch.setattr(monitoring, "today_of", lambda _city: TODAY)
    found.steps.create(verb="approve", day=date(2026, 3, 31), words="7")
    Roadmap.objects.filter(pk=found.pk).update(state="published", first_year=2025)
    found.refresh_from_db()
    return found


def the_action(roadmap: Roadmap, **more: object) -> Action:
    """The action of the contact centre."""
    found = roadmap.actions.get(initiative=2)
    Action.objects.filter(pk=found.pk).update(**more)
    found.refresh_from_db()
    return found


def line(roadmap: Roadmap, action: Action) -> monitoring.Line:
    return monitoring.lines_of(roadmap, [action], date(2026, 3, 31))[0]


def test_functions_live_by_the_register_and_only_by_what_is_in_use(roadmap: Roadmap) -> None:
    action = the_action(roadmap)
    asked = line(roadmap, action).asked
    key = next(key for key, row in asked_functions(facts.edition(), roadmap.category).items() if row.initiative == 2)
    assert asked > 1 and line(roadmap, action).live == 0
    one = DigitalObject.objects.create(
        city=CITY, name="Center", purpose="p", owner="o", functions=[key], state="building"
    )
    assert line(roadmap, action).live == 0
    DigitalObject.objects.filter(pk=one.pk).update(state="in_use")
    assert (line(roadmap, action).live, line(roadmap, action).asked) == (1, asked)


def test_kpis_on_their_way(roadmap: Roadmap) -> None:
    for effect, state in ((["to", "20"], ""), (["to", "10"], "same"), (["by_percent", "-50"], "same")):
        move = line(roadmap, the_action(roadmap, effects={"2.1": effect})).kpis[0]
        assert (move.base, move.now, move.state) == (20, 20, state)
    silent = line(roadmap, the_action(roadmap, effects={"9.1": ["by", "5"]})).kpis[0]
    assert (silent.target, silent.share, silent.state) == (None, None, "")


def test_late_and_doubtful_actions_and_their_money(roadmap: Roadmap) -> None:
    action = the_action(
        roadmap, from_year=2025, to_year=2025, progress="running", money={"2025": "10", "2026": "5", "2027": "7"},
        approved={"2025": "8"}, spent={"2025": "6", "2026": "3"},
    )  # fmt: skip
    found = line(roadmap, action)
    assert (found.late, found.planned, found.approved, found.spent, found.overspent) == ("end", 15, 8, 9, True)
    assert line(roadmap, the_action(roadmap, progress="planned", to_year=2027)).late == "begin"
    done = line(roadmap, the_action(roadmap, progress="done"))
    assert done.late == "" and done.doubt, "no function lives"


def test_the_forecast_is_the_engines_and_steady_months_change_nothing(roadmap: Roadmap) -> None:
    found = monitoring.forecast(roadmap, list(roadmap.actions.all()))
    law, day = facts.edition(), date(2026, 6, 19)
    profile = monitoring._profile(CITY)
    seen = {kpi.row: facts.values().observation(CITY, kpi, 2026, day, profile) for kpi in law.kpis.values()}
    at = Standpoint(law, roadmap.category, 2026, profile, seen)
    assert (found.year, found.months, found.stands) == (2026, 5, at.city(seen, 2026).index)
    assert found.trends > 0 and found.trend is not None
    action = the_action(roadmap, effects={"2.1": ["to", "900"]}, from_year=2026, to_year=2026, progress="running")
    worse = monitoring.forecast(roadmap, [action])
    assert worse.trend == found.trend, "an effect counts from the year after the work"
    assert worse.next_planned is not None and worse.next_stands is not None and worse.next_planned < worse.next_stands


def test_the_page_in_three_languages_and_its_file(roadmap: Roadmap, person: Callable[[str], Client]) -> None:  # noqa: F811
    the_action(roadmap, from_year=2025, to_year=2025, progress="planned", effects={"2.1": ["to", "10"]})
    reader = person("analyst")
    for language in ("kk", "ru", "en"):
        answer = reader.get(f"/{language}/roadmaps/{roadmap.pk}/monitoring/")
        assert answer.status_code == 200
    text = reader.get(f"/en/roadmaps/{roadmap.pk}/monitoring/?show=late").content.decode()
    assert "overdue" in text and "Theil and Sen" in text
    assert b"2.1 0 %" in b"".join(reader.get(f"/en/roadmaps/{roadmap.pk}/monitoring/?format=csv"))  # type: ignore[arg-type]
    assert Client().get(f"/en/roadmaps/{roadmap.pk}/monitoring/").status_code in (302, 401, 403)
    Roadmap.objects.filter(pk=roadmap.pk).update(state="draft")
    roadmap.steps.all().delete()
    assert "not in force yet" in reader.get(f"/en/roadmaps/{roadmap.pk}/monitoring/").content.decode()


def test_approved_and_spent_are_told_in_force(roadmap: Roadmap, person: Callable[[str], Client]) -> None:  # noqa: F811
    lead, action = person("city_lead"), the_action(roadmap)
    address = f"/en/roadmaps/action/{action.pk}/progress/"
    sent = {"progress": "running", "evidence": "act 3", "approved_2027": "12.5", "spent_2027": "-1"}
    answer = lead.post(address, sent)
    assert answer.status_code == 422 and 'id="id_spent_2027_error"' in answer.content.decode()
    assert lead.post(address, {**sent, "spent_2027": "4"}).status_code == 302
    action.refresh_from_db()
    assert (action.approved, action.spent, action.progress) == ({"2027": "12.5"}, {"2027": "4"}, "running")


def test_what_has_no_owner_is_listed_and_given_one(roadmap: Roadmap, person: Callable[[str], Client]) -> None:  # noqa: F811
    lead, reader = person("city_lead"), person("analyst")
    body = Organisation.objects.create(name_kk="Басқарма", name_ru="Управление", kind="akimat", city=CITY)
    foreign = Organisation.objects.create(name_kk="Бөтен", name_ru="Чужое", kind="akimat", city="PART")
    page = f"/en/roadmaps/owners/{CITY}/"
    assert 'value="2.1"' in lead.get(page).content.decode()
    assert 'value="2.1"' not in reader.get(page).content.decode(), "who reads ticks nothing"
    action = the_action(roadmap)
    sent = {"owner": body.pk, "row": ["2.1", "2.2"], "action": [action.pk], "back": "?show=ownerless"}
    assert reader.post(page + "give/", sent).status_code == 403
    lead.post(page + "give/", {**sent, "owner": foreign.pk})
    assert not KpiOwner.objects.exists()
    assert lead.post(page + "give/", sent)["Location"] == page + "?show=ownerless"
    assert set(KpiOwner.objects.filter(city=CITY).values_list("row", flat=True)) == {"2.1", "2.2"}
    action.refresh_from_db()
    assert action.owner == body
    text = lead.get(page + "?show=ownerless").content.decode()
    assert 'value="2.1"' not in text and 'value="2.3"' in text
    other = Organisation.objects.create(name_kk="Екінші", name_ru="Второе", kind="akimat", city=CITY)
    lead.post(page + "give/", {"owner": other.pk, "row": ["2.1"], "action": [action.pk]})
    action.refresh_from_db()
    assert action.owner == body, "an owner that was approved is changed by an amendment"
    assert KpiOwner.objects.get(row="2.1").owner == other
    Action.objects.filter(pk=action.pk).update(owner=None)
    Roadmap.objects.filter(pk=roadmap.pk).update(state="submitted")
    lead.post(page + "give/", {"owner": other.pk, "action": [action.pk]})
    action.refresh_from_db()
    assert action.owner is None, "nothing is edited while the ministry reads it"
    assert AuditEntry.objects.filter(kind="roadmaps.kpiowner").count() == 3
