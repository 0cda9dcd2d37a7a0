from __future__ import annotations

from django.http import HttpRequest, HttpResponse

from qala.ui.not_built import not_built


def index(request: HttpRequest) -> HttpResponse:
    """index."""
    return not_built(request)


def kpi(request: HttpRequest, row: str) -> HttpResponse:
    """kpi."""
    return not_built(request)


def initiative(request: HttpRequest, number: int) -> HttpResponse:
    """initiative."""
    return not_built(request)
