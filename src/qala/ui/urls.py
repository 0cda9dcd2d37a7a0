"""Addresses of the design system."""

from django.urls import path

from qala.ui import pages

app_name = "ui"
urlpatterns = [path("", pages.components, name="components")]
