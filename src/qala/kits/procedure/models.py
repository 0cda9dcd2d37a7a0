"""What goes through the procedure, and the steps that were taken with it; abstract: each part makes its own of them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

YEAR = (MinValueValidator(2020), MaxValueValidator(2060))

STATES = {
    "draft": pgettext_lazy("procedure", "draft"),
    "submitted": pgettext_lazy("procedure", "submitted to the ministry"),
    "remarks": pgettext_lazy("procedure", "returned with remarks"),
    "agreed": pgettext_lazy("procedure", "agreed by the ministry"),
    "approved": pgettext_lazy("procedure", "approved by the akim"),
    "published": pgettext_lazy("procedure", "published"),
}


class Paper(models.Model):
    """One version of what a city has agreed, approved and published.

    Attributes:
        edition, category: the law and the city's category when it was begun.
        version: 1, then one more with each amendment; amends: the version before.
        since: when its state began, in the city's own days.
    """

    city = models.CharField(_("City"), max_length=40)
    edition = models.CharField(max_length=40)
    category = models.CharField(_("Category"), max_length=40)
    first_year = models.PositiveSmallIntegerField(_("First year"), validators=YEAR)
    last_year = models.PositiveSmallIntegerField(_("Last year"), validators=YEAR)
    version = models.PositiveSmallIntegerField(default=1, editable=False)
    amends = models.OneToOneField("self", models.PROTECT, null=True, related_name="amended_by", editable=False)
    state = models.CharField(max_length=12, choices=list(STATES.items()), default="draft", editable=False)
    since = models.DateField(editable=False)
    made_at = models.DateTimeField(auto_now_add=True)

    PART: ClassVar[str] = ""
    """Which rights hold for it: `roadmaps` of `roadmaps.lead`."""

    if TYPE_CHECKING:
        steps: Any

    class Meta:
        abstract = True
        ordering: ClassVar = ["city", "-version"]

    def __str__(self) -> str:
        return f"{self.city} {self.first_year}–{self.last_year} v{self.version}"

    @property
    def address(self) -> str:
        """Of its page, in the language that is active."""
        return reverse(f"{self.PART}:{self._meta.model_name}", args=[self.pk])

    @property
    def years(self) -> range:
        return range(self.first_year, self.last_year + 1)


class TakenStep(models.Model):
    """A step of the procedure that was taken; it is never changed. A part adds what it was taken with, as `steps` of that.

    Attributes:
        day: in the city's own time; at: the moment, UTC.
        words: remarks, grounds, the number of an act, an address: what the step asks for.
    """

    verb = models.CharField(max_length=20)
    day = models.DateField()
    at = models.DateTimeField(auto_now_add=True)
    by = models.ForeignKey("people.User", models.SET_NULL, null=True, related_name="+")
    words = models.TextField(max_length=8000, blank=True)
    due = models.DateField(null=True)
    late = models.BooleanField(default=False)

    class Meta:
        abstract = True
        ordering: ClassVar = ["id"]

    def __str__(self) -> str:
        return f"{self.verb} {self.day}"
