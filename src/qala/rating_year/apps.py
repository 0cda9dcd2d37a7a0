"""`rating_year` as a Django app."""

from django.apps import AppConfig


class RatingYear(AppConfig):
    """From the data freeze to the publication."""

    name = "qala.rating_year"

    def ready(self) -> None:
        """Tell the kit of deadlines what is due, and that of signatures who may see a signed report."""
        from qala.kits import deadlines, signatures

        deadlines.register("rating_year", "qala.rating_year.due.due")
        signatures.register("rating_year.claim", "qala.rating_year.completion.access")
