"""`portal.status` as a Django app."""

from django.apps import AppConfig


class PortalApp(AppConfig):
    """Screens: availability, measured from outside."""

    name = "qala.portal.status"
    label = "portal_status"
