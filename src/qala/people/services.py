"""What is done to people, their roles and organisations. Each verb writes the audit log in its own transaction."""

from __future__ import annotations

from typing import Any

from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.usersessions.models import UserSession
from django.contrib.auth.tokens import PasswordResetTokenGenerator
from django.db import transaction
from django.http import HttpRequest
from django.urls import reverse
from django.utils.http import urlsafe_base64_decode, urlsafe_base64_encode
from django.utils.translation import gettext as _
from django.utils.translation import override

from qala.people import access, audit, letters, tokens
from qala.people.models import Membership, Organisation, Token, User
from qala.people.places import Place
from qala.people.rights import rights


class Impossible(Exception):  # noqa: N818  what a person asked for and reads
    """A thing that would lock everyone out, in the reader's language."""


class _Invitations(PasswordResetTokenGenerator):
    """Keys of invitations: for three days, and until the first password is set."""

    key_salt = "qala.people.invitation"


_invitations = _Invitations()


@transaction.atomic
def invite(
    request: HttpRequest,
    email: str,
    name: str,
    language: str,
    organisation: Organisation | None,
    role: str,
    place: Place,
) -> User:
    """Make a user who cannot sign in yet, with a role, and mail them a link.

    Raises:
        Unsent: the letter did not go out; there is no such user then.
    """
    user = User.objects.create_user(email, None, name=name, language=language, organisation=organisation)
    # Only who reads this address gets the link, so that using it proves the address.
    EmailAddress.objects.create(user=user, email=user.email, verified=True, primary=True)
    audit.wrote(request, "invite", user, after=audit.said(user, "email", "name", "language", "organisation"))
    give_role(request, user, role, place)
    send_invitation(request, user)
    return user


def send_invitation(request: HttpRequest, user: User) -> None:
    """Mail the link by which an invited person sets a password.

    Raises:
        Unsent: the letter did not go out.
    """
    told = {"user": user, "by": request.user, "link": request.build_absolute_uri(invitation_path(user))}
    letters.write(user.email, user.language, "people/mail/invitation", told)


def invitation_path(user: User) -> str:
    """The path of the page on which an invited person sets a password; in the person's language."""
    with override(user.language):
        number = urlsafe_base64_encode(str(user.pk).encode())
        return reverse("people:invited", args=(number, _invitations.make_token(user)))


def invited_user(number: str, key: str) -> User | None:
    """Whose invitation a link is; None if it is used, too old or wrong."""
    try:
        user = User.objects.filter(pk=int(urlsafe_base64_decode(number)), is_active=True).first()
    except (ValueError, OverflowError):
        return None
    return user if user and not user.has_usable_password() and _invitations.check_token(user, key) else None


@transaction.atomic
def accept_invitation(request: HttpRequest, user: User, name: str, password: str) -> None:
    """Set the first password; the link is used up by it."""
    user.name = name
    user.set_password(password)
    user.save()
    audit.wrote(request, "accept_invitation", user)


@transaction.atomic
def give_role(by: HttpRequest | User | None, user: User, role: str, place: Place) -> Membership:
    """Give a role at a place; nothing happens if the user has it."""
    giver = by.user if isinstance(by, HttpRequest) else by
    given, new = Membership.objects.get_or_create(
        user=user,
        role=role,
        scope=place.scope,
        code=place.code,
        organisation=place.organisation,
        defaults={"given_by": giver if isinstance(giver, User) else None},
    )
    if new:
        audit.wrote(by, "give_role", user, after={"role": role, "place": str(place)}, city=place.city)
    access.forget(user)
    return given


@transaction.atomic
def take_role(by: HttpRequest | User | None, membership: Membership) -> None:
    """Take a role.

    Raises:
        Impossible: nobody would keep the registries.
    """
    place = Place.of(membership)
    if _keeps_registries(membership) and not _other_keepers(membership.user):
        raise Impossible(_("This is the last person who keeps the registries: give the role to someone else first."))
    audit.wrote(
        by, "take_role", membership.user, before={"role": membership.role, "place": str(place)}, city=place.city
    )
    membership.delete()
    access.forget(membership.user)


@transaction.atomic
def deactivate(request: HttpRequest, user: User) -> None:
    """Let a user in no more: sessions and tokens end now; what they did stays theirs.

    Raises:
        Impossible: nobody would keep the registries.
    """
    if any(_keeps_registries(one) for one in access.memberships(user)) and not _other_keepers(user):
        raise Impossible(_("This is the last person who keeps the registries: give the role to someone else first."))
    user.is_active = False
    user.save(update_fields=["is_active"])
    end_sessions(user)
    for token in Token.objects.filter(user=user, revoked_at=None):
        tokens.revoke(token)
    audit.wrote(request, "deactivate", user)


@transaction.atomic
def activate(request: HttpRequest, user: User) -> None:
    """Let a user in again."""
    user.is_active = True
    user.save(update_fields=["is_active"])
    audit.wrote(request, "activate", user)


@transaction.atomic
def reset_second_factor(request: HttpRequest, user: User) -> None:
    """For who lost the telephone and the recovery codes: sessions end, and the next sign-in sets up a new one."""
    Authenticator.objects.filter(user=user).delete()
    end_sessions(user)
    audit.wrote(request, "reset_second_factor", user)


@transaction.atomic
def end_session(request: HttpRequest, session: UserSession) -> None:
    """End one session."""
    audit.wrote(request, "end_session", session.user, before={"address": session.ip})
    session.end()


def end_sessions(user: User) -> None:
    """End all sessions of a user."""
    for session in UserSession.objects.filter(user=user):
        session.end()


@transaction.atomic
def change_user(request: HttpRequest, user: User, changed: dict[str, Any]) -> None:
    """Change what a person says about themselves, or who leads them says."""
    before = audit.said(User.objects.get(pk=user.pk), *changed)
    for field, value in changed.items():
        setattr(user, field, value)
    user.save(update_fields=list(changed))
    audit.wrote(request, "change_user", user, before=before, after=audit.said(user, *changed))


@transaction.atomic
def create_token(request: HttpRequest, user: User, name: str, scopes: list[str], days: int) -> str:
    """Make a token; the secret is returned and can be read never again."""
    token, secret = tokens.create(user, name, scopes, days)
    audit.wrote(request, "create_token", token, after=audit.said(token, "name", "scopes", "expires_at"))
    return secret


@transaction.atomic
def revoke_token(request: HttpRequest, token: Token) -> None:
    """End a token now."""
    tokens.revoke(token)
    audit.wrote(request, "revoke_token", token)


@transaction.atomic
def save_organisation(request: HttpRequest, organisation: Organisation) -> None:
    """Keep a new or changed organisation."""
    old = Organisation.objects.filter(pk=organisation.pk).first() if organisation.pk else None
    organisation.save()
    audit.wrote(
        request,
        "change_organisation" if old else "add_organisation",
        organisation,
        before=audit.said(old) if old else None,
        after=audit.said(organisation),
    )


def _keeps_registries(membership: Membership) -> bool:
    return "registry.manage" in rights().roles[membership.role].permissions


def _other_keepers(user: User) -> bool:
    keeping = [code for code, role in rights().appointed().items() if "registry.manage" in role.permissions]
    return Membership.objects.filter(role__in=keeping, user__is_active=True).exclude(user=user).exists()
