"""The data freeze holds against late rows, the recomputation after objections is prepared, people are told once."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from django.core import mail
from django.test import Client

from qala import facts
from qala.facts import desk
from qala.kits.deadlines import services as deadlines
from qala.kits.deadlines.models import Told
from qala.lake import IngestRequest, Lake
from qala.lake.upkeep import pinned_versions
from qala.measures.values import Values
from qala.people import letters
from qala.people.models import Membership, User
from qala.rating_year import jobs as year_jobs
from qala.rating_year import recomputing
from qala.rating_year.models import Claim, Objection
from qala.rating_year.roadmap_check import look_up
from qala.ratings import jobs, services
from qala.ratings.models import Publication, Work
from qala.roadmaps.models import Action, Roadmap, Step
from qala.runs import verify
from qala.standard import Problem, editions

YEAR, CATEGORY = 2026, "district"


@pytest.fixture
def lake(lake_folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, db: None, settings: Any) -> Iterator[Lake]:
    """A lake of its own, in January after the rated year."""
    folder = tmp_path / "lake"
    shutil.copytree(lake_folder, folder)
    monkeypatch.setenv("QALA_LAKE", str(folder))
    monkeypatch.setenv("QALA_EDITION", "order_469")
    desk._own.__dict__.clear()
    settings.DEMO = True
    monkeypatch.setattr(facts, "today", lambda *_: date(2027, 1, 20))
    yield facts.lake()
    desk._own.__dict__.clear()


@pytest.fixture
def of(lake: Lake) -> Callable[..., Client]:
    def client(role: str, city: str = "") -> Client:
        user = User.objects.create_user(f"{role}{city}@example.kz".lower(), is_demo=True, language="en")
        scope = {"scope": "city", "code": city} if city else {"scope": "country"}
        Membership.objects.create(user=user, role=role, **scope)
        made = Client()
        made.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
        return made

    return client


def slow_call(lake: Lake, city: str) -> None:
    """A call that waited an hour, delivered late."""
    row = {
        "call_id": "late",
        "queued_at": "2026-03-05T06:00:00Z",
        "answered_at": "2026-03-05T07:00:00Z",
        "bot": "false",
    }
    table = pa.table({name: [value] for name, value in row.items()})
    lake.ingest(IngestRequest(city=city, dataset="contact_centre.calls", source=table, simulated=city != "SILENT"))


def computed(why: str = "") -> Work:
    work = services.ask_to_compute(None, YEAR, date(YEAR, 12, 31), CATEGORY, "annex2", why)
    jobs.compute_run(work.pk)
    work.refresh_from_db()
    assert work.state == Work.DONE, work.problem
    return work


def waits(run: str) -> dict[str, str]:
    """The mean wait (2.1) of each city, as the run recorded it."""
    results = facts.run_store().get(run).results
    return {code: said["kpis"]["2.1"]["observation"]["value"] for code, said in results.items()}


def test_rows_after_the_freeze_are_in_no_run_but_those_of_an_accepted_objection(
    lake: Lake, of: Callable[..., Client]
) -> None:
    city, ministry = of("digital_department", "WHOLE"), of("ministry")
    address = f"/en/year/{YEAR}/{CATEGORY}/"
    ministry.post(f"{address}data_freeze/", {"do": "done"})
    assert "Frozen" in ministry.get(address).content.decode()
    first = computed()
    slow_call(lake, "WHOLE")
    slow_call(lake, "PART")
    assert computed().run == first.run  # nothing that came since is in it
    asked: dict[str, Any] = {
        "city": "WHOLE",
        "year": YEAR,
        "kpi": "2.1",
        "period": "2026-03",
        "rows": "late",
        "text": "A call lacks.",
    }
    objection = Objection.objects.create(**asked, state=Objection.State.FILED)
    ministry.post(f"/en/year/objections/{objection.pk}/do/accept/", {"reasons": "So it is."})
    page = ministry.get(address).content.decode()
    assert "Prepare the recomputation" in page and "Wholetown: " in page
    assert city.post(f"{address}recompute/").status_code == 403
    assert ministry.post(f"{address}recompute/").status_code == 302
    work = recomputing.newest(YEAR, CATEGORY)
    assert work is not None and not recomputing.needed(YEAR, CATEGORY)
    jobs.compute_run(work.pk)
    work.refresh_from_db()
    before, after = waits(first.run), waits(work.run)
    assert before["WHOLE"] != after["WHOLE"] and before["PART"] == after["PART"]
    assert not Publication.objects.exists()  # offered, never published by itself
    assert "Look at it and publish" in ministry.get(address).content.decode()
    changes = ministry.get(f"/en/runs/{work.run}/{CATEGORY}/changes/")
    assert changes.status_code == 200
    run = facts.run_store().get(work.run)
    law = editions()["order_469"]
    assert set(run.corrected) == {"WHOLE"}
    assert verify(run, law, Values(lake, law, lake.catalogue)).identical
    newest = lake.table("contact_centre.calls").snapshot().version
    assert {run.versions["contact_centre.calls"], run.corrected["WHOLE"]["contact_centre.calls"]} <= pinned_versions(
        lake, "contact_centre.calls"
    )
    assert run.corrected["WHOLE"]["contact_centre.calls"] == newest
    services.publish(None, work.run, CATEGORY, "")
    ministry.post(f"{address}data_freeze/", {"do": "undone"})  # what is published stands on it
    assert recomputing.freeze_said(YEAR, CATEGORY) is not None


def test_the_job_freezes_and_recomputes_by_the_timetable(lake: Lake, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(Problem, match="nothing to recompute"):
        recomputing.prepare(None, YEAR, CATEGORY)
    monkeypatch.setattr(facts, "today", lambda *_: date(2027, 1, 10))
    year_jobs.keep_up()
    assert recomputing.freeze_said(YEAR, CATEGORY) is None  # the day itself still counts
    monkeypatch.setattr(facts, "today", lambda *_: date(2027, 1, 11))
    year_jobs.keep_up()
    kept = recomputing.freeze_said(YEAR, CATEGORY)
    assert kept is not None and recomputing.freeze_said(YEAR, "republican") is None
    said = {"city": "PART", "year": YEAR, "kpi": "2.1", "period": "2026-03", "text": "."}
    accepted = Objection.objects.create(**said, state=Objection.State.FILED)
    monkeypatch.setattr(facts, "today", lambda *_: date(2027, 1, 25))
    year_jobs.keep_up()
    assert not Work.objects.exists()
    Objection.objects.filter(pk=accepted.pk).update(state="accepted", decided_at="2026-11-21T06:00:00Z")
    Objection.objects.create(**said, state=Objection.State.APPEALED)
    year_jobs.keep_up()
    assert not Work.objects.exists()  # one is still to be decided
    Objection.objects.filter(state="appealed").update(state="refused")
    year_jobs.keep_up()
    year_jobs.keep_up()
    assert Work.objects.filter(why="objections").count() == 1
    assert recomputing.freeze_said(YEAR, CATEGORY) == kept


def roadmap(state: str = "published", **action: Any) -> Roadmap:
    made = Roadmap.objects.create(
        city="WHOLE", edition="order_469", category=CATEGORY, first_year=2026, last_year=2028, state=state,
        since=date(2026, 1, 15),
    )  # fmt: skip
    Step.objects.create(roadmap=made, verb="approve", day=date(2026, 1, 15))
    if action:
        Action.objects.create(roadmap=made, **{"from_year": 2026, "to_year": 2026, **action})
    return made


def claim(**more: Any) -> Claim:
    said: dict[str, Any] = {
        "city": "WHOLE", "year": YEAR, "title": "Heat map of the courtyards", "sphere": "ecology", "measures": ".",
        "started_on": date(2026, 2, 1), "finished_on": date(2026, 9, 1), "results": ".", "state": Claim.State.FILED,
    }  # fmt: skip
    return Claim.objects.create(**{**said, **more})


def test_a_claim_is_looked_up_in_the_roadmap(lake: Lake) -> None:
    law = editions()["order_469"]

    def holds(one: Claim) -> list[bool | None]:
        return [finding.holds for finding in look_up(one, law, "en").findings]

    assert look_up(claim(), law, "en").roadmap is None
    made = roadmap(name="Heat map of courtyards", sphere="ecology")
    assert holds(claim()) == [True, True, True, True]
    assert look_up(claim(), law, "en").guessed
    assert holds(claim(title="Bridges")) == [False]
    named = made.actions.get()
    assert holds(claim(title="Bridges", action=named)) == [True, True, True, True]
    assert holds(claim(action=named, sphere="economy", finished_on=date(2027, 1, 5))) == [True, False, False, True]
    named.sphere, named.initiative = "", 2
    named.save()
    assert holds(claim(action=named)) == [True, True, None, False]
    assert look_up(claim(started_on=date(2025, 2, 1), finished_on=date(2026, 1, 14)), law, "en").roadmap is None


def test_the_reasons_of_a_refusal_stay_after_the_appeal(lake: Lake, of: Callable[..., Client], client: Client) -> None:
    city, ministry = of("digital_department", "WHOLE"), of("ministry")
    roadmap(name="Bridges")
    page = f"/en/year/claims/{claim().pk}/"
    ministry.post(f"{page}do/refuse/", {"reasons": "It is not in the Roadmap."})
    city.post(f"{page}do/appeal/", {"reasons": "Item 7 is meant."})
    ministry.post(f"{page}do/accept/", {"reasons": "Seen."})
    shown = client.get(page).content.decode()
    assert [shown.find(words) for words in ("It is not in the Roadmap.", "Item 7 is meant.", "Seen.")] == sorted(
        shown.find(words) for words in ("It is not in the Roadmap.", "Item 7 is meant.", "Seen.")
    )
    assert "It is not in the Roadmap." in shown and "No action of it is named so." in shown


def test_whoever_is_due_is_told_once_and_then_whoever_stands_above(
    lake: Lake, of: Callable[..., Client], client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    ministry, lead = of("ministry"), of("city_lead", "WHOLE")
    waiting = roadmap("submitted")
    Roadmap.objects.filter(pk=waiting.pk).update(since=date(2027, 1, 25))  # 15 working days: 15 February

    def told(day: date) -> list[list[str]]:
        mail.outbox.clear()
        monkeypatch.setattr(facts, "today", lambda *_: day)
        deadlines.remind()
        return [one.to for one in mail.outbox if "answer of the ministry" in one.body]

    assert told(date(2027, 2, 9)) == []
    assert told(date(2027, 2, 10)) == [["ministry@example.kz"]]
    assert told(date(2027, 2, 11)) == []
    assert told(date(2027, 2, 16)) == [["ministry@example.kz"]]
    assert "Overdue:" in next(one.body for one in mail.outbox if "answer" in one.body)
    assert told(date(2027, 2, 18)) == []
    assert told(date(2027, 2, 19)) == [["city_leadwhole@example.kz"]]  # the akim, who waits for it
    assert told(date(2027, 2, 22)) == []
    assert Told.objects.filter(key__startswith="roadmaps:").count() == 3
    shown = lead.get("/en/deadlines/").content.decode()
    assert "answer of the ministry" in shown and "1 person" in shown and "due from me" not in shown.split("<table")[1]
    assert "due from me" in ministry.get("/en/deadlines/?show=mine").content.decode().split("<table")[1]
    assert ministry.get("/ru/deadlines/?format=csv").status_code == 200
    assert client.get("/en/deadlines/").status_code in (302, 403)


def test_a_mail_that_does_not_go_out_is_tried_again(
    lake: Lake, of: Callable[..., Client], monkeypatch: pytest.MonkeyPatch
) -> None:
    of("digital_department", "WHOLE")
    monkeypatch.setattr(facts, "today", lambda *_: date(2027, 1, 18))

    def broken(*_: Any, **__: Any) -> None:
        raise OSError("no mail server")

    with monkeypatch.context() as once:
        once.setattr(letters, "send_mail", broken)
        assert deadlines.remind() == 0
    assert not Told.objects.exists()
    assert deadlines.remind() == 1
    assert "Last day for objections" in mail.outbox[-1].body and deadlines.remind() == 0


def test_a_year_that_is_published_or_long_past_is_due_to_nobody(
    lake: Lake, of: Callable[..., Client], monkeypatch: pytest.MonkeyPatch
) -> None:
    ministry = of("ministry")
    assert "Rating of 2026" in ministry.get("/en/deadlines/").content.decode()
    monkeypatch.setattr(facts, "today", lambda *_: date(2027, 11, 30))
    assert "Rating of 2026" not in ministry.get("/en/deadlines/").content.decode()
    monkeypatch.setattr(facts, "today", lambda *_: date(2027, 1, 20))
    services.publish(None, computed().run, CATEGORY, "")
    assert "Rating of 2026" not in ministry.get("/en/deadlines/").content.decode()


def test_projects_of_a_sphere_stand_in_the_maturity_report(lake: Lake) -> None:
    from qala.maturity.portfolio import portfolio

    assert portfolio("WHOLE") == []
    made = roadmap(name="Sensors", sphere="ecology", progress="running", money={"2026": "12.5"})
    Action.objects.create(roadmap=made, name="Centre", initiative=2, from_year=2026, to_year=2027)
    by_sphere = {one.sphere.en: one for one in portfolio("WHOLE")}
    assert len(by_sphere) == 2
    law = editions()["order_469"]
    ecology = by_sphere[law.spheres["ecology"].name.en]
    assert (ecology.running, ecology.planned, float(ecology.money), ecology.after) == (1, 0, 12.5, None)
    services.publish(None, computed().run, CATEGORY, "")
    section = law.kpi("2.1").section
    centre = next(one for one in portfolio("WHOLE") if one.sphere.en == law.spheres[section].name.en)
    assert centre.planned == 1 and centre.after is not None and centre.before is None
