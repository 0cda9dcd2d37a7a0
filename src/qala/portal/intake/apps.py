"""`portal.intake` as a Django app."""

from django.apps import AppConfig


class PortalApp(AppConfig):
    """Screens of intake: sources, quarantine, passports, agreements."""

    name = "qala.portal.intake"
    label = "portal_intake"
