"""A page that is not built yet says so, with 501."""

from django.http import HttpRequest, HttpResponse


def not_built(_: HttpRequest) -> HttpResponse:
    """501."""
    return HttpResponse("Not built yet.", status=501, content_type="text/plain")
