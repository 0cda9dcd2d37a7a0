"""The audit log: every change, every read of personal data, every sign-in. The database lets nobody change it.

audit.wrote(request, "publish", publication, before=None, after={"run": run_id})
audit.read(request, "contact_centre.appeals", city=code, rows=50, columns=("citizen",))
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from allauth.account.adapter import get_adapter
from django.db import models
from django.http import HttpRequest

from qala.people.access import Somebody
from qala.people.models import AuditEntry, User

READ = "read_personal"
_LONGEST_VERB, _LONGEST_ID, _LONGEST_SAID = 60, 200, 300


def wrote(
    by: HttpRequest | Somebody | None,
    verb: str,
    what: models.Model | str,
    before: Mapping[str, Any] | None = None,
    after: Mapping[str, Any] | None = None,
    *,
    city: str | None = None,
    request: HttpRequest | None = None,
) -> AuditEntry:
    """Record a change, in the same transaction as the change.

    Args:
        by: the request (then address and session or token are kept), the user, or None for a job or a command.
        verb: what was done: `publish`, `give_role`, …
        what: the object, or `kind:id` where it is not in the database, such as `run:2026-…`.
        before, after: what it was and is; JSON.
        city: code; default is the object's own `city`, if it has one.
        request: where a user given as `by` comes from.
    """
    user, address, through = _who(by)
    if address is None and request is not None:
        address = get_adapter().get_client_ip(request)
    kind, number, said = _object(what)
    if city is None and isinstance(what, models.Model):
        own = getattr(what, "city", "")
        city = own if isinstance(own, str) else ""
    return AuditEntry.objects.create(
        who=user,
        who_said=user.email if user else "",
        address=address,
        through=through,
        verb=verb[:_LONGEST_VERB],
        kind=kind,
        object_id=number[:_LONGEST_ID],
        object_said=said[:_LONGEST_SAID],
        city=city or "",
        before=before,
        after=after,
    )


def read(
    by: HttpRequest | Somebody,
    what: models.Model | str,
    *,
    city: str | None = None,
    rows: int | None = None,
    columns: Sequence[str] = (),
) -> AuditEntry:
    """Record that personal data were shown unmasked: of which dataset or object, how many rows, which columns."""
    return wrote(by, READ, what, after={"rows": rows, "columns": list(columns)}, city=city)


def said(instance: models.Model, *fields: str) -> dict[str, Any]:
    """The fields of an object as JSON for `before` and `after`: the named ones, or all but secrets."""
    secret = {"password", "hash"}
    return {
        field.attname: value if isinstance(value := field.value_from_object(instance), _PLAIN) else str(value)
        for field in instance._meta.concrete_fields
        if (field.name in fields if fields else field.name not in secret)
    }


_PLAIN = (str, int, float, bool, list, dict, type(None))


def _who(by: HttpRequest | Somebody | None) -> tuple[User | None, str | None, str]:
    if by is None:
        return None, None, "command"
    if not isinstance(by, HttpRequest):
        return (by, None, _through(by, "command")) if isinstance(by, User) else (None, None, "")
    user = getattr(by, "auth", None)
    user = user if isinstance(user, User) else getattr(by, "user", None)
    address = get_adapter().get_client_ip(by)
    if isinstance(user, User):
        return user, address, _through(user, "session")
    return None, address, ""


def _through(user: User, otherwise: str) -> str:
    token = user.__dict__.get("_token")
    return f"token {token.start}…" if token is not None else otherwise


def _object(what: models.Model | str) -> tuple[str, str, str]:
    if isinstance(what, models.Model):
        return what._meta.label_lower, str(what.pk), str(what)
    kind, _, number = what.partition(":")
    return (kind, number, number) if number else ("", what, what)
