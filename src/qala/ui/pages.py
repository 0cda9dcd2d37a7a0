"""The components page: every part that screens are made of, with its name and how to write it."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.utils.translation import get_language

from qala.ui import downloads, samples


def components(request: HttpRequest) -> HttpResponseBase:
    """All components in all states; its table as a file, as on every page."""
    found = samples.everything(get_language() or "kk")
    if downloads.wanted(request):
        rows = [(row["place"], row["city"], row["index"], row["change"]) for row in found["rows"]]
        return downloads.table_response(request, "components", ["#", "City", "Index", "Change"], rows)
    response: HttpResponse = render(request, "ui/components.html", found)
    return response
