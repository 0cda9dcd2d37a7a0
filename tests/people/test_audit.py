"""The audit log: append-only, seen within one's places, filtered by the address."""

from __future__ import annotations

from collections.abc import Iterator

import psycopg
import pytest
from django.db import ProgrammingError, connection, transaction
from django.test import Client, RequestFactory
from small_country import CENTRE, OTHER, REGION

from qala.config import site_role
from qala.people import audit, queries, tokens
from qala.people.models import AuditEntry, Organisation, User


@pytest.mark.parametrize("verb", ["UPDATE people_auditentry SET verb = 'x'", "DELETE FROM people_auditentry"])
def test_the_database_refuses_to_change_the_log(db: None, verb: str) -> None:
    audit.wrote(None, "publish", "run:1")
    with pytest.raises(ProgrammingError, match="append-only"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(verb)
    assert AuditEntry.objects.get().verb == "publish"


def test_django_cannot_change_it_either(db: None) -> None:
    entry = audit.wrote(None, "publish", "run:1")
    entry.verb = "x"
    for change in (entry.save, entry.delete):
        with pytest.raises(ProgrammingError, match="append-only"), transaction.atomic():
            change()


def test_a_read_of_personal_data_says_who_what_and_how_much(person: object, rf: RequestFactory) -> None:
    request = rf.get("/", REMOTE_ADDR="10.0.0.7")
    request.user = person("auditor")  # type: ignore[operator]
    entry = audit.read(request, "contact_centre.appeals", city=CENTRE, rows=50, columns=("citizen",))
    entry.refresh_from_db()
    assert (entry.who, entry.address, entry.city) == (request.user, "10.0.0.7", CENTRE)
    assert entry.after == {"rows": 50, "columns": ["citizen"]}
    assert entry.at is not None


def test_what_a_program_does_by_a_token_is_marked_so(person: object) -> None:
    user: User = person("analyst")  # type: ignore[operator]
    token, secret = tokens.create(user, "n", ["rows"], 1)
    found = tokens.user_and_scopes(secret)
    assert found is not None
    assert audit.wrote(found[0], "x", "y").through == f"token {token.start}…"


def test_the_log_never_holds_passwords_or_hashes(person: object) -> None:
    user: User = person("analyst")  # type: ignore[operator]
    assert "password" not in audit.said(user)
    assert "hash" not in audit.said(tokens.create(user, "n", ["rows"], 1)[0])


def test_each_sees_the_entries_of_their_places(person: object) -> None:
    for city in (CENTRE, OTHER, ""):
        audit.wrote(None, "publish", "run:1", city=city)
    seen = {
        "ministry": {CENTRE, OTHER, ""},
        "region": {CENTRE},
        "digital_department": {CENTRE},
    }
    for role, cities in seen.items():
        place = {"region": {"region": REGION}, "digital_department": {"city": CENTRE}}.get(role, {})
        found = queries.audit_of(person(role, **place), {})  # type: ignore[operator]
        assert {entry.city for entry in found} == cities, role
    assert not queries.audit_of(person("analyst"), {})  # type: ignore[operator]


def test_who_leads_people_sees_that_they_signed_in(person: object) -> None:
    lead = person("city_lead", city=CENTRE)  # type: ignore[operator]
    for city in (CENTRE, OTHER):
        operator: User = person("operator", city=city)  # type: ignore[operator]
        audit.wrote(operator, "sign_in", operator)
    assert [entry.who.memberships.get().code for entry in queries.audit_of(lead, {}) if entry.who] == [CENTRE]


def test_the_page_filters_by_its_address_and_downloads_what_it_shows(person: object, client: Client) -> None:
    auditor: User = person("auditor", email="auditor@example.org")  # type: ignore[operator]
    auditor.is_demo = True  # lets it in without a second factor
    auditor.save()
    audit.wrote(auditor, "publish", "run:one", city=CENTRE)
    audit.wrote(None, "give_role", Organisation.objects.create(name_kk="Жылу", name_ru="Тепло", kind="utility"))
    from django.conf import settings
    from django.test import override_settings

    assert not settings.DEMO
    with override_settings(DEMO=True):
        client.force_login(auditor, backend="django.contrib.auth.backends.ModelBackend")
        page = client.get("/en/account/audit/", {"who": "auditor@", "verb": "publish", "city": CENTRE})
        assert [entry.object_id for entry, *_words in page.context["listed"]] == ["one"]
        assert client.get("/en/account/audit/", {"since": "2099-01-01"}).context["page"].paginator.count == 0
        assert client.get("/en/account/audit/", {"since": "nonsense"}).status_code == 200
        file = b"".join(client.get("/en/account/audit/", {"verb": "publish", "format": "csv"}))
        assert file.decode().count("publish") == 1
        assert "Жылу" in client.get("/kk/account/audit/").content.decode()


def test_the_log_cannot_be_emptied(db: None) -> None:
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE people_auditentry ENABLE TRIGGER people_auditentry_never_emptied")
        with pytest.raises(ProgrammingError, match="append-only"):
            cursor.execute("TRUNCATE people_auditentry CASCADE")


@pytest.fixture
def as_site(db: None) -> Iterator[psycopg.Connection]:
    """A connection to the tests' database as the user as whom the site works."""
    said = connection.settings_dict
    owner, site = (
        f"postgresql://{name}@/{said['NAME']}?host={said['HOST']}" for name in (said["USER"], site_role.NAME)
    )
    site_role.give_rights(owner, site, create=True)
    with psycopg.connect(site, autocommit=True) as found:
        yield found


@pytest.mark.parametrize("table", ["people_auditentry", "ratings_publication"])
@pytest.mark.parametrize(
    "forgery",
    [
        "UPDATE {table} SET id = id",
        "DELETE FROM {table}",
        "TRUNCATE {table}",
        "ALTER TABLE {table} DISABLE TRIGGER ALL",
        "DROP TRIGGER {table}_append_only ON {table}",
        "DROP TABLE {table} CASCADE",
        "ALTER TABLE {table} OWNER TO qala_site",
        "GRANT UPDATE ON {table} TO qala_site",
        "SET session_replication_role = replica",
        "SET ROLE postgres",
    ],
)
def test_the_site_s_own_user_cannot_alter_what_is_append_only(
    as_site: psycopg.Connection, table: str, forgery: str
) -> None:
    if forgery.startswith("GRANT"):
        as_site.execute(forgery.format(table=table))  # PostgreSQL only warns that nothing was granted
        forgery = "UPDATE {table} SET id = id"
    with pytest.raises(psycopg.errors.InsufficientPrivilege):
        as_site.execute(forgery.format(table=table))


def test_the_site_s_own_user_can_work(as_site: psycopg.Connection) -> None:
    with as_site.transaction(force_rollback=True):  # what is append-only would stay for the tests that follow
        as_site.execute("INSERT INTO people_auditentry (who_said, through, verb, kind, object_id, object_said, city)"
                        " VALUES ('', '', 'trial', '', '', '', '') RETURNING id")  # fmt: skip
        assert as_site.execute("SELECT count(*) FROM people_auditentry WHERE verb = 'trial'").fetchone() != (0,)
        as_site.execute("UPDATE people_user SET name = name")
