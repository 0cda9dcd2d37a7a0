"""The peer of the public pages: an empty Django view, with nothing around it."""

from __future__ import annotations

from django.conf import settings
from django.core.wsgi import get_wsgi_application
from django.http import HttpRequest, HttpResponse
from django.urls import path


def empty(_: HttpRequest) -> HttpResponse:
    """As little as can be; its length is told, as the load needs it."""
    return HttpResponse("ok", headers={"Content-Length": "2"})


urlpatterns = [path("", empty)]

if not settings.configured:
    settings.configure(ROOT_URLCONF=__name__, ALLOWED_HOSTS=["*"], SECRET_KEY="bench", MIDDLEWARE=[])

application = get_wsgi_application()
