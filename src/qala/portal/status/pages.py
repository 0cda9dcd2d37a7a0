from __future__ import annotations

from django.http import HttpRequest, HttpResponse

from qala.ui.not_built import not_built


def status(request: HttpRequest) -> HttpResponse:
    """status."""
    return not_built(request)
