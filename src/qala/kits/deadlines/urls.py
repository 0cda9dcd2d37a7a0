"""Addresses of `kits.deadlines`."""

from django.urls import path

from qala.kits.deadlines import pages

app_name = "deadlines"
urlpatterns = [path("", pages.index, name="index")]
