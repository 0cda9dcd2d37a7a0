"""Signing in by OpenID Connect, against a small provider that answers real HTTP on this machine."""

from __future__ import annotations

import base64
import hashlib
import json
import threading
import time
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

import jwt
import pytest
import requests
from allauth.account.models import EmailAddress
from allauth.socialaccount.models import SocialAccount
from cryptography.hazmat.primitives.asymmetric import rsa
from django.core.cache import cache
from django.test import Client

from qala.people.models import AuditEntry, User
from qala.people.sign_in import provider

CLIENT, SECRET = "qala", "a secret of the two"


class Provider:
    """Authorization code flow with PKCE; whoever comes is `claims`."""

    def __init__(self) -> None:
        self.key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
        self.claims: dict[str, Any] = {}
        self.asked: dict[str, dict[str, str]] = {}
        outer = self

        class Answer(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                outer.get(self)

            def do_POST(self) -> None:
                outer.token(self)

            def log_message(self, *_: Any) -> None:
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Answer)
        self.url = f"http://127.0.0.1:{self.server.server_port}"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def get(self, request: BaseHTTPRequestHandler) -> None:
        where = urlsplit(request.path)
        if where.path == "/.well-known/openid-configuration":
            self.say(
                request,
                {
                    "issuer": self.url,
                    "authorization_endpoint": f"{self.url}/authorize",
                    "token_endpoint": f"{self.url}/token",
                    "userinfo_endpoint": f"{self.url}/userinfo",
                    "jwks_uri": f"{self.url}/keys",
                    "token_endpoint_auth_methods_supported": ["client_secret_basic"],
                },
            )
        elif where.path == "/authorize":
            asked = {name: values[0] for name, values in parse_qs(where.query).items()}
            assert (asked["client_id"], asked["response_type"]) == (CLIENT, "code")
            code = f"code-{len(self.asked)}"
            self.asked[code] = asked
            request.send_response(302)
            request.send_header(
                "Location", f"{asked['redirect_uri']}?{urlencode({'code': code, 'state': asked['state']})}"
            )
            request.end_headers()
        elif where.path == "/userinfo":
            assert request.headers["Authorization"] == "Bearer the-access-token"
            self.say(request, self.claims)
        else:
            self.say(request, {}, 404)

    def token(self, request: BaseHTTPRequestHandler) -> None:
        body = parse_qs(request.rfile.read(int(request.headers["Content-Length"])).decode())
        asked = self.asked.pop(body["code"][0])
        verifier = hashlib.sha256(body["code_verifier"][0].encode()).digest()
        assert base64.urlsafe_b64encode(verifier).decode().rstrip("=") == asked["code_challenge"]
        said = base64.b64decode(request.headers["Authorization"].removeprefix("Basic ")).decode()
        assert said.split(":")[0] == CLIENT
        now = int(time.time())
        token = {"iss": self.url, "aud": CLIENT, "iat": now, "exp": now + 60, **self.claims}
        self.say(
            request,
            {
                "access_token": "the-access-token",
                "token_type": "Bearer",
                "id_token": jwt.encode(token, self.key, "RS256"),
            },
        )

    def say(self, request: BaseHTTPRequestHandler, what: dict[str, Any], status: int = 200) -> None:
        request.send_response(status)
        request.send_header("Content-Type", "application/json")
        request.end_headers()
        request.wfile.write(json.dumps(what).encode())


@pytest.fixture
def oidc(settings: Any, db: None) -> Iterator[Provider]:
    made = Provider()
    settings.SOCIALACCOUNT_PROVIDERS = provider(made.url, CLIENT, SECRET, "eGov")
    cache.clear()
    yield made
    made.server.shutdown()
    made.server.server_close()


def come_in(client: Client, language: str = "ru") -> Any:
    """From the button of the sign-in page through the provider and back."""
    page = client.get(f"/{language}/account/login/").content.decode()
    assert "eGov" in page
    to_provider = client.post("/account/oidc/provider/login/")
    assert to_provider.status_code == 302
    back = requests.get(to_provider["Location"], allow_redirects=False, timeout=10).headers["Location"]
    assert urlsplit(back).path == "/account/oidc/provider/login/callback/", "one address, in no language"
    where = urlsplit(back)
    return client.get(f"{where.path}?{where.query}")


def test_an_invited_person_comes_in_by_a_verified_email(
    oidc: Provider, client: Client, person: Callable[..., User]
) -> None:
    user = person()
    EmailAddress.objects.create(user=user, email=user.email, verified=True, primary=True)
    oidc.claims = {"sub": "7", "email": user.email, "email_verified": True, "name": "X"}
    answer = come_in(client)
    assert (answer.status_code, answer["Location"]) == (302, "/kk/")
    assert client.get("/kk/account/").context["request"].user == user
    assert SocialAccount.objects.get().uid == "7"
    assert AuditEntry.objects.latest("id").after == {"by": ["socialaccount"]}


def test_an_email_that_the_provider_has_not_verified_opens_nobody_s_account(
    oidc: Provider, client: Client, person: Callable[..., User]
) -> None:
    user = person()
    EmailAddress.objects.create(user=user, email=user.email, verified=True, primary=True)
    oidc.claims = {"sub": "8", "email": user.email, "email_verified": False}
    come_in(client)
    assert client.get("/kk/account/").status_code == 302
    assert not SocialAccount.objects.exists()


@pytest.mark.parametrize("opened", [False, True])
def test_a_stranger_comes_in_only_where_the_provider_may_make_accounts(
    oidc: Provider, client: Client, settings: Any, opened: bool
) -> None:
    settings.OIDC_SIGN_UP = opened
    oidc.claims = {"sub": "9", "email": "new@example.org", "email_verified": True, "name": "Айгүл"}
    come_in(client)
    assert User.objects.filter(email="new@example.org", name="Айгүл").exists() is opened
    assert (client.get("/kk/account/").status_code == 200) is opened


@pytest.mark.parametrize(("trusted", "status"), [(False, 302), (True, 200)])
def test_the_second_factor_is_the_provider_s_where_the_setting_says_so(
    oidc: Provider, client: Client, settings: Any, person: Callable[..., User], trusted: bool, status: int
) -> None:
    settings.OIDC_SECOND_FACTOR = trusted
    user = person("ministry")
    EmailAddress.objects.create(user=user, email=user.email, verified=True, primary=True)
    oidc.claims = {"sub": "10", "email": user.email, "email_verified": True}
    come_in(client)
    assert client.get("/kk/account/").status_code == status


def test_an_answer_that_nobody_asked_for_is_refused(oidc: Provider, client: Client) -> None:
    answer = client.get("/account/oidc/provider/login/callback/?code=x&state=forged")
    assert answer.status_code in (200, 401, 403)
    assert client.get("/kk/account/").status_code == 302
