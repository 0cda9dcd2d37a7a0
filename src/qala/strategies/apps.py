"""`strategies` as a Django app."""

from django.apps import AppConfig


class Strategies(AppConfig):
    """Strategies of cities."""

    name = "qala.strategies"

    def ready(self) -> None:
        """Tell the kit of discussions what is read of a draft."""
        from qala.kits import hearings

        hearings.register("strategies", "qala.strategies.hearing.published")
