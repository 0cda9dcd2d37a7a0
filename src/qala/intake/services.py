"""What is done to sources; each change goes into the audit log with it."""

from __future__ import annotations

import secrets as random
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import transaction
from django.http import HttpRequest
from django.utils import timezone

from qala import facts
from qala.intake.doors.secrets import Secrets
from qala.intake.models import Credential, Source
from qala.intake.registry import START, hash_of
from qala.people import audit
from qala.people.models import User

_SHOWN = 10
_FIELDS = ("title", "owner_id", "door", "way", "format", "rows_at", "mapping", "mapping_yaml", "every", "settings")


def said(source: Source) -> dict[str, Any]:
    """What the audit log keeps of a source."""
    return {name: getattr(source, name) for name in ("name", "city", "dataset", *_FIELDS)}


def register(by: HttpRequest | User | None, source: Source) -> Source:
    """Make a source known; its name, city and dataset stay as they are from then on."""
    with transaction.atomic():
        source.made_by = _user(by)
        source.full_clean()
        source.save()
        audit.wrote(by, "register_source", source, after=said(source))
    return source


def change(by: HttpRequest | User | None, source: Source, what: Mapping[str, Any]) -> Source:
    """Change what may change of a source."""
    if unknown := set(what) - set(_FIELDS):
        raise ValueError(f"a source's {', '.join(sorted(unknown))} cannot be changed")
    with transaction.atomic():
        before = said(source)
        for name, value in what.items():
            setattr(source, name, value)
        source.full_clean()
        source.save()
        audit.wrote(by, "change_source", source, before=before, after=said(source))
    return source


def pause(by: HttpRequest | User | None, source: Source) -> None:
    """Refuse what it sends until it is resumed."""
    if source.paused_at is None:
        _set(by, source, "pause_source", paused_at=timezone.now())


def resume(by: HttpRequest | User | None, source: Source) -> None:
    """Take in what it sends again."""
    if source.paused_at is not None:
        _set(by, source, "resume_source", paused_at=None, resumed_at=timezone.now())


def remove(by: HttpRequest | User | None, source: Source) -> None:
    """Take a source off the list and revoke its credentials; what it sent stays."""
    with transaction.atomic():
        source.credentials.filter(revoked_at=None).update(revoked_at=timezone.now())
        _set(by, source, "remove_source", removed_at=timezone.now())


def issue_credential(by: HttpRequest | User | None, source: Source) -> tuple[Credential, str]:
    """A new credential and its secret, which nobody can read again."""
    secret = START + random.token_urlsafe(32)
    with transaction.atomic():
        made = Credential.objects.create(source=source, start=secret[:_SHOWN], hash=hash_of(secret), made_by=_user(by))
        audit.wrote(by, "issue_credential", source, after={"start": made.start})
    return made, secret


def revoke_credential(by: HttpRequest | User | None, credential: Credential) -> None:
    """It opens nothing any more, within some seconds."""
    if credential.revoked_at is not None:
        return
    with transaction.atomic():
        credential.revoked_at = timezone.now()
        credential.save(update_fields=["revoked_at"])
        audit.wrote(by, "revoke_credential", credential.source, before={"start": credential.start})


def keep_secret(by: HttpRequest | User | None, source: Source, name: str, value: str) -> None:
    """Put down a secret that the source's settings name, such as the password of a database; it is never shown again.

    Raises:
        Problem: the name is none.
    """
    secrets_of_sources().put(source.name, name, value)
    audit.wrote(by, "keep_secret", source, after={"secret": name})


def forget_secret(by: HttpRequest | User | None, source: Source, name: str) -> None:
    """Forget a secret of a source's settings."""
    secrets_of_sources().remove(source.name, name)
    audit.wrote(by, "forget_secret", source, before={"secret": name})


def secrets_of_sources() -> Secrets:
    """Where secrets of settings are kept: `.names(source.name)` are those that there are."""
    return Secrets(Path(settings.HOME) / "intake" / "secrets", facts.lake().sealer)


def _set(by: HttpRequest | User | None, source: Source, verb: str, **what: Any) -> None:
    with transaction.atomic():
        for name, value in what.items():
            setattr(source, name, value)
        source.save(update_fields=list(what))
        audit.wrote(by, verb, source, after={name: str(value) for name, value in what.items()})


def _user(by: HttpRequest | User | None) -> User | None:
    user = by.user if isinstance(by, HttpRequest) else by
    return user if isinstance(user, User) else None
