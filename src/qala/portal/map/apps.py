"""`portal.map` as a Django app."""

from django.apps import AppConfig


class PortalApp(AppConfig):
    """Screens: the map: layers, objects, search."""

    name = "qala.portal.map"
    label = "portal_map"
