"""`kits.procedure` as a Django app: templates and styles; its models are abstract."""

from django.apps import AppConfig


class ProcedureKit(AppConfig):
    """The procedure of items 26–30."""

    name = "qala.kits.procedure"
    label = "procedure"

    def ready(self) -> None:
        """Tell the kit of deadlines what is due."""
        from qala.kits import deadlines

        deadlines.register("procedure", "qala.kits.procedure.due.due")
