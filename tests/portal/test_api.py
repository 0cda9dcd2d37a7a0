"""The API, as a client sees it."""

from __future__ import annotations

from pathlib import Path

import pytest
from django.test import Client

pytestmark = pytest.mark.usefixtures("tiny_site")


def test_the_law_is_read_page_by_page(client: Client) -> None:
    first = client.get("/api/v1/editions/order_469/kpis?limit=100").json()
    second = client.get(first["next"]).json()
    assert first["count"] == len(first["items"]) + len(second["items"]) == 118
    assert second["next"] is None
    assert client.get("/api/v1/editions/order_469/kpis/2.2").json()["id"] == "contact_centre.first_contact_share"
    assert client.get("/api/v1/editions/order_469/functions?initiative=2&limit=1000").json()["count"] > 5


def test_who_has_an_answer_is_told_so(client: Client) -> None:
    first = client.get("/api/v1/cities")
    again = client.get("/api/v1/cities", headers={"If-None-Match": first["ETag"]})
    assert (again.status_code, again.content) == (304, b"")
    other = client.get("/api/v1/cities", headers={"If-None-Match": '"other"'})
    assert other.status_code == 200


@pytest.mark.parametrize(
    ("address", "status", "says"),
    [
        ("/api/v1/editions/order_1", 404, "order_1"),
        ("/api/v1/cities/none", 404, "none"),
        ("/api/v1/editions/order_469/kpis?limit=0", 422, "limit"),
        ("/api/v1/datasets/no.such", 404, "no.such"),
    ],
)
def test_an_error_says_what_and_where(client: Client, address: str, status: int, says: str) -> None:
    answer = client.get(address)
    assert answer.status_code == status
    assert answer["Content-Type"] == "application/problem+json"
    assert says in answer.content.decode()


def test_a_token_that_does_not_hold_is_refused(client: Client) -> None:
    answer = client.get("/api/v1/me", headers={"Authorization": "Bearer nonsense"})
    assert answer.status_code == 401
    assert client.get("/api/v1/me").json()["guest"] is True


def test_values_are_those_of_the_engine(client: Client, tiny_site: Path) -> None:
    from qala import facts
    from qala.standard.period import Period

    city = facts.lake().cities.all()[0].code
    address = f"/api/v1/cities/{city}/kpis/2.2/values?from=2026-01-01&to=2026-06-30&grain=month"
    said = client.get(address).json()
    assert [one["period"] for one in said["values"]] == [f"2026-0{n}" for n in range(1, 7)]
    for one in said["values"]:
        period = Period.parse(one["period"])
        value = facts.values().value(city, facts.values().kpi("2.2"), period, Period.parse("2026-06-30").last_day)
        assert one["status"] == value.status
        assert one["exact"] == (None if value.value is None else str(value.value))
    assert any(one["value"] is not None for one in said["values"])


def test_the_document_is_openapi_3_1(client: Client) -> None:
    said = client.get("/api/v1/openapi.json").json()
    assert said["openapi"].startswith("3.1")
    assert "/api/v1/cities/{code}/kpis/{row}/values" in said["paths"]
