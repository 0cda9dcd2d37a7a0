"""What one object measured, over the API and on its page, with the rights that rows need."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterator
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from django.test import Client

from qala.datasets import load_catalogue
from qala.facts import desk
from qala.lake import CategoryPeriod, City, IngestRequest, Lake
from qala.people.models import Membership, User

NOISE = "situation_centre.noise_readings"
API = f"/api/v1/cities/ONE/datasets/{NOISE}/series?of=station:S1&from=2026-03-01&to=2026-03-03"
PAGE = f"data/dataset/{NOISE}/series/?city=ONE"


@pytest.fixture(scope="module")
def noisy(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A station that measured each ten minutes of three days, but for the last night, and telephone calls."""
    lake = Lake(tmp_path_factory.mktemp("series") / "lake", load_catalogue())
    since = CategoryPeriod.model_validate({"from": date(2020, 1, 1), "category": "district", "reason": "a test"})
    names = {"en": "One", "ru": "Один", "kk": "Бір"}
    lake.cities.add(City(code="ONE", names=names, zone="Asia/Almaty", simulated=True, categories=(since,)))
    at = [datetime(2026, 3, 1) + timedelta(minutes=10 * n) for n in range(3 * 144)]
    at = [one for one in at if not (one.day == 3 and one.hour < 6)]
    rows = {
        "station": ["S1"] * len(at),
        "measured_at": [f"{one}+05:00" for one in at],
        "level_db": [f"{40 + one.hour}" for one in at],
    }
    lake.ingest(IngestRequest(city="ONE", dataset=NOISE, source=pa.table(rows)))
    call = {"call_id": ["1"], "queued_at": ["2026-03-01T10:00:00Z"], "citizen": ["p"], "bot": ["false"]}
    lake.ingest(IngestRequest(city="ONE", dataset="contact_centre.calls", source=pa.table(call)))
    return lake.folder


@pytest.fixture
def reader(noisy: Path, monkeypatch: pytest.MonkeyPatch, db: None, settings: Any) -> Iterator[Callable[[str], Client]]:
    """A client of somebody of a role in the city."""
    monkeypatch.setenv("QALA_LAKE", str(noisy))
    monkeypatch.setenv("QALA_EDITION", "order_469")
    settings.MIDDLEWARE = [one for one in settings.MIDDLEWARE if "SecondFactorFirst" not in one]

    def of(role: str) -> Client:
        client = Client()
        if role:
            user = User.objects.create_user(email=f"{role}@example.org", password=None)
            Membership.objects.create(user=user, role=role, scope="city", code="ONE")
            client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
        return client

    yield of
    desk._own.__dict__.clear()


def test_the_api_adds_up_by_hour_and_by_day(reader: Callable[[str], Client]) -> None:
    said = reader("analyst").get(API).json()
    assert (said["value"], said["unit"], said["every"], said["of"]) == (
        "level_db",
        "decibel",
        "hour",
        {"station": "S1"},
    )
    assert len(said["at"]) == 72 - 6
    assert said["at"][0] == "2026-03-01T00:00:00+05:00"
    assert said["count"] == [6] * 66
    assert said["mean"][:3] == said["max"][:3] == [40, 41, 42]
    daily = Client()
    daily.cookies = reader("operator").cookies
    by_day = daily.get(f"{API}&every=day").json()
    assert by_day["at"] == ["2026-03-01", "2026-03-02", "2026-03-03"]
    assert by_day["count"] == [144, 144, 108]
    assert by_day["mean"] == [51.5, 51.5, 54.5]
    assert by_day["sum"] == [51.5 * 144, 51.5 * 144, 54.5 * 108]


def test_csv_is_for_machines(reader: Callable[[str], Client]) -> None:
    answer = reader("analyst").get(f"{API}&every=day&format=csv")
    assert answer["Content-Type"] == "text/csv; charset=utf-8"
    found = list(csv.DictReader(io.StringIO(answer.content.decode())))
    assert found[2] == {
        "at": "2026-03-03",
        "count": "108",
        "mean": "54.5",
        "min": "46.0",
        "max": "63.0",
        "sum": "5886.0",
    }


@pytest.mark.parametrize(("role", "status"), [("", 401), ("data_source", 403), ("analyst", 200)])
def test_rights_are_those_of_rows(reader: Callable[[str], Client], role: str, status: int) -> None:
    client = reader(role)
    assert client.get(API).status_code == status
    assert client.get(f"/en/{PAGE}").status_code == {401: 302}.get(status, status)


@pytest.mark.parametrize(
    ("address", "status", "where"),
    [
        (API.replace("of=station:S1", "of=station"), 422, "of"),
        (API.replace("of=station:S1", "of=district:1"), 422, "of"),
        (API + "&value=lat", 422, "value"),
        (API.replace("2026-03-03", "2036-03-03"), 422, "from, to"),
        (API.replace(NOISE, "no.such"), 404, ""),
        (API.replace(NOISE, "city.buildings"), 422, "dataset"),
        (API.replace(NOISE, "contact_centre.calls").replace("station:S1", "citizen:p"), 422, "of"),
    ],
)
def test_what_cannot_be_asked_is_told(reader: Callable[[str], Client], address: str, status: int, where: str) -> None:
    answer = reader("analyst").get(address)
    assert (answer.status_code, answer.json()["where"]) == (status, where)
    assert answer.json()["detail"]


@pytest.mark.parametrize("language", ["kk", "ru", "en"])
def test_the_page_names_objects_and_draws_one(reader: Callable[[str], Client], language: str) -> None:
    client = reader("analyst")
    assert b"of.station=S1" in client.get(f"/{language}/{PAGE}").content
    page = client.get(f"/{language}/{PAGE}&of.station=S1")
    assert page.context["total"]["count"] == 396
    assert len(page.context["chart"].categories) == 72
    assert page.context["chart"].series[0].values[48:55] == [None] * 6 + [46]
    daily = client.get(f"/{language}/{PAGE}&of.station=S1&every=day&format=csv")
    assert b"".join(daily.streaming_content).decode("utf-8-sig").count("\r\n") == 4  # type: ignore[attr-defined]
    assert client.get(f"/{language}/{PAGE}&of.station=S9").context["total"] is None


def test_the_dataset_leads_there(reader: Callable[[str], Client]) -> None:
    client = reader("analyst")
    assert "/series/?city=ONE" in client.get(f"/en/data/dataset/{NOISE}/?city=ONE").content.decode()
    assert "/series/" not in client.get("/en/data/dataset/contact_centre.calls/?city=ONE").content.decode()
