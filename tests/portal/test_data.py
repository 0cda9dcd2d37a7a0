"""The ledger, the datasets and what the public is told of them. On the lake of three tiny towns."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from django.test import Client

from qala import facts
from qala.lake import IngestRequest
from qala.people.models import AuditEntry, Membership, User
from qala.portal.data import ledger
from qala.portal.data.sources import days_late

pytestmark = pytest.mark.usefixtures("tiny_site")
APPEALS = "contact_centre.appeals"


@pytest.fixture
def signed_in(tiny_site: Path, settings: Any) -> Callable[..., Client]:
    settings.MIDDLEWARE = [one for one in settings.MIDDLEWARE if "SecondFactorFirst" not in one]

    def as_role(role: str) -> Client:
        user = User.objects.create_user(email=f"{role}@example.org", password=None)
        Membership.objects.create(user=user, role=role, scope="city", code="WHOLE")
        client = Client()
        client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
        return client

    return as_role


@pytest.mark.parametrize("language", ["kk", "ru", "en"])
@pytest.mark.parametrize(
    "page",
    [
        "",
        "?city=SILENT&year=2027",
        "what-to-send/?city=WHOLE",
        "ledger/",
        "ledger/?city=PART&way=file&kind=delivery&from=2026-01-01&to=2027-01-01",
        "quarantine/",
        "datasets/",
        f"dataset/{APPEALS}/?city=WHOLE",
        "dataset/greenery.trees/?city=WHOLE",
        f"dataset/{APPEALS}/counts/?city=WHOLE&by=month",
    ],
)
def test_pages_stand(client: Client, language: str, page: str) -> None:
    assert client.get(f"/{language}/data/{page}").status_code == 200


@pytest.mark.parametrize(
    ("page", "status"),
    [
        ("dataset/no.such/", 404),
        ("ledger/none/", 404),
        ("?city=NONE", 404),
        ("?year=x", 400),
        ("ledger/?from=spring", 400),
        (f"dataset/{APPEALS}/counts/?city=WHOLE&by=moon", 400),
        (f"dataset/{APPEALS}/template.exe", 404),
    ],
)
def test_what_is_asked_in_vain_is_told(client: Client, page: str, status: int) -> None:
    assert client.get(f"/en/data/{page}").status_code == status


def test_the_ledger_balances_and_says_every_delivery(client: Client) -> None:
    found = facts.lake().ledger.receipts(city="WHOLE")
    answer = client.get("/en/data/ledger/?city=WHOLE&format=csv")
    lines = list(csv.DictReader(io.StringIO(answer.getvalue().decode("utf-8-sig"))))
    assert {line["Receipt"] for line in lines} == {one.id for one in found}
    assert ledger.balance(found).holds
    assert ledger.balance(found).read == sum(int(line["Read"]) for line in lines)


def test_refused_rows_are_told_with_reasons_and_their_text_by_right(
    client: Client, signed_in: Callable[..., Client]
) -> None:
    bad = pa.table(
        {"call_id": ["q1"], "queued_at": ["2026-03-01T06:00:00"], "answered_at": ["rubbish"], "bot": ["false"]}
    )
    lake = facts.lake()
    receipt = lake.ingest(IngestRequest(city="WHOLE", dataset="contact_centre.calls", source=bad, simulated=True))
    assert receipt.quarantined == 1
    address = f"/en/data/ledger/{receipt.id}/"
    assert "rubbish" not in client.get(address).content.decode()
    assert client.get(f"{address}?format=csv").status_code == 302
    analyst = signed_in("analyst")
    assert "rubbish" in analyst.get(address).content.decode()
    assert "rubbish" in analyst.get(f"{address}?format=csv").getvalue().decode()
    rule = next(iter(receipt.reasons))
    assert rule in client.get("/en/data/quarantine/?city=WHOLE").content.decode()
    lake.undo(receipt.id)


def test_a_sample_of_rows_about_persons_is_not_for_everybody(client: Client, signed_in: Callable[..., Client]) -> None:
    kept = facts.lake().pseudonyms.of("p180")
    assert "a180" not in client.get(f"/en/data/dataset/{APPEALS}/?city=WHOLE").content.decode()
    said = signed_in("analyst").get(f"/en/data/dataset/{APPEALS}/?city=WHOLE").content.decode()
    assert "a180" in said
    assert kept not in said


def test_counts_by_day_hide_small_numbers_from_the_public(client: Client, signed_in: Callable[..., Client]) -> None:
    address = f"/en/data/dataset/{APPEALS}/counts/?city=WHOLE&by=day&format=csv"
    public = list(csv.DictReader(io.StringIO(client.get(address).getvalue().decode("utf-8-sig"))))
    assert len(public) == 181
    assert {line["Rows"] for line in public} == {""}  # one appeal a day
    analyst = signed_in("analyst").get(address).getvalue().decode("utf-8-sig")
    assert {line["Rows"] for line in csv.DictReader(io.StringIO(analyst))} == {"1"}
    by_month = client.get(address.replace("by=day", "by=month")).getvalue().decode("utf-8-sig")
    assert [line["Rows"] for line in csv.DictReader(io.StringIO(by_month))] == ["31", "28", "31", "30", "31", "30"]


@pytest.mark.parametrize("kind", ["csv", "parquet", "geojson"])
def test_rows_go_out_by_right_and_masked(signed_in: Callable[..., Client], client: Client, kind: str) -> None:
    address = f"/en/data/dataset/{APPEALS}/rows.{kind}?city=WHOLE"
    assert client.get(address).status_code == 302
    assert signed_in("operator").get(address).status_code == 403
    answer = signed_in("analyst").get(f"{address}&from=2026-03&to=2026-03&personal=1")  # which is not theirs to ask
    body = answer.getvalue()
    assert answer.status_code == 200
    if kind == "csv":
        rows = list(csv.DictReader(io.StringIO(body.decode())))
    elif kind == "parquet":
        rows = pq.read_table(io.BytesIO(body)).to_pylist()
    else:
        rows = [one["properties"] for one in json.loads(body)["features"]]
    assert len(rows) == 31
    assert {row["citizen"] for row in rows} == {"•••"}
    assert int(answer["X-Rows"]) >= 31
    assert not AuditEntry.objects.filter(verb="read_personal").exists()


def test_personal_columns_go_out_to_whom_they_may_and_the_log_says_so(signed_in: Callable[..., Client]) -> None:
    answer = signed_in("auditor").get(f"/en/data/dataset/{APPEALS}/rows.csv?city=WHOLE&personal=1")
    assert facts.lake().pseudonyms.of("p1") in answer.getvalue().decode()
    assert AuditEntry.objects.filter(verb="read_personal", city="WHOLE").count() == 1


def test_a_template_can_be_filled_and_sent(client: Client) -> None:
    head = client.get(f"/en/data/dataset/{APPEALS}/template.csv").content.decode("utf-8-sig").strip().split(",")
    assert head == list(facts.catalogue().contract(APPEALS).all_columns)
    assert client.get(f"/en/data/dataset/{APPEALS}/template.xlsx").content[:2] == b"PK"


def test_the_catalogue_is_json_ld_of_every_dataset(client: Client) -> None:
    answer = client.get("/en/data/catalogue.jsonld")
    assert answer["Content-Type"].startswith("application/ld+json")
    said = json.loads(answer.content)
    assert said["@type"] == "dcat:Catalog"
    assert {one["dct:identifier"] for one in said["dcat:dataset"]} == set(facts.catalogue().contracts)
    assert all({title["@language"] for title in one["dct:title"]} == {"kk", "ru", "en"} for one in said["dcat:dataset"])


def test_late_is_what_did_not_come_a_day_after_its_period() -> None:
    receipt = facts.lake().ledger.receipts(APPEALS, "WHOLE")[0]
    hourly = facts.catalogue().contract(APPEALS)
    newest = date(2026, 6, 30)
    assert [days_late(hourly, newest, receipt, date(2026, 7, day)) for day in (1, 2, 3)] == [0, 0, 1]
    trees = facts.catalogue().contract("greenery.trees")
    assert days_late(trees, None, receipt, date(2027, 7, 1)) == 0
