"""What a person sees whose right lacks: which one it is, and whose role could give it."""

from __future__ import annotations

from collections.abc import Callable

from django.conf import settings
from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render, resolve_url

from qala.people.access import Refused
from qala.people.rights import rights


class SayWhatLacks:
    """Answers `Refused`: a guest goes to sign-in and comes back, anyone else reads a page of status 403."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        if not isinstance(exception, Refused):
            return None
        if exception.guest and reads_pages(request):
            back = request.get_full_path() if request.method in ("GET", "HEAD") else "/"
            return redirect_to_login(back, resolve_url(settings.LOGIN_URL))
        said = rights()
        lacking = {
            "permission": said.permissions[exception.permission],
            "holders": said.holders(exception.permission),
            "givers": said.givers(exception.permission),
        }
        return render(request, "people/refused.html", lacking, status=401 if exception.guest else 403)


def reads_pages(request: HttpRequest) -> bool:
    """Whether a person's browser asks for a page, and not a script for data."""
    return request.headers.get("Sec-Fetch-Dest", "document") == "document" and request.accepts("text/html")
