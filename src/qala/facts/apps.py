"""`facts` as a Django app."""

from django.apps import AppConfig


class Facts(AppConfig):
    """The lake, as the site's processes open it."""

    name = "qala.facts"
