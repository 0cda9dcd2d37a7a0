"""`portal.api` as a Django app."""

from django.apps import AppConfig


class PortalApp(AppConfig):
    """Screens: the API."""

    name = "qala.portal.api"
    label = "portal_api"
