"""Tokens: keys for programs that act as their user within scopes. The secret is shown once; only its hash is kept."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Collection
from datetime import timedelta

from django.http import HttpRequest
from django.utils import timezone

from qala.people import access, audit
from qala.people.models import Token, User
from qala.people.rights import rights

START = "qala_"
"""How every token begins, so that scanners of leaked secrets know one when they see it."""
_SHOWN = 9
"""Characters that stay readable in lists."""
_AUDITED_EVERY = timedelta(hours=1)
_NOTED_EVERY = timedelta(minutes=1)
"""How exactly the last use is kept, so that not every request writes."""


def create(user: User, name: str, scopes: Collection[str], days: int) -> tuple[Token, str]:
    """A token and its secret, which nobody can read again.

    Raises:
        ValueError: a scope that the user cannot have, or none.
    """
    if not scopes or set(scopes) - set(possible_scopes(user)):
        raise ValueError("a token needs scopes, and only such as its user may have")
    secret = START + secrets.token_urlsafe(32)
    token = Token.objects.create(
        user=user,
        name=name,
        start=secret[:_SHOWN],
        hash=_hash(secret),
        scopes=[scope for scope in rights().token_scopes if scope in scopes],
        expires_at=timezone.now() + timedelta(days=days),
    )
    return token, secret


def possible_scopes(user: User) -> list[str]:
    """The scopes in which a user may do anything anywhere."""
    return [
        code
        for code, scope in rights().token_scopes.items()
        if any(access.may_somewhere(user, permission) for permission in scope.permissions)
    ]


def user_and_scopes(token: str, request: HttpRequest | None = None) -> tuple[User, frozenset[str]] | None:
    """Whose token this is and the permissions that its scopes allow; None if it is unknown, revoked, expired, or its
    user is not active.

    The user that is returned is limited to them already: `access.may` says no to whatever lies outside. The first use
    in an hour is written into the audit log, from where if the request is given.
    """
    found = Token.objects.select_related("user").filter(hash=_hash(token)).first()
    if found is None or not found.is_valid:
        return None
    found.user.__dict__["_token"] = found
    _note(found, request)
    return found.user, access.limit(found.user, found.scopes)


def revoke(token: Token) -> None:
    """End it now; it stays in the list."""
    if token.revoked_at is None:
        token.revoked_at = timezone.now()
        token.save(update_fields=["revoked_at"])


def _note(token: Token, request: HttpRequest | None) -> None:
    now, last = timezone.now(), token.last_used_at
    if last is None or now - last > _AUDITED_EVERY or now.hour != last.hour:
        audit.wrote(token.user, "use_token", token, after={"scopes": token.scopes}, request=request)
    if last is None or now - last > _NOTED_EVERY:
        Token.objects.filter(pk=token.pk).update(last_used_at=now)


def _hash(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()
