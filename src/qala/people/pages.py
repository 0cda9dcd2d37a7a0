"""One's own account: who one is, what one may do, sessions, tokens; and accepting an invitation."""

from __future__ import annotations

from allauth.mfa.models import Authenticator
from allauth.mfa.utils import is_mfa_enabled
from allauth.socialaccount.models import SocialAccount
from allauth.usersessions.models import UserSession
from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import override
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_POST

from qala.people import access, services
from qala.people.forms import AccountForm, InvitationForm, TokenForm
from qala.people.models import Membership, Token, User
from qala.people.places import Place
from qala.people.rights import Role, rights


@login_required
def account(request: HttpRequest) -> HttpResponse:
    """Who one is, how one signs in, and which roles one has where."""
    user = _user(request)
    form = AccountForm(request.POST or None, instance=User.objects.get(pk=user.pk))
    if request.method == "POST" and form.is_valid():
        services.change_user(request, user, form.cleaned_data)
        messages.success(request, _("Saved."))
        with override(user.language):
            return redirect(reverse("people:account"))
    return render(
        request,
        "people/account.html",
        {
            "form": form,
            "roles": roles_of(user),
            "second_factor": is_mfa_enabled(user, [Authenticator.Type.TOTP]),
            "second_factor_needed": access.needs_second_factor(user),
            "sessions": len(UserSession.objects.purge_and_list(user)),
            "tokens": sum(token.is_valid for token in Token.objects.filter(user=user).select_related("user")),
            "provided": SocialAccount.objects.filter(user=user).exists(),
            "has_provider": bool(settings.SOCIALACCOUNT_PROVIDERS),
            "demo": user.is_demo,
        },
    )


@login_required
def own_tokens(request: HttpRequest) -> HttpResponse:
    """One's tokens; a new one is shown once, on the answer to the form that made it."""
    user = _user(request)
    access.require(user, "tokens.own")
    form = TokenForm(user, request.POST or None)
    secret = ""
    if request.method == "POST" and form.is_valid():
        said = form.cleaned_data
        secret = services.create_token(request, user, said["name"], said["scopes"], said["days"])
        form = TokenForm(user)
    found = Token.objects.filter(user=user).select_related("user")
    scopes = rights().token_scopes
    listed = [(token, [scopes[code].name for code in token.scopes if code in scopes]) for token in found]
    response = render(request, "people/tokens.html", {"form": form, "tokens": listed, "secret": secret})
    response["Cache-Control"] = "no-store"
    return response


@login_required
@require_POST
def revoke_token(request: HttpRequest, number: int) -> HttpResponse:
    """End one of one's tokens."""
    token = get_object_or_404(Token, pk=number, user=_user(request))
    services.revoke_token(request, token)
    messages.success(request, _("The token “%(name)s” holds no more.") % {"name": token.name})
    return redirect("people:tokens")


@login_required
@require_POST
def end_session(request: HttpRequest, number: int) -> HttpResponse:
    """End one of one's sessions."""
    session = get_object_or_404(UserSession, pk=number, user=_user(request))
    services.end_session(request, session)
    messages.success(request, _("The session is ended."))
    return redirect("usersessions_list")


@sensitive_post_parameters()
@never_cache
def invited(request: HttpRequest, number: str, key: str) -> HttpResponse:
    """An invitation: the person sets a name and the first password, then signs in."""
    user = services.invited_user(number, key)
    if user is None:
        return render(request, "people/invitation_over.html", status=410)
    form = InvitationForm(user, request.POST or None)
    if request.method == "POST" and form.is_valid():
        services.accept_invitation(request, user, form.cleaned_data["name"], form.cleaned_data["password1"])
        messages.success(request, _("Your password is set. Sign in with it."))
        return redirect("account_login")
    return render(request, "people/invited.html", {"form": form, "invited": user, "roles": roles_of(user)})


def roles_of(user: User) -> list[tuple[HeldRole, Place, Membership]]:
    """A user's roles by appointment, and where."""
    known = rights().appointed()
    return [(HeldRole(known[one.role]), Place.of(one), one) for one in user.memberships.all() if one.role in known]


class HeldRole:
    """A role as a page shows it.

    Attributes:
        name: in three languages.
        held: its permissions, in the order of rights.yaml.
    """

    def __init__(self, role: Role) -> None:
        self.name = role.name
        self.held = [one for code, one in rights().permissions.items() if code in role.permissions]


def _user(request: HttpRequest) -> User:
    assert isinstance(request.user, User)
    return request.user
