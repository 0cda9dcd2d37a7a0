"""`roadmaps` as a Django app."""

from django.apps import AppConfig


class RoadmapsApp(AppConfig):
    """Roadmaps and their procedure."""

    name = "qala.roadmaps"
    label = "roadmaps"

    def ready(self) -> None:
        """Tell the kit of deadlines what is due."""
        from qala.kits import deadlines

        deadlines.register("roadmaps", "qala.roadmaps.due.due")
