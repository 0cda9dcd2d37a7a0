"""`ratings` as a Django app."""

from django.apps import AppConfig


class Ratings(AppConfig):
    """Publication of runs."""

    name = "qala.ratings"
