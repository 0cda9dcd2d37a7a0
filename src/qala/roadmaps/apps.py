"""`roadmaps` as a Django app."""

from django.apps import AppConfig


class RoadmapsApp(AppConfig):
    """Roadmaps and their procedure."""

    name = "qala.roadmaps"
    label = "roadmaps"

    def ready(self) -> None:
        """Tell the kits what is due and what is discussed."""
        from qala.kits import deadlines, hearings

        deadlines.register("roadmaps", "qala.roadmaps.due.due")
        hearings.register("roadmaps", "qala.roadmaps.hearing.published")
