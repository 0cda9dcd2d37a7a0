"""What allauth is told about signing in. What differs between installations comes from the environment."""

from __future__ import annotations

import os
from typing import Any
from urllib.parse import urlsplit

ACCOUNT_ADAPTER = "qala.people.adapters.Accounts"
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*", "password2*"]
ACCOUNT_SIGNUP_FORM_CLASS = "qala.people.forms.SignUp"
ACCOUNT_EMAIL_VERIFICATION = "mandatory"
ACCOUNT_EMAIL_NOTIFICATIONS = True
ACCOUNT_EMAIL_SUBJECT_PREFIX = ""
ACCOUNT_EMAIL_UNKNOWN_ACCOUNTS = False
ACCOUNT_CHANGE_EMAIL = True
ACCOUNT_SESSION_REMEMBER = True  # for SESSION_COOKIE_AGE, not until the browser closes
ACCOUNT_LOGOUT_ON_PASSWORD_CHANGE = False
OPEN_SIGN_UP = os.environ.get("QALA_OPEN_SIGN_UP") == "1"
"""Whether citizens may make themselves an account; without it people come by invitation only."""

ALLAUTH_TRUSTED_PROXY_COUNT = int(os.environ.get("QALA_PROXIES", "0"))
"""How many proxies of our own stand before the site, so that addresses in the audit log are the clients'."""

MFA_ADAPTER = "qala.people.adapters.SecondFactors"
MFA_FORMS = {"authenticate": "qala.people.forms.SecondFactorForm"}
MFA_SUPPORTED_TYPES = ["totp", "recovery_codes"]
MFA_TOTP_ISSUER = "Qala"
MFA_TOTP_TOLERANCE = 1  # a phone's clock may be half a minute off
MFA_RECOVERY_CODES_SHOW_ONCE = True

USERSESSIONS_ADAPTER = "qala.people.adapters.Sessions"

SOCIALACCOUNT_ADAPTER = "qala.people.adapters.Provided"
SOCIALACCOUNT_EMAIL_AUTHENTICATION = True  # only for addresses that the provider says it has verified
SOCIALACCOUNT_EMAIL_AUTHENTICATION_AUTO_CONNECT = True
SOCIALACCOUNT_STORE_TOKENS = False
SOCIALACCOUNT_OPENID_CONNECT_URL_PREFIX = "oidc"

OIDC_SERVER = os.environ.get("QALA_OIDC_SERVER", "").rstrip("/")
OIDC_SIGN_UP = os.environ.get("QALA_OIDC_SIGN_UP") == "1"
"""Whether whoever the provider vouches for gets an account; without it only people who were invited come in."""
OIDC_SECOND_FACTOR = os.environ.get("QALA_OIDC_SECOND_FACTOR") == "1"
"""Whether the provider asks for a second factor itself, so that we do not ask for one of ours."""


def provider(server: str, client: str, secret: str, name: str) -> dict[str, Any]:
    """One provider of OpenID Connect, as allauth wants it."""
    return {
        "openid_connect": {
            "OAUTH_PKCE_ENABLED": True,
            "APPS": [
                {
                    "provider_id": "provider",
                    "name": name,
                    "client_id": client,
                    "secret": secret,
                    "settings": {"server_url": server},
                }
            ],
        }
    }


SOCIALACCOUNT_PROVIDERS: dict[str, Any] = (
    provider(
        OIDC_SERVER,
        os.environ.get("QALA_OIDC_CLIENT", ""),
        os.environ.get("QALA_OIDC_SECRET", ""),
        os.environ.get("QALA_OIDC_NAME", "OpenID Connect"),
    )
    if OIDC_SERVER
    else {}
)
OIDC_ORIGINS = [f"{urlsplit(OIDC_SERVER).scheme}://{urlsplit(OIDC_SERVER).netloc}"] if OIDC_SERVER else []
"""Where the sign-in form may lead besides ourselves (form-action of the content security policy)."""
