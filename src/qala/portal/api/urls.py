"""Addresses of `portal.api`."""

from django.urls import path

from qala.portal.api.service import api

urlpatterns = [path("v1/", api.urls)]
