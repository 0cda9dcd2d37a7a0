"""Where allauth asks us: who may sign up, in which language mail goes out, and what the audit log learns."""

# ruff: noqa: ARG002 - allauth names the arguments
from __future__ import annotations

import base64
import hashlib
import time
from collections.abc import Sequence
from contextlib import suppress
from typing import Any

from allauth.account import app_settings as account_settings
from allauth.account.adapter import DefaultAccountAdapter
from allauth.mfa.adapter import DefaultMFAAdapter
from allauth.socialaccount.adapter import DefaultSocialAccountAdapter
from allauth.usersessions.adapter import DefaultUserSessionsAdapter
from cryptography.fernet import Fernet
from django.conf import settings
from django.forms import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import get_language, override
from django.utils.translation import gettext_lazy as _

from qala.people import audit
from qala.people.letters import Unsent, sending
from qala.people.models import User


class Accounts(DefaultAccountAdapter):  # type: ignore[misc]  # allauth has no types
    """Signing in by email and password."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        """Only where the installation opened it to citizens."""
        return bool(settings.OPEN_SIGN_UP)

    def get_login_redirect_url(self, request: HttpRequest) -> str:
        """The front page in the person's own language; a demo account, which is everybody's, stays in the page's."""
        user = request.user
        with override(user.language if isinstance(user, User) and not user.is_demo else get_language()):
            return reverse("scores:front")

    def get_logout_redirect_url(self, request: HttpRequest) -> str:
        return reverse("scores:front")

    def get_password_change_redirect_url(self, request: HttpRequest) -> str:
        return reverse("people:account")

    def pre_login(self, request: HttpRequest, user: User, **hook: Any) -> HttpResponse | None:
        """Demo accounts are for demos: their password is known to everyone."""
        if user.is_demo and not settings.DEMO:
            audit.wrote(request, "sign_in_refused", user)
            return redirect("account_inactive")
        return super().pre_login(request, user, **hook)  # type: ignore[no-any-return]

    def post_login(self, request: HttpRequest, user: User, **hook: Any) -> HttpResponse:
        methods = [
            one.get("type") or one["method"] for one in request.session.get("account_authentication_methods", ())
        ]
        audit.wrote(request, "sign_in", user, after={"by": methods})
        return super().post_login(request, user, **hook)  # type: ignore[no-any-return]

    def authentication_failed(self, request: HttpRequest, **credentials: Any) -> None:
        """Whoever it was is not written down unless the email is a user's: it may be a password in the wrong field."""
        user = User.objects.filter(email=str(credentials.get("email", "")).lower()).first()
        audit.wrote(request, "sign_in_failed", user or "")

    def is_reauthentication_required(self, *, app: str, **more: Any) -> bool:
        """Whoever has just signed in is not asked again, so that the required second factor is set up in one go."""
        since = time.time() - account_settings.REAUTHENTICATION_TIMEOUT
        signed_in = self.request.session.get("account_authentication_methods", ())
        return not any(one["at"] > since for one in signed_in) and super().is_reauthentication_required(app=app, **more)

    def logout(self, request: HttpRequest) -> None:
        if isinstance(request.user, User):
            audit.wrote(request, "sign_out", request.user)
        super().logout(request)

    def send_notification_mail(self, template_prefix: str, user: User, *rest: Any, **options: Any) -> None:
        """Every change to how a person signs in comes through here: password, email, second factor, provider."""
        audit.wrote(self.request, template_prefix.rsplit("/", 1)[-1], user)
        with suppress(Unsent):  # the change is made; that nobody was told of it stands in the log
            super().send_notification_mail(template_prefix, user, *rest, **options)

    def send_mail(self, template_prefix: str, email: str, context: dict[str, Any]) -> None:
        """In the reader's language, not in that of the page that caused it."""
        user = context.get("user") or User.objects.filter(email=email.lower()).first()
        with override(user.language if isinstance(user, User) else get_language()), sending(email):
            super().send_mail(template_prefix, email, context)


class SecondFactors(DefaultMFAAdapter):  # type: ignore[misc]  # allauth has no types
    """TOTP and recovery codes; their secrets lie encrypted in the database, with a key made of `SECRET_KEY`."""

    def encrypt(self, text: str) -> str:
        return _fernet().encrypt(text.encode()).decode()

    def decrypt(self, encrypted_text: str) -> str:
        return _fernet().decrypt(encrypted_text.encode()).decode()


class Provided(DefaultSocialAccountAdapter):  # type: ignore[misc]  # allauth has no types
    """Signing in by a provider of OpenID Connect."""

    def is_open_for_signup(self, request: HttpRequest, sociallogin: Any) -> bool:
        return bool(settings.OIDC_SIGN_UP)

    def populate_user(self, request: HttpRequest, sociallogin: Any, data: dict[str, Any]) -> User:
        user: User = super().populate_user(request, sociallogin, data)
        parts = (data.get("first_name"), data.get("last_name"))
        user.name = (data.get("name") or " ".join(part for part in parts if part))[:150]
        user.language = get_language() or settings.LANGUAGE_CODE
        return user

    def on_authentication_error(self, request: HttpRequest, provider: Any, **more: Any) -> None:
        audit.wrote(
            request, "sign_in_failed", "", after={"by": "openid_connect", "error": str(more.get("error") or "")}
        )

    def validate_disconnect(self, account: Any, accounts: Any) -> None:
        """The last way in must stay."""
        if len(accounts) == 1 and not account.user.has_usable_password():
            raise ValidationError(_("Set a password first: without it you could not sign in any more."))


class Sessions(DefaultUserSessionsAdapter):  # type: ignore[misc]  # allauth has no types
    """Sessions, listed and revocable."""

    def end_sessions(self, sessions: Sequence[Any]) -> None:
        for session in sessions:
            audit.wrote(session.user, "end_session", session.user, before={"address": session.ip})
        super().end_sessions(sessions)


def _fernet() -> Fernet:
    key = hashlib.sha256(b"qala.people.second_factor" + settings.SECRET_KEY.encode()).digest()
    return Fernet(base64.urlsafe_b64encode(key))
