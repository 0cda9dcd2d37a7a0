"""`kits.deadlines` as a Django app."""

from django.apps import AppConfig


class Deadlines(AppConfig):
    """Reminders and escalation."""

    name = "qala.kits.deadlines"
    label = "deadlines"
