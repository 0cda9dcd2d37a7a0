"""`kits.hearings` as a Django app."""

from django.apps import AppConfig


class Hearings(AppConfig):
    """Public discussions of drafts."""

    name = "qala.kits.hearings"
    label = "hearings"
