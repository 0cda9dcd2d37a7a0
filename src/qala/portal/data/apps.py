"""`portal.data` as a Django app."""

from django.apps import AppConfig


class PortalApp(AppConfig):
    """Screens: sources, ledger, quarantine, datasets."""

    name = "qala.portal.data"
    label = "portal_data"
