"""`groundwork` as a Django app."""

from django.apps import AppConfig


class GroundworkApp(AppConfig):
    """Working groups and what they find out."""

    name = "qala.groundwork"
    label = "groundwork"
