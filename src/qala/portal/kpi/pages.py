from __future__ import annotations

from django.http import HttpRequest, HttpResponse

from qala.ui.not_built import not_built


def section(request: HttpRequest, code: str, section: str) -> HttpResponse:
    """section."""
    return not_built(request)


def initiative(request: HttpRequest, code: str, number: int) -> HttpResponse:
    """initiative."""
    return not_built(request)


def kpi(request: HttpRequest, code: str, row: str) -> HttpResponse:
    """kpi."""
    return not_built(request)


def rows(request: HttpRequest, code: str, row: str) -> HttpResponse:
    """rows."""
    return not_built(request)
