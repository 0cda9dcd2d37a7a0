"""Pages of systems that deliver: who may do what, the preview, credentials, and the way from a pasted message to rows."""

from __future__ import annotations

import csv
import io
import json
import re
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from django.test import Client

from qala import facts
from qala.facts import desk
from qala.intake import services
from qala.intake.models import Credential, Source
from qala.intake.receiving import Receiver
from qala.intake.registry import Feed, hash_of
from qala.lake.committing import Committer
from qala.people.models import AuditEntry, Membership, Organisation, User

pytestmark = pytest.mark.usefixtures("tiny_site")
APPEALS = "contact_centre.appeals"
NEW = {
    "title": "Contact centre", "name": "centre", "city": "WHOLE", "dataset": APPEALS, "owner": "", "door": "http",
    "way": "integration", "every": "", "format": "json", "rows_at": "", "settings_yaml": "", "mapping_yaml": "",
}  # fmt: skip
GOOD = {
    "appeal_id": "n1", "received_at": "2026-03-01 09:05", "closed_at": "2026-03-02 09:05", "topic": "roads",
    "status": "resolved", "contacts": "1", "spam": "false", "forwarded": "false", "citizen": "850101300123",
}  # fmt: skip
SignedIn = Callable[..., Client]


@pytest.fixture
def tiny_site(lake_folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, db: None) -> Iterator[Path]:
    """A lake of each test's own, for these tests send rows."""
    shutil.copytree(lake_folder, tmp_path / "lake")
    monkeypatch.setenv("QALA_LAKE", str(tmp_path / "lake"))
    yield tmp_path / "lake"
    desk._own.__dict__.clear()


@pytest.fixture
def signed_in(tiny_site: Path, settings: Any) -> SignedIn:
    settings.MIDDLEWARE = [one for one in settings.MIDDLEWARE if "SecondFactorFirst" not in one]

    def as_role(role: str, code: str = "WHOLE", organisation: Organisation | None = None) -> Client:
        user = User.objects.create_user(email=f"{role}{User.objects.count()}@example.org", password=None)
        scope = "organisation" if organisation else "city" if code else "country"
        code = "" if organisation else code
        Membership.objects.create(user=user, role=role, scope=scope, code=code, organisation=organisation)
        client = Client()
        client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
        return client

    return as_role


@pytest.fixture
def water(db: None) -> Organisation:
    return Organisation.objects.create(name_kk="Су", name_ru="Вода", kind="utility", city="WHOLE")


@pytest.fixture
def source(water: Organisation) -> Source:
    return services.register(
        None, Source(name="centre", title="Contact centre", city="WHOLE", dataset=APPEALS, owner=water, every=3600)
    )


def sent(source: Source, *rows: dict[str, str]) -> None:
    """Rows through the real receiver and committer."""
    feed = Feed(source.name, source.city, source.dataset, "http", source.way, "json", mapping=source.mapping or None)
    receiver = Receiver(facts.lake(), "http")
    receiver.take_blocking(feed, list(rows))
    receiver.close()
    Committer(facts.lake()).drain()


ALLOWED = {  # page → roles that may open it in the source's own city
    "": {"data_source", "operator", "analyst", "auditor", "digital_department", "city_lead"},
    "source/centre/": {"data_source", "operator", "analyst", "auditor", "digital_department", "city_lead"},
    "register/": {"data_source", "digital_department", "city_lead"},
    "source/centre/change/": {"data_source", "digital_department", "city_lead"},
}
ROLES = ("data_source", "operator", "analyst", "auditor", "digital_department", "city_lead")


@pytest.mark.parametrize("role", ROLES)
def test_pages_by_role(signed_in: SignedIn, source: Source, role: str) -> None:
    home, away = signed_in(role), signed_in(role, "PART")
    for page, roles in ALLOWED.items():
        assert home.get(f"/en/intake/{page}").status_code == (200 if role in roles else 403), page
        if "source" in page:
            assert away.get(f"/en/intake/{page}").status_code == 403, page
    for verb in ("pause/", "remove/", "credential/"):
        assert away.post(f"/en/intake/source/centre/{verb}").status_code == 403
        if role not in ALLOWED["register/"]:
            assert home.post(f"/en/intake/source/centre/{verb}").status_code == 403
    source.refresh_from_db()
    assert source.paused_at is None
    assert source.removed_at is None
    assert Credential.objects.count() == 0


def test_a_guest_is_led_to_sign_in_and_the_citizen_is_refused(client: Client, source: Source) -> None:
    for page in ALLOWED:
        assert client.get(f"/en/intake/{page}").status_code == 302
    client.force_login(
        User.objects.create_user("c@example.org", None), backend="django.contrib.auth.backends.ModelBackend"
    )
    assert client.get("/en/intake/").status_code == 403


def test_people_of_the_owner_lead_their_source_and_register_none(signed_in: SignedIn, source: Source) -> None:
    own = signed_in("data_source", organisation=source.owner)
    assert own.get("/en/intake/source/centre/").status_code == 200
    assert own.post("/en/intake/source/centre/credential/").status_code == 200
    assert own.get("/en/intake/register/").status_code == 403
    assert own.post("/en/intake/register/", NEW | {"name": "other"}).status_code == 403
    other = services.register(None, Source(name="other", title="x", city="WHOLE", dataset=APPEALS))
    assert own.get(f"/en/intake/source/{other.name}/").status_code == 403
    listed = own.get("/en/intake/").content.decode()
    assert "source/centre/" in listed
    assert "source/other/" not in listed


def test_nobody_registers_a_source_of_another_city(signed_in: SignedIn) -> None:
    lead = signed_in("digital_department")
    assert lead.post("/en/intake/register/", NEW | {"city": "PART"}).status_code == 422
    assert not Source.objects.exists()


def test_a_source_is_registered_with_the_cadence_of_its_contract(signed_in: SignedIn) -> None:
    lead = signed_in("digital_department")
    mapping = "# their export\ncolumns:\n  appeal_id: nr\n"
    answer = lead.post("/en/intake/register/", NEW | {"mapping_yaml": mapping})
    assert (answer.status_code, answer["Location"]) == (302, "/en/intake/source/centre/")
    made = Source.objects.get()
    assert made.every == 3600
    assert made.mapping == {"dataset": APPEALS, "columns": {"appeal_id": "nr"}}
    assert made.mapping_yaml.startswith("# their export")
    assert AuditEntry.objects.get(verb="register_source").city == "WHOLE"


@pytest.mark.parametrize(
    ("field", "value", "said"),
    [
        ("mapping_yaml", "columns:\n  appeal: nr\n", "mapping, line 2"),
        ("mapping_yaml", "columns: [", "not YAML"),
        ("settings_yaml", "topic: 'a/#/b'", ""),
        ("name", "Контакт", "lower-case letters"),
    ],
)
def test_what_is_wrong_is_told_at_its_field(signed_in: SignedIn, field: str, value: str, said: str) -> None:
    asked = NEW | {field: value, "door": "mqtt"}
    answer = signed_in("digital_department").post("/en/intake/register/", asked)
    assert answer.status_code == 422
    text = answer.content.decode()
    assert f'id="id_{field}_error"' in text
    assert said in text
    assert not Source.objects.exists()


def test_a_pull_s_settings_are_checked(signed_in: SignedIn) -> None:
    lead = signed_in("digital_department")
    wrong = NEW | {"door": "pull", "settings_yaml": "by: sql\nengine: postgresql\n"}
    assert "settings: host" in lead.post("/en/intake/register/", wrong).content.decode()
    right = NEW | {"door": "pull", "settings_yaml": "url: https://example.kz/a.json\nfirst_days: 0.5\n"}
    assert lead.post("/en/intake/register/", right).status_code == 302
    assert Source.objects.get().settings == {"url": "https://example.kz/a.json", "first_days": 0.5}


def test_a_change_keeps_name_city_and_dataset(signed_in: SignedIn, source: Source) -> None:
    lead = signed_in("digital_department")
    answer = lead.post(
        "/en/intake/source/centre/change/", NEW | {"title": "New", "every": "60", "dataset": "heat.readings"}
    )
    assert answer.status_code == 302
    source.refresh_from_db()
    assert (source.title, source.every, source.dataset, source.city) == ("New", 60, APPEALS, "WHOLE")
    entry = AuditEntry.objects.get(verb="change_source")
    assert (entry.before["every"], entry.after["every"]) == (3600, 60)


def test_a_message_is_tried_and_nothing_is_kept(signed_in: SignedIn) -> None:
    before = len(facts.lake().ledger.receipts())
    sample = json.dumps([{**GOOD, "colour": "red"}, {**GOOD, "appeal_id": "n2", "status": "???"}])
    answer = signed_in("digital_department").post("/en/intake/try/", NEW | {"sample": sample})
    text = answer.content.decode()
    assert "1 row would be taken in" in text
    assert "1 would be refused" in text
    assert "is none of:" in text
    assert "colour" in text
    stored = text[text.index("As it would be stored") :]
    assert "•••" in stored
    assert "850101300123" not in stored[: stored.index("decoded")]
    assert len(facts.lake().ledger.receipts()) == before
    assert not Source.objects.exists()


def test_a_trial_needs_the_right_over_the_city(signed_in: SignedIn, client: Client) -> None:
    assert client.post("/en/intake/try/", NEW | {"sample": "{}"}).status_code == 302
    assert signed_in("analyst").post("/en/intake/try/", NEW | {"sample": "{}"}).status_code == 403
    assert signed_in("digital_department", "PART").post("/en/intake/try/", NEW | {"sample": "{}"}).status_code == 403


def test_without_scripts_the_form_itself_tries(signed_in: SignedIn) -> None:
    answer = signed_in("digital_department").post(
        "/en/intake/register/", NEW | {"sample": json.dumps(GOOD), "try": "1"}
    )
    assert "1 row would be taken in" in answer.content.decode()
    assert not Source.objects.exists()


def test_a_secret_is_shown_once_and_its_hash_is_kept(signed_in: SignedIn, source: Source) -> None:
    lead = signed_in("digital_department")
    answer = lead.post("/en/intake/source/centre/credential/")
    found = re.search(r'<code id="secret">(qals_[\w-]{40,})</code>', answer.content.decode())
    assert found is not None
    assert answer["Cache-Control"] == "no-store"
    credential = Credential.objects.get()
    assert credential.hash == hash_of(found[1])
    again = lead.get("/en/intake/source/centre/").content.decode()
    assert found[1] not in again
    assert found[1][:10] in again
    lead.post(f"/en/intake/source/centre/credential/{credential.pk}/revoke/")
    credential.refresh_from_db()
    assert credential.revoked_at is not None


def test_the_line_to_type_is_what_the_source_s_mapping_reads(signed_in: SignedIn, source: Source) -> None:
    services.change(
        None, source, {"mapping": {"dataset": APPEALS, "columns": {"appeal_id": "req.nr"}}, "rows_at": "items"}
    )
    from qala.intake.payloads import decode
    from qala.lake.landing import now
    from qala.portal.intake.sending import example_message

    contract = facts.catalogue().contract(APPEALS)
    rows = decode("json", example_message(source, contract).encode(), rows_at="items", received=now())
    assert rows[0]["req.nr"]
    sent(source, *[{k: v for k, v in row.items() if v is not None} for row in rows])
    last = facts.lake().ledger.receipts(APPEALS, "WHOLE")[-1]
    assert (last.read, last.quarantined) == (1, 0)


def test_pause_resume_and_removal(signed_in: SignedIn, source: Source) -> None:
    lead = signed_in("digital_department")
    _made, _secret = services.issue_credential(None, source)
    lead.post("/en/intake/source/centre/pause/")
    source.refresh_from_db()
    assert source.paused_at is not None
    assert "paused" in lead.get("/en/intake/source/centre/").content.decode()
    lead.post("/en/intake/source/centre/resume/")
    source.refresh_from_db()
    assert (source.paused_at, source.resumed_at is not None) == (None, True)
    lead.post("/en/intake/source/centre/remove/")
    assert lead.get("/en/intake/source/centre/").status_code == 404
    assert Credential.objects.get().revoked_at is not None
    assert lead.post("/en/intake/source/centre/burn/").status_code == 404


def test_what_came_stands_on_the_page_with_persons_masked(signed_in: SignedIn, source: Source) -> None:
    sent(source, GOOD | {"appeal_id": "of-today"}, GOOD | {"appeal_id": "bad", "status": "???"})
    text = signed_in("analyst").get("/en/intake/source/centre/").content.decode()
    assert "of-today" in text
    assert facts.lake().pseudonyms.of("850101300123") not in text
    assert "•••" in text
    listed = signed_in("analyst").get("/en/intake/?format=csv").getvalue().decode("utf-8-sig")
    line = next(csv.DictReader(io.StringIO(listed)))
    assert (line["Name"], line["Rows in 24 hours"], line["Refused in 24 hours"]) == ("centre", "2", "1")


@pytest.mark.parametrize("language", ["kk", "ru", "en"])
def test_pages_stand_in_every_language(signed_in: SignedIn, source: Source, language: str) -> None:
    lead = signed_in("digital_department")
    for page in ("", "?state=silent&q=x", "register/", "source/centre/", "source/centre/change/"):
        assert lead.get(f"/{language}/intake/{page}").status_code == 200, page
    sample = json.dumps([{"a": 1}, GOOD])
    assert lead.post(f"/{language}/intake/try/", NEW | {"sample": sample}).status_code == 200
