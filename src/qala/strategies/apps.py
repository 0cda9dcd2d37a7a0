"""`strategies` as a Django app."""

from django.apps import AppConfig


class Strategies(AppConfig):
    """Strategies of cities."""

    name = "qala.strategies"
