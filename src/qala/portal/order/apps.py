"""The Django app of the order."""

from django.apps import AppConfig


class PortalApp(AppConfig):
    """Screens: the order, browsed."""

    name = "qala.portal.order"
    label = "portal_order"
