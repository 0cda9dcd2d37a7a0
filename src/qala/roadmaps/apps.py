"""`roadmaps` as a Django app."""

from django.apps import AppConfig


class RoadmapsApp(AppConfig):
    """Roadmaps and their procedure."""

    name = "qala.roadmaps"
    label = "roadmaps"
