"""Who asks the API: a token, a signed-in person, or a guest; and how often they may."""

from __future__ import annotations

import os
from typing import Any

from django.contrib.auth.models import AnonymousUser
from django.http import HttpRequest
from ninja.security.base import AuthBase, SecuritySchema
from ninja.throttling import AnonRateThrottle, AuthRateThrottle, BaseThrottle

from qala.people import tokens

GUEST_RATE = os.environ.get("QALA_API_GUEST_RATE", "600/m")
TOKEN_RATE = os.environ.get("QALA_API_TOKEN_RATE", "6000/m")
THROTTLES: list[BaseThrottle] = [AnonRateThrottle(GUEST_RATE), AuthRateThrottle(TOKEN_RATE)]


class Whoever(AuthBase):
    """A bearer token that holds, the session of the site, or nobody. A token that does not hold is refused."""

    openapi_type = "http"
    openapi_scheme = "bearer"
    openapi_name = "token"

    def __init__(self) -> None:
        self.openapi_security_schema = SecuritySchema(type="http", scheme="bearer")
        super().__init__()

    def __call__(self, request: HttpRequest) -> Any:
        """The user (limited to the token's scopes) or an anonymous one; None where the token does not hold."""
        header = request.headers.get("Authorization", "")
        if not header:
            return request.user if request.user.is_authenticated else AnonymousUser()
        kind, _, token = header.partition(" ")
        found = tokens.user_and_scopes(token.strip(), request) if kind.lower() == "bearer" and token else None
        if found is None:
            return None
        request.user = found[0]
        request.scopes = found[1]  # type: ignore[attr-defined]  # what `/me` tells
        return request.user
