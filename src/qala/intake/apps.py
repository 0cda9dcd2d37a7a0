"""`intake` as a Django app."""

from django.apps import AppConfig


class Intake(AppConfig):
    """Sources, their credentials, and what becomes of what they send."""

    name = "qala.intake"
