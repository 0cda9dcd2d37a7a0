"""The API: OpenAPI 3.1 at `/api/v1/openapi.json`, its reference at `/api/v1/docs`."""

from __future__ import annotations

from http import HTTPStatus
from typing import Any

from django.http import HttpRequest
from ninja import NinjaAPI

from qala.portal.api import cities, datasets, law, map_layers, rows, runs, series, values
from qala.portal.api.lists import with_etag
from qala.portal.api.shapes import Me
from qala.portal.api.troubles import TROUBLES, tell_errors
from qala.portal.api.whoever import THROTTLES, Whoever


class Api(NinjaAPI):
    """Errors are documented as what they are: `application/problem+json`."""

    def get_openapi_schema(self, **options: Any) -> Any:
        """The document of the API."""
        document = super().get_openapi_schema(**options)
        for operations in document["paths"].values():
            for operation in operations.values():
                for status, answer in operation["responses"].items():
                    if int(status) >= HTTPStatus.BAD_REQUEST and "application/json" in answer.get("content", {}):
                        answer["content"] = {"application/problem+json": answer["content"]["application/json"]}
        return document


api = Api(
    title="Qala",
    version="1",
    description=(
        "Editions of the reference standard of smart cities, rated cities, KPIs, values, runs and datasets. Days are the city's "
        "own; times are UTC. A guest reads what is published; more by `Authorization: Bearer TOKEN`."
    ),
    auth=Whoever(),
    throttle=THROTTLES,
    urls_namespace="api",
    docs_url="/docs",
)
tell_errors(api)
for part in (law, cities, values, rows, series, runs, datasets, map_layers):
    part.router.add_decorator(with_etag, mode="view")
    api.add_router("", part.router)


@api.get("/me", response={200: Me, **TROUBLES}, tags=["Who asks"])
def me(request: HttpRequest) -> Any:
    """Who the token or the session belongs to."""
    user = request.user
    scopes: frozenset[str] = getattr(request, "scopes", frozenset())
    return Me(guest=user.is_anonymous, email=None if user.is_anonymous else user.email, scopes=sorted(scopes))
