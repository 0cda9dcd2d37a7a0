"""Addresses of `portal.status`."""

from django.urls import path

from qala.portal.status import pages

app_name = "status"
urlpatterns = [
    path("", pages.status, name="status"),
]
