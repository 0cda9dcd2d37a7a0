"""A user's mistake is told as a page with 400, wherever in a page it was found; never as a traceback."""

from __future__ import annotations

import logging
from collections.abc import Callable

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from qala.standard.problems import Problem

_log = logging.getLogger("qala.problems")


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
        return render(request, "400.html", {"problem": error}, status=400)
