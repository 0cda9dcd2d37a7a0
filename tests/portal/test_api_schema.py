"""Every operation of the API is called with what its document allows and what it does not: nothing answers 500."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import schemathesis
from django.core.signals import request_finished, request_started
from django.core.wsgi import get_wsgi_application
from django.db import close_old_connections
from django.test import Client
from hypothesis import HealthCheck, given, settings
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from qala.people import tokens
from qala.people.models import Membership, User

CHECKS = [not_a_server_error, status_code_conformance, content_type_conformance, response_schema_conformance]


@pytest.fixture
def document(tiny_site: Path) -> Iterator[object]:
    from qala import facts

    raw = Client().get("/api/v1/openapi.json").json()
    city = facts.lake().cities.all()[0].code
    for path in raw["paths"].values():  # half of the calls are about what there is
        for operation in path.values():
            for parameter in operation.get("parameters", ()):
                known = {
                    "code": city,
                    "row": "2.2",
                    "edition": "order_469",
                    "dataset": "contact_centre.appeals",
                    "period": "2026-03",
                }
                if parameter["name"] in known:
                    parameter["schema"] = {"anyOf": [{"const": known[parameter["name"]]}, parameter["schema"]]}
    return schemathesis.openapi.from_dict(raw)


@pytest.mark.parametrize("who", ["guest", "token"])
def test_nothing_answers_500(document: object, who: str) -> None:
    headers = {"Accept-Encoding": "identity"}  # it reads no packed answers
    if who == "token":
        headers["Authorization"] = f"Bearer {token_of_an_analyst()}"
    site = get_wsgi_application()

    def app(environ: dict[str, Any], start_response: Any) -> Any:
        environ.setdefault("REMOTE_ADDR", "127.0.0.1")  # as every server does
        return site(environ, start_response)

    for signal in (request_started, request_finished):
        signal.disconnect(close_old_connections)  # the test's transaction stays open
    called, answered = 0, set()
    for found in document.get_all_operations():  # type: ignore[attr-defined]
        operation = found.ok()
        operation.app = app

        @given(case=operation.as_strategy())
        @settings(
            max_examples=15 if who == "guest" else 5,
            deadline=None,
            derandomize=True,
            suppress_health_check=list(HealthCheck),
            database=None,
        )
        def call(case: schemathesis.Case) -> None:
            nonlocal called
            called += 1
            response = case.call(app=app, headers=headers)
            if who == "token" and case.method == "GET":
                answered.add(response.status_code)
            case.validate_response(response, checks=CHECKS)

        call()
    assert called > (150 if who == "guest" else 60)
    assert who == "guest" or (
        200 in answered and not answered & {401, 403}
    )  # the token opens everything that it was made for


def token_of_an_analyst() -> str:
    """With every scope that an analyst of the whole country may give it."""
    user = User.objects.create_user(email="analyst@example.org", password=None)
    Membership.objects.create(user=user, role="ministry", scope="country", code="")
    return tokens.create(user, "trial", tokens.possible_scopes(user), 1)[1]


def test_the_document_is_whole(tiny_site: Path) -> None:
    raw = Client().get("/api/v1/openapi.json").json()
    assert len(json.dumps(raw)) > 10_000
    for path, operations in raw["paths"].items():
        for operation in operations.values():
            assert operation.get("description") or operation.get("summary"), path
            assert {"200", "404", "422", "429"} <= set(operation["responses"]), path
