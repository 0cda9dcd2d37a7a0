"""`ui` as a Django app."""

from django.apps import AppConfig


class Ui(AppConfig):
    """The design system."""

    name = "qala.ui"
