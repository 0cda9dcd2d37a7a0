"""`strategies` as a Django app."""

from django.apps import AppConfig


class Strategies(AppConfig):
    """Strategies of cities."""

    name = "qala.strategies"

    def ready(self) -> None:
        """Tell the kit of discussions what is read of a draft, and that of signatures who may see a signed strategy."""
        from qala.kits import hearings, signatures

        hearings.register("strategies", "qala.strategies.hearing.published")
        signatures.register("strategies.strategy", "qala.strategies.queries.access_strategy")
