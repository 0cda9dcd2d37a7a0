"""The Django app of walking access."""

from django.apps import AppConfig


class PortalApp(AppConfig):
    """Screens: how many people reach what on foot."""

    name = "qala.portal.access"
    label = "portal_access"
