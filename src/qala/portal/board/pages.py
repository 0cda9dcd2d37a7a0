from __future__ import annotations

from django.http import HttpRequest, HttpResponse

from qala.ui.not_built import not_built


def boards(request: HttpRequest) -> HttpResponse:
    """list."""
    return not_built(request)


def board(request: HttpRequest, name: str) -> HttpResponse:
    """board."""
    return not_built(request)
