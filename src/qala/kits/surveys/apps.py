"""`kits.surveys` as a Django app."""

from django.apps import AppConfig


class Surveys(AppConfig):
    """Surveys by link."""

    name = "qala.kits.surveys"
    label = "surveys"
