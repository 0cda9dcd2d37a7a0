from __future__ import annotations

from django.http import HttpRequest, HttpResponse

from qala.ui.not_built import not_built


def city(request: HttpRequest, code: str) -> HttpResponse:
    """city."""
    return not_built(request)
