"""`rating_year` as a Django app."""

from django.apps import AppConfig


class RatingYear(AppConfig):
    """From the data freeze to the publication."""

    name = "qala.rating_year"
