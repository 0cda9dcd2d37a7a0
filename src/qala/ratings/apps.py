from django.apps import AppConfig


class Ratings(AppConfig):
    """Publication of runs."""

    name = "qala.ratings"
