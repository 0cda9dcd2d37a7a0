from __future__ import annotations

from django.http import HttpRequest, HttpResponse

from qala.ui.not_built import not_built


def sources(request: HttpRequest) -> HttpResponse:
    """sources."""
    return not_built(request)


def dataset(request: HttpRequest, dataset: str) -> HttpResponse:
    """dataset."""
    return not_built(request)
