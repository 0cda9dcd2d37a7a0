# ruff: noqa: F401, F811  (fixtures)
"""What is found wrong is an incident: told once, over by itself, noted by whom it concerns; books are compared."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.core import mail
from test_intake import APPEALS, GOOD, SignedIn, sent, signed_in, source, tiny_site, water

from qala import facts
from qala.intake import balancing, incidents, jobs, services
from qala.intake.models import Incident, SentCount, Source
from qala.people import letters
from qala.people.models import AuditEntry, Membership, Organisation, User
from qala.standard.problems import Problem

pytestmark = pytest.mark.usefixtures("tiny_site")


def person(email: str, language: str = "en", **place: Any) -> User:
    user = User.objects.create_user(email, None, language=language)
    Membership.objects.create(user=user, role="data_source", **place)
    return user


def test_the_owner_of_a_silent_source_is_told_once_and_again_when_it_is_back(
    source: Source, water: Organisation
) -> None:
    person("owner@example.org", scope="organisation", organisation=water)
    person("city@example.org", scope="city", code="WHOLE")
    Source.objects.update(made_at=datetime.now(UTC) - timedelta(hours=3))
    for _ in range(3):
        jobs.look_for_silence(0)
    assert [(one.to, "silent" in one.subject) for one in mail.outbox] == [(["owner@example.org"], True)]
    assert "/en/intake/source/centre/" in mail.outbox[0].body
    sent(source, GOOD)
    for _ in range(2):
        jobs.look_for_silence(0)
    assert [one.subject.partition(":")[0] for one in mail.outbox[1:]] == ["It is over"]
    assert Incident.objects.get().closed_at is not None


def test_a_paused_source_and_one_that_promises_nothing_are_not_silent(source: Source) -> None:
    Source.objects.update(made_at=datetime.now(UTC) - timedelta(days=3), paused_at=datetime.now(UTC))
    services.register(None, Source(name="free", title="x", city="WHOLE", dataset=APPEALS, every=0))
    jobs.look_for_silence(0)
    assert not Incident.objects.exists()


def test_mail_that_does_not_go_out_is_tried_again(source: Source, water: Organisation, monkeypatch: Any) -> None:
    person("owner@example.org", "ru", scope="organisation", organisation=water)
    Source.objects.update(made_at=datetime.now(UTC) - timedelta(hours=3))

    def refuses(*_: object) -> None:
        raise ConnectionRefusedError

    with monkeypatch.context() as patched:
        patched.setattr(letters, "send_mail", refuses)
        jobs.look_for_silence(0)
    assert Incident.objects.get().told_at is None
    jobs.look_for_silence(0)
    assert len(mail.outbox) == 1
    assert "источник молчит" in mail.outbox[0].subject.lower()


def test_a_difference_of_doors_and_ledger_is_an_incident_until_it_is_gone(source: Source) -> None:
    sent(source, GOOD | {"appeal_id": "x1"}, GOOD | {"appeal_id": "x2", "status": "?"})
    assert balancing.balance_ledger(lambda _: None) == []
    file = facts.lake().folder / "ledger" / f"{APPEALS}.jsonl"
    whole = file.read_text()
    file.write_text("".join(line for line in whole.splitlines(keepends=True) if '"centre"' not in line))
    from qala.facts import desk

    desk._own.__dict__.clear()
    (wrong,) = balancing.balance_ledger(lambda _: None)
    assert (wrong.said["received"], wrong.said["read"], wrong.said["difference"]) == (2, 0, 2)
    found = Incident.objects.get()
    assert (found.kind, found.source, found.city) == ("ledger", source, "WHOLE")
    balancing.balance_tables()
    assert Incident.objects.filter(kind="lake", dataset=APPEALS).exists()
    file.write_text(whole)
    desk._own.__dict__.clear()
    balancing.balance_ledger(lambda _: None)
    balancing.balance_tables()
    assert not Incident.objects.filter(closed_at=None).exists()


def test_a_source_s_own_counts_are_compared(signed_in: SignedIn, source: Source) -> None:
    sent(source, GOOD | {"appeal_id": "x1"}, GOOD | {"appeal_id": "x1"})
    hour = datetime.now(UTC).replace(minute=0, second=0, microsecond=0)
    with pytest.raises(Problem, match="no whole hours"):
        balancing.note_count("centre", hour, hour + timedelta(minutes=5), 1)
    with pytest.raises(Problem, match="over"):
        balancing.note_count("centre", hour, hour + timedelta(hours=2), 1)
    made = SentCount.objects.create(source=source, first=hour, until=hour + timedelta(hours=1), rows=3)
    assert balancing.received(facts.lake(), made) == 2
    assert balancing.balance_counts() == []  # the hour still runs
    SentCount.objects.update(until=hour + timedelta(minutes=59), first=hour - timedelta(days=1))
    made.refresh_from_db()
    SentCount.objects.update(until=datetime.now(UTC) - timedelta(minutes=6))
    (wrong,) = balancing.balance_counts()
    assert wrong.said["sent"] == 3
    text = signed_in("analyst").get("/en/intake/source/centre/").content.decode()
    assert "Its own counts" in text
    assert "a source counted otherwise" in text.lower()


@pytest.mark.parametrize("role", ["data_source", "operator", "analyst", "digital_department"])
def test_who_sees_incidents_and_who_takes_note(signed_in: SignedIn, source: Source, role: str) -> None:
    one = Incident.objects.create(kind="silent", place="centre", source=source, city="WHOLE", said={})
    home, away = signed_in(role), signed_in(role, "PART")
    assert source.title in home.get("/en/intake/incidents/").content.decode()
    assert source.title not in away.get("/en/intake/incidents/").content.decode()
    assert away.post(f"/en/intake/incidents/{one.pk}/note/", {"note": "x"}).status_code == 403
    may = role in ("data_source", "digital_department")
    assert home.post(f"/en/intake/incidents/{one.pk}/note/", {"note": "a cable"}).status_code == (302 if may else 403)
    one.refresh_from_db()
    assert one.note == ("a cable" if may else "")
    assert AuditEntry.objects.filter(verb="note_incident").exists() == may


def test_a_secret_of_the_settings_is_kept_and_never_shown(signed_in: SignedIn, source: Source, settings: Any) -> None:
    settings.HOME = str(facts.lake().folder / "home")
    Source.objects.update(settings={"password": {"secret": "db"}})
    lead = signed_in("digital_department")
    assert "lacking" in lead.get("/en/intake/source/centre/").content.decode()
    lead.post("/en/intake/source/centre/secret/", {"name": "db", "value": "hush-hush-77"})
    text = lead.get("/en/intake/source/centre/").content.decode()
    assert "hush-hush-77" not in text
    assert "lacking" not in text
    assert services.secrets_of_sources().get("centre", "db") == "hush-hush-77"
    assert (
        signed_in("analyst").post("/en/intake/source/centre/secret/", {"name": "db", "value": "x"}).status_code == 403
    )
    lead.post("/en/intake/source/centre/secret/", {"name": "db", "act": "forget"})
    assert services.secrets_of_sources().names("centre") == []
    assert {one.verb for one in AuditEntry.objects.filter(verb__endswith="_secret")} == {"keep_secret", "forget_secret"}


@pytest.mark.parametrize("language", ["kk", "ru", "en"])
def test_incidents_stand_in_every_language(signed_in: SignedIn, source: Source, language: str) -> None:
    for kind in Incident.Kind.values:
        Incident.objects.create(kind=kind, place=kind, source=source, city="WHOLE", said={"line": "x"})
    lead = signed_in("digital_department")
    for query in ("", "?state=all&kind=silent", "?source=centre", "?format=csv"):
        assert lead.get(f"/{language}/intake/incidents/{query}").status_code == 200
