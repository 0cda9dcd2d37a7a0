"""`groundwork` as a Django app."""

from django.apps import AppConfig


class GroundworkApp(AppConfig):
    """Working groups and what they find out."""

    name = "qala.groundwork"
    label = "groundwork"

    def ready(self) -> None:
        """Tell the kit of signatures who may see a signed protocol, and the maturity report of statistics."""
        from qala.kits import signatures
        from qala.maturity import city_profile

        signatures.register("groundwork.meeting", "qala.groundwork.queries.access_meeting")
        city_profile.register("qala.groundwork.figures.profile_lines")
