"""`roadmaps` as a Django app."""

from django.apps import AppConfig


class RoadmapsApp(AppConfig):
    """Roadmaps and their procedure."""

    name = "qala.roadmaps"
    label = "roadmaps"

    def ready(self) -> None:
        """Tell the kits what is due, what is discussed and who may see what was signed."""
        from qala.kits import deadlines, hearings, signatures

        deadlines.register("roadmaps", "qala.roadmaps.due.due")
        hearings.register("roadmaps", "qala.roadmaps.hearing.published")
        signatures.register("roadmaps.roadmap", "qala.roadmaps.queries.access_roadmap")
