"""Assessments: whose, of which year, asked by which surveys."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from qala.kits.surveys.models import Survey


class Assessment(models.Model):
    """One assessment of a city, or of one sphere of it.

    Attributes:
        sphere: id of the edition's sphere; empty for the whole city.
        model_digest: which model was asked; only assessments of one model are compared.
        survey, interviews, experts: its instruments, each a survey of its own.
        published_at: UTC; results are everybody's from then on. scores: what was published, variant -> figures as text;
            to compare with, without reading answers again.
    """

    class Vignettes(models.TextChoices):
        """How many imagined cities are asked."""

        NONE = "none", _("no imagined cities")
        SHORT = "short", _("two imagined cities a dimension")
        FULL = "full", _("three imagined cities a dimension")

    city = models.CharField(max_length=32)
    year = models.PositiveSmallIntegerField()
    sphere = models.CharField(max_length=40, blank=True)
    vignettes = models.CharField(max_length=8, choices=Vignettes.choices, default=Vignettes.NONE)
    model_digest = models.CharField(max_length=80)
    survey = models.OneToOneField(Survey, on_delete=models.PROTECT, related_name="+")
    interviews = models.OneToOneField(Survey, null=True, on_delete=models.PROTECT, related_name="+")
    experts = models.OneToOneField(Survey, null=True, on_delete=models.PROTECT, related_name="+")
    made_at = models.DateTimeField(auto_now_add=True)
    published_at = models.DateTimeField(null=True, blank=True)
    scores = models.JSONField(default=dict)
    published_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )

    class Meta:
        ordering = ("-year", "-made_at")
        indexes = (models.Index(fields=("city", "sphere")),)

    def __str__(self) -> str:
        return f"{self.city} {self.year} {self.sphere}".strip()

    @property
    def parts(self) -> list[Survey]:
        """Its instruments."""
        return [one for one in (self.survey, self.interviews, self.experts) if one is not None]
