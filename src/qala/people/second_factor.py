"""Who must have a second factor is asked for it before anything else."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from allauth.mfa.models import Authenticator
from allauth.mfa.utils import is_mfa_enabled
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _

from qala.people.access import needs_second_factor
from qala.people.models import User
from qala.people.refused import reads_pages

_OPEN = {
    "account_login",
    "account_logout",
    "account_reauthenticate",
    "mfa_activate_totp",
    "mfa_authenticate",
    "mfa_reauthenticate",
}
"""Pages on the way to a second factor, and out."""


class SecondFactorFirst:
    """Leads people whose role requires it to the set-up of the second factor; pages of data stay closed until then."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_view(self, request: HttpRequest, *_view: Any) -> HttpResponse | None:
        match = request.resolver_match
        if (match and match.view_name in _OPEN) or not lacks_second_factor(request):
            return None
        if not reads_pages(request):
            return HttpResponse(_("Set up your second factor first."), status=403, content_type="text/plain")
        return redirect("mfa_activate_totp")


def lacks_second_factor(request: HttpRequest) -> bool:
    """Whether the person who signed in has a role that requires a second factor, and none is set up.

    Demo accounts are let through: their page says so, and they exist in demos only.
    """
    user = request.user
    if not isinstance(user, User) or (user.is_demo and settings.DEMO) or not needs_second_factor(user):
        return False
    if settings.OIDC_SECOND_FACTOR and came_by_provider(request):
        return False
    return not is_mfa_enabled(user, [Authenticator.Type.TOTP])


def came_by_provider(request: HttpRequest) -> bool:
    """Whether this session was opened by OpenID Connect."""
    return any(one["method"] == "socialaccount" for one in request.session.get("account_authentication_methods", ()))
