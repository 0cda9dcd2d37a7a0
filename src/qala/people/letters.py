"""Letters to people, each in its reader's language; and what is said where the mail server does not take one."""

from __future__ import annotations

import logging
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from smtplib import SMTPException
from typing import Any

from django.core.mail import send_mail
from django.template.loader import render_to_string
from django.utils.translation import gettext as _
from django.utils.translation import override

from qala.standard.problems import Problem

_LOG = logging.getLogger(__name__)


class Unsent(Problem):
    """The mail server could not be reached, or refused the sign-in or the letter. The log says which; a page answers 503."""


def write(to: str, language: str, template: str, told: Mapping[str, Any]) -> None:
    """Send a letter.

    Args:
        to: the address.
        language: of the letter.
        template: its text is `<template>.txt`, its subject `<template>_subject.txt`.

    Raises:
        Unsent: it did not go out.
    """
    with override(language):
        subject = " ".join(render_to_string(f"{template}_subject.txt", dict(told)).split())
        text = render_to_string(f"{template}.txt", dict(told))
    with sending(to):
        send_mail(subject, text, None, [to])


@contextmanager
def sending(to: str) -> Iterator[None]:
    """A frame around sending; see `write` for what it raises."""
    try:
        yield
    except (OSError, SMTPException) as error:
        _LOG.error("the letter to %s did not go out: %s", to, error)
        raise Unsent(
            _("The mail server did not take the letter to %(email)s.") % {"email": to},
            hint=_("Try it again later. If it stays so, whoever runs the site finds the reason in its log."),
        ) from error
