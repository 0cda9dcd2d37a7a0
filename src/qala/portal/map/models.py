"""Layers that departments bring, every version of each, and their objects."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.db import models
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _


class Layer(models.Model):
    """A layer of a department in a city.

    Attributes:
        city: code in the registry.
        owner: whose layer it is; None for the akimat as a whole.
        shown_to: everybody, or the people of its owner and of the city.
        style: see `styles.LayerStyle`.
        columns: names of the columns in the order in which the file had them, which JSON in the database forgets.
        version: number of the version that is shown; 0 while it has none.
        published_at: UTC; None while it is a draft that only its editors see.
        withdrawn_at: UTC; taken off the map, and can be brought back.
    """

    class Audience(models.TextChoices):
        PUBLIC = "public", _("everybody")
        ORGANISATION = "organisation", _("its organisation only")

    city = models.CharField(max_length=40)
    owner = models.ForeignKey("people.Organisation", models.PROTECT, null=True, blank=True, related_name="+")
    title_kk = models.CharField(_("Name in Kazakh"), max_length=120)
    title_ru = models.CharField(_("Name in Russian"), max_length=120)
    title_en = models.CharField(_("Name in English"), max_length=120, blank=True)
    about = models.TextField(_("What it shows, and where it comes from"), max_length=2000, blank=True)
    shown_to = models.CharField(_("Shown to"), max_length=20, choices=Audience.choices, default=Audience.PUBLIC)
    style = models.JSONField(default=dict)
    columns: models.JSONField[Any, Any] = models.JSONField(default=list)
    version = models.PositiveIntegerField(default=0)
    made_at = models.DateTimeField(auto_now_add=True)
    changed_at = models.DateTimeField(auto_now=True)
    published_at = models.DateTimeField(null=True, blank=True)
    withdrawn_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ("city", "title_ru", "id")

    def __str__(self) -> str:
        return f"{self.city}: {self.title_ru}"

    @property
    def title(self) -> str:
        """Its name in the page's language."""
        own = getattr(self, f"title_{(get_language() or 'kk')[:2]}", "")
        return str(own or self.title_ru)

    @property
    def state(self) -> str:
        """draft, published or withdrawn."""
        return "withdrawn" if self.withdrawn_at else "published" if self.published_at else "draft"


class LayerVersion(models.Model):
    """What a change made of a layer; versions are only added.

    Attributes:
        number: 1, 2, 3 … within the layer.
        note: what was changed: by which file, which object, or which version was brought back.
        objects: how many it holds.
    """

    layer = models.ForeignKey(Layer, models.CASCADE, related_name="versions")
    number = models.PositiveIntegerField()
    note = models.CharField(max_length=300, blank=True)
    objects_count = models.PositiveIntegerField(default=0)
    made_at = models.DateTimeField(auto_now_add=True)
    made_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+")

    class Meta:
        ordering = ("-number",)
        constraints = (models.UniqueConstraint(fields=("layer", "number"), name="versions_of_a_layer_are_numbered"),)

    def __str__(self) -> str:
        return f"{self.layer} {self.number}"


class Feature(models.Model):
    """An object as it was from one version to another: never changed but for its end.

    Attributes:
        key: number of the object within the layer, the same through all versions.
        since: version that brought this state.
        until: version that ended it; None while it holds.
        geometry: GeoJSON, degrees.
        west, south, east, north: its box, degrees.
    """

    layer = models.ForeignKey(Layer, models.CASCADE, related_name="features")
    key = models.PositiveIntegerField()
    since = models.PositiveIntegerField()
    until = models.PositiveIntegerField(null=True, blank=True)
    geometry: models.JSONField[Any, Any] = models.JSONField()
    properties: models.JSONField[Any, Any] = models.JSONField(default=dict)
    west = models.FloatField()
    south = models.FloatField()
    east = models.FloatField()
    north = models.FloatField()

    class Meta:
        ordering = ("layer", "key", "since")
        constraints = (
            models.UniqueConstraint(fields=("layer", "key", "since"), name="an_object_has_one_state_a_version"),
        )
        indexes = (models.Index(fields=("layer", "until", "key"), name="features_that_hold"),)

    def __str__(self) -> str:
        return f"{self.layer} {self.key}"
