"""`groundwork` as a Django app."""

from django.apps import AppConfig


class GroundworkApp(AppConfig):
    """Working groups and what they find out."""

    name = "qala.groundwork"
    label = "groundwork"

    def ready(self) -> None:
        """Tell the kit of signatures who may see a signed protocol."""
        from qala.kits import signatures

        signatures.register("groundwork.meeting", "qala.groundwork.queries.access_meeting")
