"""`maturity` as a Django app."""

from django.apps import AppConfig


class Maturity(AppConfig):
    """Maturity assessments."""

    name = "qala.maturity"

    def ready(self) -> None:
        """Tell roadmaps what a choice means for maturity."""
        from qala.roadmaps import consequences

        consequences.register("maturity", "qala.maturity.consequence.of")
