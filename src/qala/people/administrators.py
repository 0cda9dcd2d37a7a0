"""The first person who keeps the registries; everyone else is invited by someone."""

from __future__ import annotations

from allauth.account.models import EmailAddress
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import transaction

from qala.people import audit, services
from qala.people.models import Membership, User
from qala.people.places import Place
from qala.people.rights import rights
from qala.standard.problems import Problem


@transaction.atomic
def add(email: str, name: str, password: str | None) -> str | None:
    """Give a person, new or known, the role that keeps the registries.

    Returns:
        The path of the page on which they set a password; None if they have one.

    Raises:
        Problem: the email or the password will not do.
    """
    try:
        validate_email(email)
        if password is not None:
            validate_password(password)
    except ValidationError as error:
        raise Problem(" ".join(error.messages), hint="Repeat the command with a better one.") from None
    user = User.objects.filter(email=email.lower()).first()
    if user is None:
        user = User.objects.create_user(email, password, name=name)
        EmailAddress.objects.create(user=user, email=user.email, verified=True, primary=True)
        audit.wrote(None, "invite", user, after=audit.said(user, "email", "name"))
    elif password is not None:
        user.set_password(password)
        user.save()
    services.give_role(None, user, _role(), Place(Membership.Scope.COUNTRY))
    return None if user.has_usable_password() else services.invitation_path(user)


def _role() -> str:
    """The role that keeps the registries."""
    return next(code for code, role in rights().appointed().items() if "registry.manage" in role.permissions)
