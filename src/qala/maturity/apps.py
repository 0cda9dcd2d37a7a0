"""`maturity` as a Django app."""

from django.apps import AppConfig


class Maturity(AppConfig):
    """Maturity assessments."""

    name = "qala.maturity"
