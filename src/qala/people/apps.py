"""The Django app of users, organisations and rights."""

from django.apps import AppConfig


class People(AppConfig):
    """Users, organisations and rights."""

    name = "qala.people"
