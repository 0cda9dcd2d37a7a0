"""A run published, restated, verified; who may; and what guests are given from memory."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from django.db import connection, transaction
from django.db.utils import DatabaseError
from django.test import Client

from qala import facts
from qala.facts import desk
from qala.lake import Lake
from qala.measures.values import Values
from qala.people.models import AuditEntry, Membership, User
from qala.ratings import jobs, page_cache, queries, services
from qala.ratings.demo import publish_newest
from qala.ratings.models import Publication, Work
from qala.ratings.rated_run import rated_run
from qala.runs import build_run
from qala.runs.rated import rated_city
from qala.runs.record import score_said
from qala.scoring import Profile
from qala.standard import Problem, editions

CITIES = ("PART", "SILENT", "WHOLE")


def compute(lake: Lake, as_of: date) -> str:
    """A run of the three towns."""
    edition = editions()["order_469"]
    values = Values(lake, edition, lake.catalogue)
    for code in CITIES:
        values.computer.compute(code)
    cities = [rated_city(lake, values, code, 2026) for code in CITIES]
    return build_run(lake.folder, edition, 2026, as_of, cities, Profile(), values)[0].id


@pytest.fixture(scope="module")
def history(lake_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, dict[str, str]]:
    """A lake with a run of March, one of June, and one of June after a delivery was taken back."""
    folder = tmp_path_factory.mktemp("ratings") / "lake"
    shutil.copytree(lake_folder, folder)
    lake = Lake(folder, facts.catalogue())
    runs = {"march": compute(lake, date(2026, 3, 31)), "june": compute(lake, date(2026, 6, 30))}
    lake.undo(next(one.id for one in lake.ledger.receipts("contact_centre.survey_answers", "WHOLE")))
    runs["restated"] = compute(lake, date(2026, 6, 30))
    return folder, runs


@pytest.fixture
def runs(history: tuple[Path, dict[str, str]], monkeypatch: pytest.MonkeyPatch, db: None) -> Iterator[dict[str, str]]:
    monkeypatch.setenv("QALA_LAKE", str(history[0]))
    monkeypatch.setenv("QALA_EDITION", "order_469")
    desk._own.__dict__.clear()
    yield history[1]
    desk._own.__dict__.clear()


@pytest.fixture
def ministry(runs: dict[str, str], settings: Any) -> Client:
    """Somebody who may publish."""
    settings.DEMO = True
    user = User.objects.create_user("ministry@example.kz", is_demo=True)
    Membership.objects.create(user=user, role="ministry", scope="country")
    client = Client()
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    return client


def test_a_recorded_run_becomes_the_same_scores(runs: dict[str, str]) -> None:
    run, record = rated_run(runs["june"]), facts.run_store().get(runs["june"])
    assert run.intact
    assert run.faithful
    assert {code: score_said(run.score(code)) for code in CITIES} == dict(record.results)


def test_what_was_recorded_holds_when_the_program_would_say_otherwise(
    runs: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    record = facts.run_store().get(runs["june"])
    said = record.results["WHOLE"]
    said["final"], said["kpis"]["2.2"]["score"] = "12.500000000000", "1/8"
    from qala.ratings.rated_run import RatedRun

    run = RatedRun(record, editions()["order_469"])
    assert not run.intact
    assert run.unfaithful == {"WHOLE"}
    assert float(run.score("WHOLE").final or 0) == 12.5
    assert float(run.score("WHOLE").kpi("2.2").score or 0) == 0.125


def test_nobody_sees_a_run_before_it_is_published(runs: dict[str, str], client: Client) -> None:
    assert queries.published(2026, "district") is None
    assert client.get(f"/en/runs/{runs['june']}/").status_code == 404
    assert client.get(f"/en/city/WHOLE/?run={runs['june']}").status_code == 404
    assert b"Wholetown" in client.get("/en/city/WHOLE/").content
    services.publish(None, runs["june"], "district", "")
    assert client.get(f"/en/runs/{runs['june']}/").status_code == 200
    assert client.get(f"/en/runs/{runs['march']}/").status_code == 404
    assert client.get(f"/en/rating/?run={runs['march']}").status_code == 404


def test_a_publication_takes_a_reason_a_confirmation_and_the_right(
    runs: dict[str, str], ministry: Client, client: Client
) -> None:
    services.publish(None, runs["march"], "district", "")
    page = f"/en/runs/{runs['june']}/district/publish/"
    assert client.get(page).status_code in (302, 403)
    shown = ministry.get(page).content.decode()
    assert runs["march"] in shown
    assert "Wholetown" in shown
    last = runs["june"][-8:]
    assert ministry.post(page, {"note": "six months", "confirmed": "yes"}).status_code == 422
    assert ministry.post(page, {"note": " ", "confirmed": last}).status_code == 422
    assert Publication.objects.count() == 1
    assert ministry.post(page, {"note": "six months", "confirmed": last}).status_code == 302
    newest = queries.published(2026, "district")
    assert newest is not None
    assert (newest.run, newest.note, newest.restates) == (runs["june"], "six months", False)
    assert newest.supersedes is not None
    entry = AuditEntry.objects.get(verb="publish", object_id=str(newest.pk))
    assert entry.before == {"run": runs["march"]}
    with pytest.raises(Problem):
        services.publish(None, runs["march"], "district", "back again")


def test_a_restatement_says_what_changed_and_why(runs: dict[str, str], client: Client) -> None:
    services.publish(None, runs["june"], "district", "")
    made = services.publish(None, runs["restated"], "district", "the survey was taken back")
    assert made.restates
    lines = client.get(f"/en/runs/{runs['restated']}/district/changes/?format=csv").getvalue().decode("utf-8-sig")
    assert "WHOLE,Wholetown,2.3," in lines and "contact_centre.survey_answers" in lines
    page = client.get(f"/en/runs/{runs['restated']}/district/changes/").content.decode()
    assert "the survey was taken back" in page
    assert "Wholetown" in page
    assert "contact_centre.survey_answers" in page
    assert "Halftown" not in page
    rating = client.get("/en/rating/?category=district").content.decode()
    assert "Restated" in rating
    earlier = client.get(f"/en/rating/?category=district&run={runs['june']}").content.decode()
    assert "A later publication holds" in earlier


def test_what_is_published_cannot_be_changed(runs: dict[str, str]) -> None:
    made = services.publish(None, runs["june"], "district", "")
    for forbidden in (
        lambda: Publication.objects.filter(pk=made.pk).update(note="other"),
        lambda: connection.cursor().execute("DELETE FROM ratings_publication"),
    ):
        with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
            forbidden()
    with pytest.raises(Problem), transaction.atomic():
        services.publish(None, runs["june"], "district", "again")


def test_a_job_verifies_a_run(runs: dict[str, str]) -> None:
    work = Work.objects.create(kind=Work.VERIFY, run=runs["june"])
    jobs.verify_run.func(work=work.pk)
    work.refresh_from_db()
    assert work.state == Work.DONE
    assert work.result["identical"]
    assert work.done == work.total == work.result["cities"] == len(CITIES)


def test_a_job_computes_a_run_and_tells_errors(runs: dict[str, str], ministry: Client) -> None:
    work = Work.objects.create(
        kind=Work.COMPUTE, year=2026, as_of=date(2026, 6, 30), category="district", profile="annex2"
    )
    jobs.compute_run.func(work=work.pk)
    work.refresh_from_db()
    assert (work.state, work.run) == (Work.DONE, runs["restated"])
    assert work.done == work.total == 2 * len(CITIES)
    assert runs["restated"] in ministry.get(f"/en/runs/work/{work.pk}/").content.decode()
    empty = Work.objects.create(kind=Work.COMPUTE, year=2026, as_of=date(2026, 6, 30), category="oblast")
    jobs.compute_run.func(work=empty.pk)
    empty.refresh_from_db()
    assert empty.state == Work.FAILED
    assert empty.problem in ministry.get(f"/en/runs/work/{empty.pk}/").content.decode().replace("&#x27;", "'")


def test_a_run_is_asked_for_on_the_page(runs: dict[str, str], ministry: Client, client: Client) -> None:
    asked = {
        "category": "district",
        "as_of": "2026-06-30",
        "scope": "citywide",
        "ways": "integration_only",
        "rank_all": "yes",
    }
    assert client.post("/en/runs/compute/", asked).status_code in (302, 403)
    assert not Work.objects.exists()
    answer = ministry.post("/en/runs/compute/", asked)
    work = Work.objects.get()
    assert answer["Location"].endswith(f"/runs/work/{work.pk}/")
    assert ministry.get(answer["Location"])["Refresh"]
    assert work.profile == "citywide,integration_only,rank_all"
    page = ministry.get(answer["Location"].replace("/en/", "/ru/")).content.decode()
    assert "только интеграция" in page and "всё равно получают место" in page  # the switches are told in words
    ministry.post("/en/runs/compute/", {**asked, "scope": "nonsense"})
    assert Work.objects.count() == 1


def test_a_rating_of_an_earlier_day_is_shown_but_not_offered_for_publication(
    runs: dict[str, str], ministry: Client
) -> None:
    services.publish(None, runs["june"], "district", "")
    page = ministry.get(f"/en/runs/{runs['march']}/district/publish/").content.decode()
    assert "a rating up to a later day holds already" in page
    assert "What the publication would change" in page and "confirmed" not in page


def test_a_verification_says_in_the_readers_language_what_changed_since(runs: dict[str, str], ministry: Client) -> None:
    result = {
        "identical": True, "intact": True, "changed": [["sources", "aaa", "bbb"]], "chain": [], "cities": 3, "differ": 1,
        "differences": [["WHOLE", "2.2", "score", "1", "2"]],
    }  # fmt: skip
    work = Work.objects.create(kind=Work.VERIFY, run=runs["june"], state=Work.DONE, result=result)
    page = ministry.get(f"/kk/runs/work/{work.pk}/").content.decode()
    assert "содан бері бағдарлама өзгерді" in page
    assert facts.lake().cities.get("WHOLE").names["kk"] in page


def test_guests_get_pages_from_memory_until_something_is_published(
    runs: dict[str, str], client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(page_cache, "_LOOK_S", 0.0)
    services.publish(None, runs["march"], "district", "")
    first = client.get("/en/rating/?category=district", headers={"Accept-Encoding": "gzip"})
    assert first["Content-Encoding"] == "gzip"
    second = client.get("/en/rating/?category=district", headers={"Accept-Encoding": "gzip"})
    policy = second["Content-Security-Policy"]
    assert (second.content, policy) == (first.content, first["Content-Security-Policy"])
    plain = client.get("/en/rating/?category=district")
    nonce = policy.split("nonce-")[1].split("'")[0]
    assert f'nonce="{nonce}"' in plain.content.decode()
    assert "Cookie" in plain["Vary"]
    again = client.get("/en/rating/?category=district", headers={"If-None-Match": first["ETag"]})
    assert (again.status_code, again.content) == (304, b"")
    assert client.get("/en/rating/?category=district&sort=city")["ETag"] != first["ETag"]
    services.publish(None, runs["june"], "district", "six months")
    later = client.get("/en/rating/?category=district", headers={"If-None-Match": first["ETag"]})
    assert later.status_code == 200
    assert not plain.cookies


def test_who_is_signed_in_is_never_given_another_ones_page(runs: dict[str, str], ministry: Client) -> None:
    services.publish(None, runs["june"], "district", "")
    page = ministry.get("/en/runs/")
    assert "ETag" not in page
    assert b"compute" in page.content
    assert b"/runs/compute/" not in Client().get("/en/runs/").content


def test_memory_for_pages_is_bounded(runs: dict[str, str], client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    services.publish(None, runs["june"], "district", "")
    first = client.get("/en/city/WHOLE/")
    assert client.get("/en/city/WHOLE/")["ETag"] == first["ETag"]
    monkeypatch.setattr(page_cache, "_MOST_BYTES", 1)
    client.get("/en/city/PART/")
    assert client.get("/en/city/WHOLE/")["ETag"] != first["ETag"]  # made again, with another nonce


def test_a_demo_publishes_each_day_once_and_leaves_later_runs_to_people(runs: dict[str, str]) -> None:
    assert publish_newest() == 2  # March, and June as it was computed last
    assert [one.run for one in reversed(queries.publications("district"))] == [runs["march"], runs["restated"]]
    assert publish_newest() == 0
    services.publish(None, runs["june"], "district", "as before")
    assert publish_newest() == 0
    holding = queries.published(2026, "district")
    assert holding is not None and holding.run == runs["june"]
