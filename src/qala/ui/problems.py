"""A `Problem` in a page is the reader's to mend: it is told on a page of status 400, never as a failure."""

from __future__ import annotations

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from qala.standard.problems import Problem


class ToldProblems:
    """Answers what raises a `Problem` with what is wrong, where, and how to mend it."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        """The page; None for every other exception."""
        if not isinstance(exception, Problem):
            return None
        return render(request, "ui/problem.html", {"problem": exception}, status=400)
