"""`kits.signatures` as a Django app."""

from django.apps import AppConfig


class Signatures(AppConfig):
    """Signed documents."""

    name = "qala.kits.signatures"
    label = "signatures"
