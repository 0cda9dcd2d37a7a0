"""A claim and an objection through their ways, each by who may; the timetable; signs for the auditor."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from test_ratings import history, runs  # noqa: F401  fixtures

from qala import facts
from qala.measures.values import Values
from qala.people.models import AuditEntry, Membership, User
from qala.rating_year import queries, services
from qala.rating_year.models import Claim, Objection, YearStep
from qala.runs.rated import rated_city
from qala.standard import editions

CLAIM = {
    "city": "WHOLE", "year": "2026", "title": "Heat map of courtyards", "sphere": "ecology", "in_roadmap": "on",
    "roadmap_item": "7.3", "measures": "Sensors were set up in 40 courtyards.", "started_on": "2026-02-01",
    "finished_on": "2026-09-01", "results": "Watering is planned by the map.",
    "indicators": "courtyards measured: 0, 40", "signed_by": "deputy akim", "signed_on": "2026-12-01",
}  # fmt: skip
OBJECTION = {
    "city": "WHOLE", "year": "2026", "kpi": "2.1", "period": "2026-03", "rows": "c61\nc62",
    "text": "Two calls were tests.",
}  # fmt: skip


@pytest.fixture
def of(runs: dict[str, str], settings: Any, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Client]:  # noqa: F811
    """Somebody with a role, in January after the rated year."""
    settings.DEMO = True
    monkeypatch.setattr(facts, "today", lambda *_: date(2027, 1, 12))

    def client(role: str, city: str = "") -> Client:
        user = User.objects.create_user(f"{role}{city}@example.kz".lower(), is_demo=True)
        scope = {"scope": "city", "code": city} if city else {"scope": "country"}
        Membership.objects.create(user=user, role=role, **scope)
        made = Client()
        made.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
        return made

    return client


def test_a_claim_is_filed_refused_appealed_accepted_and_counts(of: Callable[..., Client], client: Client) -> None:
    city, other, ministry = of("digital_department", "WHOLE"), of("digital_department", "PART"), of("ministry")
    new = "/en/year/claims/new/"
    assert client.get(new).status_code in (302, 403) and ministry.get(new).status_code == 403
    assert city.post(new, {**CLAIM, "finished_on": "2026-01-01"}).status_code == 422
    address = city.post(new, CLAIM)["Location"]
    claim = Claim.objects.get()
    assert (
        other.get(address).status_code == 403 and ministry.get(address).status_code == 403
    )  # a draft is the city's own
    for content, taken in ((b"%PDF-1.7 report", 1), (b"<html>", 1)):
        city.post(f"{address}do/evidence/", {"file": SimpleUploadedFile("report.pdf", content)})
        assert claim.evidence.count() == taken
    assert "By what was filed it would count." in city.get(address).content.decode()
    assert ministry.post(f"{address}do/accept/", {"reasons": "good"}).status_code == 403
    city.post(f"{address}do/file/")
    assert city.post(f"{address}edit/", {**CLAIM, "title": "Another"}).status_code == 422  # not changed any more
    assert city.post(f"{address}do/accept/", {"reasons": "good"}).status_code == 403
    ministry.post(f"{address}do/refuse/", {"reasons": " "})
    claim.refresh_from_db()
    assert claim.open  # without reasons there is no decision
    ministry.post(f"{address}do/refuse/", {"reasons": "The Roadmap has no such item."})
    city.post(f"{address}do/appeal/", {"reasons": "It is item 7.3."})
    ministry.post(f"{address}do/accept/", {"reasons": "So it is."})
    claim.refresh_from_db()
    assert (claim.state, claim.title) == ("accepted", CLAIM["title"])
    assert "So it is." in client.get(address).content.decode()
    file = client.get(f"{address}evidence/{claim.evidence.get().pk}/")
    assert file.content == b"%PDF-1.7 report" and "attachment" in file["Content-Disposition"]
    verbs = set(AuditEntry.objects.filter(kind=claim._meta.label_lower).values_list("verb", flat=True))
    assert {"make", "add_evidence", "file", "decide", "appeal"} <= verbs
    lake = facts.lake()
    values = Values(lake, editions()["order_469"], lake.catalogue)
    (counted,) = rated_city(lake, values, "WHOLE", 2026).claims
    assert counted.sphere == "ecology" and counted.in_roadmap and counted.signed and counted.indicators == 1


def test_a_claim_that_misses_a_criterion_says_which(of: Callable[..., Client]) -> None:
    city = of("city_lead", "WHOLE")
    lacking = {**CLAIM, "indicators": " ", "finished_on": "2027-01-05", "base_initiative": "2"}
    del lacking["in_roadmap"]
    address = city.post("/ru/year/claims/new/", lacking)["Location"]
    from qala.rating_year.checks import checks

    found, not_base = checks(Claim.objects.get())
    assert {one.id for one in found if not one.holds} == {"in_roadmap", "indicators", "in_period"}
    assert not not_base
    assert "не была бы засчитана" in city.get(address).content.decode()


def test_an_objection_is_about_a_kpi_and_its_rows_and_in_time(
    of: Callable[..., Client], monkeypatch: pytest.MonkeyPatch
) -> None:
    city, ministry = of("digital_department", "WHOLE"), of("ministry")
    new = "/en/year/objections/new/"
    assert city.post(new, {**OBJECTION, "period": "2025-03"}).status_code == 422
    address = city.post(new, OBJECTION)["Location"]
    shown = city.get(address).content.decode()
    assert "kpi/2.1/rows/?period=2026-03" in shown and "c62" in shown
    monkeypatch.setattr(facts, "today", lambda *_: date(2027, 1, 20))
    assert (
        "The last day for objections was 19.01.2027." in city.post(f"{address}do/file/", follow=True).content.decode()
    )
    monkeypatch.setattr(facts, "today", lambda *_: date(2027, 1, 19))
    city.post(f"{address}do/file/")
    assert Objection.objects.get().state == "filed"
    assert ministry.get("/kk/year/objections/?state=filed").status_code == 200
    ministry.post(f"{address}do/accept/", {"reasons": "The rows are taken back."})
    assert Objection.objects.get().state == "accepted"
    assert b"2.1, 2026-03" in b"".join(ministry.get("/en/year/objections/?format=csv"))  # type: ignore[arg-type]


def test_the_ministry_leads_the_timetable_and_nobody_else(of: Callable[..., Client], client: Client) -> None:
    city, ministry = of("city_lead", "WHOLE"), of("ministry")
    address = "/en/year/2026/district/"
    assert client.get(address).status_code == 200
    assert city.post(f"{address}data_freeze/", {"do": "done"}).status_code == 403
    ministry.post(f"{address}data_freeze/", {"do": "done"})
    ministry.post(f"{address}objections/", {"do": "off"})
    ministry.post(f"{address}forming/", {"do": "move", "day": "2027-02-05"})  # later than the order wants
    ministry.post(f"{address}forming/", {"do": "move", "day": "2027-01-28"})
    states = {line.dated.id: (line.state, line.dated.day) for line in queries.timetable(2026, "district")}
    assert states["data_freeze"][0] == "done" and states["objections"][0] == "off"
    assert states["forming"][1] == date(2027, 1, 28)
    assert ministry.post(f"{address}forming/", {"do": "off"}).status_code == 302
    assert not YearStep.objects.get(step="forming").off
    assert "Timetable" in client.get("/en/year/?year=2026").content.decode()
    with pytest.raises(services.Problem, match="switched off"):
        services._in_time(Objection(city="WHOLE", year=2026))


def test_signs_are_for_who_may_see_them(of: Callable[..., Client], client: Client, lake_folder: Path) -> None:
    auditor, lead = of("auditor"), of("city_lead", "WHOLE")
    assert lead.get("/en/year/signs/WHOLE/?year=2026").status_code == 403
    assert client.get("/en/year/signs/").status_code in (302, 403)
    assert "Wholetown" in auditor.get("/en/year/signs/?year=2026").content.decode()
    page = auditor.get("/en/year/signs/WHOLE/?year=2026").content.decode()
    assert "Rounded times" in page  # the town's appeals are closed after thirty hours, all of them
    assert auditor.get("/ru/year/signs/WHOLE/?year=2026&rule=rounded&format=csv").status_code == 200
