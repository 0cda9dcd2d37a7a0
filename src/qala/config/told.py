"""What went wrong is told, never shown as a traceback: a user's mistake as a page with 400, wherever in a page it was found; a
database that does not answer as 503, which passes; our own fault as 500."""

from __future__ import annotations

import json
import logging
import sys
from collections.abc import Callable

from django.db import InterfaceError, OperationalError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.template.loader import get_template

from qala.people.letters import Unsent
from qala.standard.problems import Problem

_log = logging.getLogger("qala.problems")
_AWAY = (OperationalError, InterfaceError)
"""What Django raises where the database does not answer."""
_WAIT_S = 5


class ProblemsAreTold:
    """Turns a `Problem` that a page raised into a page that says what, where and how to mend it."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponse | None:
        """Django calls it with what a view raised."""
        if not isinstance(error, Problem):
            return None
        _log.info("%s: %s", request.path, error)
        return render(request, "400.html", {"problem": error}, status=503 if isinstance(error, Unsent) else 400)


def failed(request: HttpRequest) -> HttpResponse:
    """What Django answers where something was raised that nobody told; the API's clients get `application/problem+json`."""
    away = isinstance(sys.exc_info()[1], _AWAY)
    status = 503 if away else 500
    if request.path.startswith("/api/"):
        title = "The database does not answer" if away else "The site has failed"
        hint = "Nothing is lost: ask again in some seconds." if away else "It is in the site's log."
        said = json.dumps({"type": "about:blank", "title": title, "status": status, "detail": "", "hint": hint})
        response = HttpResponse(said, status=status, content_type="application/problem+json")
    else:
        response = HttpResponse(get_template(f"{status}.html").render(), status=status)
    if away:
        response["Retry-After"] = str(_WAIT_S)
    return response


class OneLineWhileAway(logging.Filter):
    """Each request that finds no database is a line in the log, not a page of it."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Logging calls it with each record."""
        if record.exc_info and isinstance(record.exc_info[1], _AWAY):
            record.msg, record.args = f"{record.getMessage()}: the database does not answer", ()
            record.exc_info = None
        return True
