"""`portal.scores` as a Django app."""

from django.apps import AppConfig


class PortalApp(AppConfig):
    """Screens: rating, region, city and comparison."""

    name = "qala.portal.scores"
    label = "portal_scores"
