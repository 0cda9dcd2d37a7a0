from __future__ import annotations

from django.http import HttpRequest, HttpResponse

from qala.ui.not_built import not_built


def front(request: HttpRequest) -> HttpResponse:
    """front."""
    return not_built(request)


def rating(request: HttpRequest) -> HttpResponse:
    """rating."""
    return not_built(request)


def city(request: HttpRequest, code: str) -> HttpResponse:
    """city."""
    return not_built(request)


def region(request: HttpRequest, code: str) -> HttpResponse:
    """region."""
    return not_built(request)


def compare(request: HttpRequest) -> HttpResponse:
    """compare."""
    return not_built(request)
