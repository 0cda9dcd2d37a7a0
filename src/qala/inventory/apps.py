"""`inventory` as a Django app."""

from django.apps import AppConfig


class InventoryApp(AppConfig):
    """The register of digital objects."""

    name = "qala.inventory"
    label = "inventory"
