"""Addresses of walking access."""

from django.urls import path

from qala.portal.access import pages

app_name = "access"
urlpatterns = [
    path("", pages.index, name="index"),
    path("<str:code>/", pages.city, name="city"),
]
