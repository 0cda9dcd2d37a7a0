"""`portal.board` as a Django app."""

from django.apps import AppConfig


class PortalApp(AppConfig):
    """Screens: situational boards."""

    name = "qala.portal.board"
    label = "portal_board"
