"""What every pull by HTTP is told: where, with what proof, how much."""

from __future__ import annotations

import base64
from collections.abc import Mapping
from dataclasses import replace
from urllib.parse import urljoin

from pydantic import Field, field_validator
from urllib3.util import parse_url

from qala.intake.fetchers.fetched import Secret, Settings, Turn
from qala.intake.fetchers.web import Web

_PROOFS = frozenset({"authorization", "cookie", "proxy-authorization", "x-api-key", "x-auth-token"})


class Basic(Settings):
    """User and password (RFC 7617)."""

    user: str
    password: Secret


class WebSettings(Settings):
    """What every pull by HTTP has.

    Args:
        url: where; http or https.
        headers: sent along, `{"Authorization": {"secret": "token"}}`.
        most_mb: megabytes that an answer may have, unpacked.
        within_s: seconds for everything.
    """

    url: str = Field(max_length=2000)
    headers: Mapping[str, Secret | str] = {}
    basic: Basic | None = None
    most_mb: int = Field(default=64, ge=1, le=4096)
    within_s: int = Field(default=300, ge=1, le=7200)

    @field_validator("headers")
    @classmethod
    def _no_secret_in_clear(cls, headers: Mapping[str, Secret | str]) -> Mapping[str, Secret | str]:
        for name, value in headers.items():
            if isinstance(value, str) and name.lower() in _PROOFS:
                raise ValueError(f'{name} is a secret: write {{"secret": "name"}}')
        return headers

    def asking(self, turn: Turn, **more: str) -> dict[str, str]:
        """The headers of a request."""
        found = {name: turn.opened(value) for name, value in self.headers.items()}
        if self.basic is not None:
            pair = f"{self.basic.user}:{turn.opened(self.basic.password)}".encode()
            found["Authorization"] = "Basic " + base64.b64encode(pair).decode("ascii")
        return {**more, **found}

    def client(self, turn: Turn) -> Web:
        web = turn.client()
        bounds = replace(
            web.bounds, size=min(web.bounds.size, self.most_mb << 20), whole_s=min(web.bounds.whole_s, self.within_s)
        )
        return replace(web, bounds=bounds)

    def page(self, asked: str, link: str) -> str:
        """The address of a further page, on the origin of the settings.

        A server behind a proxy likes to name itself as it is called inside; and nobody is to be led elsewhere by an answer.
        """
        target, own = parse_url(urljoin(asked, link)), parse_url(self.url)
        return target._replace(scheme=own.scheme, host=own.host, port=own.port, auth=None).url
