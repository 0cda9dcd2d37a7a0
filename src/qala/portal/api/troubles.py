"""Errors as `application/problem+json` (RFC 9457): what, where, and how to mend it."""

from __future__ import annotations

import json
from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from ninja import NinjaAPI
from ninja.errors import AuthenticationError, HttpError, Throttled, ValidationError

from qala.people.access import Refused
from qala.portal.api.shapes import Trouble
from qala.standard.problems import Problem

TITLES = {
    400: "The request cannot be understood",
    401: "Who asks is not known",
    403: "This right is lacking",
    404: "There is no such thing",
    422: "A parameter is not valid",
    429: "Too many requests",
}
TROUBLES = {400: Trouble, 401: Trouble, 403: Trouble, 404: Trouble, 422: Trouble, 429: Trouble}
"""Status -> body: what every operation may answer besides its result."""


class NotHereError(Exception):
    """404 with a sentence."""


def trouble(status: int, detail: str = "", where: str = "", hint: str = "") -> HttpResponse:
    """An answer that tells an error."""
    said = Trouble(title=TITLES.get(status, "Error"), status=status, detail=detail, where=where, hint=hint)
    return HttpResponse(
        json.dumps(said.model_dump(), ensure_ascii=False), status=status, content_type="application/problem+json"
    )


def tell_errors(api: NinjaAPI) -> None:
    """Give an API our errors."""

    @api.exception_handler(Problem)
    def _problem(_: HttpRequest, error: Any) -> HttpResponse:
        return trouble(422, error.message, error.where or "", error.hint or "")

    @api.exception_handler(NotHereError)
    def _nothing(_: HttpRequest, error: Any) -> HttpResponse:
        return trouble(404, str(error))

    @api.exception_handler(Http404)
    def _missing(_: HttpRequest, error: Any) -> HttpResponse:
        return trouble(404, str(error))

    @api.exception_handler(PermissionDenied)
    def _denied(_: HttpRequest, error: Any) -> HttpResponse:
        if isinstance(error, Refused) and error.guest:
            return trouble(
                401, error.permission, hint="Send `Authorization: Bearer TOKEN` of somebody who has this right."
            )
        return trouble(403, str(error))

    @api.exception_handler(AuthenticationError)
    def _unknown(_: HttpRequest, __: Any) -> HttpResponse:
        return trouble(
            401,
            "The token is not valid.",
            hint="Send `Authorization: Bearer TOKEN` with a token that holds, or no such header.",
        )

    @api.exception_handler(Throttled)
    def _slower(_: HttpRequest, error: Any) -> HttpResponse:
        answer = trouble(429, f"Wait {error.wait or 60:.0f} s.")
        answer["Retry-After"] = str(int(error.wait or 60))
        return answer

    @api.exception_handler(ValidationError)
    def _invalid(_: HttpRequest, error: Any) -> HttpResponse:
        first = error.errors[0]
        return trouble(422, str(first["msg"]), ".".join(str(part) for part in first["loc"]))

    @api.exception_handler(HttpError)
    def _http(_: HttpRequest, error: Any) -> HttpResponse:
        return trouble(error.status_code, str(error))
