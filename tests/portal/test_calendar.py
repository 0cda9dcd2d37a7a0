# ruff: noqa: F401, F811  (fixtures)
"""The delivery calendar judges as coverage does; agreements and passports are kept by who leads the city's sources."""

from __future__ import annotations

import csv
import io
from datetime import UTC, date, datetime, timedelta

import pytest
from django.core import mail
from django.test import Client
from test_intake import APPEALS, GOOD, SignedIn, sent, signed_in, source, tiny_site, water

from qala import facts
from qala.intake import calendar as calendars
from qala.intake.agreements import in_force
from qala.intake.models import Agreement, Incident, Passport, Source
from qala.people.models import AuditEntry, Membership, Organisation, User
from qala.standard.period import Period

pytestmark = pytest.mark.usefixtures("tiny_site")
AGREEMENT = {
    "city": "WHOLE", "number": "12-7", "signed_on": "2026-01-10", "giver": "Су", "taker": "Акимат", "organisation": "",
    "datasets": [APPEALS], "purpose": "KPI", "basis": "Order 469, item 12", "first_day": "2026-01-15", "last_day": "2026-12-31",
}  # fmt: skip
PASSPORT = {
    "city": "WHOLE", "title": "Contact centre", "organisation": "", "vendor": "", "datasets": [APPEALS], "centre": "since 2026",
    "sdu": "", "contract_version": "1", "agreement": "", "test_act": "3", "tested_on": "2026-01-20",
}  # fmt: skip


def test_the_calendar_and_coverage_count_the_same_periods() -> None:
    city, year = facts.lake().cities.get("WHOLE"), 2026
    as_of = date(2027, 1, 5)
    values = facts.values()
    lines = calendars.calendar(city, year, as_of)
    assert {line.kpi.row for line in lines} >= {"2.1", "2.2"}
    for line in lines:
        value = values.value("WHOLE", line.kpi, Period.of(date(year, 1, 1), "year"), as_of)
        assert (line.delivered, len(line.cells)) == (value.delivered, value.due) or value.due == 0, line.kpi.row
    assert any(line.count("came") + line.count("late") for line in lines)
    assert any(line.count("overdue") for line in lines)


def test_a_period_is_in_time_until_the_end_of_the_day_after_it_in_the_city_s_zone() -> None:
    city = facts.lake().cities.get("WHOLE")
    part = Period.parse("2026-03")
    zone = timedelta(hours=5)
    for moment, state in (
        (datetime(2026, 4, 1, 23, 59, tzinfo=UTC) - zone, "came"),
        (datetime(2026, 4, 2, 0, 1, tzinfo=UTC) - zone, "late"),
    ):
        assert calendars._due(part, True, moment, date(2026, 5, 1), city).state == state
    assert calendars._due(part, False, None, date(2026, 4, 1), city).state == "coming"
    assert calendars._due(part, False, None, date(2026, 4, 2), city).state == "overdue"


def test_a_month_grid_for_everybody_with_filters_and_csv(client: Client) -> None:
    text = client.get("/en/intake/calendar/?city=WHOLE&year=2026").content.decode()
    assert "2.2" in text
    only = client.get(f"/en/intake/calendar/?city=WHOLE&year=2026&dataset={APPEALS}").content.decode()
    assert only.count("<tr>") < text.count("<tr>")
    answer = client.get("/en/intake/calendar/?city=WHOLE&year=2026&state=overdue&format=csv")
    rows = list(csv.DictReader(io.StringIO(answer.getvalue().decode("utf-8-sig"))))
    assert {one["State"] for one in rows} <= {"overdue"}
    region = facts.lake().cities.get("WHOLE").region
    if region:
        assert client.get(f"/en/intake/calendar/region/{region}/?year=2026").status_code == 200
    assert client.get("/en/intake/calendar/region/none/").status_code == 404


def test_the_owner_is_told_what_is_overdue_once(source: Source, water: Organisation) -> None:
    user = User.objects.create_user("owner@example.org", None, language="en")
    Membership.objects.create(user=user, role="data_source", scope="organisation", organisation=water)
    calendars.alarm()
    calendars.alarm()
    late = calendars.overdue(facts.lake().cities.get("WHOLE"), facts.today().year).get(APPEALS)
    assert [one.place for one in Incident.objects.filter(kind="overdue")] == (["centre"] if late else [])
    assert len(mail.outbox) == (1 if late else 0)


@pytest.mark.parametrize(("kind", "data"), [("agreements", AGREEMENT), ("passports", PASSPORT)])
def test_papers_are_registered_changed_and_removed_with_their_history(
    signed_in: SignedIn, source: Source, kind: str, data: dict[str, object]
) -> None:
    lead, reader, away = signed_in("digital_department"), signed_in("analyst"), signed_in("digital_department", "PART")
    model = Agreement if kind == "agreements" else Passport
    base = f"/en/intake/register/{kind}/"
    assert reader.get(base).status_code == 200
    assert reader.post(f"{base}new/", data).status_code == 403
    assert away.post(f"{base}new/", data).status_code == 422  # not its city
    answer = lead.post(f"{base}new/", data)
    made = model.objects.get()
    assert answer["Location"] == f"{base}{made.pk}/"
    assert "Contact centre" in reader.get(answer["Location"]).content.decode()
    assert away.get(answer["Location"]).status_code == 403
    assert reader.post(f"{base}{made.pk}/change/", data).status_code == 403
    changed = data | ({"taker": "Орталық"} if kind == "agreements" else {"vendor": "Орталық"})
    lead.post(f"{base}{made.pk}/change/", changed)
    verbs = [one.verb for one in AuditEntry.objects.filter(kind=model._meta.label_lower).order_by("id")]
    assert verbs == [f"add_{kind[:-1]}", f"change_{kind[:-1]}"]
    assert "Орталық" in lead.get(f"{base}?format=csv").getvalue().decode("utf-8-sig")
    assert reader.post(f"{base}{made.pk}/remove/").status_code == 403
    lead.post(f"{base}{made.pk}/remove/")
    assert lead.get(f"{base}{made.pk}/").status_code == 404


def test_a_feed_without_an_agreement_in_force_warns(signed_in: SignedIn, source: Source) -> None:
    lead, warning = signed_in("digital_department"), "No data-sharing agreement in force"
    shown = not facts.lake().cities.get("WHOLE").simulated
    assert (warning in lead.get("/en/intake/source/centre/").content.decode()) == shown
    assert source.title in lead.get("/en/intake/calendar/?city=WHOLE&year=2026").content.decode()
    made = Agreement.objects.create(
        city="WHOLE", number="1", signed_on=date(2026, 1, 1), giver="a", taker="b", datasets=[APPEALS], purpose="p", basis="b",
        first_day=date(2026, 1, 1), last_day=None,
    )  # fmt: skip
    assert in_force("WHOLE", APPEALS, date(2025, 12, 31)) is None
    assert in_force("WHOLE", APPEALS, date(2026, 1, 1)) == made
    assert warning not in lead.get("/en/intake/source/centre/").content.decode()
    assert source.title not in lead.get("/en/intake/calendar/?city=WHOLE&year=2026").content.decode()
    Agreement.objects.update(last_day=date(2026, 2, 1))
    assert in_force("WHOLE", APPEALS, date(2026, 2, 2)) is None
    late = lead.post("/en/intake/register/agreements/new/", AGREEMENT | {"last_day": "2026-01-01"})
    assert "cannot end before it begins" in late.content.decode()


@pytest.mark.parametrize("language", ["kk", "ru", "en"])
def test_these_pages_stand_in_every_language(signed_in: SignedIn, language: str) -> None:
    lead = signed_in("digital_department")
    lead.post("/en/intake/register/agreements/new/", AGREEMENT)
    lead.post("/en/intake/register/passports/new/", PASSPORT)
    for path in (
        "calendar/?city=WHOLE&year=2026", "register/agreements/", "register/passports/", "register/agreements/new/",
        f"register/agreements/{Agreement.objects.get().pk}/", f"register/passports/{Passport.objects.get().pk}/change/",
    ):  # fmt: skip
        assert lead.get(f"/{language}/intake/{path}").status_code == 200, path
