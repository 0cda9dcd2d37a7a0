from __future__ import annotations

from django.http import HttpRequest, HttpResponse

from qala.ui.not_built import not_built


def map_page(request: HttpRequest) -> HttpResponse:
    """map."""
    return not_built(request)
